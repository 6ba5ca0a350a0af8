"""Declared tables are made, described, and follow the declarations of a later release."""

import duckdb
import pyarrow as pa
import pytest

from sc2_pipeline.errors import HomeError
from sc2_pipeline.game_rules.shipped import shipped_tables
from sc2_pipeline.tables import RAW_TABLES, Column, Table
from sc2_pipeline.tables.declaration import identity_columns
from sc2_pipeline.tables.ops import OPS_TABLES
from sc2_pipeline.warehouse.catalog import relation_columns
from sc2_pipeline.warehouse.connect import open_warehouse


@pytest.fixture
def path(tmp_path):
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def declare(monkeypatch, path):
    """Declares table raw.things with those columns beside the identity, as a release would, and opens the home."""

    def release(*columns: Column):
        table = Table(
            name="things",
            description="Things.",
            grain="One row per thing.",
            key=("a",),
            parts=("streams",),
            columns=(*identity_columns(), *columns),
        )
        monkeypatch.setitem(RAW_TABLES, "things", table)
        return open_warehouse(path)

    return release


A = Column("a", pa.int16(), "A number.")
B = Column("b", pa.string(), "A word.")


def things(connection):
    return relation_columns(connection)["raw.things"]


def test_every_declared_table_stands_in_a_new_warehouse_with_its_columns_and_comments(path):
    connection = open_warehouse(path)

    relations = relation_columns(connection)

    for schema, tables in (("raw", RAW_TABLES), ("ops", OPS_TABLES)):
        for name, table in tables.items():
            assert list(relations[f"{schema}.{name}"]) == table.schema.names
    assert connection.execute(
        "select count(*) from duckdb_columns() where comment is null and not internal"
    ).fetchall() == [(0,)]
    connection.close()


def test_shipped_tables_hold_what_the_package_ships(path):
    connection = open_warehouse(path)

    for name, rows in shipped_tables().items():
        assert connection.execute(f"select count(*) from raw.{name}").fetchall() == [(rows.num_rows,)]
    connection.close()


def test_opening_again_makes_nothing_anew(path):
    made_at = "select relation, built_at from ops.model_versions order by all"
    connection = open_warehouse(path)
    first = connection.execute(made_at).fetchall()
    connection.close()

    connection = open_warehouse(path)

    assert connection.execute(made_at).fetchall() == first
    connection.close()


def test_a_new_column_is_added_and_null_in_old_rows(declare):
    old = declare(A)
    old.execute("insert into raw.things values ('r', 'tracker', 1)")
    old.close()

    new = declare(A, B)

    assert things(new)["b"] == "VARCHAR"
    assert new.execute("select a, b from raw.things").fetchall() == [(1, None)]
    assert new.execute(
        "select comment from duckdb_columns() where column_name = 'b' and table_name = 'things'"
    ).fetchall() == [("A word.",)]
    new.close()


def test_a_wider_type_widens_the_column_and_keeps_its_values(declare):
    old = declare(A)
    old.execute("insert into raw.things values ('r', 'tracker', 7)")
    old.close()

    new = declare(Column("a", pa.int64(), "A number."))

    assert things(new)["a"] == "BIGINT"
    assert new.execute("select a from raw.things").fetchall() == [(7,)]
    new.close()


def test_a_column_that_is_declared_no_more_keeps_its_values_and_new_rows_do_not_need_it(declare):
    old = declare(A, B)
    old.execute("insert into raw.things values ('r', 'tracker', 1, 'word')")
    old.close()

    new = declare(A)
    new.execute("insert into raw.things by name select 's' as replay_id, 'tracker' as source, 2 as a")

    assert new.execute("select a, b from raw.things order by a").fetchall() == [(1, "word"), (2, None)]
    new.close()


def test_a_column_of_another_kind_is_refused_with_the_way_out_and_nothing_is_changed(declare, path):
    old = declare(A)
    old.execute("insert into raw.things values ('r', 'tracker', 1)")
    old.close()

    with pytest.raises(HomeError, match=r"raw\.things\.a holds SMALLINT .* writes VARCHAR; move build/warehouse"):
        declare(B, Column("a", pa.string(), "Now a word."))

    with duckdb.connect(str(path), read_only=True) as left:
        assert list(things(left)) == ["replay_id", "source", "a"]


def test_a_column_of_another_kind_in_a_table_without_rows_is_made_anew(declare):
    declare(A).close()

    new = declare(B, Column("a", pa.string(), "Now a word."))

    assert things(new)["a"] == "VARCHAR"
    assert new.execute(
        "select comment from duckdb_columns() where table_name = 'things' and column_name = 'a'"
    ).fetchall() == [("Now a word.",)]
    new.close()


def test_a_changed_description_becomes_the_comment(declare):
    declare(A).close()

    new = declare(Column("a", pa.int16(), "It's a number.", unit="things", origin="tracker m_a"))

    assert new.execute(
        "select comment from duckdb_columns() where table_name = 'things' and column_name = 'a'"
    ).fetchall() == [("It's a number. Unit: things. Origin: tracker m_a.",)]
    new.close()
