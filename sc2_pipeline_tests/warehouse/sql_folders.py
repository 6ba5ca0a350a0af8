"""Small folders of SQL models, as tests need them."""

from pathlib import Path

MODELS = {
    "staging/stg_unit_events.sql": "-- Grain: one row per unit event.\nselect replay_id, unit_tag, game_loop, event\nfrom raw.unit_events",
    "marts/dim_replays.sql": """-- Grain: one row per replay.
select
    replay_id,
    game_key,
    row_number() over (partition by game_key order by replay_id) = 1 as is_canonical

from raw.replays
""",
    "marts/fct_deaths.sql": """-- Grain: one row per replay and unit that died.
with

deaths as (

    select * from staging.stg_unit_events where event = 'died'

)

select replay_id, unit_tag, game_loop, cast(100 - game_loop as utinyint) as loops_left

from deaths
""",
    "marts/dim_games.sql": """-- Grain: one row per game.
select game_key, count(*) as replays, any_value(replay_id) filter (where is_canonical) as canonical_replay_id

from marts.dim_replays

group by game_key
""",
    "staging/staging.yml": """
models:
  - name: stg_unit_events
    materialized: view
    description: Unit events. One row per unit event.
    columns:
      - {name: replay_id, description: The replay.}
      - {name: unit_tag, description: The unit.}
      - {name: game_loop, description: When., unit: game loops}
      - {name: event, description: What.}
""",
    "marts/marts.yml": """
models:
  - name: dim_replays
    materialized: incremental
    description: Replays. One row per replay.
    columns:
      - {name: replay_id, description: The replay., tests: [not_null, unique]}
      - {name: game_key, description: The game.}
      - {name: is_canonical, description: It stands for its game.}
  - name: fct_deaths
    materialized: incremental
    description: Deaths. One row per replay and unit that died.
    tests: [{unique: [replay_id, unit_tag]}]
    columns:
      - {name: replay_id, description: The replay., tests: [{relationships: {to: marts.dim_replays}}]}
      - {name: unit_tag, description: The unit., tests: [not_null]}
      - {name: game_loop, description: When., unit: game loops, origin: tracker, tests: [{range: {min: 0, max: 50}}]}
      - {name: loops_left, description: Until game loop 100., unit: game loops}
  - name: dim_games
    materialized: table
    description: Games. One row per game.
    columns:
      - {name: game_key, description: The game., tests: [unique]}
      - {name: replays, description: Files of it.}
      - {name: canonical_replay_id, description: The one that counts., tests: [{relationships: {to: marts.dim_replays, column: replay_id}}]}
""",
    "tests/deaths_come_late.sql": """-- Severity: warn
-- Nobody dies before game loop 5.
select replay_id, game_loop from marts.fct_deaths where game_loop < 5
""",
}


def write_sql(folder: Path, changes: dict[str, str | None] | None = None) -> Path:
    """Writes MODELS with ``changes`` under ``folder``; None leaves a file out."""
    for name, text in (MODELS | (changes or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text, encoding="utf-8")
    return folder
