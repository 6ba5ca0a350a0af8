"""Which files must be looked at together, to tell which are of one game."""

from collections import defaultdict
from collections.abc import Iterable

File = tuple[str, str | None, str | None]
"""replay_id, family of the game events, family of the tracker stream; None where nothing of that stream is readable."""


def related_files(files: Iterable[File]) -> list[list[str]]:
    """The files in groups, none of which has a file of a game of another: replay_ids ascending, groups by their first.

    Files are together whose game events begin alike; where one of two has none, those whose trackers do.
    """
    files = sorted(files)
    without_events = {tracker for _, game_events, tracker in files if game_events is None}
    leaders: dict[str, str] = {}

    def leader(key: str) -> str:
        while (above := leaders.setdefault(key, key)) != key:
            leaders[key] = key = leaders[above]
        return key

    for replay_id, game_events, tracker in files:
        if game_events is not None:
            leaders[leader(f"events {game_events}")] = leader(replay_id)
        if tracker is not None and tracker in without_events:
            leaders[leader(f"tracker {tracker}")] = leader(replay_id)
    groups: dict[str, list[str]] = defaultdict(list)
    for replay_id, *_ in files:
        groups[leader(replay_id)].append(replay_id)
    return sorted(groups.values())
