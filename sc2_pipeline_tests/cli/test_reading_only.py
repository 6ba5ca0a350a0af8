"""What whoever asks may not do: write, attach, install, set, or see a file that is not the home's or its lake's."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.config import Home
from sc2_pipeline.errors import QueryError
from sc2_pipeline.public.published import opened_warehouse
from sc2_pipeline.warehouse.reading import read_only as reading
from sc2_pipeline.warehouse.reading.read_only import reading_statements
from sc2_pipeline_tests.cli.conftest import GAMES

SECRET = "the secret of this machine"


@pytest.fixture(scope="module")
def folder(loaded_home, tmp_path_factory):
    """Copies of a home with links that lead out of it, and beside them files that are nobody's business."""
    folder = tmp_path_factory.mktemp("machine")
    outside = folder / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text(f"secret\n{SECRET}\n")
    (outside / "secret.json").write_text(json.dumps({"secret": SECRET}))
    pq.write_table(pa.table({"secret": [SECRET]}), outside / "secret.parquet")
    with duckdb.connect(str(outside / "other.duckdb")) as connection:
        connection.execute(f"create table t as select '{SECRET}' as secret")
    for name in ("home", "open"):
        home = shutil.copytree(loaded_home.root, folder / name)
        with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
            connection.execute(f"create view marts.of_somebody_else as from read_text('{outside}/secret.csv')")
        try:
            (home / "lake" / "link.csv").symlink_to(outside / "secret.csv")
            (home / "lake" / "linked").symlink_to(outside, target_is_directory=True)
        except OSError:
            pytest.skip("this user may make no links here, as on Windows")
    return folder


@pytest.fixture(scope="module")
def confined(folder):
    with opened_warehouse(Home(folder / "home")) as connection:
        yield connection


@pytest.fixture(scope="module")
def any_file(folder):
    with opened_warehouse(Home(folder / "open"), any_file=True) as connection:
        yield connection


def rows(connection, text):
    """Rows of the last of the statements, as the command ``sql`` runs them."""
    found = []
    for statement in reading_statements(connection, text):
        found = connection.execute(statement).fetchall()
    return found


def files(folder):
    return {path: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


SEEN = [
    "from '{outside}/secret.csv'",
    "from '{outside}/secret.json'",
    "from '{outside}/secret.parquet'",
    "from '{outside}/sec*.csv'",
    "from '{home}/../outside/secret.csv'",
    "from '{home}/lake/link.csv'",
    "from '{home}/lake/linked/secret.csv'",
    "from 'lake/link.csv'",
    "from marts.of_somebody_else",
    "from read_csv('{outside}/secret.csv')",
    "from read_csv(['{home}/lake/link.csv', '{outside}/secret.csv'])",
    "from read_json('{outside}/secret.json')",
    "from read_text('{outside}/secret.csv')",
    "from read_text('file://{outside}/secret.csv')",
    "from read_text('{home}/lake/streams/../../../outside/secret.csv')",
    "select decode(content) from read_blob('{outside}/secret.csv')",
    "select stats_max_value from parquet_metadata('{outside}/secret.parquet')",
    "select (select content from read_text('{outside}/secret.csv'))",
    "with a as (from read_text('{outside}/secret.csv')) from a",
    "from marts.dim_replays, (select content from read_text('{outside}/secret.csv'))",
    "select list(content) from (from read_text('{outside}/secret.csv') union all from read_text('{outside}/secret.csv'))",
    "select count(*), '{secret}' from marts.dim_replays where exists (from read_text('{outside}/secret.csv'))",
    "summarize '{outside}/secret.csv'",
    "pivot '{outside}/secret.csv' on secret in ('{secret}') using count(*), max(secret)",
    "select error_message, '{secret}' from (select 1) left join sniff_csv('{outside}/secret.csv') as s(error_message) on true",
    "select '{secret}' from glob('{outside}/*')",
]


@pytest.mark.parametrize("statement", SEEN)
def test_a_file_elsewhere_is_seen_only_where_any_file_may_be(folder, confined, any_file, statement):
    names = {"outside": folder / "outside", "secret": SECRET}

    with pytest.raises(duckdb.PermissionException):
        rows(confined, statement.format(home=folder / "home", **names))

    assert SECRET in str(rows(any_file, statement.format(home=folder / "open", **names)))


ESCAPES = [
    "from '/etc/passwd'",
    "from read_text('/proc/self/environ')",
    "from read_csv('/dev/stdin')",
    "from read_text('{home}elsewhere/secret.csv')",
    "from read_csv('https://localhost:1/secret.csv')",
    "from 's3://bucket/secret.parquet'",
    "explain analyze from read_csv('{outside}/secret.csv')",
    "explain (format json) from read_csv('{outside}/secret.csv')",
    "describe from read_csv('{outside}/secret.csv')",
    "/* a; */ -- b\n explain  analyze from read_csv('{outside}/secret.csv')",
]


@pytest.mark.parametrize("statement", ESCAPES)
def test_nothing_leads_out_of_the_home(folder, confined, statement):
    with pytest.raises(duckdb.Error, match=r"Cannot access|does not exist"):
        rows(confined, statement.format(home=folder / "home", outside=folder / "outside"))


WRITES = [
    "copy (select 1) to '{outside}/new.csv'",
    "copy (select 1) to '{home}/new.csv'",
    "copy marts.dim_replays from '{outside}/secret.csv'",
    "with a as (copy (select 1 as n) to '{home}/new.csv') from a",
    "with b as (select 1), a as (copy (select 1 as n) to '{home}/new.csv') from b",
    "with a as (delete from marts.dim_replays returning replay_id) from a",
    "with a as (insert into marts.dim_replays by name select 'x' as replay_id returning replay_id) from a",
    "with a as (update marts.dim_replays set map_name = 'x' returning replay_id) from a",
    "with a as (copy (select 1 as n) to '{home}/new.csv') pivot marts.dim_replays on map_name using count(*)",
    "pivot marts.dim_replays on map_name using count(*)",
    "select 1; copy (select 1) to '{home}/new.csv'",
    "explain copy (select 1) to '{home}/new.csv'",
    "explain analyze copy (select 1) to '{home}/new.csv'",
    "explain analyze with a as (copy (select 1 as n) to '{home}/new.csv') from a",
    "explain (analyze) create table marts.mine as select 1",
    "prepare p as copy (select 1) to '{home}/new.csv'; execute p",
    "prepare p as from read_text('{outside}/secret.csv'); execute p",
    "export database '{home}/new'",
    "import database '{outside}'",
    "insert into marts.dim_replays by name select 'x' as replay_id",
    "update marts.dim_replays set map_name = 'x'",
    "delete from marts.dim_replays",
    "truncate marts.dim_replays",
    "merge into marts.dim_replays using (select 1 as n) on false when not matched then insert default values",
    "drop view staging.stg_replays",
    "alter table marts.dim_replays add column n int",
    "comment on table marts.dim_replays is 'x'",
    "create table marts.mine as select 1",
    "create temp table mine as select 1",
    "create temp view mine as from read_text('{outside}/secret.csv'); from mine",
    "create temp macro mine() as table from read_text('{outside}/secret.csv'); from mine()",
    "create secret (type s3, key_id 'a', secret 'b')",
    "attach '{outside}/other.duckdb' as other (read_only)",
    "attach '{home}/build/warehouse.duckdb' as build",
    "attach '{home}/new.duckdb' as new",
    "attach '{home}/manifest.sqlite' (type sqlite)",
    "detach warehouse",
    "copy from database warehouse to other",
    "use information_schema",
    "install httpfs",
    "force install httpfs from 'http://localhost:1'",
    "load httpfs",
    "update extensions",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
    "set file_search_path = '/'",
    "set lock_configuration = false",
    "reset lock_configuration",
    "set threads = 1",
    "set variable f = '{outside}/secret.csv'; from read_text(getvariable('f'))",
    "pragma enable_profiling",
    "pragma threads = 1",
    "pragma import_database('{outside}')",
    "call enable_logging(storage = 'file', storage_config = {{'path': '{home}/new'}})",
    "from enable_logging(storage = 'file', storage_config = {{'path': '{home}/new'}})",
    "from truncate_duckdb_logs()",
    "from duckdb_secrets()",
    "checkpoint",
    "from checkpoint()",
    "vacuum",
    "begin",
    "from query('from read_text(''{outside}/secret.csv'')')",
    "from query_table('{outside}/secret.csv')",
    "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "from read_duckdb('{home}/build/warehouse.duckdb', schema_name = 'marts', table_name = 'dim_replays')",
    "from arrow_scan(1, 2, 3)",
    "from python_map_function(1)",
]


@pytest.mark.parametrize("which", ["home", "open"])
@pytest.mark.parametrize("statement", WRITES)
def test_what_does_more_than_read_is_refused_before_it_is_run(folder, confined, any_file, which, statement):
    connection = {"home": confined, "open": any_file}[which]
    before = files(folder)

    with pytest.raises(QueryError, match="is refused"):
        rows(connection, statement.format(home=folder / which, outside=folder / "outside"))

    assert files(folder) == before


def test_a_variable_of_ours_is_no_table(confined, any_file):
    ours = pa.table({"secret": [SECRET]})

    for connection in (confined, any_file):
        with pytest.raises(duckdb.CatalogException, match="ours does not exist"):
            rows(connection, "from ours")
    assert ours.num_rows == 1


READS = [
    "from raw.commands limit 1",
    "from 'lake/streams/*/*/commands.parquet' limit 1",
    "from '{home}/lake/streams/*/*/commands.parquet' limit 1",
    "select num_rows from parquet_file_metadata('lake/streams/*/*/commands.parquet')",
    "from glob('{home}/*')",
    "select size from read_blob('{home}/manifest.sqlite')",
    "show databases",
    "show all tables",
    "describe marts.dim_replays",
    "summarize marts.dim_replays",
    "table marts.dim_replays",
    "values (1)",
    "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) from r",
    "pivot marts.dim_replays on matchup in ('PvZ', 'PvT') using count(*)",
    "unpivot (select 1 as a, 2 as b) on a, b",
    "from duckdb_tables()",
    "from pragma_table_info('marts.dim_replays')",
    "from information_schema.tables",
    "explain select 1",
    "-- a comment\nEXPLAIN ANALYZE from marts.dim_replays -- at the end;",
    "explain (analyze, format json) select 1;",
    "select 1; select unnest([1, 2])",
    "select json_serialize_sql('select 1'), current_setting('threads')",
]


@pytest.mark.parametrize("statement", READS)
def test_what_reads_goes_on_working(folder, confined, statement):
    assert rows(confined, statement.format(home=folder / "home"))


def test_a_folder_lake_where_one_stands_is_not_the_homes(loaded_home, command, tmp_path, monkeypatch):
    (tmp_path / "lake" / "streams").mkdir(parents=True)
    (tmp_path / "lake" / "secret.csv").write_text(f"secret\n{SECRET}\n")
    monkeypatch.chdir(tmp_path)
    home = ("--home", loaded_home.root)

    read = [
        command("sql", statement, *home)
        for statement in (
            "from 'lake/secret.csv'",
            "from read_text('lake/secret.csv')",
            f"from read_csv('{tmp_path}/lake/secret.csv')",
        )
    ]
    views = command("sql", "select count(*) as n from raw.commands", *home)
    anyway = command("sql", "from 'lake/secret.csv'", "--allow-files", *home)

    assert [result.exit_code for result in read] == [1, 1, 1]
    assert all("the current folder has a folder lake that is not the home's" in result.stderr for result in read)
    assert int(views.stdout.split()[-1]) > 0
    assert SECRET in anyway.stdout


def test_a_lake_on_another_disk_is_read_through_its_link_and_by_its_url(loaded_home, command, tmp_path, monkeypatch):
    home = shutil.copytree(loaded_home.root, tmp_path / "home")
    (home / "lake").rename(tmp_path / "disk")
    (home / "lake").symlink_to(tmp_path / "disk", target_is_directory=True)
    elsewhere = shutil.copytree(tmp_path / "disk", tmp_path / "shared")
    file = next(elsewhere.rglob("commands.parquet"))
    counted = "select count(*) as n from"

    through_link = command("sql", f"{counted} raw.commands", "--home", home)
    before = command("sql", f"{counted} '{file}'", "--home", home)
    monkeypatch.setenv("SC2_PIPELINE_LAKE", f"file://{elsewhere}")
    by_url = command("sql", f"{counted} '{file}'", "--home", home)

    assert int(through_link.stdout.split()[-1]) > 0
    assert "lies outside the home and its lake" in before.stderr
    assert by_url.exit_code == 0, by_url.output


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("from '/etc/hosts.csv'", "/etc/hosts.csv lies outside the home and its lake; give --allow-files"),
        ("copy (select 1) to 'x.csv'", "COPY is refused, for sql is read-only; --csv, --json and --parquet OUT write"),
        ("with a as (copy (select 1) to 'x.csv') from a", "COPY in a WITH is refused, for sql is read-only; --csv,"),
        (
            "create temp table a as select 1",
            "CREATE is refused, for sql is read-only; name what comes between in a WITH",
        ),
        ("pivot marts.dim_replays on matchup", "PIVOT is refused, for sql is read-only; it makes a type first"),
        ("set threads = 1", "SET is refused, for sql is read-only; SELECT, SHOW, DESCRIBE"),
        ("from query('select 1')", "the table function query is refused, for it does more than read"),
    ],
)
def test_a_refusal_says_what_was_refused_and_the_way_out(command, loaded_home, statement, said):
    result = command("sql", statement, "--home", loaded_home.root)

    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_statement_whose_parse_tree_python_cannot_take_is_refused(command, loaded_home, monkeypatch):
    # How deep it takes them differs from release to release.
    def too_deep(_):
        raise RecursionError

    monkeypatch.setattr(reading, "json", SimpleNamespace(loads=too_deep))

    result = command("sql", "select 1 - 1", "--home", loaded_home.root)

    assert result.exit_code == 1
    assert "nested too deeply to see what it reads" in result.stderr


def test_every_door_is_guarded(command, loaded_home, tmp_path):
    target = tmp_path / "new.csv"
    file = tmp_path / "statements.sql"
    file.write_text(f"select 1; copy (select 1) to '{target}'")
    doors = [
        ("sql", "--file", file),
        ("sql", "--allow-files", "--file", file),
        ("stats", "--where", f"true; copy (select 1) to '{target}'"),
        ("stats", "--where", "exists (from read_text('/etc/hosts'))"),
        ("stats", "--where", "true; select 1"),
        ("ask", "openings", "--player", "' union from read_text('/etc/hosts'); --"),
    ]

    results = [command(*door, "--home", loaded_home.root) for door in doors]

    assert [result.exit_code for result in results] == [1, 1, 1, 1, 1, 0]
    assert results[3].stderr.count("lies outside the home and its lake") == 1
    assert "nothing in the warehouse fits" in results[5].stdout
    assert not target.exists()


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_rows_are_written_by_us_wherever_the_user_says(command, loaded_home, tmp_path, kind):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    target = Path(tmp_path, "link", f"a?b*[c],'d.{kind}")

    result = command("sql", "from marts.dim_replays", f"--{kind}", target, "--home", loaded_home.root)

    assert result.exit_code == 0, result.output
    assert f"{GAMES} rows to" in result.stderr
    assert [path.name for path in (tmp_path / "real").iterdir()] == [target.name]
