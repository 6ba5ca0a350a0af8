"""The check of what uv resolves, with a uv that resolves what a test wants."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the check is a script of bash")

UV = """#!/bin/sh
case "$*" in
    lock*) echo "$SAID" >&2 ;;
    *--all-extras*) sed -n 's/^    "\\(.*==.*\\)",$/\\1/p' pyproject.toml | grep -A 1000 -m 1 "^$FIRST" | sed "s/^$FIRST.*/$FIRST==$VERSION/" ;;
    *) test -z "$ADDED" || echo "$ADDED"; grep -hv '^#' requirements.txt ;;
esac
"""


@pytest.fixture
def check(tmp_path):
    """Runs the check with a uv that says something as it resolves, and gives the first package some version."""
    constraints = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"][
        "constraint-dependencies"
    ]
    first, _, version = constraints[0].partition("==")
    uv = tmp_path / "uv"
    uv.write_text(UV, encoding="utf-8")
    uv.chmod(0o755)

    def run(*, said: str = "", resolved: str = version, added: str = "") -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {
            "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
            "SAID": said,
            "ADDED": added,
            "FIRST": first,
            "VERSION": resolved,
        }
        command = ["bash", str(copy / ".ci" / "requirements")]
        return subprocess.run(command, env=environment, cwd=copy, capture_output=True, text=True, check=False)

    copy = tmp_path / "project"
    (copy / ".ci").mkdir(parents=True)
    (copy / "demo").mkdir()
    shutil.copy(PROJECT / "demo" / "pyproject.toml", copy / "demo")
    shutil.copy(PROJECT / ".ci" / "requirements", copy / ".ci")
    for file in (PROJECT / "pyproject.toml", PROJECT / "requirements.txt"):
        shutil.copy(file, copy)
    # This uv knows of no extra: what one adds is nothing.
    for file in PROJECT.glob("requirements-*.txt"):
        (copy / file.name).write_text(file.read_text("utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    return run


def test_what_uv_resolves_is_what_is_kept(check):
    result = check()

    assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_a_release_that_uv_resolves_otherwise_is_shown(check):
    result = check(resolved="0.0.1")

    assert result.returncode == 1
    assert "pyproject.toml is behind what uv resolves" in result.stderr


def test_a_withdrawn_release_is_named(check):
    result = check(said='warning: `absl-py==2.5.1` is yanked (reason: "broken")')

    assert result.returncode == 1
    assert "`absl-py==2.5.1` is yanked" in result.stderr
    assert "withdrawn by their authors" in result.stderr


def test_a_path_among_the_requirements_is_refused(check):
    result = check(added="-e ./demo")

    assert result.returncode == 1
    assert ":-e ./demo" in result.stdout
    assert "addresses or paths" in result.stderr


def test_our_own_packages_are_neither_constraints_nor_requirements():
    uv = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]
    files = [file.read_text("utf-8").splitlines() for file in PROJECT.glob("requirements*.txt")]
    lines = sum(files, uv["constraint-dependencies"])

    assert [line for line in lines if line.startswith(("sc2-pipeline", "-e", "."))] == []
