"""A headless Chromium, spoken to over a pipe in the DevTools protocol; nothing to install but the browser."""

import base64
import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]
KEYS = {"Enter": ("\r", 13), "Tab": ("", 9), "Escape": ("", 27), "ArrowDown": ("", 40), " ": (" ", 32)}


def found() -> str | None:
    """Return where the browser is, or none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Chromium:
    """One browser with a profile of its own; `with Chromium() as browser: page = browser.page()`."""

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="jinlin-browser-")
        hears, self._out = os.pipe()
        self._in, says = os.pipe()

        def as_three_and_four():
            # Both are moved out of the way first, so that neither overwrites the other.
            there, here = os.dup(hears), os.dup(says)
            os.dup2(there, 3), os.dup2(here, 4)

        self.process = subprocess.Popen(
            [found(), *FLAGS, f"--user-data-dir={self.profile}"],
            preexec_fn=as_three_and_four,
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(hears), os.close(says)
        self._number, self._answers, self._pages = 0, {}, {}
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._out)
        shutil.rmtree(self.profile, ignore_errors=True)

    def page(self, width: int = 1280, height: int = 900) -> "Page":
        """Open a page without cookies or anything else of the pages before."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session, context)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.send(f"{domain}.enable")
        page.resize(width, height)
        return page

    def send(self, method, session=None, **parameters):
        """Send a command and return its result. Raises RuntimeError where the browser refuses."""
        with self._lock:
            self._number += 1
            number, answer = self._number, queue.Queue()
            self._answers[number] = answer
            message = {"id": number, "method": method, "params": parameters}
            os.write(self._out, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        said = answer.get(timeout=60)
        if "error" in said:
            raise RuntimeError(f"{method}: {said['error']['message']}")
        return said["result"]

    def _read(self):
        with open(self._in, "rb") as stream:
            rest = b""
            while part := stream.read1(1 << 16):
                *messages, rest = (rest + part).split(b"\0")
                for message in map(json.loads, messages):
                    if "id" in message:
                        self._answers.pop(message["id"]).put(message)
                    elif message.get("sessionId") in self._pages:
                        self._pages[message["sessionId"]].hear(message["method"], message["params"])


class Page:
    """One page: what a person does with it, what they see, and what went wrong in its console."""

    def __init__(self, browser, session, context):
        self.browser, self.session, self.context = browser, session, context
        self.problems: list[str] = []

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, **parameters)

    def close(self):
        """Close it with everything that it kept."""
        self.browser.send("Target.disposeBrowserContext", browserContextId=self.context)
        del self.browser._pages[self.session]

    def hear(self, method, event):
        """Note what the page complains of."""
        if method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            self.problems.append(" ".join(str(one.get("value")) for one in event["args"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.problems.append(f"{event['entry']['text']} {event['entry'].get('url', '')}")

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self.send("Page.navigate", url=address)
        self.wait(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(address)})")

    def resize(self, width: int, height: int) -> None:
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def run(self, script: str):
        """Return the value of a JavaScript expression. Raises RuntimeError where it throws."""
        said = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in said:
            raise RuntimeError(said["exceptionDetails"].get("exception", {}).get("description", "thrown"))
        return said["result"].get("value")

    def wait(self, condition: str, seconds: float = 15):
        """Wait until a JavaScript expression is true."""
        until = time.monotonic() + seconds
        while True:
            with contextlib.suppress(RuntimeError):  # the page may be on its way to another one
                if self.run(f"Boolean({condition})"):
                    return
            assert time.monotonic() < until, f"never came true: {condition}"
            time.sleep(0.05)

    def text(self, selector: str) -> str:
        """Return the text that is seen there."""
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def press(self, key: str, shift: bool = False) -> None:
        """Press a key as a person does."""
        text, code = KEYS[key]
        common = {
            "key": key,
            "code": "Space" if key == " " else key,
            "windowsVirtualKeyCode": code,
            "modifiers": 8 if shift else 0,
        }
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self.send("Input.dispatchKeyEvent", **common, **down)
        self.send("Input.dispatchKeyEvent", **common, type="keyUp")

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.send("Input.insertText", text=text)

    def focus(self, selector: str) -> None:
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")

    def click(self, selector: str) -> None:
        """Click in the middle of an element with the mouse, once it is there."""
        self.wait(f"document.querySelector({json.dumps(selector)})")
        place = self.run(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)}); one.scrollIntoView({{block: 'center'}});"
            " const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def cookies(self) -> list[dict]:
        return self.send("Network.getCookies")["cookies"]

    def screenshot(self, path: Path | str, whole: bool = True) -> None:
        """Write a picture of the page."""
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(shot["data"]))
