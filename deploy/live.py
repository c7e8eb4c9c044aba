"""One line for each event as it flows, and for each process that had to be restarted."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import httpx
from rich.console import Console
from rich.text import Text

from deploy import supervise
from deploy.client import Refused, sign_in

COLOURS = {"offer": "green", "need": "green", "provider": "green", "match": "cyan", "grant": "yellow", "fund": "yellow"}
COLOURS |= {"booking": "magenta", "message": "blue"}


def words(data: dict) -> str:
    """Return what tells most about an event, in a few words."""
    found = [data.get("title") or data.get("need_title") or data.get("name") or data.get("kind") or ""]
    if other := data.get("offer_title") or data.get("best_offer_title"):
        found[0] += f" ← {other}"
    if "quantity" in data:
        found.append(f"{data['quantity']} {data.get('unit', '')}")
    found += [f"{data[name] / 100:,.2f} 元" for name in ("amount_fen", "requested_fen") if data.get(name) is not None]
    found += [str(data[name]) for name in ("space_name", "community_name", "reason") if data.get(name)]
    return "  ".join(filter(None, found))


def line(event: dict) -> Text:
    """Return an event as one line: when, what, whose, what tells most about it, and whose chain it belongs to."""
    moment = datetime.fromisoformat(event["time"]).astimezone()
    text = Text(f"{moment:%H:%M:%S.%f}"[:12], style="dim")
    text.append(f"  {event['type']:<24}", style=COLOURS.get(event["type"].partition(".")[0], "bold"))
    text.append(f"{event['subject'][-8:]}  ", style="dim")
    text.append(words(event["data"]))
    text.append(f"  ({(event.get('correlationid') or '')[-8:]})", style="dim")
    return text


def follow(console: Console, stopped: threading.Event) -> None:
    """Print events until told to stop; connect again where the stream ends."""
    last_seen, person = None, None
    while not stopped.is_set():
        try:
            person = person or sign_in("operator")
            for event in person.events(last_seen):
                if stopped.is_set():
                    return
                if event:
                    last_seen = event["id"]
                    console.print(line(event), soft_wrap=True)
        except Refused as refusal:
            person = None if refusal.status == 401 else person
        except Exception as error:  # whatever it is, the next try may do better
            if not isinstance(error, httpx.TransportError) and not stopped.is_set():
                console.print(f"[dim]The live view was interrupted: {error}[/dim]")
        stopped.wait(1)


def watch_processes(console: Console, stopped: threading.Event) -> None:
    """Say which process died and came back; return when the supervisor is gone."""
    before = supervise.programs()
    while not stopped.wait(1):
        now = supervise.programs()
        if not now:
            return
        for name, info in now.items():
            old = before.get(name, info)
            if info["pid"] and old["pid"] and info["pid"] != old["pid"]:
                log = supervise.LOGS / f"{name}.log"
                console.print(f"[red]{name} died and was started again; see {log}[/red]", soft_wrap=True)
        before = {name: info if info["pid"] else before.get(name, info) for name, info in now.items()}


def show(console: Console, watch: Callable[[Console, threading.Event], None]) -> None:
    """Show events until `watch` returns or the user interrupts."""
    stopped = threading.Event()
    feed = threading.Thread(target=follow, args=(console, stopped), daemon=True)
    feed.start()
    try:
        watch(console, stopped)
    finally:
        stopped.set()


def wait_for_interrupt(console: Console, stopped: threading.Event) -> None:
    """Return never: for what has no supervisor of ours to watch."""
    while not stopped.is_set():
        time.sleep(1)
