"""Runs `sc2-pipeline serve` for tests, and asks it."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sc2_pipeline_tests.orchestration.served import LOOPBACK, wait_for


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running app."""

    process: "subprocess.Popen[str]"
    address: str
    """As it is printed, with the token if there is one."""
    port: int

    def answer(self, path: str, *, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body of the answer to a GET, or to a POST of JSON if there is a body."""
        data = None if body is None else json.dumps(body).encode()
        own = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{LOOPBACK}:{self.port}{path}", data, {**own, **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def get(self, path: str, **asked: Any) -> Any:
        """The JSON of an answer of the API, which must be one of status 200."""
        status, content = self.answer(f"/api/v1/{path}", **asked)
        assert status == 200, content
        return json.loads(content)


@contextmanager
def served_app(home: Path, *options: str) -> Iterator[App]:
    """Runs the app on a home, and ends it by SIGTERM when the block ends."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    program = "from sc2_pipeline.cli.app import main; main()"
    command = [sys.executable, "-c", program, "serve", "--home", str(home), "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ.copy(), text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first.startswith("the app is at http://"), first
            wait_for(lambda: _listens(port), "the app to listen", seconds=60)
            yield App(process=process, address=first.split()[4], port=port)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 128 + signal.SIGTERM


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
