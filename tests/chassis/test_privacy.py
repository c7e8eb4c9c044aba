"""Private text is unreadable wherever it is kept or carried."""

import pytest

from chassis.privacy import Keyring, Unsealable, open_fields, seal_fields
from contracts.calls.resource.needs import NewNeed

OLD, NEW = ("k1", b"1" * 32), ("k2", b"2" * 32)


def test_a_ciphertext_names_its_key_and_hides_its_text():
    sealed = Keyring((NEW, OLD)).seal("13800138000", "need/1/contact_phone")

    assert sealed.startswith("k2:")
    assert "13800138000" not in sealed
    assert Keyring((NEW,)).open(sealed, "need/1/contact_phone") == "13800138000"


def test_the_same_text_never_looks_the_same():
    keyring = Keyring((NEW,))

    assert keyring.seal("x", "a") != keyring.seal("x", "a")


def test_what_an_older_key_sealed_still_opens():
    sealed = Keyring((OLD,)).seal("x", "a")
    both = Keyring((NEW, OLD))

    assert both.open(sealed, "a") == "x"
    assert not both.is_current(sealed)


@pytest.mark.parametrize("change", [lambda s: s[:-6] + "AAAA==", lambda s: "k9" + s[2:], lambda s: "", lambda s: "k2:%"])
def test_what_was_changed_does_not_open(change):
    keyring = Keyring((NEW,))

    with pytest.raises(Unsealable):
        keyring.open(change(keyring.seal("x", "a")), "a")


def test_a_ciphertext_cannot_be_moved_to_another_place():
    keyring = Keyring((NEW,))

    with pytest.raises(Unsealable):
        keyring.open(keyring.seal("x", "need/1/contact_phone"), "need/2/contact_phone")


def test_equal_texts_have_equal_digests_only_under_one_key():
    one, other = Keyring((NEW,), b"a" * 32), Keyring((NEW,), b"b" * 32)

    assert one.digest("+8613800138000", "phone") == one.digest("+8613800138000", "phone")
    assert one.digest("+8613800138000", "phone") != other.digest("+8613800138000", "phone")


def test_only_private_fields_of_a_call_are_sealed():
    keyring = Keyring((NEW,))
    sealed = seal_fields(keyring, NewNeed, {"title": "轮椅", "contact_phone": "13800138000", "contact_name": None})

    assert (sealed["title"], sealed["contact_name"]) == ("轮椅", None)
    assert sealed["contact_phone"].startswith("k2:")
    assert open_fields(keyring, NewNeed, sealed)["contact_phone"] == "13800138000"
