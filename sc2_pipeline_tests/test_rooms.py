"""The rooms of the house: all of them are in the contracts of import-linter and in docs/architecture.md."""

import re
import tomllib

from sc2_pipeline_tests.conftest import PROJECT

PACKAGE = PROJECT / "sc2_pipeline"
ROOMS_OF_THE_DEMO = {"errors", "game", "game_messages", "game_rules", "replay_format", "storable"}
"""What the demo package may import of the core, some of it by way of another room."""


def rooms() -> list[str]:
    """Every module and package at the top of ``sc2_pipeline``."""
    return sorted(
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    )


def contract(name: str) -> dict:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    [found] = [each for each in settings["tool"]["importlinter"]["contracts"] if each["name"] == name]
    return found


def layered() -> list[str]:
    return [room for layer in contract("Arrows only point down")["layers"] for room in layer.split(" | ")]


def test_every_room_is_in_one_layer_and_none_may_be_missing():
    assert sorted(layered()) == rooms()
    assert contract("Arrows only point down")["exhaustive"]


def test_the_page_lists_the_same_rooms_from_top_to_bottom():
    page = (PROJECT / "docs/architecture.md").read_text("utf-8")
    [listing] = re.findall(r"## The rooms.*?```\n(.*?)```", page, re.DOTALL)
    listed = [room for line in re.findall(r"^\w+(?: \| \w+)*", listing, re.MULTILINE) for room in line.split(" | ")]

    assert listed == layered()


def test_dagster_is_forbidden_to_all_but_orchestration():
    dagster = contract("Only orchestration imports dagster")

    assert dagster["source_modules"] == ["sc2_pipeline", "sc2_pipeline_demo"]
    assert {words.split(" -> ")[0] for words in dagster["ignore_imports"]} == {"sc2_pipeline.orchestration.**"}


def test_the_demo_is_forbidden_every_room_but_those_it_may_know():
    forbidden = contract(
        "The demo package knows replay files and the game's messages, and nothing that becomes of them"
    )

    assert set(forbidden["forbidden_modules"]) == {
        f"sc2_pipeline.{room}" for room in rooms() if room not in ROOMS_OF_THE_DEMO and room != "__main__"
    }


def test_every_step_is_independent_of_the_others():
    steps = {path.stem for path in (PACKAGE / "steps").iterdir() if not path.stem.startswith("__")}

    # What stands at the border of every step's work on one replay; a step imports it.
    steps.remove("replay_faults")
    assert set(contract("Steps never import one another")["modules"]) == {
        f"sc2_pipeline.steps.{step}" for step in steps
    }
