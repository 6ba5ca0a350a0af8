"""The page of a whole collection."""

from datetime import UTC, datetime

import duckdb

from sc2_pipeline.population import Population
from sc2_pipeline.report.collection_builds import builds_section
from sc2_pipeline.report.collection_combat import combat_section
from sc2_pipeline.report.collection_economy import economy_section
from sc2_pipeline.report.collection_overview import overview_section
from sc2_pipeline.report.collection_quality import quality_section
from sc2_pipeline.report.page import page, tiles
from sc2_pipeline.report.rows import Asked, fetched
from sc2_pipeline.report.text import escaped, number

_TOTALS = """
select count(*), count(*) filter (is_canonical), count(distinct map_key), sum(duration_seconds) filter (is_canonical),
    min(played_at), max(played_at)
from marts.dim_replays
"""

_PARTS = (
    ("overview", "Overview"),
    ("economy", "Economy"),
    ("combat", "Combat"),
    ("builds", "Build orders"),
    ("quality", "Data quality"),
)


def collection_page(connection: duckdb.DuckDBPyConnection, population: Population | None = None) -> str:
    """HTML of the collection page, whose charts are about the games of ``population`` (default: as questions have it).

    An empty warehouse gives a page that says so.
    """
    asked = Asked(connection, population or Population.read({}))
    duels = asked.of_one_against_one()
    [(replays, games, maps, seconds, first, last)] = fetched(connection, _TOTALS)
    [(people,)] = fetched(connection, "select count(*) from marts.dim_players")
    span = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" if first else "days unknown"
    numbers = tiles(
        [
            ("replays", number(replays)),
            ("games", number(games)),
            ("accounts", number(people)),
            ("maps", number(maps)),
            ("hours played", number((seconds or 0) / 3600, 1)),
        ]
    )
    links = "".join(f'<a href="#{identifier}">{title}</a>' for identifier, title in _PARTS)
    content = [
        f'<h1>StarCraft II replays</h1><p class="lead">{span if replays else "the warehouse is empty"}</p>',
        numbers,
        f'<p class="lead">Charts are about {escaped(asked.line)}.</p>' if replays else "",
        f"<nav aria-label='Parts of this page'>{links}</nav>",
        overview_section(asked),
        *([economy_section(duels), combat_section(duels), builds_section(duels)] if replays else []),
        quality_section(connection),
        f"<footer>Made by sc2_pipeline on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Games are counted once, whoever saved them. "
        "Times are at speed Faster, in every game. "
        "Where an interval is given it is Wilson's at 95%. All questions: <code>sc2-pipeline ask</code>.</footer>",
    ]
    return page("StarCraft II replays", "".join(content))
