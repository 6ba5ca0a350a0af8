import pytest


def test_every_schema_is_listed(command, loaded_home):
    lines = command("tables", "--home", loaded_home.root).stdout.splitlines()

    schemas = {line.partition(".")[0] for line in lines[1:] if "." in line.split(" ")[0]}
    assert {"marts", "staging", "intermediate", "raw", "ops"} <= schemas
    assert lines[1].startswith("marts.")


def test_the_functions_of_the_warehouse_are_listed_after_the_tables(command, loaded_home):
    lines = command("tables", "--home", loaded_home.root).stdout.splitlines()

    assert any(line.startswith("game_seconds(game_loop) ") for line in lines)


@pytest.mark.parametrize("name", ["marts.fct_unit_deaths", "fct_unit_deaths", "FCT_Unit_Deaths"])
def test_a_table_tells_its_columns(command, loaded_home, name):
    result = command("tables", name, "--home", loaded_home.root)

    lines = result.stdout.splitlines()
    assert lines[0] == "marts.fct_unit_deaths (table)"
    columns = {line.split()[0]: line.split(maxsplit=2) for line in lines[4:] if line}
    assert {"replay_id", "unit_tag", "killer_player_id"} <= columns.keys()
    assert all(len(words) == 3 for words in columns.values())


def test_a_schema_tells_its_tables(command, loaded_home):
    lines = command("tables", "ops", "--home", loaded_home.root).stdout.splitlines()

    assert all(line.startswith("ops.") for line in lines[1:-2])
    assert any(line.startswith("ops.quarantined_rows") for line in lines)


def test_without_a_home_the_tables_of_this_release_are_told(command, tmp_path):
    result = command("tables", "raw.unit_events", "--home", tmp_path / "nothing")

    assert result.exit_code == 0
    assert "killer_unit_tag" in result.stdout
    assert not (tmp_path / "nothing").exists()


def test_a_wrong_name_is_answered_with_near_ones(command, loaded_home):
    result = command("tables", "fct_unit_death", "--home", loaded_home.root)

    assert result.exit_code == 2
    assert "did you mean" in result.stderr
    assert "fct_unit_deaths" in result.stderr
