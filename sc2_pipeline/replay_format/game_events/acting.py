"""When players acted, by the rule with which AlphaStar Unplugged chose what to observe."""

from collections.abc import Collection, Mapping
from typing import Final

from sc2_pipeline.replay_format.game_events.schema import every_event_decoder
from sc2_pipeline.replay_format.game_events.streams import MAX_EVENTS, decoded_stream

_CAMERA: Final = "SCameraUpdateEvent"
_LEAVE: Final = "SGameUserLeaveEvent"

NO_ACTIONS: Final = frozenset(
    {
        "SSetSyncLoadingTimeEvent",
        "SSetSyncPlayingTimeEvent",
        "STriggerSoundLengthSyncEvent",
        "SUserFinishedLoadingSyncEvent",
        "SUserOptionsEvent",
        "SCmdUpdateTargetPointEvent",
        "SCameraSaveEvent",
        "SControlGroupUpdateEvent",
        "SSelectionDeltaEvent",
    }
)
"""Events that are no raw actions, as pysc2 lists them."""


def acting_loops(
    data: bytes, base_build: int, users: Collection[int], *, max_events: int = MAX_EVENTS
) -> Mapping[int, list[int]]:
    """By user, the game loops at which ``users`` acted, until the first of them leaves; ``data`` as for ``decode_game_events``.

    Of camera moves without an action between them only the last counts, and none after the last action. The loop of the
    last action of anybody, or of the leave, is everybody's last.

    Source: ``raw_action_skips`` of pysc2's replay converter, which numbers players by their user.
    """
    stream = decoded_stream(data, base_build, every_event_decoder, max_events=max_events)
    names = stream.decoder.names if stream.decoder else {}
    acted: dict[int, list[tuple[int, bool]]] = {user: [] for user in users}
    last_loop = None
    for _, game_loop, user, event in stream.log:
        name = names[event]
        if name in NO_ACTIONS or user not in acted:
            continue
        last_loop = game_loop
        if name == _LEAVE:
            break
        _note(acted[user], game_loop, is_camera=name == _CAMERA)
    if last_loop is None:
        return {}
    return {user: _with_last(noted, last_loop) for user, noted in acted.items() if noted}


def _note(noted: list[tuple[int, bool]], game_loop: int, *, is_camera: bool) -> None:
    """Adds a loop; of one loop an action counts before a camera move."""
    if noted and noted[-1][0] == game_loop:
        noted[-1] = game_loop, noted[-1][1] and is_camera
    else:
        noted.append((game_loop, is_camera))


def _with_last(noted: list[tuple[int, bool]], last_loop: int) -> list[int]:
    kept: list[tuple[int, bool]] = []
    for one in noted:
        if one[1] and kept and kept[-1][1]:
            kept.pop()
        kept.append(one)
    if kept and kept[-1][1]:
        kept.pop()
    loops = [game_loop for game_loop, _ in kept]
    return loops if loops and loops[-1] == last_loop else [*loops, last_loop]
