"""The two distributions of this repository: one version, and each with the licences of what it carries."""

import tomllib
from pathlib import Path

import pytest

import sc2_pipeline
from sc2_pipeline_tests.conftest import PROJECT

CORE, DEMO = PROJECT, PROJECT / "demo"


def project(folder: Path) -> dict:
    return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]


def test_both_are_of_one_version_and_ask_for_exactly_one_another():
    core, demo = project(CORE), project(DEMO)

    assert core["version"] == demo["version"] == sc2_pipeline.__version__
    assert core["optional-dependencies"]["demo"] == [f"sc2-pipeline-demo=={core['version']}"]
    assert demo["dependencies"] == [f"sc2-pipeline=={core['version']}"]
    assert core["requires-python"] == demo["requires-python"]


@pytest.mark.parametrize(("folder", "package"), [(CORE, "sc2_pipeline"), (DEMO, "sc2_pipeline_demo")])
def test_every_licence_in_a_package_is_declared(folder, package):
    declared = {path for pattern in project(folder)["license-files"] for path in folder.glob(pattern)}
    carried = set((folder / package).rglob("LICENSE*"))

    assert carried
    assert declared == {folder / "LICENSE", *carried}


def test_licences_that_both_carry_are_the_same():
    core = {path.name: path for path in [CORE / "LICENSE", *(CORE / "sc2_pipeline").rglob("LICENSE*")]}

    for path in DEMO.rglob("LICENSE*"):
        assert path.read_bytes() == core[path.name].read_bytes()
