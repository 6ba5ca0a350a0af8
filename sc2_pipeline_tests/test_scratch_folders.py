import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from sc2_pipeline.scratch_folders import remove_strays, scratch_folder


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(tmp_path, monkeypatch):
    program = "import os; from sc2_pipeline.scratch_folders import scratch_folder; kept = scratch_folder('workers'); os._exit(9)"
    killed = subprocess.run([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)
    [left] = tmp_path.iterdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch_folder("extract") as own:
        remove_strays(tmp_path)

        assert killed.returncode == 9
        assert left.name.startswith("sc2-pipeline-workers-")
        assert list(tmp_path.iterdir()) == [Path(own)]


def test_a_dead_owner_whose_pid_is_in_use_again_is_known_by_its_start_and_other_machines_folders_stay(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch_folder("extract") as own:
        name = Path(own).name
        started = re.fullmatch(r".*-(\d+)-[^-]*", name)[1]
        reused = tmp_path / name.replace(f"-{started}-", f"-{int(started) - 1000}-")
        monkeypatch.setattr(socket, "gethostname", lambda: "another machine")
        with scratch_folder("extract") as other:
            monkeypatch.undo()
            elsewhere = tmp_path / Path(other).name.replace(f"-{started}-", f"-{int(started) - 1000}-")
            for folder in (reused, elsewhere, tmp_path / "sc2-pipeline-notes"):
                folder.mkdir()
            remove_strays(tmp_path)

            assert not reused.exists()
            assert elsewhere.exists()
            assert (tmp_path / "sc2-pipeline-notes").exists()
