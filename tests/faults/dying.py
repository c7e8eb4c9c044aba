"""Run a service that dies at a step of its own: `python -m tests.faults.dying STEP TIMES FOLDER SERVICE`.

It dies the first TIMES times that it comes to the step; FOLDER remembers how often it did. Steps:
published (the relay has the broker's confirms, nothing is removed yet), committed (the listener has
committed, nothing is acked yet), taken (a batch is in hand, nothing is committed).
"""

import eventlet

eventlet.monkey_patch()

import os
import sys
from pathlib import Path

from chassis import settings
from chassis.inbox import Inbox
from chassis.relay import Sender
from chassis.serve import serve, service_class

step, times, folder, service = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]


def die():
    deaths = len(list(folder.glob("death-*")))
    if deaths < times:
        (folder / f"death-{deaths}").touch()
        os._exit(9)


def after(function):
    def changed(*args, **kwargs):
        result = function(*args, **kwargs)
        die()
        return result

    return changed


def before(function):
    def changed(*args, **kwargs):
        die()
        return function(*args, **kwargs)

    return changed


if step == "published":
    Sender.send = after(Sender.send)
elif step == "committed":
    Inbox.take = after(Inbox.take)
elif step == "taken":
    Inbox.take = before(Inbox.take)
else:
    raise SystemExit(__doc__)

raise SystemExit(serve(service_class(service), settings.load()))
