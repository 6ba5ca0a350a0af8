-- Grain: one row.
-- Every number that decides what a battle is and of which kind; marts.fct_battles keeps those that shape it in its rows.
select
    battle_link_game_loops() as link_game_loops,
    15 as link_cells,
    0.1 as battle_army_share,
    300 as battle_resources,
    0.6 as harassment_share,
    15 as home_cells,
    game_loop_at(1) as base_trade_game_loops,
    1.1 as even_ratio
