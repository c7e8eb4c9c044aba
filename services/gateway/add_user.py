"""`python -m services.gateway.add_user NAME --role operator`: a sign-in made by hand, such as the very first one.

Further users are made by an operator through /api/users. The password is asked for, or read from
standard input where that is no terminal, so that it is in no shell history.
"""

import getpass
import sys

import typer

from chassis.database import Transactions, connect
from chassis.privacy import Keyring
from services.gateway import settings
from services.gateway.identity import Identity
from services.gateway.store import GatewayStore

LEAST_PASSWORD = 10
ROLES = ("social_worker", "community_staff", "office", "partner", "operator")


def add_user(
    username: str,
    role: list[str] = typer.Option(..., help=", ".join(ROLES)),
    display_name: str = typer.Option("", help="shown on the pages; the username where it is left out"),
    community: list[str] = typer.Option([], help="code of a community that the user is limited to"),
):
    """Add a user who can sign in."""
    if set(role) - set(ROLES):
        raise SystemExit(f"roles are {', '.join(ROLES)}")
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < LEAST_PASSWORD:
        raise SystemExit(f"a password has at least {LEAST_PASSWORD} characters")
    config = settings.load()
    engine = connect(config.common.database_url, name="jinlin add-user", pool_size=1)
    identity = Identity(
        Transactions(engine, GatewayStore), Keyring(config.common.data_keys), config.secret_key.encode()
    )
    user = {"username": username, "display_name": display_name or username, "roles": role, "communities": community}
    if not identity.add_missing(user, password):
        raise SystemExit(f"there is a user {username} already")
    typer.echo(f"{username} can sign in as {', '.join(role)}")


if __name__ == "__main__":
    typer.run(add_user)
