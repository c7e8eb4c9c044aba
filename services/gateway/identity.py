"""Who is calling: users, passwords, and sessions that are known by the hash of their token only."""

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta

import argon2
import uuid_utils
from argon2.exceptions import InvalidHashError, VerificationError

from contracts.errors import Conflict, Invalid, NotFound

STAFF = ("social_worker", "community_staff", "office")
SESSION = timedelta(hours=12)
KEPT = timedelta(days=2)

_hasher = argon2.PasswordHasher()
# What an unknown user's password is compared with, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash(secrets.token_hex(16))


class WrongPassword(Exception):
    """There is no such user, or the password is another, or the user may no longer sign in."""


def now() -> datetime:
    return datetime.now(UTC)


def token_hash(token: str) -> bytes:
    """Return what is kept of a token; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()


def verify(user: dict | None, password: str) -> None:
    """Return if this is the user's password, after the same work whether the user exists or not.

    Raises WrongPassword.
    """
    try:
        _hasher.verify(user["password"] if user else _NOBODY, password)
    except (VerificationError, InvalidHashError) as error:
        raise WrongPassword from error
    if not user or not user["active"]:
        raise WrongPassword


class Identity:
    """Users and sessions, in the gateway's own database."""

    def __init__(self, transactions, keyring, secret: bytes):
        self.transactions, self.keyring, self.secret = transactions, keyring, secret

    def sign_in(self, username: str, password: str, key: str) -> dict:
        """Open a session; return {"token", "expires_at", "user"}. The same key gets the same session again.

        Raises WrongPassword.
        """
        with self.transactions.transaction(read_only=True) as store:
            user = store.user_with_password(username)
        # Outside of the transaction: it takes a while on purpose.
        verify(user, password)

        def open_session(store):
            token, begun = secrets.token_urlsafe(32), now()
            store.forget(before=begun - KEPT)
            store.add_session(token_hash(token), user["id"], begun, begun + SESSION)
            return {"token": token, "expires_at": (begun + SESSION).isoformat(), "user": view(user)}

        return self.once(user["id"], "sign_in " + key, {"password": password}, open_session)

    def session(self, token: str) -> dict | None:
        """Return the user of a session that is still good, with its `expires_at`."""
        with self.transactions.transaction(read_only=True) as store:
            return store.session(token_hash(token), now())

    def sign_out(self, token: str) -> None:
        """End a session; its token is good for nothing from now on."""
        with self.transactions.transaction() as store:
            store.revoke_session(token_hash(token), now())

    def create_user(self, new: dict, key: str, *, asked_by: str) -> dict:
        """Add a user. Raises Conflict("username_taken")."""

        def add(store):
            user = _new_user(new)
            if not store.add_user(user):
                raise Conflict("username_taken", field="username")
            return view(user)

        return self.once(asked_by, "create_user " + key, new, add)

    def add_missing(self, new: dict, password: str) -> bool:
        """Add a user unless the username is there already; return whether it was added."""
        with self.transactions.transaction() as store:
            if store.user_with_password(new["username"]):
                return False
            return store.add_user(_new_user({**new, "password": password}))

    def names(self, ids: list[str]) -> dict[str, str]:
        """Return the display name of each of these users who is known."""
        with self.transactions.transaction(read_only=True) as store:
            return store.names(ids)

    def get_user(self, id: str) -> dict:
        """Raises NotFound("unknown_user")."""
        with self.transactions.transaction(read_only=True) as store:
            return view(_found(store.user(id)))

    def list_users(self, *, after: str | None, limit: int) -> dict:
        """Return one page of users."""
        with self.transactions.transaction(read_only=True) as store:
            page = store.users(after=after, limit=limit)
        return {"items": [view(user) for user in page["items"]], "next": page["next"]}

    def list_staff(self, *, after: str | None, limit: int) -> dict:
        """Return one page of those who work at the station and may still sign in."""
        with self.transactions.transaction(read_only=True) as store:
            page = store.staff(STAFF, after=after, limit=limit)
        names = ("id", "display_name", "roles", "communities")
        return {"items": [{name: view(user)[name] for name in names} for user in page["items"]], "next": page["next"]}

    def change_user(self, id: str, change: dict) -> dict:
        """Change what is given of a user; a new password or a user who is no longer active ends all their sessions.

        Raises NotFound("unknown_user"), Conflict("last_operator").
        """
        with self.transactions.transaction() as store:
            operators = store.lock_operators()
            user = {**_found(store.user(id, lock=True)), **change}
            stays = user["active"] and "operator" in user["roles"]
            if operators == [str(user["id"])] and not stays:
                raise Conflict("last_operator", field="active" if "operator" in user["roles"] else "roles")
            store.save_user(user)
            if "password" in change:
                store.save_password(id, _hasher.hash(change["password"]))
            if "password" in change or not user["active"]:
                store.revoke_sessions_of(id, now())
            return view(user)

    def once(self, asked_by, key: str, body: dict, act) -> dict:
        """Carry out act(store) and keep its answer; a repetition under the same key gets that answer.

        What is kept is sealed, and of the body only a keyed fingerprint, because both can hold secrets.
        Raises Invalid("idempotency_key_reused") where the body is not the same.
        """
        text = json.dumps(body, sort_keys=True, ensure_ascii=False)
        fingerprint = hmac.digest(self.secret, text.encode("utf-8", "surrogatepass"), "sha256")
        about = f"gateway.answers {asked_by} {key}"
        with self.transactions.transaction() as store:
            store.lock_key(asked_by, key)
            kept = store.answer(asked_by, key)
            if kept is None:
                answer = act(store)
                sealed = self.keyring.seal(json.dumps(answer, ensure_ascii=False), about)
                store.keep_answer(asked_by, key, fingerprint, sealed, now())
                return answer
        if not hmac.compare_digest(bytes(kept["fingerprint"]), fingerprint):
            raise Invalid("idempotency_key_reused", field="Idempotency-Key")
        return json.loads(self.keyring.open(kept["answer"], about))


def view(user: dict) -> dict:
    """Return what is shown of a user, ready for JSON."""
    shown = {name: user[name] for name in ("username", "display_name", "roles", "communities", "active")}
    return {"id": str(user["id"]), **shown, "created_at": user["created_at"].isoformat()}


def _new_user(new: dict) -> dict:
    password = _hasher.hash(new["password"])
    return {**new, "id": str(uuid_utils.uuid7()), "password": password, "active": True, "created_at": now()}


def _found(user: dict | None) -> dict:
    if user is None:
        raise NotFound("unknown_user")
    return user
