-- Looks at: players of melee games, and owners of units in them
-- Explained in: truth.md#what-was-played-and-by-whom
-- Holds: Every player of melee has units, and whoever has units is a player.
-- Why: Who has none is a caster, or his units are counted for another number.
-- Reading: A finding is a player whose summary lacks his units, or an observer who counts as a player: a defect of ours. Explained: the
--   stream's beginning is not readable.
with

players as (

    select players.replay_id, players.player_id

    from marts.fct_replay_players as players

),

owners as (

    select replay_id, player_id, count(*) as units

    from marts.fct_units

    where player_id > 0 and (is_army or is_worker or is_structure)

    group by replay_id, player_id

)

select
    replays.replay_id,
    case
        when owners.units is null then format('player {} has no unit', players.player_id)
        when players.player_id is null then format('{} units are of number {}, who is no player', owners.units, owners.player_id)
    end as finding,
    replays.game_mode_known_by = 'teams' as is_explained

from players

full outer join owners on players.replay_id = owners.replay_id and players.player_id = owners.player_id

inner join marts.dim_replays as replays on coalesce(players.replay_id, owners.replay_id) = replays.replay_id

where replays.game_mode not in ('arcade', 'coop')
