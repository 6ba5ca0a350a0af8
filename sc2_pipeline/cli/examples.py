"""Three example questions, which ``demo`` runs and the README prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question in words and in SQL."""

    question: str
    sql: str


EXAMPLES = (
    Example(
        question="How do winners and losers of each matchup spend?",
        sql="""\
select matchup, result, count(*) as games,
    round(avg(spending_quotient), 1) as spending_quotient,
    round(avg(supply_blocked_seconds), 1) as supply_blocked_seconds,
    round(avg(units_lost), 1) as units_lost
from marts.player_game_summary
where game_mode = '1v1' and result in ('victory', 'defeat')
group by matchup, result
order by matchup, result desc""",
    ),
    Example(
        question="What kills what? (One file per game: both players may have saved it.)",
        sql="""\
select killer_unit_type, unit_type, count(*) as losses, game_minute(min(game_loop)) as first_minute
from marts.fct_unit_deaths
join marts.games using (replay_id)
where is_army and killer_unit_type is not null
group by killer_unit_type, unit_type
order by losses desc, killer_unit_type, unit_type
limit 8""",
    ),
    Example(
        question="How do the two economies of the longest game grow, every other minute?",
        sql="""\
select game_minute as minute, name, race_actual as race, max_worker_count as workers,
    round(avg_minerals_per_minute) as minerals_per_minute, max_supply_used as supply
from marts.fct_player_minutes
join marts.fct_replay_players using (replay_id, player_id)
where game_minute % 2 = 0 and replay_id = (
    select replay_id from marts.dim_replays where game_mode = '1v1' order by duration_game_loops desc, replay_id limit 1
)
order by game_minute, player_id
limit 12""",
    ),
)
