"""What pages and programs of others get of a running `sc2-pipeline ui`: nothing."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import psutil
import pytest
import websocket

from sc2_pipeline.cli.dagster_processes import LOCATION
from sc2_pipeline_tests.orchestration.served import LOOPBACK, served, wait_for
from sc2_pipeline_tests.report.browser import open_browser

pytestmark = pytest.mark.slow

LAUNCH = (
    "mutation { launchRun(executionParams: {mode: %s, runConfigData: %s, selector: {jobName: %s, repositoryName: %s,"
    " repositoryLocationName: %s}}) { __typename ... on RunConfigValidationInvalid { errors { message } } } }"
)


@pytest.fixture(scope="module")
def ui(tmp_path_factory):
    home = tmp_path_factory.mktemp("ui") / "home"
    with served(home, watch=home) as running:
        yield running


def _launch(config=None):
    words = ("default", json.dumps(config or {}), "discover", "__repository__", LOCATION)
    return LAUNCH % tuple(json.dumps(word) for word in words)


def _ask(ui, line, *headers, body=""):
    """Status and text of the answer to a request that is written word by word."""
    head = [line, *headers, f"Content-Length: {len(body)}", "Connection: close"]
    with socket.create_connection((LOOPBACK, ui.port), timeout=60) as connection:
        connection.sendall("\r\n".join([*head, "", body]).encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    return int(answer.split()[1]), answer.partition("\r\n\r\n")[2]


GET = f"GET /graphql?query={quote(_launch())} HTTP/1.1"
POST = "POST /graphql HTTP/1.1"
QUERY_POST = f"POST /graphql?query={quote(_launch())} HTTP/1.1"
JSON = "Content-Type: application/json"
BODY = json.dumps({"query": _launch()})


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        (GET, ["Host: evil.com", "Origin: http://evil.com"], 403),
        (GET, ["Host: {own}"], 405),
        (GET.replace("GET", "HEAD"), ["Host: {own}"], 405),
        (GET, ["Host: {own}", "Accept: text/html"], 405),
        (GET.replace("/graphql", "/%67raphql"), ["Host: {own}"], 405),
        (GET.replace("/graphql", "http://evil.com/graphql"), ["Host: evil.com"], 403),
        (GET.replace("HTTP/1.1", "HTTP/1.0"), [], 400),
        (POST, ["Host: evil.com:{port}", JSON], 403),
        (POST, ["Host: localhost.evil.com:{port}", JSON], 403),
        (POST, ["Host: {own}", "Host: evil.com", JSON], 400),
        (POST, ["Host: {own}", "Origin: http://evil.com", JSON], 403),
        (POST, ["Host: {own}", "Origin: null", JSON], 403),
        (POST, ["Host: {own}", "Origin: http://127.0.0.1:1", JSON], 403),
        (POST, ["Host: {own}", "Content-Type: text/plain"], 415),
        (POST, ["Host: {own}", "Content-Type: text/plain; application/json"], 415),
        (POST, ["Host: {own}", "Content-Type: application/graphql"], 415),
        (QUERY_POST, ["Host: evil.com", "Origin: http://evil.com", "Content-Type: text/plain"], 403),
        (QUERY_POST, ["Host: {own}", "Content-Type: text/plain"], 415),
        (QUERY_POST, ["Host: {own}"], 415),
        ("OPTIONS /graphql HTTP/1.1", ["Host: {own}", "Origin: http://evil.com"], 403),
        ("POST /report_asset_materialization/x HTTP/1.1", ["Host: {own}", "Content-Type: text/plain"], 415),
    ],
)
def test_what_a_page_can_make_a_browser_send_launches_nothing_even_with_the_token(ui, line, headers, status):
    own = f"{LOOPBACK}:{ui.port}"
    known = [*(header.format(own=own, port=ui.port) for header in headers), f"Authorization: Bearer {ui.token}"]

    answered, sentence = _ask(ui, line, *known, body=BODY)

    assert (answered, sentence.count("\n")) == (status, 0 if line.startswith("HEAD") else 1)
    assert ui.runs("discover") == []


@pytest.mark.parametrize("token", [None, "wrong"])
@pytest.mark.parametrize("line", [POST, "GET / HTTP/1.1", "GET /graphql HTTP/1.1", "GET /download_debug/x HTTP/1.1"])
def test_a_user_of_the_machine_who_does_not_know_the_token_is_refused(ui, line, token):
    known = [f"Authorization: Bearer {token}"] if token else []

    status, sentence = _ask(ui, line, f"Host: {LOOPBACK}:{ui.port}", JSON, *known, body=BODY)

    assert (status, "open the address with a token" in sentence) == (403, True)
    assert ui.runs("discover") == []


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "localhost:8080", "[::1]:{port}"])
def test_its_own_user_is_answered_by_every_name_of_the_machine_and_through_a_tunnel(ui, host):
    own = host.format(port=ui.port)
    known = [f"Host: {own}", f"Origin: http://{own}", f"Authorization: Bearer {ui.token}"]

    answer = _ask(ui, f"{POST.replace('graphql', 'graphql?op=Version')}", *known, JSON, body='{"query": "{ version }"}')

    assert answer == (200, '{"data":{"version":"1.13.27"}}')


def test_its_health_is_told_without_a_token(ui):
    assert _ask(ui, "GET /server_info HTTP/1.1", "Host: localhost")[0] == 200
    assert _ask(ui, "GET /server_info HTTP/1.1", "Host: evil.com")[0] == 403


def _subscribed(ui, *, origin=None, host=None, token=None):
    """The first word of a websocket that says whose page opened it; the reason where it is refused."""
    header = [f"Authorization: Bearer {token}"] if token else []
    try:
        connection = websocket.create_connection(
            f"ws://{LOOPBACK}:{ui.port}/graphql",
            origin=origin,
            suppress_origin=origin is None,
            host=host,
            header=header,
            subprotocols=["graphql-ws"],
            timeout=30,
        )
    except websocket.WebSocketBadStatusException as error:
        return error.status_code
    try:
        connection.send(json.dumps({"type": "connection_init"}))
        return json.loads(connection.recv())["type"]
    finally:
        connection.close()


def test_a_websocket_is_opened_by_its_own_page_and_by_whoever_knows_the_token(ui):
    own = f"http://{LOOPBACK}:{ui.port}"

    assert _subscribed(ui, origin=own, token=ui.token) == "connection_ack"
    assert _subscribed(ui, token=ui.token) == "connection_ack"
    assert _subscribed(ui, origin=own) == 403
    assert _subscribed(ui, origin="http://evil.com", token=ui.token) == 403
    assert _subscribed(ui, origin="null", token=ui.token) == 403
    assert _subscribed(ui, origin="http://evil.com", host="evil.com", token=ui.token) == 403


OF_SOMEBODY_ELSE = """
<!doctype html><script>
const launch = %s, address = "http://127.0.0.1:%d/graphql";
const asked = { mode: "no-cors", credentials: "include" };
const body = JSON.stringify({ query: launch });
const tries = [
  fetch(address + "?query=" + encodeURIComponent(launch), asked),
  fetch(address + "?query=" + encodeURIComponent(launch), { ...asked, method: "POST", body: "x" }),
  fetch(address, { ...asked, method: "POST", body }),
  fetch(address, { method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body }),
  new Promise((resolve) => { const it = new WebSocket(address.replace("http", "ws"), "graphql-ws"); it.onopen = it.onerror = resolve; })
    .then((event) => { if (event.type === "error") throw event; }),
];
Promise.allSettled(tries).then((ends) => { window.ends = ends.map((end) => end.status); });
</script>
"""


@contextmanager
def _page_of_somebody_else(ui):
    """Port at which another server of this machine has the page above."""
    content = (OF_SOMEBODY_ELSE % (json.dumps(_launch()), ui.port)).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Nothing: it would stand among what pytest shows."""

    with ThreadingHTTPServer((LOOPBACK, 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_page_of_somebody_else_launches_nothing_from_the_browser_that_has_the_cookie(ui):
    statuses, ends = set(), []
    with _page_of_somebody_else(ui) as port, open_browser() as browser, browser.new_page() as page:
        page.set_default_timeout(60_000)
        page.goto(ui.first_address)
        page.wait_for_url("**/overview/**")
        page.goto("about:blank")
        page.on("response", lambda answer: statuses.add(answer.status) if "/graphql" in answer.url else None)
        # The same site, which is sent the cookie, and another one.
        for host in (LOOPBACK, "localhost"):
            page.goto(f"http://{host}:{port}/")
            ends.append(page.wait_for_function("window.ends").json_value())

    # What the page may send arrives: a GET that says nothing of its origin, and POSTs that do.
    assert ends == [["fulfilled"] * 3 + ["rejected"] * 2] * 2
    assert statuses == {403, 405}
    assert ui.runs("discover") == []


@pytest.mark.parametrize("setting", ["scheduler", "lake", "home"])
def test_not_even_its_own_user_says_in_a_run_where_to_connect_to(ui, setting):
    config = {"resources": {"home": {"config": {setting: "dask://127.0.0.1:9/x"}}}}

    answer = ui.ask(_launch(config))["launchRun"]

    assert answer["__typename"] == "RunConfigValidationInvalid"
    assert f'unexpected config entry "{setting}"' in answer["errors"][0]["message"]
    assert ui.runs("discover") == []


def test_the_token_stands_in_no_command_line_and_the_code_server_behind_a_door_of_this_user(ui):
    processes = [ui.process_tree_root(), *ui.descendants()]
    ports = [c.laddr.port for process in processes for c in process.net_connections("inet") if c.status == "LISTEN"]

    assert ports == [ui.port]
    assert all(ui.token not in word for process in processes for word in process.cmdline())
    door = Path(_code_server(ui).cmdline()[_code_server(ui).cmdline().index("--socket") + 1])
    assert stat.S_IMODE(door.parent.stat().st_mode) == 0o700


def _code_server(ui):
    [found] = [process for process in ui.descendants() if "--lazy-load-user-code" in process.cmdline()]
    return found


@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL, which Windows lacks")
def test_a_code_server_that_dies_is_started_again_and_the_rest_goes_on(ui):
    others = {process for process in ui.descendants() if process != _code_server(ui)}
    died = _code_server(ui)
    died.send_signal(signal.SIGKILL)
    psutil.wait_procs([died], timeout=120)

    wait_for(lambda: _launched(ui), "the new code server", seconds=600, every=1)

    assert others <= set(ui.descendants())


def _launched(ui):
    try:
        return ui.finished(ui.launch("discover")) == "SUCCESS"
    except (OSError, AssertionError):
        return False


def test_the_webserver_does_not_start_without_a_token(tmp_path):
    command = [sys.executable, "-m", "sc2_pipeline.orchestration.webserver", "--workspace", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})

    assert done.returncode == 2
    assert "SC2_PIPELINE_UI_TOKEN is not set; set it to a secret" in done.stderr
