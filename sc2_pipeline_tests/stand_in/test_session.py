"""The stand-in's world is that of the replay's own events, in the shape of recorded messages."""

import lzma
from collections import Counter

import pytest

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import decode_tracker
from sc2_pipeline_demo.stand_in.session import Identity, Session

OPTIONS = api.InterfaceOptions(raw=True, score=True)


class Game:
    """A session without a process or a socket."""

    def __init__(self, base_build, data_version=""):
        self.session = Session(Identity(base_build, data_version))

    def ask(self, **request):
        return api.Response.FromString(self.session.answer(api.Request(**request)))

    def start(self, content, player=1, disable_fog=True):
        start = api.RequestStartReplay(
            replay_data=content, options=OPTIONS, observed_player_id=player, disable_fog=disable_fog
        )
        return self.ask(start_replay=start)

    def observe(self, loops):
        self.ask(step=api.RequestStep(count=loops))
        return self.ask(observation=api.RequestObservation()).observation

    def whole(self, content, step, **start):
        assert not self.start(content, **start).start_replay.HasField("error")
        observations = []
        while not observations or not observations[-1].player_result:
            observations.append(self.observe(step))
        return observations


@pytest.fixture
def content(short_game):
    return short_game.path.read_bytes()


@pytest.fixture
def game(short_game):
    return Game(short_game.base_build, short_game.data_version)


@pytest.fixture
def events(content):
    return decode_tracker(Archive(content).read("replay.tracker.events"))


def alive_at(events, loop):
    alive = {}
    for event in events.unit_events.to_pylist():
        if event["game_loop"] > loop or (event["unit_type"] or "").startswith("Beacon"):
            continue
        if event["event"] in ("born", "init"):
            alive[event["unit_tag"]] = event["player_id"] or 16
        elif event["event"] == "died":
            alive.pop(event["unit_tag"], None)
    return alive


@pytest.mark.parametrize("loop", [1, 160, 1500, 2654])
def test_the_units_are_those_of_the_tracker(game, content, events, loop):
    game.start(content)
    seen = {unit.tag & 0xFFFFFFFF: unit.owner for unit in game.observe(loop).observation.raw_data.units}

    assert seen == alive_at(events, loop)


def test_the_economy_is_the_trackers_at_its_samples(game, content, events):
    samples = [row for row in events.player_stats.to_pylist() if row["player_id"] == 2]
    game.start(content, player=2)
    at = 0
    for row in samples:
        if row["game_loop"] == at:
            continue
        observation = game.observe(row["game_loop"] - at).observation
        at = row["game_loop"]
        common, details = observation.player_common, observation.score.score_details
        assert (common.minerals, common.vespene) == (row["minerals_current"], row["vespene_current"])
        assert common.food_used == row["food_used"] // 4096
        assert details.collection_rate_minerals == row["minerals_collection_rate"]
        assert details.lost_minerals.army == row["minerals_lost_army"]
    assert at == samples[-1]["game_loop"] > 2600


def test_supply_is_in_halves_between_samples_too(game, content):
    told = [o.observation for o in game.whole(content, 8) if o.HasField("observation")]
    supplies = [(o.score.score_details.food_used, o.player_common.food_used) for o in told]

    assert len(supplies) > 300
    assert all((2 * used.army).is_integer() and used.economy.is_integer() for used, _ in supplies)
    assert all(int(used.army + used.economy) == whole for used, whole in supplies)


def test_every_death_is_told_once(game, content, events):
    died = Counter(
        row["unit_tag"] for row in events.unit_events.to_pylist() if row["event"] == "died" and row["game_loop"] <= 2654
    )
    told = Counter(tag & 0xFFFFFFFF for o in game.whole(content, 8) for tag in o.observation.raw_data.event.dead_units)

    assert told == died


def test_without_fog_both_town_halls_are_seen_at_the_first_loop(game, content):
    game.start(content, disable_fog=True)
    units = game.observe(1).observation.raw_data.units

    assert sorted(u.owner for u in units if u.unit_type in (59, 86)) == [1, 2]


def test_in_fog_the_enemy_is_hidden_and_minerals_are_remembered_under_other_tags(game, content, events):
    game.start(content, disable_fog=False)
    units = game.observe(1).observation.raw_data.units
    tracker_tags = set(alive_at(events, 1))

    assert {u.owner for u in units} == {1, 16}
    snapshots = [u for u in units if u.display_type == 2]
    assert snapshots
    assert all(u.tag >> 33 == 1 and u.tag & 0xFFFFFFFF in tracker_tags for u in snapshots)
    assert not any(u.HasField("mineral_contents") or u.HasField("health") for u in snapshots)
    assert any(u.HasField("mineral_contents") for u in units if u.display_type == 1)


def test_details_are_of_the_observed_players_own_units_only(game, content):
    game.start(content, player=1)
    units = game.observe(800).observation.raw_data.units

    assert any(u.orders for u in units if u.owner == 1)
    for unit in units:
        if unit.owner != 1:
            assert not unit.orders
            assert not unit.rally_targets
            assert not unit.HasField("assigned_harvesters")
            assert not unit.HasField("weapon_cooldown")


def test_player_zero_has_neither_bank_nor_score(game, content):
    game.start(content, player=0)
    observation = game.observe(800).observation

    assert not observation.player_common.HasField("minerals")
    assert not observation.HasField("score")
    assert not game.observe(8).actions


def test_a_building_grows_until_it_is_done(game, content, events):
    rows = events.unit_events.to_pylist()
    begun = next(row for row in rows if row["event"] == "init")
    done = next(row["game_loop"] for row in rows if row["event"] == "done" and row["unit_tag"] == begun["unit_tag"])
    game.start(content)

    def progress(loops):
        units = game.observe(loops).observation.raw_data.units
        return next(u.build_progress for u in units if u.tag & 0xFFFFFFFF == begun["unit_tag"])

    half = (done - begun["game_loop"]) // 2
    assert progress(begun["game_loop"]) == 0
    assert progress(half) == pytest.approx(0.5, abs=0.01)
    assert progress(done - begun["game_loop"] - half) == 1


def test_bytes_are_those_that_protobuf_itself_would_write(game, content):
    game.start(content, disable_fog=False)
    for loops in (1, 7, 992, 1000):
        game.ask(step=api.RequestStep(count=loops))
        response = api.Response.FromString(game.session.answer(api.Request(observation=api.RequestObservation())))
        payload = response.observation.SerializeToString()
        assert api.ResponseObservation.FromString(payload).SerializeToString() == payload
        raw = game.session.answer(api.Request(observation=api.RequestObservation()))
        assert api.Response.FromString(raw).SerializeToString() == raw


def test_units_have_the_fields_that_recorded_ones_have(game, content, shared):
    recorded = shared / "engine_recordings/tvt_acid_plant/player/0008_loop008000.ResponseObservation.pb.xz"
    real = api.ResponseObservation.FromString(lzma.decompress(recorded.read_bytes()))
    game.start(content, disable_fog=False)
    ours = game.observe(2000)

    def presence(message, of):
        units = [u for u in message.observation.raw_data.units if of(u)]
        return set.intersection(*({f.name for f, _ in u.ListFields()} for u in units))

    for of in (
        lambda u: u.display_type == 1 and u.alliance == 1,
        lambda u: u.display_type == 1 and u.alliance == 3,
        lambda u: u.display_type == 2,
    ):
        assert presence(ours, of) >= presence(real, of) - {"is_selected"}


def test_states_are_those_of_the_protocol(game, content):
    assert game.ask(step=api.RequestStep(count=1)).status == api.launched
    assert game.ask(game_info=api.RequestGameInfo()).error
    assert game.start(content).status == api.in_replay
    game.observe(3000)
    ended = game.ask(observation=api.RequestObservation())
    assert (ended.status, ended.observation.observation.game_loop) == (api.ended, 2654)
    assert "already ended" in game.ask(step=api.RequestStep(count=1)).error[0]
    assert game.start(content, player=2).status == api.in_replay
    assert game.ask(quit=api.RequestQuit()).status == api.quit


def test_a_replay_of_another_build_is_not_started(content, short_game):
    answer = Game(short_game.base_build + 1).start(content).start_replay

    assert answer.error == api.ResponseStartReplay.LaunchError
    assert str(short_game.base_build) in answer.error_details


def test_interface_options_are_asked_for(game, content):
    answer = game.ask(start_replay=api.RequestStartReplay(replay_data=content, observed_player_id=1)).start_replay

    assert answer.error == api.ResponseStartReplay.MissingOptions


@pytest.mark.slow
def test_every_real_replay_is_played_or_refused(shared_replays, shared_manifest):
    played = refused = 0
    for row in shared_manifest:
        content = (shared_replays / row["file"]).read_bytes()
        game = Game(int(row["build"]) if row["build"].isdigit() else 0)
        info = game.ask(replay_info=api.RequestReplayInfo(replay_data=content)).replay_info
        if info.HasField("error"):
            refused += 1
            continue
        players = [player.player_info.player_id for player in info.player_info]
        observations = Game(info.base_build).whole(content, max(info.game_duration_loops // 20, 1), player=players[0])
        assert observations[-1].observation.game_loop == info.game_duration_loops
        played += 1

    assert played >= 139
    assert played + refused == len(shared_manifest)


def test_an_unreadable_replay_raises_nothing_but_what_the_readers_promise(content):
    from sc2_pipeline_demo.stand_in.known_types import KnownTypes
    from sc2_pipeline_demo.stand_in.recorded_game import read_game

    with pytest.raises(ReplayError):
        read_game(content[: len(content) // 2], KnownTypes(92440))
