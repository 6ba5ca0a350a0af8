"""Every column is described, in the warehouse and in the generated files."""

import pytest

from sc2_pipeline import data_dictionary
from sc2_pipeline.data_dictionary import (
    DescribedColumn,
    DescribedRelation,
    declared_dictionary,
    dictionary,
    generated_files,
    main,
    sources_yml,
    tables_pages,
    undescribed,
)
from sc2_pipeline.sql_models import read_models
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.rebuild import rebuild


@pytest.fixture(scope="module")
def declared():
    return declared_dictionary()


def test_every_relation_and_column_of_a_warehouse_is_described(declared):
    assert undescribed(declared) == ()
    assert {relation.schema for relation in declared} == {"raw", "staging", "intermediate", "marts", "ops"}


def test_no_description_says_its_grain_twice(declared):
    assert [one.relation for one in declared if one.description.lower().count("one row per") > 1] == []


def test_an_undescribed_column_is_found(tmp_path):
    connection = open_warehouse(tmp_path / "warehouse.duckdb")
    connection.execute("create table marts.secret (said integer, unsaid integer)")
    connection.execute("comment on column marts.secret.said is 'Said.'")

    assert undescribed(dictionary(connection)) == ("marts.secret", "marts.secret.unsaid")
    connection.close()


def test_marts_come_first_with_types_and_comments(declared):
    assert declared[0].schema == "marts"
    [events] = [relation for relation in declared if relation.relation == "raw.unit_events"]
    assert [column.name for column in events.columns] == RAW_TABLES["unit_events"].schema.names
    assert events.columns[0] == DescribedColumn(
        name="replay_id", type="VARCHAR", description="First 16 hex digits of the sha256 of the file's bytes."
    )


def test_the_dictionary_of_a_home_is_that_of_the_release(tmp_path, declared):
    connection = open_warehouse(tmp_path / "warehouse.duckdb")
    rebuild(connection, read_models())

    assert dictionary(connection) == declared
    connection.close()


def test_markdown_keeps_a_bar_inside_its_cell():
    column = DescribedColumn(name="a", type="INTEGER", description="this | that")
    relation = DescribedRelation(schema="marts", name="t", kind="table", description="T.", columns=(column,))

    assert "| a | integer | this \\| that |" in tables_pages([relation])["tables/marts.md"].splitlines()


def test_sources_name_every_table_that_models_may_read():
    for name in RAW_TABLES:
        assert f"- name: {name}\n" in sources_yml()


def test_the_generated_files_are_in_step_with_the_declarations():
    behind = [
        str(path) for path, text in generated_files().items() if not path.is_file() or path.read_text("utf-8") != text
    ]

    assert behind == [], "run: python -m sc2_pipeline.data_dictionary --write"


def test_the_command_writes_what_is_behind_and_then_is_content(tmp_path, monkeypatch, capsys):
    files = {tmp_path / "docs" / "tables.md": "text\n"}
    monkeypatch.setattr(data_dictionary, "generated_files", lambda: files)

    assert main([]) == 1
    assert main(["--write"]) == 0
    assert main([]) == 0
    assert (tmp_path / "docs" / "tables.md").read_bytes() == b"text\n"
    assert "is behind its declarations" in capsys.readouterr().out
