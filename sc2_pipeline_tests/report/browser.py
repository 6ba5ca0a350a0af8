"""A headless Chromium that says what a page complained of and whom it asked; nothing is fetched or installed."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import pytest
import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDE, PHONE = (1280, 900), (390, 844)


@dataclass
class Visit:
    """What happened while a page was open."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    width: int = 0
    """Of the content, in pixels: wider than the window means that it scrolls sideways."""
    title: str = ""
    picture: bytes = b""


class Browser:
    """One tab of a running browser."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._number = 0
        self._events: list[dict[str, Any]] = []

    def visit(self, page: Path, *, size: tuple[int, int], is_dark: bool = False, point_at: str | None = None) -> Visit:
        """Opens a page to its end; points at the first element of a selector where one is given."""
        self._events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")
        is_phone = size == PHONE
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=is_phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])
        self._ask("Page.navigate", url=page.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._events.append(json.loads(self._socket.recv()))
        visit = Visit()
        if point_at is not None:
            self._point_at(point_at)
        visit.width = self._value("document.documentElement.scrollWidth")
        visit.title = self._value("document.title")
        shot = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        visit.picture = base64.b64decode(shot["data"])
        for event in self._events:
            self._note(event, visit)
        return visit

    def value(self, expression: str) -> Any:
        """What an expression is worth in the page that is open."""
        return self._value(expression)

    def _point_at(self, selector: str) -> None:
        box = self._value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView(); "
            "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        self._ask("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])

    def _value(self, expression: str) -> Any:
        return self._ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def _note(self, event: dict[str, Any], visit: Visit) -> None:
        method, given = event["method"], event.get("params", {})
        if method == "Network.requestWillBeSent" and not given["request"]["url"].startswith(("file:", "data:")):
            visit.requests.append(given["request"]["url"])
        elif method == "Log.entryAdded":
            visit.complaints.append(given["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            visit.complaints.append(str(given["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled":
            visit.complaints.append(str(given["args"]))

    def _ask(self, method: str, **given: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": given}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]
            self._events.append(message)


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """A browser whose profile lies in ``folder``; skips where none is installed."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser to open pages in (looked for {', '.join(NAMES)})")
    process = subprocess.Popen(
        [
            *(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
            *("--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={folder}", "about:blank"),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("DevTools listening on "))
        address = said.split("ws://")[1].split("/")[0]
        with urlopen(f"http://{address}/json/list") as answer:
            [tab] = [tab for tab in json.load(answer) if tab["type"] == "page"]
        socket = websocket.create_connection(tab["webSocketDebuggerUrl"], timeout=60)
        yield Browser(socket)
        socket.close()
    finally:
        started = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for each in started:
            each.terminate()
        psutil.wait_procs(started, timeout=10)
        process.wait(timeout=10)
        assert process.stderr is not None
        process.stderr.close()
