"""Start, watch and stop the platform. Without a command: with Docker where that is possible, else on this machine."""

import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import typer
from rich.console import Console
from rich.table import Table

from deploy import client, compose, demo, live, local, story
from deploy.packages import InstallError
from deploy.server import ServerError
from deploy.state import DeployError

app = typer.Typer(add_completion=False, help=__doc__, rich_markup_mode=None, pretty_exceptions_enable=False)
# In a log, lines are as long as they need to be.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)

Host = Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 unless told otherwise.")]
Port = Annotated[int | None, typer.Option(help="Port of the gateway; 8080, or the next free one.")]
Detach = Annotated[bool, typer.Option("--detach", help="Return when everything is ready, and leave it running.")]


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Yield a function that says what is being waited for: in one moving line, or now and then in a log."""
    begun, said = time.monotonic(), 0.0
    with console.status("starting …") if console.is_terminal else contextlib.nullcontext() as status:

        def wait(words: str) -> None:
            nonlocal said
            seconds = time.monotonic() - begun
            if status:
                status.update(f"{words} … {seconds:.0f} s")
            elif seconds - said > 5:
                said = seconds
                console.print(f"{words} … {seconds:.0f} s")

        yield wait


def _local(host: str | None, port: int | None, detach: bool) -> None:
    ours = not local.running()
    try:
        if ours:
            with _progress() as wait:
                local.start(host or "127.0.0.1", port, console.print, wait)
        _ready(ours, detach, live.watch_processes)
    except BaseException as error:
        if ours:
            _stopping(local.stop)
        _leave(error)


def _compose(host: str | None, port: int | None, detach: bool) -> None:
    ours = not compose.running()
    try:
        compose.start(host, port, console.print)
        _ready(ours, detach, live.wait_for_interrupt)
    except BaseException as error:
        if ours:
            _stopping(compose.stop)
        _leave(error)


def _leave(error: BaseException) -> NoReturn:
    """Go on with an error; an interrupt is none, but a way to leave."""
    if isinstance(error, KeyboardInterrupt):
        raise typer.Exit(130) from None
    raise error


def _ready(ours: bool, detach: bool, watch) -> None:
    """Load the demonstration station at the first start, say how to get in, and show events as they flow."""
    address = client.address()
    if not ours:
        console.print("It was running already.")
    elif client.has_demo():
        demo.load(console.print)
    console.print(f"\n[bold green]近邻 Jinlin runs at {address}[/bold green]")
    if client.has_demo():
        console.print(f"Sign in as {', '.join(client.ROLES)}; the password is [bold]{client.demo_password()}[/bold]")
    console.print(f"API: {address}/api/docs   Two stories: ./run story   Look: ./run status   Stop: ./run stop")
    if detach:
        return
    console.print(f"Events as they flow ({'Ctrl-C stops everything' if ours else 'Ctrl-C ends this view only'}):\n")
    live.show(console, watch)
    console.print("It was stopped.")


def _stopping(stop: Callable[[], bool]) -> None:
    """Stop everything; a second Ctrl-C must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    console.print("\nStopping …")
    if stop():
        console.print("Everything is stopped.")


@app.callback(invoke_without_command=True)
def main(context: typer.Context, host: Host = None, port: Port = None, detach: Detach = False) -> None:
    if context.invoked_subcommand:
        return
    if local.running():
        return _local(host, port, detach)
    if reason := compose.no_engine():
        console.print(f"Not with Docker: {reason}. Starting on this machine.")
    elif lacking := compose.fetch_images(console.print):
        console.print(f"Not with Docker: the images {', '.join(lacking)} cannot be had. Starting on this machine.")
    else:
        return _compose(host, port, detach)
    return _local(host, port, detach)


@app.command("local")
def start_local(host: Host = None, port: Port = None, detach: Detach = False) -> None:
    """Start everything on this machine, without containers."""
    _local(host, port, detach)


@app.command("compose")
def start_compose(host: Host = None, port: Port = None, detach: Detach = False) -> None:
    """Start everything in containers (docker-compose.yml)."""
    _compose(host, port, detach)


@app.command("story")
def tell_stories() -> None:
    """Tell the two stories through the running platform, and show each hop with its time."""
    story.tell(console)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show each process: state, health, memory, time since it started."""
    rows = local.status() or (compose.status() if compose.running() else [])
    if as_json:
        print(json.dumps(rows))
    elif rows:
        _show_status(rows)
    if not rows:
        raise DeployError("Nothing is running. Start it with ./run")


def _show_status(rows: list[dict]) -> None:
    table = Table(title=client.address(), title_justify="left")
    for name in ("process", "state", "health"):
        table.add_column(name)
    for name in ("PSS MB", "RSS MB", "up"):
        table.add_column(name, justify="right")
    for row in rows:
        bad = [f"{name}: {text}" for name, text in row["checks"].items() if text != "ok"]
        health = "[green]ok[/green] " + " ".join(row["checks"]) if not bad else "[red]" + "; ".join(bad) + "[/red]"
        up = time.strftime("%H:%M:%S", time.gmtime(row["seconds"] % 86400))
        days = f"{row['seconds'] // 86400} d " if row["seconds"] >= 86400 else ""
        table.add_row(
            row["name"], row["state"], health, *(f"{row[size] / 1e6:.0f}" for size in ("pss", "rss")), days + up
        )
    table.add_section()
    table.add_row("all", "", "", *(f"{sum(row[size] for row in rows) / 1e6:.0f}" for size in ("pss", "rss")), "")
    console.print(table)


@app.command()
def stop() -> None:
    """Stop everything cleanly; data stays."""
    if not (local.stop() | compose.stop()):
        console.print("Nothing was running.")
    else:
        console.print("Everything is stopped.")


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop everything and delete all data and secrets of this station."""
    if not yes:
        typer.confirm("This deletes every need, match, grant and message of this station. Go on?", abort=True)
    local.reset()
    compose.reset()
    console.print("All data is gone; ./run starts anew.")


@app.command()
def token(role: str) -> None:
    """Print a sign-in token of the demonstration station's user of a role."""
    print(client.sign_in(role).token)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file or an Excel workbook.")],
    mapping: Annotated[Path | None, typer.Option(exists=True, help="A mapping of column names (TOML).")] = None,
    kind: Annotated[str | None, typer.Option(help="needs or offers; found out where it is not said.")] = None,
) -> None:
    """Import a table of needs or offers, and show the rows that could not be taken."""
    with _progress() as wait:
        wait(f"importing {file.name}")
        done = client.sign_in("social_worker").upload(file, kind, mapping.read_text() if mapping else None)
    taken = f"[green]{done['created']} taken[/green], {len(done['rejected'])} not taken"
    console.print(f"{done['rows']} rows of {done['kind']} (mapping {done['mapping']}): {taken}")
    if done["rejected"]:
        _rows("not taken", [(str(each["line"]), each["column"] or "", each["message"]) for each in done["rejected"]])
    # What was taken with a doubt is often the same doubt in every row.
    doubts: dict[tuple[str, str], list[int]] = {}
    for each in done["notes"]:
        doubts.setdefault((each["column"] or "", each["message"]), []).append(each["line"])
    if doubts:
        rows = [(f"{len(lines)} rows, from {lines[0]}", *what) for what, lines in doubts.items()]
        _rows("taken, but worth a look", rows)


def _rows(title: str, rows: list[tuple[str, str, str]]) -> None:
    table = Table("line", "column", "reason", title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def run() -> int:
    """Carry out a command; say what went wrong in plain words."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        app(prog_name="./run")
    except (DeployError, ServerError, InstallError) as error:
        Console(stderr=True, highlight=False).print(str(error), style="red", markup=False, soft_wrap=True)
    except httpx.TransportError as error:
        words = f"The platform stopped answering: {error}. See ./run status"
        Console(stderr=True, highlight=False).print(words, style="red", markup=False, soft_wrap=True)
    return 1


if __name__ == "__main__":
    sys.exit(run())
