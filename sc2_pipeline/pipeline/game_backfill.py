"""Which replays of a home still have to be run through the game: those that only the tracker has extracted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.discovery import read_facts, source_for
from sc2_pipeline.pipeline.planning import Plan, plan
from sc2_pipeline.pipeline.session import Session, Watch, nobody, open_session
from sc2_pipeline.pipeline.stages import chosen_replays, replay_files
from sc2_pipeline.sources.base import shape_digest
from sc2_pipeline.sources.choose import SourceSpec, heeding_probe, open_source
from sc2_pipeline.steps.validate import ReplayFacts, rule_outcomes

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class GameBackfill:
    """Replays to run through the game, with their files and what that is estimated to cost (None: nothing to run).

    Of the replays asked for, ``observed`` have what the game saw with these settings, ``without_client`` need a client
    that is not installed here, and ``unwanted`` break a filter rule or cannot be read: these keep what they have.
    """

    settings: Settings
    replay_ids: tuple[str, ...]
    paths: tuple[Path, ...]
    observed: int
    without_client: int
    unwanted: int
    plan: Plan | None


def game_backfill(settings: Settings, names: Sequence[str] = (ALL,), *, watch: Watch = nobody) -> GameBackfill:
    """Chooses among the replays named (as :func:`chosen_replays` has it; ``all``: every extracted or loaded one).

    ``settings`` of the result have the source ``auto``. Raises SettingsError for an unknown name.
    """
    settings = replace(settings, source="auto")
    asked = _asked(settings, names)
    with open_session(settings, command="choose", watch=watch) as session:
        files = replay_files(session.manifest, asked)
        facts = read_facts(session, list(files.values()))
        wanted = {
            i: known
            for i, known in facts.items()
            if isinstance(known, ReplayFacts) and all(rule.passed for rule in rule_outcomes(known, session.filters))
        }
        playable = [i for i, known in wanted.items() if source_for(session, known) == "sc2"]
        observed = _observed(session, playable) if playable else set()
        session.manifest.end_run(session.run_id, outcome="finished", counts={"found": len(asked)})
    chosen = tuple(sorted(set(playable) - observed))
    paths = tuple(files[i].path for i in chosen)
    return GameBackfill(
        settings=settings,
        replay_ids=chosen,
        paths=paths,
        observed=len(observed),
        without_client=len(wanted) - len(playable),
        unwanted=len(asked) - len(wanted),
        plan=plan(paths, settings, watch=watch) if paths else None,
    )


def _asked(settings: Settings, names: Sequence[str]) -> list[str]:
    chosen = chosen_replays(settings, [name for name in names if name != ALL])
    if ALL in names:
        with Manifest(Home(settings.home).manifest) as manifest:
            chosen += manifest.replay_ids("extracted", "loaded")
    return list(dict.fromkeys(chosen))


def _observed(session: Session, replay_ids: Collection[str]) -> set[str]:
    """Those that have an observation with the session's settings."""
    source = open_source(heeding_probe(SourceSpec(name="sc2", settings=session.settings)))
    digest = shape_digest(source.shapes()["observation"])
    source.close()
    return set(session.manifest.finished_extractions("observation", digest, replay_ids))
