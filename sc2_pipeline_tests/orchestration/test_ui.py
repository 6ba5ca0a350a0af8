"""The real thing: webserver, daemon and code server as `sc2-pipeline ui` starts them, asked through GraphQL and in a browser."""

import json
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import yaml
from playwright.sync_api import expect

from sc2_pipeline.manifest import read_only
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.orchestration.served import served, stop, wait_for
from sc2_pipeline_tests.report.browser import open_browser

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ui(tmp_path_factory):
    home = tmp_path_factory.mktemp("ui") / "home"
    drop = tmp_path_factory.mktemp("drop")
    with served(home, watch=drop) as running:
        listening = [
            connection.laddr.ip
            for process in [running.process_tree_root(), *running.descendants()]
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        yield running, home, drop, listening


def _count(home, status):
    [row] = read_only(home / "manifest.sqlite", "select count(*) as n from replays where status = ?", [status])
    return row["n"]


def test_only_this_machine_can_reach_it(ui):
    _, _, _, listening = ui

    assert set(listening) == {"127.0.0.1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """What became of a run that was stopped when some replays were done and most were not."""

    status: str
    born: int
    strays: list[psutil.Process]
    open_tries: int
    partitions: dict[str, int]


@pytest.fixture(scope="module")
def cancelled(ui, shared_replays):
    """A run over some real replays, two of them broken, cancelled amid."""
    running, home, _, _ = ui
    folders = [str(shared_replays / name) for name in ("ggtracker+sc2reader", "ipax77+s2protocol.NET")]
    config = {"ops": {"discovered_replays": {"config": {"folders": folders}}}}
    assert running.finished(running.launch("discover", config)) == "SUCCESS"
    idle = set(running.descendants())
    run_id = running.launch("ingest", tags=running.range_tags(running.keys()))
    wait_for(lambda: running.partitions()["numMaterialized"], "the first partition", seconds=600)
    born = set(running.descendants()) - idle
    running.cancel(run_id)
    status = running.finished(run_id)
    strays = psutil.wait_procs(list(born), timeout=60)[1]
    [tries] = read_only(home / "manifest.sqlite", "select count(*) as n from attempts where outcome is null")
    return Cancelled(
        status=status, born=len(born), strays=strays, open_tries=tries["n"], partitions=running.partitions()
    )


@pytest.fixture(scope="module")
def backfilled(ui, cancelled):
    """How partitions stand after a backfill of all of them, and how many replays are extracted, loaded since or not."""
    running, home, _, _ = ui
    backfill = running.backfill(running.keys())
    wait_for(lambda: running.backfill_status(backfill).startswith("COMPLETED"), "the backfill to end", seconds=600)
    return running.partitions(), _count(home, "extracted") + _count(home, "loaded")


@pytest.fixture(scope="module")
def loaded(ui, backfilled):
    """The UI after its daemon was switched on and three files came to the watched folder."""
    running, home, drop, _ = ui
    running.switch_on("new_replays")
    # The sensor that loads what was extracted is on from the start.
    collection(drop, 3, seed=99, game_loops=(1_400, 1_500))
    wait_for(lambda: _count(home, "loaded") == 53, "the daemon to load what was extracted and what came", seconds=600)
    # Checks are in progress until the runs that will evaluate them have ended.
    wait_for(lambda: not running.active_runs(), "its runs to end", seconds=600)
    return running


def test_a_cancelled_extraction_keeps_what_it_did_and_leaves_no_process(cancelled):
    assert (cancelled.status, cancelled.strays) == ("CANCELED", [])
    assert cancelled.open_tries == 0, "nobody was killed"
    assert cancelled.born >= 3
    assert 0 < cancelled.partitions["numMaterialized"] < 50
    assert cancelled.partitions["numFailed"] == 0


def test_a_backfill_takes_up_the_rest_and_marks_what_is_broken(backfilled):
    partitions, extracted = backfilled

    # Of 56 files 4 have no tracker stream, and 2 are broken.
    assert partitions == {"numPartitions": 52, "numMaterialized": 50, "numFailed": 2, "numMaterializing": 0}
    assert extracted == 50


def test_the_daemon_loads_what_came_and_what_the_backfill_extracted(loaded):
    assert loaded.partitions()["numMaterialized"] == 53


@pytest.fixture(scope="module")
def page(loaded):
    """A page in a real browser, and how to open one of the UI's on it."""
    with open_browser() as browser, browser.new_page(viewport={"width": 1400, "height": 760}) as page:
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        page.goto(loaded.first_address)
        page.wait_for_url(f"http://127.0.0.1:{loaded.port}/overview/**")
        yield page, lambda path: page.goto(f"http://127.0.0.1:{loaded.port}{path}")


def test_a_browser_that_came_by_the_printed_address_is_let_in_and_told_news_and_another_is_not(page, ui):
    seen, open_page = page
    running, _, _, _ = ui
    words = set()
    seen.on("websocket", lambda ws: ws.on("framereceived", lambda frame: words.update({json.loads(frame)["type"]})))
    open_page("/runs")
    with seen.context.browser.new_context() as another:
        refused = another.new_page().goto(f"http://127.0.0.1:{running.port}/runs")
        status, sentence = refused.status, refused.text()
        # To ask the page for anything lets what it received come in.
        wait_for(lambda: seen.evaluate("1") and words, "news", seconds=600)

    assert words >= {"connection_ack"}
    assert seen.evaluate("document.cookie") == ""
    assert (status, "open the address with a token" in sentence) == (403, True)


def test_the_asset_graph_shows_how_many_partitions_failed(page):
    seen, open_page = page
    open_page("/locations/sc2_pipeline/asset-groups/replays")

    for name in ("discovered_replays", "validated_replays", "extracted", "extraction_batch", "retried_replays"):
        expect(seen.get_by_text(name, exact=True).first).to_be_visible()
    expect(seen.get_by_text("96% filled (2 failed)").first).to_be_visible()


def test_the_bar_of_partitions_has_two_red_ones_and_each_says_why(page, ui):
    seen, open_page = page
    _, home, _, _ = ui
    rows = read_only(home / "manifest.sqlite", "select replay_id, reason, detail from replays where status = 'failed'")
    assert len(rows) == 2
    for row in rows:
        open_page(f"/assets/extracted?view=partitions&partition={row['replay_id']}&status=FAILED")
        expect(seen.get_by_text("Failed (2)")).to_be_visible()
        expect(seen.get_by_text("Materialized (53)")).to_be_visible()
        expect(seen.get_by_text("failed, and did not materialize this asset")).to_be_visible()
        seen.get_by_role("button", name="View all historical events").click()
        seen.get_by_role("dialog").get_by_role("button", name="arrow_drop_down").click()
        expect(seen.get_by_text(row["reason"], exact=True).first).to_be_visible()
        expect(seen.get_by_text(row["detail"], exact=True).first).to_be_visible()


def test_a_check_shows_its_result_and_its_number(page):
    seen, open_page = page
    open_page("/assets/marts/dim_replays?view=checks&checkDetail=counts_of_replays_agree")

    expect(seen.get_by_text("counts_of_replays_agree").first).to_be_visible()
    expect(seen.get_by_text("Passed", exact=True)).to_be_visible()
    expect(seen.get_by_text("miscounts").first).to_be_visible()


def test_a_model_shows_what_its_tests_found_in_the_last_load(page):
    seen, open_page = page
    # Of the real replays, none has a row that breaks a test of this model; fct_economy_snapshots warns of 341 of a GameHeart
    # file, or of none, by which replays the daemon happens to load last.
    open_page("/assets/marts/fct_build_orders?view=checks&checkDetail=tests_on_batch")

    expect(seen.get_by_text("tests_on_batch").first).to_be_visible()
    expect(seen.get_by_text("Passed", exact=True)).to_be_visible()
    expect(seen.get_by_text("tests passed on").first).to_be_visible()


def test_a_partition_says_who_played_where(page, ui):
    seen, open_page = page
    _, home, _, _ = ui
    [row] = read_only(home / "manifest.sqlite", "select replay_id, path from replays where status = 'loaded' limit 1")
    open_page(f"/assets/extracted?view=partitions&partition={row['replay_id']}")

    for name in ("file", "map", "players", "matchup"):
        expect(seen.get_by_text(name, exact=True).first).to_be_visible()
    expect(seen.get_by_text(Path(row["path"]).name, exact=True).first).to_be_visible()


def test_numbers_of_a_batch_are_plotted(page):
    seen, open_page = page
    open_page("/assets/extraction_batch?view=overview")
    seen.get_by_role("button", name="Plots").click()

    for name in ("replays_ok", "replays_failed", "replays_rejected", "seconds_per_replay"):
        expect(seen.get_by_text(name, exact=True).first).to_be_visible()
    expect(seen.locator("canvas")).to_have_count(7)


def test_a_retry_from_the_launchpad_tries_what_failed_and_its_page_says_why_it_failed_again(page, ui):
    seen, open_page = page
    running, home, _, _ = ui
    rows = read_only(home / "manifest.sqlite", "select replay_id, detail from replays where status = 'failed'")
    open_page("/locations/sc2_pipeline/jobs/retry_replays/playground")
    seen.get_by_role("button", name="Launch Run").click()
    [run_id] = wait_for(lambda: running.runs("retry_replays"), "the run", seconds=60)

    assert running.finished(run_id) == "FAILURE"
    open_page(f"/runs/{run_id}")
    said = seen.get_by_text("2 of the run's replays failed, the others went on").first
    for row in rows:
        expect(said).to_contain_text(f"{row['replay_id']}:")
        expect(said).to_contain_text(row["detail"])


def test_its_settings_are_written_once(ui):
    _, home, _, _ = ui

    settings = yaml.safe_load((home / "dagster" / "dagster.yaml").read_text())

    assert settings["telemetry"] == {"enabled": False}
    assert settings["concurrency"]["pools"] == {"granularity": "op", "default_limit": 1}
    assert settings["run_monitoring"]["enabled"]


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        program = "from sc2_pipeline.cli.app import main; main()"
        command = [sys.executable, "-c", program, "ui", "--home", str(tmp_path), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr
    assert "give another --port" in done.stderr


def test_it_stops_amid_a_run_and_nothing_is_left(ui, tmp_path):
    """The last test: it ends what the others ask."""
    running, home, _, _ = ui
    collection(tmp_path / "in", 60, seed=3, game_loops=(1_400, 3_000))
    config = {"ops": {"discovered_replays": {"config": {"folders": [str(tmp_path / "in")]}}}}
    run_id = running.launch("discover", config)
    wait_for(lambda: running.run_status(run_id) == "STARTED", "the run to start", seconds=600)

    stop(running.process, home)
