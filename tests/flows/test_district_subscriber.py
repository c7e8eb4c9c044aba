"""Another district system reads what happened, also before it came, with pika alone and without anything private."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

from tests.flows.people import unique
from tests.station import ROOT, eventually


@contextmanager
def subscriber(station, folder):
    """Run the example where nothing of ours can be imported; yield a function that returns the events it printed."""
    output = folder / "output"
    environment = {"JINLIN_BROKER_URL": station.broker.url, "PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "examples" / "district_subscriber.py"), "offset"],
            env=environment, cwd=folder, stdout=file, stderr=subprocess.PIPE,
        )  # fmt: skip

    def printed():
        assert process.poll() is None, process.stderr.read().decode()
        lines = [line.split(" ", 3) for line in output.read_text().splitlines() if line.endswith("}")]
        return [{"type": type, "id": id, "data": json.loads(data)} for _, type, id, data in lines]

    try:
        yield printed
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def created(events, need) -> list:
    return [e["id"] for e in events if e["type"] == "need.created.v1" and e["data"].get("need_id") == need["id"]]


def test_it_sees_what_happened_before_and_after_it_came_and_goes_on_where_it_stopped(station, worker, tmp_path):
    phone = "13987650" + str(int(unique()[:4], 16) % 1000).zfill(3)
    before = worker.need(f"部{unique()}", contact_phone=phone, details=f"独居，{unique()}号信箱")
    with subscriber(station, tmp_path) as printed:
        eventually(lambda: created(printed(), before), within=30)
        during = worker.need(f"部{unique()}", contact_phone=phone)
        eventually(lambda: created(printed(), during))
        assert len(created(printed(), before)) == 1
    text = (tmp_path / "output").read_text()
    assert phone not in text and "信箱" not in text
    assert "message.sent.v1" not in text

    after = worker.need(f"部{unique()}")
    with subscriber(station, tmp_path) as printed:
        eventually(lambda: created(printed(), after))
        assert not created(printed(), before) and not created(printed(), during)
