"""Private text: encrypted with AES-GCM wherever it is kept or carried, found again by a keyed hash.

A ciphertext names its key: `k2:base64(nonce + ciphertext + tag)`. It is bound to what it is about
(`about`, such as "need/<id>/contact_phone"), so that it cannot be moved to another row unnoticed.
Source: NIST SP 800-38D; 96-bit random nonces.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.fields import Private


class Unsealable(Exception):
    """A ciphertext cannot be opened: another key, another place, or it was changed."""


class Keyring:
    """The keys that private text is sealed with; the first is used for what is sealed from now on."""

    def __init__(self, keys: tuple[tuple[str, bytes], ...], index_key: bytes = b""):
        if not keys:
            raise ValueError("JINLIN_DATA_KEYS is needed where private data are kept")
        self.current = keys[0][0]
        self._ciphers = {name: AESGCM(key) for name, key in keys}
        self._current_key, self._index_key = keys[0][1], index_key

    def seal(self, text: str, about: str) -> str:
        """Return the ciphertext of a text, which only opens for the same `about`."""
        nonce = os.urandom(12)
        sealed = self._ciphers[self.current].encrypt(nonce, text.encode(), about.encode())
        return f"{self.current}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, ciphertext: str, about: str) -> str:
        """Return the text again. Raises Unsealable."""
        name, _, encoded = ciphertext.partition(":")
        try:
            sealed = base64.b64decode(encoded, validate=True)
            return self._ciphers[name].decrypt(sealed[:12], sealed[12:], about.encode()).decode()
        except (KeyError, ValueError, InvalidTag) as error:
            raise Unsealable(about) from error

    def is_current(self, ciphertext: str) -> bool:
        """Tell whether a ciphertext was made with the key that is used now."""
        return ciphertext.startswith(self.current + ":")

    def digest(self, text: str, about: str) -> bytes:
        """Return a keyed hash, by which equal texts are found without being readable."""
        return hmac.new(self._index_key, f"{about}\0{text}".encode(), hashlib.sha256).digest()

    def fingerprint(self, text: str) -> bytes:
        """Return a hash of a text under the key in use, which nobody without it can guess the text by."""
        key = hmac.new(self._current_key, b"fingerprint", hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).digest()


def private_fields(schema) -> list[str]:
    """Return the names of a schema's private fields."""
    if schema is None:
        return []
    return [name for name, field in schema._declared_fields.items() if isinstance(field, Private)]


def seal_fields(keyring: Keyring, schema, document: dict) -> dict:
    """Return a call's document with its private fields sealed, as it may cross the broker."""
    return _each_private(schema, document, lambda name, value: keyring.seal(value, f"call/{name}"))


def open_fields(keyring: Keyring, schema, document: dict) -> dict:
    """Return the document as it was before `seal_fields`. Raises Unsealable."""
    return _each_private(schema, document, lambda name, value: keyring.open(value, f"call/{name}"))


def _each_private(schema, document, change):
    names = [name for name in private_fields(schema) if isinstance(document.get(name), str)]
    return {**document, **{name: change(name, document[name]) for name in names}} if names else document
