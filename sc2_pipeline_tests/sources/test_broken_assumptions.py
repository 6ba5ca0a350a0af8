"""Rows of a game that does otherwise than assumed are as right as the game allows, and say so."""

import dataclasses
import logging

import pyarrow.compute as pc
import pytest

from sc2_pipeline.errors import EngineError
from sc2_pipeline.sc2_client.observation.mending import OWN_TAGS
from sc2_pipeline.sc2_client.observation.observation_tables import ObservationTables
from sc2_pipeline.sc2_client.traits import ASSUMED
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline_demo.stand_in import Assumptions, Control, Fault

pytestmark = pytest.mark.slow

UNITS = ("unit_snapshots", "unit_orders", "unit_changes")


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def plain(stand_in_source, skirmish, kept):
    """The rows of a game that does all as assumed."""
    if not kept:
        kept.update(stand_in_source().tables(skirmish))
    return kept


@pytest.fixture
def rows(stand_in_source, skirmish):
    """The rows of a game that breaks one assumption, as probed (``found``) or unprobed."""

    def run(broken, found=None, **settings):
        traits = dataclasses.replace(ASSUMED, **(found or {}))
        tables = stand_in_source(Control(assumptions=Assumptions(**broken)), traits, **settings).tables(skirmish)
        for name, table in tables.items():
            assert table.schema == RAW_TABLES[name].schema
        return tables

    return run


def differences(tables):
    [said] = tables["game_info"]["game_differences"].to_pylist()
    return said


def without(table, *columns):
    return table.drop_columns([name for name in columns if name in table.schema.names]).to_pylist()


def test_nothing_is_said_of_a_game_that_does_all_as_assumed(plain):
    assert differences(plain) is None
    assert pc.all(plain["dead_units"]["is_told"]).as_py()
    assert plain["dead_units"].num_rows > 8
    assert "unit_sightings" not in plain


@pytest.mark.parametrize("found", [None, {"can_disable_fog": False}], ids=["unprobed", "probed"])
def test_fog_that_stays_makes_every_pass_a_fogged_one(rows, plain, found, caplog):
    with caplog.at_level(logging.WARNING):
        fogged = rows({"ignores_disable_fog": True}, found, fog="both" if found else "off")

    own = [
        table.filter(pc.equal(table["player_id"], table["pass_player_id"]))
        for table in (fogged["unit_snapshots"], plain["unit_snapshots"])
    ]
    assert differences(fogged) == "can_disable_fog=false"
    assert fogged["unit_snapshots"]["is_fogged"].unique().to_pylist() == [True]
    assert without(own[0], "is_fogged") == without(own[1], "is_fogged")
    assert fogged["unit_sightings"].num_rows > 0
    assert fogged["player_snapshots"].to_pylist() == plain["player_snapshots"].to_pylist()
    assert ("can_disable_fog=false" in caplog.text) is (found is None)


def test_a_source_that_cannot_lift_the_fog_is_known_by_another_shape(stand_in_source):
    assumed, probed = (
        stand_in_source(traits=traits).source.shapes()["observation"]
        for traits in (ASSUMED, dataclasses.replace(ASSUMED, can_disable_fog=False, accepts_pipelining=False))
    )

    assert {name for name in assumed if assumed[name] != probed[name]} == {"fog", "game_differences"}
    assert (probed["fog"], probed["game_differences"]) == ("on", "can_disable_fog=false")


@pytest.mark.parametrize("found", [None, {"tags_are_the_trackers": False}], ids=["unprobed", "probed"])
def test_tags_that_are_not_the_trackers_meet_none_of_them(rows, plain, found):
    other = rows({"other_tags": True}, found)

    assert differences(other) == "tags_are_the_trackers=false"
    for name in UNITS:
        assert other[name].num_rows == plain[name].num_rows > 0
        assert pc.min(other[name]["unit_tag"]).as_py() >= OWN_TAGS
    snapshots = other["unit_snapshots"]
    assert snapshots["unit_tag"].null_count == 0
    assert pc.count_distinct(snapshots["unit_tag"]).as_py() == pc.count_distinct(snapshots["api_tag"]).as_py()
    assert set(other["dead_units"]["unit_tag"].to_pylist()) <= set(other["unit_changes"]["unit_tag"].to_pylist())
    commanded = [tag for tags in other["actions"]["unit_tags"].to_pylist() if tags for tag in tags]
    assert commanded
    assert min(commanded) >= OWN_TAGS


@pytest.mark.parametrize("found", [None, {"neutral_owner": 0}], ids=["unprobed", "probed"])
def test_what_is_nobodys_belongs_to_player_16_whatever_the_game_says(rows, plain, found):
    other = rows({"neutral_owner_is_zero": True}, found)

    assert differences(other) == "neutral_owner=0"
    assert 16 in plain["unit_snapshots"]["player_id"].unique().to_pylist()
    for name in UNITS:
        assert other[name].to_pylist() == plain[name].to_pylist()


def test_rates_of_another_minute_are_brought_to_ours(rows, plain):
    other = rows({"rates_per_960_loops": True}, {"rate_minute_game_loops": 960})

    for name in ("minerals_per_minute", "vespene_per_minute"):
        [here, there] = (tables["player_snapshots"][name].to_pylist() for tables in (other, plain))
        assert max(there) > 500 or name.startswith("vespene")
        assert here == pytest.approx(there, rel=1e-5)
    assert differences(other) == "rate_minute_game_loops=960"


def test_a_sum_of_vespene_that_stands_still_is_null(rows, plain):
    other = rows({"collected_vespene_is_stuck": True}, {"collected_vespene_works": False})

    collected = other["player_snapshots"]["vespene_collected"]
    assert collected.null_count == len(collected) > 0
    assert pc.max(plain["player_snapshots"]["vespene_collected"]).as_py() > 100
    assert differences(other) == "collected_vespene_works=false"


@pytest.mark.parametrize("fog", ["off", "on"])
def test_units_that_vanish_are_deaths_where_the_game_does_not_tell_all(rows, plain, fog):
    other = rows({"dead_units_are_incomplete": True}, {"dead_units_are_complete": False}, fog=fog)

    deaths, told = other["dead_units"], plain["dead_units"]
    is_told = deaths["is_told"]
    assert pc.sum(is_told).as_py() < told.num_rows
    assert pc.sum(pc.invert(is_told)).as_py() > 0
    died = dict(zip(told["unit_tag"].to_pylist(), told["game_loop"].to_pylist(), strict=True))
    found = deaths.filter(pc.invert(is_told)).select(["unit_tag", "game_loop"]).to_pylist()
    assert {row["unit_tag"]: row["game_loop"] for row in found}.items() <= died.items()
    owned = plain["unit_changes"].filter(pc.less(plain["unit_changes"]["player_id"], 16))["unit_tag"].to_pylist()
    assert set(died).intersection(owned) <= set(deaths["unit_tag"].to_pylist())
    keys = deaths.select(list(RAW_TABLES["dead_units"].key)).to_pylist()
    assert len({tuple(key.values()) for key in keys}) == len(keys)


def test_a_game_that_refuses_requests_sent_ahead_is_asked_one_by_one_at_the_next_try(stand_in_source, skirmish, plain):
    source = stand_in_source(Control(assumptions=Assumptions(refuses_pipelining=True)))
    with pytest.raises(EngineError, match="another request is pending") as failure:
        source.tables(skirmish)

    again = source.tables(skirmish)

    assert failure.value.is_retryable
    assert again == plain


def test_a_game_known_to_refuse_requests_sent_ahead_is_asked_one_by_one(rows, plain):
    assert rows({"refuses_pipelining": True}, {"accepts_pipelining": False}) == plain


@pytest.mark.parametrize(
    ("fault", "reason", "games"),
    [
        (Fault(kind="missing_map", times=2), "map_missing", 1),
        (Fault(kind="crash", game_loop=800), "engine_crashed", 3),
        (Fault(kind="error_reply", game_loop=800), "protocol_error", 3),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else None,
)
def test_only_a_game_that_failed_is_replaced(stand_in_source, skirmish, plain, launches, caplog, fault, reason, games):
    source = stand_in_source(Control(faults=(fault,)))
    launches.clear()  # of the game that gave the plain rows
    for _ in range(2):
        with pytest.raises(EngineError) as failure:
            source.tables(skirmish)
        assert failure.value.reason == reason
    stand_in_source(Control())  # from now on games behave

    assert source.tables(skirmish) == plain
    assert len(launches) == games
    assert "one by one" not in caplog.text


def test_a_game_whose_observations_make_no_sense_is_replaced(stand_in_source, skirmish, launches):
    source = stand_in_source(until=240)
    launches.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ObservationTables, "finish", lambda _: no_sense())
        with pytest.raises(EngineError, match="no sense in it"):
            source.tables(skirmish)

    assert source.tables(skirmish)["player_snapshots"].num_rows == 2 * 4
    assert len(launches) == 2


def no_sense():
    raise EngineError("garbled_reply", "no sense in it")
