"""The lake's settings as they are typed, and what is printed."""

import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

LAKE = "memory://commands"


def command(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def games(tmp_path_factory):
    folder = tmp_path_factory.mktemp("games")
    for number in range(2):
        write_replay(folder / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    return folder


@pytest.fixture(scope="module")
def home(games, tmp_path_factory):
    """A home whose own settings name the lake."""
    home = tmp_path_factory.mktemp("home")
    (home / "sc2_pipeline.toml").write_text(f'lake = "{LAKE}"\nworkers = 1\n')
    result = command("run", games, "--home", home)
    assert result.exit_code == 0, result.output
    return home


def test_what_is_not_seen_is_said_until_it_is_localised(home):
    asked = ("sql", "select count(*) from raw.commands", "--home", home)
    before, marts = command(*asked), command("sql", "from marts.dim_replays select count(*)", "--home", home)
    one = command("localise", "0.SC2Replay", "--home", home)
    rest, nothing = (command("localise", "--all", "--home", home) for _ in "12")
    after = command(*asked)

    said = (
        "rows of commands of 2 of 2 replays lie in the lake elsewhere and are not seen; `sc2-pipeline localise --all`"
    )
    assert said in " ".join(before.stderr.split())
    assert "elsewhere" not in marts.stderr + after.stderr
    assert "1 files of 1 replays are here now" in one.stdout
    assert "1 files of other replays are in the lake alone" in one.stdout
    assert "1 files of 1 replays are here now" in rest.stdout
    assert nothing.stdout.strip() == "nothing to localise"


@pytest.mark.parametrize("words", [(), ("0.SC2Replay", "--all")])
def test_localise_asks_for_replays_or_for_all(home, words):
    result = command("localise", *words, "--home", home)

    assert result.exit_code == 2
    assert "give either REPLAYs or --all" in result.stderr


def test_a_driver_that_is_missing_is_one_sentence_before_any_work(games, tmp_path):
    result = command("run", games, "--home", tmp_path / "home", "--lake", "abfs://container/folder")

    assert result.exit_code == 2
    assert "its driver is not installed" in " ".join(result.stderr.split())
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("place", ["flag", "file", "environment"])
def test_credentials_in_the_url_are_neither_printed_nor_stored(games, tmp_path, monkeypatch, place):
    home, url = tmp_path / "home", "s3://AKIAKEY:secret@bucket/folder"
    home.mkdir()
    flags = ("--lake", url) if place == "flag" else ()
    if place == "file":
        (home / "sc2_pipeline.toml").write_text(f'lake = "{url}"\n')
    elif place == "environment":
        monkeypatch.setenv("SC2_PIPELINE_LAKE", url)

    results = [command("run", games, "--home", home, *flags)]
    if not flags:
        results += [
            command(*words, "--home", home) for words in (("doctor",), ("status",), ("sql", "select 1"), ("compact",))
        ]

    assert {result.exit_code for result in results} == {2}
    assert all("give them by the environment" in result.output for result in results)
    assert not any("secret" in result.output or "AKIA" in result.output for result in results)
    assert [path.name for path in home.iterdir()] == (["sc2_pipeline.toml"] if place == "file" else [])


def test_a_lake_that_is_not_there_is_one_sentence(games, tmp_path):
    result = command("run", games, "--home", tmp_path / "home", "--lake", f"file://{tmp_path}/gone", "--workers", "1")

    assert result.exit_code == 1
    assert "gone is no folder here" in " ".join(result.stderr.split())


def test_doctor_looks_at_the_lake(tmp_path, monkeypatch):
    found = {}
    for name in ("there", "gone"):
        monkeypatch.setenv("SC2_PIPELINE_LAKE", f"file://{tmp_path / name}")
        (tmp_path / "there").mkdir(exist_ok=True)
        found[name] = command("doctor", "--home", tmp_path / "home", "--json")

    assert '"name": "lake", "state": "ok"' in found["there"].stdout
    assert '"name": "lake", "state": "bad"' in found["gone"].stdout
    assert found["gone"].exit_code == 1
