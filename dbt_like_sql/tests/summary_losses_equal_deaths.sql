-- Severity: error
-- Losses in the summaries of a game add up to its deaths, but for units whose owner is no player of the lobby.
with

deaths as (

    select replay_id, player_id, count(*) filter (not is_summoned) as deaths, count(*) filter (is_summoned) as summoned

    from marts.fct_unit_deaths

    group by replay_id, player_id

)

select summaries.replay_id, summaries.player_id, summaries.units_lost, deaths.deaths, summaries.summoned_lost, deaths.summoned

from intermediate.int_player_games as summaries

left join deaths using (replay_id, player_id)

where summaries.units_lost != coalesce(deaths.deaths, 0) or summaries.summoned_lost != coalesce(deaths.summoned, 0)
