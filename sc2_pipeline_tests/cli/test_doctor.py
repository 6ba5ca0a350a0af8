import importlib.metadata
import json
import os

import pytest

from sc2_pipeline import extras
from sc2_pipeline.cli import doctor_checks
from sc2_pipeline.config import Home, Settings
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.stand_in import CONTROL_VARIABLE, Control, Fault

EXTRAS = {f"extra {name}" for name in extras.EXTRAS}
NAMES = EXTRAS | {"python", "packages", "protobuf", "machine", "home", "disk", "lake", "manifest", "warehouse", "game"}


def states(stdout: str) -> dict[str, str]:
    return {finding["name"]: finding["state"] for finding in json.loads(stdout)}


def test_a_sound_home_is_found_sound(command, loaded_home):
    result = command("doctor", "--home", loaded_home.root, "--json")

    found = states(result.stdout)
    assert result.exit_code == 0, result.stdout
    assert found.keys() == NAMES
    assert {found[name] for name in ("python", "protobuf", "home", "manifest", "warehouse")} == {"ok"}


def test_people_are_told_in_words(command, loaded_home):
    result = command("doctor", "--home", loaded_home.root)

    assert "implementation upb" in result.stdout
    assert result.stdout.splitlines()[-1] == "replays can be loaded here"


def test_a_home_not_yet_made_is_no_fault_and_is_not_made(command, tmp_path):
    result = command("doctor", "--home", tmp_path / "new" / "home", "--json")

    assert result.exit_code == 0
    assert not (tmp_path / "new").exists()


def test_a_damaged_manifest_is_to_be_mended(command, tmp_path):
    home = Home(tmp_path)
    home.manifest.write_bytes(b"no database" * 1000)

    result = command("doctor", "--home", tmp_path, "--json")

    assert result.exit_code == 1
    assert states(result.stdout)["manifest"] == "bad"


def test_a_damaged_warehouse_is_to_be_mended(command, standing_home):
    standing_home.warehouse.write_bytes(b"no database" * 1000)

    result = command("doctor", "--home", standing_home.root)

    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "to be mended: warehouse"


@pytest.mark.parametrize(
    ("requirements", "state", "said"),
    [
        (["duckdb<0.1"], "bad", "tried with <0.1"),
        (["no-such-driver==1.0 ; extra == 's3'"], "ok", ""),
        (["no-such-package[extra]==1.0 ; python_version > '3'"], "bad", "no-such-package ==1.0 is missing"),
        ([f"duckdb=={importlib.metadata.version('duckdb')}", "rich"], "ok", "duckdb"),
    ],
)
def test_packages_are_compared_with_the_pins(monkeypatch, requirements, state, said):
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: requirements)

    [finding] = [
        f
        for f in doctor_checks.findings(Settings(home=doctor_checks.Path("nowhere"), workers=1))
        if f.name == "packages"
    ]

    assert finding.state == state
    assert said in finding.said


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program")
def test_every_installed_build_is_started_once(command, tmp_path, monkeypatch):
    sound, broken = 75689, 86383
    monkeypatch.setenv("SC2PATH", str(stand_in.install(tmp_path / "StarCraftII", (sound, broken))))
    missing = Fault(kind="missing_library", words="libSDL2.so.0: cannot open shared object file", base_build=broken)
    control = stand_in.write_control(tmp_path / "control.json", Control(faults=(missing,)))
    monkeypatch.setenv(CONTROL_VARIABLE, str(control))

    result = command("doctor", "--home", tmp_path / "home", "--json")

    found = {finding["name"]: finding for finding in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert (found[f"game {sound}"]["state"], found[f"game {broken}"]["state"]) == ("ok", "bad")
    assert f"stand-in.{sound}" in found[f"game {sound}"]["said"]
    assert "exit code 127, its last line: libSDL2.so.0: cannot open" in found[f"game {broken}"]["said"]
