"""Nothing that pages, docstrings and comments cite is missing: files, modules, their members, relations and columns."""

import pytest

from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.ops import OPS_TABLES
from sc2_pipeline.tables.shipped import SHIPPED_TABLES
from sc2_pipeline_tests.cited_names import Tree, cited_dotted_names, cited_paths, cited_roles, docstrings_and_comments
from sc2_pipeline_tests.conftest import PROJECT

TREE = Tree(PROJECT)

FILES_OF_OTHERS = {
    "bin/replay_actions.py": "pysc2",
    "decoders.py": "s2protocol",
    "protocolNNNNN.py": "s2protocol",
    "protocol.md": "s2client-proto",
    "openings.csv": "what an example writes",
    "home.sql": "a method in an example of docs/python.md",
    "reports/": "a folder of a home",
    "reports/collection/": "a folder of a home",
    "data/": "a folder of what `report` writes",
    "dist/": "what uv build writes",
    "x.sql": "a model of an example",
    "connection.sql": "a method of DuckDB",
    "macros/functions.sql": "what `export dbt` writes",
    "dbt_project.yml": "what `export dbt` writes",
}
COLUMNS_OF_THE_MANIFEST = {"attempts.fault_folder", "attempts.is_alone", "extractions.source"}
DECLARED = {"raw": {**RAW_TABLES, **SHIPPED_TABLES}, "ops": OPS_TABLES}
SCHEMAS = (*DECLARED, "staging", "intermediate", "marts")


def texts() -> list[tuple[str, str, str]]:
    """File, module name and text of each page and module; of a module the text is its docstrings and comments."""
    found = []
    for path in TREE.files:
        source = path.relative_to(PROJECT).as_posix()
        if path.suffix == ".md" and path.name != "CHANGELOG.md":
            found.append((source, "", path.read_text("utf-8")))
        elif path.suffix == ".py":
            words = "\n".join(docstrings_and_comments(path.read_text("utf-8")))
            found.append((source, TREE.module_name(path), words))
    return found


TEXTS = texts()


def is_in_warehouse(cited: str) -> bool:
    """Whether ``schema.relation`` or ``schema.relation.column`` is one that we make."""
    schema, relation, *column = cited.split(".")
    if schema in DECLARED:
        table = DECLARED[schema].get(relation)
        return table is not None and (not column or column[0] in [each.name for each in table.columns])
    return TREE.has_path(f"dbt_like_sql/{schema}/{relation}.sql")


def test_every_cited_file_is_there():
    cited = [(source, path) for source, _, text in TEXTS for path in cited_paths(text)]

    assert len(cited) > 200
    assert [(source, path) for source, path in cited if not TREE.has_path(path) and path not in FILES_OF_OTHERS] == []


def test_every_sphinx_reference_leads_somewhere():
    cited = [(source, module, name) for source, module, text in TEXTS for name in cited_roles(text)]

    assert len(cited) > 50
    assert [(source, name) for source, module, name in cited if not TREE.has_name(name, module=module)] == []


def test_every_member_that_is_cited_with_its_module_is_there():
    cited = [
        (source, module, name)
        for source, module, text in TEXTS
        for name in cited_dotted_names(text)
        if name not in COLUMNS_OF_THE_MANIFEST
        and name.split(".")[0] not in SCHEMAS
        and TREE.speaks_of_code(name, module=module)
    ]

    assert len(cited) > 10
    assert [(source, name) for source, module, name in cited if not TREE.has_name(name, module=module)] == []


def test_every_cited_relation_is_in_the_warehouse():
    cited = [(source, n) for source, _, text in TEXTS for n in cited_dotted_names(text) if n.split(".")[0] in SCHEMAS]

    assert len(cited) > 20
    assert [(source, name) for source, name in cited if not is_in_warehouse(name)] == []


@pytest.mark.parametrize("gone", [*FILES_OF_OTHERS, "steps/nothing.py"])
def test_what_is_not_in_the_tree_is_seen(gone):
    assert cited_paths(f"see `{gone}` for more") == [gone]


def test_names_that_do_not_exist_are_seen():
    assert TREE.has_name("tables.PARTS")
    assert not TREE.has_name("tables.NOTHING")
    assert not TREE.has_name("nothing", module="sc2_pipeline.errors")
    assert TREE.speaks_of_code("compiler.nothing", module="sc2_pipeline.replay_format.game_events.streams")
    assert not TREE.has_name("compiler.nothing", module="sc2_pipeline.replay_format.game_events.streams")
    assert not is_in_warehouse("ops.loads.nothing")
    assert not is_in_warehouse("marts.nothing")
