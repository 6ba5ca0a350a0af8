"""A home of made-up games of many kinds, one with hostile names and one that is no replay, and the app over it."""

import pytest

from sc2_pipeline_demo.synthetic import collection, ladder_game, write_replay
from sc2_pipeline_tests.app.served import served_app
from sc2_pipeline_tests.pipeline.homes import run_home
from sc2_pipeline_tests.report.browser import open_browser

HOSTILE = "<img src=x onerror=alert(1)>"
SCRIPT = "</script><script>alert(2)</script>"
HEBREW = "שלום"
TURNED = "ann\u202egnp\U000e0020.exe"


@pytest.fixture(scope="session")
def app_home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    collection(folder / "games", 24, seed=7, game_loops=(3_000, 6_000))
    hostile = ladder_game(5, names=(HOSTILE, SCRIPT), map_name=SCRIPT, game_loops=4_000)
    write_replay(folder / "games" / "'><b>.SC2Replay", hostile)
    own = ("1-S2-1-61", "1-S2-1-62")
    turned = ladder_game(6, names=(TURNED, HEBREW), toon_handles=own, map_name=TURNED, game_loops=4_000)
    write_replay(folder / "games" / "turned.SC2Replay", turned)
    bots = ladder_game(8, names=("a/../b?c#d", "Bot"), toon_handles=(None, None), game_loops=3_000)
    write_replay(folder / "games" / "bots.SC2Replay", bots)
    (folder / "games" / "<i>broken.SC2Replay").write_bytes(b"no replay")
    run_home([folder / "games"], folder / "home", filters="all")
    return folder / "home"


@pytest.fixture(scope="session")
def app(app_home):
    with served_app(app_home) as running:
        yield running


# Not of the session: while it is open, its event loop is the thread's, and no other can run.
@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser
