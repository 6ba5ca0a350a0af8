"""Documentation that is made from the questions, and the notebook."""

import json
import sys
import types

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline import run
from sc2_pipeline.questions.cookbook import cookbook_pages
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.conftest import PROJECT


def test_the_cookbook_is_as_its_questions():
    behind = [path.name for path, page in cookbook_pages().items() if path.read_text(encoding="utf-8") != page]

    assert behind == []


@pytest.mark.slow
def test_every_cell_of_the_notebook_runs(tmp_path, monkeypatch):
    collection(tmp_path / "games", 6, seed=3, game_loops=(6_000, 9_000))
    run([tmp_path / "games"], Settings(home=tmp_path / "home", workers=1))
    notebook = json.loads((PROJECT / "docs" / "five_pictures.ipynb").read_text(encoding="utf-8"))
    # Jupyter is not needed to see whether the cells run.
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    display = types.ModuleType("IPython.display")
    display.SVG = str
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.chdir(PROJECT / "docs")
    monkeypatch.setenv("SC2_PIPELINE_HOME", str(tmp_path / "home"))

    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {}
    pictures = [_last_value(cell, names) for cell in cells]
    names["home"].close()

    assert [picture[:4] for picture in pictures[1:]] == ["<svg"] * 5
    assert min(picture.count('aria-roledescription="') for picture in pictures[1:]) > 5


def _last_value(cell: str, names: dict[str, object]) -> object:
    import ast

    tree = ast.parse(cell)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)
