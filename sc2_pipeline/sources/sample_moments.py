"""What of a replay decides where it is sampled: commands, actions and fights, as its own streams tell them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from sc2_pipeline.build_orders.record import player_of_user
from sc2_pipeline.config import Settings
from sc2_pipeline.game import BATTLE_LINK_GAME_LOOPS
from sc2_pipeline.replay_format.game_events import GAME_EVENTS_MEMBER
from sc2_pipeline.replay_format.game_events.acting import acting_loops
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import TrackerEvents
from sc2_pipeline.sampling import Moments, PassPlan, Sampling, pass_plan
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, ObservedPass, plan_passes
from sc2_pipeline.sc2_client.traits import GameTraits
from sc2_pipeline.sources.bounds import GAME_EVENTS, max_events, within_budget
from sc2_pipeline.sources.streams import TrackerReading, member_content, read_game_events, read_tracker

_FIGHT_DEATHS = 3
"""Fewer are a scout caught, or a worker."""


def read_moments(archive: Archive, lobby: ReplayLobby, tracker: TrackerReading | None, sampling: Sampling) -> Moments:
    """What the sampling goes by in this replay, read only where it asks.

    Raises CorruptReplayError: too_large, too_dense.
    """
    players = player_of_user(lobby)
    commands: dict[int, list[int]] = {}
    unplugged: dict[int, list[int]] = {}
    if sampling.actions and (events := read_game_events(archive, lobby, with_commands=True).events):
        for command in events.orders.commands:
            if command.user_id in players:
                commands.setdefault(players[command.user_id], []).append(command.game_loop)
    if sampling.unplugged and GAME_EVENTS_MEMBER in archive:
        content, _ = member_content(archive, GAME_EVENTS_MEMBER)
        limit = max_events(GAME_EVENTS, lobby.duration_game_loops)
        for user, loops in acting_loops(content, lobby.base_build, players, max_events=limit).items():
            unplugged.setdefault(players[user], []).extend(loops)
    return Moments(
        game_loops=lobby.duration_game_loops,
        commands=commands,
        unplugged=unplugged,
        fights=tuple(fights(tracker.events)) if sampling.battles and tracker else (),
    )


def possible_sampling(sampling: Sampling, moments: Moments, step_mul: int) -> Sampling:
    """The sampling, with every ``step_mul`` loops as well where the replay does not tell when its players acted."""
    is_untold = (sampling.actions and not moments.commands) or (sampling.unplugged and not moments.unplugged)
    return replace(sampling, every=sampling.every or step_mul) if is_untold else sampling


def possible_fog(settings: Settings, traits: GameTraits) -> Fog:
    """The fog asked for, or the only one that the game can do."""
    return Fog(settings.fog) if traits.can_disable_fog else Fog.ON


def plan_of_pass(observed: ObservedPass, sampling: Sampling, moments: Moments) -> PassPlan:
    """Where a pass is sampled: where its own player acts, if it shows what that player saw; else where any does.

    An open pass gives the units of its own player, so the frame of a loop is whole only if every pass has that loop; and a
    pass that gives sights only is read beside those of all others.
    """
    is_own = observed.is_fogged and observed.gives_truth
    return pass_plan(sampling, moments, {observed.player_id, *(() if is_own else observed.others)})


def planned_observations(content: bytes, settings: Settings) -> int:
    """Observations over all passes of a replay with these settings. Raises ReplayError for one that cannot be read."""
    return within_budget(partial(_planned_observations, content, settings), len(content), settings)


def _planned_observations(content: bytes, settings: Settings) -> int:
    archive = Archive(content)
    lobby = read_lobby(archive)
    tracker = read_tracker(archive, lobby.duration_game_loops) if settings.sampling.battles else None
    moments = read_moments(archive, lobby, tracker, settings.sampling)
    sampling = possible_sampling(settings.sampling, moments, settings.step_mul)
    observed = [player.player_id for player in lobby.players if settings.observe_computers or not player.is_computer]
    passes = plan_passes(observed, Fog(settings.fog), Detail(settings.detail)) if observed else ()
    plans = (plan_of_pass(one, sampling, moments) for one in passes)
    return sum(sum(1 for _ in plan.loops(lobby.duration_game_loops)) for plan in plans)


def fights(events: TrackerEvents) -> Iterator[tuple[int, int]]:
    """First and last game loops of fights: three deaths and more of players' units by another player's hand, each linked to
    the one before in time, as in marts.fct_battles, but wherever on the map; with as long again before the first.

    None before base build 27950, whose deaths name no killer.
    """
    deaths = list(_deaths(events))
    breaks = [0, *(at for at, (one, two) in enumerate(pairwise(deaths), 1) if two - one > BATTLE_LINK_GAME_LOOPS)]
    for begin, end in pairwise([*breaks, len(deaths)]):
        if end - begin >= _FIGHT_DEATHS:
            yield max(deaths[begin] - BATTLE_LINK_GAME_LOOPS, 1), deaths[end - 1]


def _deaths(events: TrackerEvents) -> Iterator[int]:
    names = ("event", "unit_tag", "game_loop", "player_id", "killer_player_id")
    columns: Sequence[list[object]] = [events.unit_events.column(name).to_pylist() for name in names]
    owners: dict[object, object] = {}
    for event, tag, loop, player, killer in zip(*columns, strict=True):
        if event != "died":
            owners[tag] = player if player is not None else owners.get(tag)
        elif killer and owners.get(tag) and killer != owners[tag] and isinstance(loop, int):
            yield loop
