"""What is private of a provider or a need, how it is sealed and found again. No I/O."""

import re

import phonenumbers

from contracts.errors import Invalid

PRIVATE = (
    "contact_name",
    "contact_phone",
    "contact_address",
    "details",
    "guardian_name",
    "guardian_phone",
    "birth_date",
)
PERSON = tuple(name for name in PRIVATE if name != "details")  # what is a client's and not a need's

_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")


def normal_phone(text: str, field: str = "contact_phone") -> str:
    """Return a phone number in E.164, read as Chinese unless it names a country. Raises Invalid."""
    mobile = _MOBILE.fullmatch(re.sub(r"[\s-]", "", text))
    if mobile:
        return "+86" + mobile[1]  # nearly all are, and the library takes a fifth of a millisecond
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException as error:
        raise Invalid("invalid_phone", field) from error
    if not phonenumbers.is_possible_number(number):
        raise Invalid("invalid_phone", field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def split_private(data: dict) -> tuple[dict, dict]:
    """Return what everybody with the task may read, and what is private, of a call's data."""
    return (
        {name: value for name, value in data.items() if name not in PRIVATE},
        {name: value for name, value in data.items() if name in PRIVATE},
    )


def seal(keyring, subject: str, private: dict) -> dict:
    """Return private data as they are kept: sealed for this subject, the phone number also as a keyed hash."""
    sealed = {name: keyring.seal(value, f"{subject}/{name}") if value else None for name, value in private.items()}
    if "contact_phone" in private:
        phone = private["contact_phone"]
        sealed["phone_digest"] = keyring.digest(normal_phone(phone), "phone") if phone else None
    return sealed


def unseal(keyring, subject: str, row: dict) -> dict:
    """Return private data as they were entered."""
    return {
        name: keyring.open(row[name], f"{subject}/{name}") if row[name] else None for name in PRIVATE if name in row
    }
