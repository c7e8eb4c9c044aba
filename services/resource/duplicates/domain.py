"""What makes two entries look like one: normal forms of names, addresses and titles, and how alike they are. No I/O."""

import re
import unicodedata
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from contracts.errors import Conflict, Invalid
from services.resource.search.sounds.domain import readings

UNDONE_WITHIN = timedelta(days=7)
WITHIN = timedelta(days=30)  # the same text later than this is another need
MOST_PAIRS = 5  # of one reason for one entry, so that a list of a thousand alike does not flag a million
NEAR_NAME, NEAR_ADDRESS, SAME_TEXT = 60, 80, 90  # of 100
_IDLE = re.compile(r"[\W_]+")
_POLITE = re.compile(r"(先生|女士|小姐|阿姨|叔叔|大爷|大妈|奶奶|爷爷|老师|同学)$")
_ABOVE = re.compile(r"^(中国)?(福建省?)?(厦门市?)?(湖里区?)?(江头街道)?")
_ALIKE = str.maketrans({"幢": "栋", "座": "栋", "樓": "楼", "弄": "巷", "零": "0", "一": "1", "二": "2", "三": "3",
                        "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9"})  # fmt: skip


def text_key(text: str) -> str:
    """Return a text without what people write now one way, now another: spaces, signs, width and case."""
    return _IDLE.sub("", unicodedata.normalize("NFKC", text).lower())


def normal_name(name: str) -> str:
    """Return a name as it is compared."""
    key = text_key(name)
    return _POLITE.sub("", key) or key


def normal_address(address: str) -> str:
    """Return an address as it is compared: without what all addresses here have in common."""
    return _ABOVE.sub("", text_key(address)).translate(_ALIKE).replace("号楼", "栋")


def sound(name: str) -> str:
    """Return how a name sounds, by which 章 is found for 张."""
    return " ".join(readings().get(character, (character,))[0] for character in name)


def digests(keyring, normal_phone, person: dict, birth_year: int | None) -> dict:
    """Return the keyed hashes by which a client is found again; who it is cannot be read from them."""
    phone, name, address = (person.get(f"contact_{part}") for part in ("phone", "name", "address"))
    name, address = name and normal_name(name), address and normal_address(address)
    sounds = sound(name) if name else ""
    return {
        "phone_digest": keyring.digest(normal_phone(phone), "phone") if phone else None,
        "person_digest": keyring.digest(f"{name}\0{birth_year}", "person") if name and birth_year else None,
        "address_digest": keyring.digest(address, "address") if address else None,
        "sound_digest": keyring.digest(sounds, "sound") if sounds else None,
        "surname_digest": keyring.digest(sounds.split(" ")[0], "surname") if sounds else None,
    }


def likeness_of_people(one: dict, other: dict) -> int | None:
    """Return how near names and addresses are, 0 to 100, or none where they are not: two neighbours are not one."""
    names = [one.get("contact_name"), other.get("contact_name")]
    addresses = [one.get("contact_address"), other.get("contact_address")]
    if not all(names) or not all(addresses):
        return None
    near = _nearness(*map(normal_address, addresses))
    if near < NEAR_ADDRESS:
        return None
    names = [normal_name(name) for name in names]
    # Two of three characters are the same, or all of them sound the same.
    alike = 100 if sound(names[0]) == sound(names[1]) else fuzz.ratio(*names)
    return round((alike + near) / 2) if alike >= NEAR_NAME else None


def likeness_of_texts(one: str, other: str) -> int | None:
    """Return how alike the keys of two titles are, 0 to 100, or none where they say different things."""
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return None
    likeness = fuzz.ratio(one, other)
    return round(likeness) if likeness >= SAME_TEXT else None


def _nearness(one: str, other: str) -> float:
    """Return how near two addresses are; one that names less counts as near where nothing contradicts it."""
    numbers = [re.findall(r"\d+", address) for address in (one, other)]
    shorter, longer = sorted(numbers, key=len)
    if longer[: len(shorter)] != shorter:
        return 0
    return max(fuzz.ratio(one, other), fuzz.partial_ratio(one, other) if shorter else 0)


def must_be_open(duplicate: dict) -> None:
    """Raise Conflict for a pair that somebody decided about."""
    if duplicate["state"] != "open":
        raise Conflict("duplicate_already_decided")


def sides(duplicate: dict, keep: str) -> tuple[str, str]:
    """Return which of a pair stays and which goes. Raises Invalid where it is neither."""
    pair = (str(duplicate["one"]), str(duplicate["other"]))
    if keep not in pair:
        raise Invalid("not_one_of_the_pair", "keep")
    return keep, pair[1 - pair.index(keep)]


def must_be_undoable(duplicate: dict, merge: dict | None, now: datetime) -> None:
    """Raise Conflict for a pair that was not merged into one, or was merged more than a week ago."""
    pair = {duplicate["one"], duplicate["other"]}
    if duplicate["state"] != "merged" or merge is None or {merge["kept"], merge["gone"]} != pair:
        raise Conflict("duplicate_not_merged")
    if now - merge["merged_at"] > UNDONE_WITHIN:
        raise Conflict("merge_too_old", days=UNDONE_WITHIN.days)
