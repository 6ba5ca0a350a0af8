import json
import socketserver
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import dagster as dg
import pytest

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.orchestration import alerts
from sc2_pipeline.orchestration.alerts import alert_on_failed_run, alert_on_stale_marts, send_alert


@contextmanager
def serving(server):
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield "{}:{}".format(*server.server_address)
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def webhook(monkeypatch):
    """Texts that a webhook received."""
    texts = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            texts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Hook)) as address:
        monkeypatch.setenv(alerts.WEBHOOK, f"http://{address}/hook")
        yield texts


@pytest.fixture
def mailbox():
    """Address of a mail server, and the messages that it received."""
    messages = []

    class Mail(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    body = iter(self.rfile.readline, b".\r\n")
                    messages.append(b"".join(body).decode())
                is_end = line.upper().startswith(b"QUIT")
                self.wfile.write(b"221 bye\r\n" if is_end else b"250 ok\r\n")
                if is_end:
                    return

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)) as address:
        yield address, messages


def failed_run(instance):
    @dg.op
    def failing():
        raise dg.Failure(description="2 of the run's replays failed: a.SC2Replay")

    @dg.job
    def ingest():
        failing()

    result = ingest.execute_in_process(instance=instance, raise_on_error=False)
    return result.dagster_run, result.get_run_failure_event()


def test_a_failed_run_is_told_to_the_webhook_with_its_error(webhook):
    with dg.DagsterInstance.ephemeral() as instance:
        run, event = failed_run(instance)
        context = dg.build_run_status_sensor_context(
            sensor_name="alert_on_failed_run", dagster_instance=instance, dagster_run=run, dagster_event=event
        ).for_run_failure()
        alert_on_failed_run(context)

    [text] = webhook
    first, second = text.splitlines()[:2]
    assert first == f"run {run.run_id[:8]} of ingest failed"
    assert "2 of the run's replays failed: a.SC2Replay" in second


def test_mail_has_the_first_line_as_its_subject(mailbox):
    address, messages = mailbox

    assert send_alert("run 1 failed\nbecause", {alerts.EMAIL: "me@example.com", alerts.SMTP: address}) == [
        "me@example.com"
    ]
    [message] = messages
    assert "Subject: run 1 failed" in message
    assert "To: me@example.com" in message
    assert "because" in message


def test_nobody_to_tell_is_one_sentence():
    with pytest.raises(SettingsError, match="nobody is to be told; set SC2_PIPELINE_ALERT_WEBHOOK or"):
        send_alert("x", {})


def test_stale_marts_are_told_once_for_each_publication(webhook, monkeypatch):
    with dg.DagsterInstance.ephemeral() as instance:

        def tick(cursor=None):
            context = dg.build_sensor_context(instance=instance, cursor=cursor)
            return alert_on_stale_marts(context).skip_message, context.cursor

        never, _ = tick()
        instance.report_runless_asset_event(dg.AssetMaterialization("published_warehouse"))
        fresh, _ = tick()
        now = alerts.time.time()
        monkeypatch.setattr(alerts.time, "time", lambda: now + 9 * 86_400)
        told, cursor = tick()
        again, _ = tick(cursor)

    assert never == fresh == "the published warehouse is fresh, or there is none yet"
    assert (told, again) == ("told the webhook", "told before")
    assert webhook == ["the warehouse was last published 9 days ago"]
