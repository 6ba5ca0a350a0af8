"""The program that is written in the game's place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sc2_pipeline_demo.stand_in import CONTROL_VARIABLE, Control, Fault, install, write_control

BUILD = 75689


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in does not run on Windows")
def test_the_program_finds_both_packages_wherever_each_of_them_lies(tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    [program] = (path for path in install(tmp_path / "game", [BUILD]).rglob("*SC2*") if path.is_file())
    control = write_control(tmp_path / "control.json", Control(faults=(Fault(kind="crash_on_boot"),)))

    # Without `site`, which reads where editable installs lie; third parties' packages stay.
    environment = os.environ | {"PYTHONPATH": str(Path(yaml.__file__).parents[1]), CONTROL_VARIABLE: str(control)}
    started = subprocess.run([program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert started.stderr == "the stand-in was told to end before it listens\n"
