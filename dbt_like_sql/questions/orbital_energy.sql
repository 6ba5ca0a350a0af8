-- Grain: one row per game and player with orbital commands.
with

energies as (

    select replay_id, player_id, avg(energy) as average_energy

    from raw.unit_snapshots

    where pass_player_id = player_id
        and unit_type in ('OrbitalCommand', 'OrbitalCommandFlying')

    group by replay_id, player_id

),

calls as (

    select
        replay_id,
        pass_player_id as player_id,
        count(*) filter (ability = 'Effect CalldownMULE') as mules,
        -- Not "Scan Move", which is to attack on the way.
        count(*) filter (ability = 'Effect Scan') as scans,
        count(*) filter (ability = 'Effect SupplyDrop') as extra_supplies

    from raw.actions

    group by replay_id, pass_player_id

)

select
    games.replay_id,
    games.game,
    games.name,
    round(energies.average_energy, 1) as average_energy,
    coalesce(calls.mules, 0) as mules,
    coalesce(calls.scans, 0) as scans,
    coalesce(calls.extra_supplies, 0) as extra_supplies

from energies

inner join asked_players as games using (replay_id, player_id)

left join calls using (replay_id, player_id)

order by games.replay_id, games.player_id
