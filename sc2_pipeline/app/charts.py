"""The charts' library, Vega-Lite, as one piece of JavaScript out of a Python package."""

import subprocess
import sys
import threading
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from sc2_pipeline.config import Home
from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.errors import MachineError

_MAKES_IT = """
import sys, vl_convert
sys.stdout.buffer.write(vl_convert.javascript_bundle("globalThis.vegaEmbed = vegaEmbed;").encode())
"""


class ChartLibrary:
    """The script, made once per version of the package and kept in the home; in memory where that cannot be
    written."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._text: bytes | None = None

    @property
    def path(self) -> Path:
        """Where the script is kept."""
        return self._home.root / "app" / f"vega-embed-{version('vl-convert-python')}.js"

    def text(self) -> bytes:
        """The script, which makes ``vegaEmbed`` global and leaves no other name where it is loaded as a module; raises MachineError if it cannot be made."""
        with self._lock:
            if self._text is None:
                self._text = self.path.read_bytes() if self.path.is_file() else self._make()
            return self._text

    def _make(self) -> bytes:
        # Another process: the maker is a whole JavaScript engine, whose memory the server would keep.
        made = subprocess.run([sys.executable, "-c", _MAKES_IT], capture_output=True, check=False)
        if made.returncode:
            last = made.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise MachineError(
                f"the charts' library could not be made ({' '.join(last)}); install vl-convert-python anew"
            )
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            with whole_file(self.path) as partial:
                partial.write_bytes(made.stdout)
        return made.stdout
