-- Looks at: people with an account
-- Explained in: definitions.md#games-maps-people-regions
-- Holds: Every account is of a region that we know.
-- Why: Accounts of a region without a name drop out of what is asked by region.
-- Reading: Explained: the account is of a computer or of a test realm, whose number is 0. Else a number that we do not know: report it.
select
    replay_id,
    if(region_of(toon_handle) is null, format('{} is of no known region', toon_handle), null) as finding,
    starts_with(toon_handle, '0-') or is_computer as is_explained

from marts.fct_replay_players

where toon_handle is not null
