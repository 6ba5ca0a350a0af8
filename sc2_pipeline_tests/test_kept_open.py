import sqlite3

from sc2_pipeline.kept_open import kept_open


def test_a_log_is_not_folded_while_the_file_is_kept_open(tmp_path):
    path = tmp_path / "events.db"
    _write(path, "create table events (id integer)")

    with kept_open([path, tmp_path / "none.db"]):
        _write(path, "insert into events values (1)")
        assert (tmp_path / "events.db-wal").stat().st_size > 0
    _write(path, "insert into events values (2)")

    assert not (tmp_path / "events.db-wal").exists()
    assert _rows(path) == [(1,), (2,)]
    assert not (tmp_path / "none.db").exists()


def _write(path, sql):
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode=wal")
    with connection:
        connection.execute(sql)
    connection.close()


def _rows(path):
    connection = sqlite3.connect(path)
    rows = connection.execute("select id from events order by id").fetchall()
    connection.close()
    return rows
