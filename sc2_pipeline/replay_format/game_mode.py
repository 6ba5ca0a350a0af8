"""Whether a game is melee, who of its lobby plays, and what mode that makes: from commanders, starts and teams."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sc2_pipeline.game_rules import Moment, start_workers
from sc2_pipeline.replay_format.lobby_players import ReplayPlayer
from sc2_pipeline.replay_format.tracker_opening import Start

Starts = Mapping[int, Start]


def casters(players: Sequence[ReplayPlayer], starts: Starts | None, moment: Moment) -> tuple[ReplayPlayer, ...]:
    """People in players' seats who only watch, as GameHeart has them: in a melee game, without a start or a result."""
    if not starts or not _are_standard(starts, moment):
        return ()
    found = tuple(
        player
        for player in players
        if player.player_id not in starts and not player.is_computer and player.result in (None, "undecided")
    )
    # Before build 27950 player ids of the lobby may be others than the stream's.
    return found if len(players) - len(found) == len(starts) else ()


def game_mode(players: Sequence[ReplayPlayer], starts: Starts | None, moment: Moment) -> tuple[str, str]:
    """The mode, and the evidence: commanders, starts, or teams where no start is known."""
    if any(player.commander for player in players):
        return "coop", "commanders"
    if starts is None:
        return _melee_mode(players), "teams"
    is_melee = len(starts) == len(players) and _are_standard(starts, moment)
    return _melee_mode(players) if is_melee else "arcade", "starts"


def _are_standard(starts: Starts, moment: Moment) -> bool:
    """Every player begins with one town hall and, around it, the era's number of workers of the same race."""
    workers = start_workers(moment)
    return all(
        start.race is not None
        and start.town_hall_count == 1
        and start.worker_count in workers.values()
        and start.is_gathered
        for start in starts.values()
    )


def _melee_mode(players: Sequence[ReplayPlayer]) -> str:
    if any(player.partner for player in players):
        return "archon"
    sizes = sorted(Counter(player.team for player in players).values())
    if sizes == [2]:
        # GameHeart has everybody on one team.
        return "1v1"
    if len(sizes) == 2 and sizes[0] == sizes[1] <= 4:
        return f"{sizes[0]}v{sizes[0]}"
    return "ffa" if len(sizes) > 2 and sizes[-1] == 1 else "other"
