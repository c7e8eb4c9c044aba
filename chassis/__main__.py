"""The commands of the platform's processes: `python -m chassis serve|migrate|redrive|replay|roles|rotate …`."""

import sys
import warnings

# eventlet advises against itself on standard error, which is no JSON line; docs/decisions/0002-libraries.md
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

if sys.argv[1:2] == ["serve"]:
    import eventlet

    eventlet.monkey_patch()

import importlib
import json
import os
from datetime import UTC, datetime, timedelta

import environs
import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
redrive_app = typer.Typer(no_args_is_help=True, help="Look at events that were set aside, retry or discard them.")
app.add_typer(redrive_app, name="redrive")

SERVICES = ("resource", "venue", "matching", "grants", "notify", "gateway")


@app.command()
def serve(service: str):
    """Run one process of a service."""
    from chassis.dependencies import Keys
    from chassis.serve import serve, service_class

    found = service_class(service)
    keys = [x for x in vars(found).values() if isinstance(x, Keys)]
    raise SystemExit(serve(found, _settings(seals=bool(keys), looks_up=any(x.index for x in keys))))


@app.command()
def migrate():
    """Create roles and databases, bring every table up to date, and declare the broker's topology."""
    from chassis import broker, logs, migrate
    from chassis.listen import heard_by
    from chassis.serve import service_class

    env = environs.Env(eager=False)
    admin_url = env.str("JINLIN_ADMIN_DATABASE_URL")
    broker_url = env.str("JINLIN_BROKER_URL")
    passwords = env.dict("JINLIN_DATABASE_PASSWORDS")
    _sealed(env)
    unknown = set(SERVICES) - set(passwords)
    if unknown:
        raise SystemExit(f"JINLIN_DATABASE_PASSWORDS has no password for {', '.join(sorted(unknown))}")
    logs.configure("migrate")
    for service in SERVICES:
        migrate.upgrade(migrate.create_database(admin_url, service, passwords[service]), service)
    broker.declare(broker_url, {name: heard_by(service_class(name)) for name in SERVICES if name != "gateway"})


@app.command()
def roles():
    """Print which roles may make each call, as JSON; the gateway's documentation says it from services/gateway/roles.json."""
    from chassis.serve import service_class

    allowed = {}
    for service in SERVICES[:-1]:
        methods = {name: getattr(getattr(service_class(service), name), "spec", None) for name in dir(service_class(service))}
        allowed |= {f"{service}.{name}": sorted(spec.roles) for name, spec in methods.items() if spec}
    lines = (f"  {json.dumps(call)}: {json.dumps(allowed[call])}" for call in sorted(allowed))
    typer.echo("{\n" + ",\n".join(lines) + "\n}")


@app.command()
def rotate(service: str):
    """Seal all private data of a service anew with the current key, so that older keys can be taken away."""
    from chassis import logs
    from chassis.database import Transactions, connect
    from chassis.privacy import Keyring

    settings = _settings(seals=True)
    logs.configure(service, settings.log_level)
    store_module = importlib.import_module(f"services.{service}.store")
    transactions = Transactions(connect(settings.database_url, name="jinlin rotate"), store_module.STORE)
    keyring, changed = Keyring(settings.data_keys, settings.index_key), 0
    while True:
        with transactions.transaction() as store:
            step = store.reseal(keyring, limit=500)
        if not step:
            break
        changed += step
    typer.echo(f"{changed} values sealed anew with key {keyring.current}")


@app.command()
def replay(
    service: str,
    listener: list[str] = typer.Option([], help="a listener's name; may be repeated; all of them without"),
    since: datetime = typer.Option(None, help="from when, UTC; without: as long as the inbox remembers"),
    again: bool = typer.Option(False, help="also what these listeners have handled before"),
    quiet: bool = typer.Option(False, help="without publishing what they publish"),
):
    """Take the public stream's events to a service's listeners once more: after a restored backup, or for a new listener."""
    from chassis import logs
    from chassis.dependencies import Keys
    from chassis.replay import Incomplete, replay
    from chassis.serve import service_class

    found = service_class(service)
    settings = _settings(seals=any(isinstance(x, Keys) for x in vars(found).values()))
    logs.configure(service, "WARNING")
    moment = since and since.replace(tzinfo=UTC)
    try:
        counts = replay(found, settings, names=listener, since=moment, again=again, quiet=quiet, tell=_print)
    except (ValueError, Incomplete) as error:
        raise SystemExit(f"replay: {error}") from error
    typer.echo(f"{counts['read']} events read, {counts['taken']} taken to their listeners")


@redrive_app.command("list")
def redrive_list(
    state: str = "parked", listener: str | None = None, type: str | None = None, older_than_minutes: int | None = None
):
    """List what was set aside, a JSON line each."""
    from chassis import redrive

    with _transactions().transaction(read_only=True) as store:
        for row in redrive.find(
            store, state=state, listener=listener, type=type, older_than=_minutes(older_than_minutes)
        ):
            _print(row)


@redrive_app.command("show")
def redrive_show(id: int):
    """Show one event with its message and its history."""
    from chassis import redrive

    with _transactions().transaction(read_only=True) as store:
        row = redrive.show(store, id)
    if not row:
        raise SystemExit(f"there is no event {id}")
    _print(row)


@redrive_app.command("retry")
def redrive_retry(
    ids: list[int] = typer.Argument(None),
    listener: str | None = None,
    type: str | None = None,
    older_than_minutes: int | None = None,
    by: str = typer.Option(..., help="who does this; kept on record"),
):
    """Try parked events again: those named, or all that fit."""
    from chassis import redrive

    with _transactions().transaction() as store:
        found = redrive.find(
            store, listener=listener, type=type, older_than=_minutes(older_than_minutes), ids=ids or None
        )
        typer.echo(f"{redrive.retry(store, [row['id'] for row in found], by)} events are tried again")


@redrive_app.command("discard")
def redrive_discard(
    ids: list[int],
    by: str = typer.Option(..., help="who does this; kept on record"),
    reason: str = typer.Option(..., help="why; kept on record"),
):
    """Give parked events up for good."""
    from chassis import redrive

    with _transactions().transaction() as store:
        typer.echo(f"{redrive.discard(store, ids, by, reason)} events are discarded")


def _settings(**needs):
    from chassis import settings

    try:
        return settings.load(**needs)
    except environs.EnvValidationError as error:
        raise SystemExit(_mistakes(error)) from error


def _sealed(env):
    try:
        env.seal()
    except environs.EnvValidationError as error:
        raise SystemExit(_mistakes(error)) from error


def _mistakes(error) -> str:
    return "configuration: " + "; ".join(f"{name}: {', '.join(said)}" for name, said in error.error_messages.items())


def _transactions():
    from chassis.database import Transactions, connect

    url = os.environ.get("JINLIN_DATABASE_URL")
    if not url:
        raise SystemExit("configuration: JINLIN_DATABASE_URL is not set")
    return Transactions(connect(url, name="jinlin redrive", pool_size=1))


def _minutes(number):
    return timedelta(minutes=number) if number is not None else None


def _print(row):
    typer.echo(json.dumps(row, ensure_ascii=False, default=str))


app()
