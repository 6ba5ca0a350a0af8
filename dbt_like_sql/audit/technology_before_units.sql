-- Looks at: units of melee that need a technology
-- Explained in: build_orders.md
-- Holds: No unit appears before its player has what it needs.
-- Why: What appears all the same is a hallucination that counts as a unit, or a unit of somebody else.
-- Reading: A finding is a unit that is no unit, or a wrong owner: a defect of ours. Technology is what a structure first was, so a
--   Greater Spire is a Spire.
with

needs as (

    select unnest(
        map_entries(map {
            'Adept': 'CyberneticsCore', 'Sentry': 'CyberneticsCore', 'Stalker': 'CyberneticsCore',
            'HighTemplar': 'TemplarArchive', 'DarkTemplar': 'DarkShrine',
            'Immortal': 'RoboticsFacility', 'Observer': 'RoboticsFacility', 'WarpPrism': 'RoboticsFacility',
            'Colossus': 'RoboticsBay', 'Disruptor': 'RoboticsBay',
            'Oracle': 'Stargate', 'Phoenix': 'Stargate', 'VoidRay': 'Stargate',
            'Carrier': 'FleetBeacon', 'Mothership': 'FleetBeacon', 'Tempest': 'FleetBeacon',
            'Marine': 'Barracks', 'Marauder': 'Barracks', 'Reaper': 'Barracks', 'Ghost': 'GhostAcademy',
            'Hellion': 'Factory', 'SiegeTank': 'Factory', 'WidowMine': 'Factory', 'Thor': 'Armory',
            'Banshee': 'Starport', 'Liberator': 'Starport', 'Medivac': 'Starport', 'Raven': 'Starport',
            'VikingFighter': 'Starport', 'Battlecruiser': 'FusionCore',
            'Queen': 'SpawningPool', 'Zergling': 'SpawningPool', 'Roach': 'RoachWarren', 'Hydralisk': 'HydraliskDen',
            'Corruptor': 'Spire', 'Mutalisk': 'Spire', 'Infestor': 'InfestationPit', 'SwarmHostMP': 'InfestationPit',
            'Ultralisk': 'UltraliskCavern'
        }),
        recursive := true
    )

),

technology as (

    select replay_id, player_id, first_unit_type as technology, min(finished_game_loop) as finished_game_loop

    from marts.fct_units

    where is_structure

    group by replay_id, player_id, first_unit_type

)

select
    units.replay_id,
    if(
        technology.finished_game_loop is null or technology.finished_game_loop > units.finished_game_loop,
        format('{} of player {} appears at game loop {}, without a {}',
            units.first_unit_type, units.player_id, units.finished_game_loop, needs.value),
        null
    ) as finding,
    false as is_explained

from marts.fct_units as units

inner join needs on units.first_unit_type = needs.key

inner join marts.dim_replays as replays on units.replay_id = replays.replay_id

left join technology
    on units.replay_id = technology.replay_id
    and units.player_id = technology.player_id
    and technology.technology = needs.value

where replays.game_mode not in ('arcade', 'coop')
    and not replays.is_resumed
    and units.player_id > 0
    and units.finished_game_loop is not null
    and not coalesce(units.is_hallucination, false)
