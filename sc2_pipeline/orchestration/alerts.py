"""Alerts: a message to a webhook (Slack's, for example) or by e-mail when a run fails or publishing stops. Off by default."""

import json
import os
import smtplib
import time
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage

import dagster as dg

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.orchestration.freshness import FAIL_WINDOW
from sc2_pipeline.orchestration.resources import saying_what_to_do

WEBHOOK = "SC2_PIPELINE_ALERT_WEBHOOK"
"""Environment variable: URL that takes JSON with a ``text``, such as an incoming webhook of Slack. It is a secret."""

EMAIL = "SC2_PIPELINE_ALERT_EMAIL"
"""Environment variable: addresses, separated by commas."""

SMTP = "SC2_PIPELINE_ALERT_SMTP"
"""Environment variable: ``host:port`` of the mail server, which takes mail without a login; left out, localhost:25."""

SECONDS_TO_SEND = 20.0
_PUBLISHED = dg.AssetKey("published_warehouse")


def send_alert(text: str, environment: Mapping[str, str]) -> list[str]:
    """Sends the text wherever the environment says; returns where to. Raises OSError if a server refuses it,
    SettingsError if the environment names none."""
    sent = []
    if url := environment.get(WEBHOOK):
        if not url.startswith(("https://", "http://")):
            raise SettingsError(f"{WEBHOOK} is no URL; give one that begins with https://")
        body = json.dumps({"text": text}).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=SECONDS_TO_SEND).close()
        sent.append("the webhook")
    if addresses := environment.get(EMAIL):
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = (
            text.splitlines()[0][:150],
            "sc2-pipeline@localhost",
            addresses,
        )
        message.set_content(text)
        host, _, port = environment.get(SMTP, "localhost:25").partition(":")
        with smtplib.SMTP(host, int(port or 25), timeout=SECONDS_TO_SEND) as server:
            server.send_message(message)
        sent.append(addresses)
    if not sent:
        raise SettingsError(f"nobody is to be told; set {WEBHOOK} or {EMAIL} for the daemon")
    return sent


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.STOPPED,
    description=f"Sends a message for each failed run, to {WEBHOOK} or {EMAIL} of the environment.",
)
def alert_on_failed_run(context: dg.RunFailureSensorContext) -> None:
    """Tells of a failed run, with its error's first line."""
    errors = [event.step_failure_data.error for event in context.get_step_failure_events()]
    said = [error.message for error in errors if error] or [context.failure_event.message or ""]
    run = context.dagster_run
    with saying_what_to_do():
        send_alert(f"run {run.run_id[:8]} of {run.job_name} failed\n{said[0][:1_000]}", os.environ)


@dg.sensor(
    minimum_interval_seconds=3600,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description=f"Sends one message when nothing was published for {FAIL_WINDOW.days} days, to {WEBHOOK} or {EMAIL}.",
)
def alert_on_stale_marts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Tells once of every publication that has become too old."""
    event = context.instance.get_latest_materialization_event(_PUBLISHED)
    if event is None or time.time() - event.timestamp < FAIL_WINDOW.total_seconds():
        return dg.SkipReason("the published warehouse is fresh, or there is none yet")
    if context.cursor == str(event.timestamp):
        return dg.SkipReason("told before")
    days = int((time.time() - event.timestamp) / 86_400)
    with saying_what_to_do():
        sent = send_alert(f"the warehouse was last published {days} days ago", os.environ)
    context.update_cursor(str(event.timestamp))
    return dg.SkipReason(f"told {' and '.join(sent)}")


ALERTS = (alert_on_failed_run, alert_on_stale_marts)
