"""The maps and dependencies that a collection of replays needs, and which of their files are on this machine."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.discovery import Discovery, discover, read_facts
from sc2_pipeline.pipeline.session import Session, Watch, nobody, open_session
from sc2_pipeline.sc2_client.installs import Install, Installs
from sc2_pipeline.sc2_client.maps import STANDARD_DATA, cache_folders, cache_places, local_map_places
from sc2_pipeline.steps.validate import ReplayFacts, rule_outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededFile:
    """One file, by the name under which the client looks for it.

    ``kind`` is map or dependency; ``map_names`` are the titles of a map. ``place`` is where the file is, or the first
    place where the client would look for it. ``replays`` counts those that need it.
    """

    file: str
    kind: str
    map_names: tuple[str, ...]
    replays: int
    is_here: bool
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNeeds:
    """Files that replays need besides the client; those that are missing come first, then the most needed.

    ``lacking`` counts replays of which a file is missing, ``unknown`` those that name none. ``folders`` are where the
    client looks: the Battle.net caches, and Maps.
    """

    replays: int
    lacking: int
    unknown: int
    folders: tuple[str, ...]
    files: tuple[NeededFile, ...]

    @property
    def missing(self) -> tuple[NeededFile, ...]:
        """The files that are not here."""
        return tuple(file for file in self.files if not file.is_here)


def needed_maps(paths: Sequence[Path], settings: Settings, *, watch: Watch = nobody) -> MapNeeds:
    """What the replays under ``paths`` that pass the filters need, from their lobbies. Raises as :func:`pipeline.run`."""
    with open_session(settings, command="maps", watch=watch) as session:
        discovery, _, wanted = wanted_replays(session, paths)
        session.manifest.end_run(session.run_id, outcome="finished", counts={"found": len(discovery.replay_ids)})
        return map_needs(wanted.values(), session.installs)


def wanted_replays(
    session: Session, paths: Sequence[Path]
) -> tuple[Discovery, Mapping[str, ReplayFacts], Mapping[str, ReplayFacts]]:
    """What is under ``paths``, the facts of readable replays, and those of replays that pass the filters."""
    discovery = discover(session, paths)
    facts = read_facts(session, list(discovery.replays.values()))
    readable = {i: known for i, known in facts.items() if isinstance(known, ReplayFacts)}
    wanted = {
        i: known
        for i, known in readable.items()
        if all(outcome.passed for outcome in rule_outcomes(known, session.filters))
    }
    return discovery, readable, wanted


def map_needs(facts: Collection[ReplayFacts], installs: Installs) -> MapNeeds:
    """The files that replays of those facts need, looked for in the installation, or where one would be."""
    install = installs.install or Install(
        folder=installs.searched, executable_name="", builds=(), data_versions=(), map_count=0, cache_folders=()
    )
    users: dict[tuple[str, str], list[ReplayFacts]] = {}
    for known in facts:
        for need in _needs(known):
            users.setdefault(need, []).append(known)
    files = [_looked_for(file, kind, known, install) for (file, kind), known in users.items()]
    missing = {file.file for file in files if not file.is_here}
    return MapNeeds(
        replays=len(facts),
        lacking=sum(1 for known in facts if any(file in missing for file, _ in _needs(known))),
        unknown=sum(1 for known in facts if not any(True for _ in _needs(known))),
        folders=tuple(map(str, (*cache_folders(install), install.maps_folder))),
        files=tuple(sorted(files, key=lambda file: (file.is_here, -file.replays, file.file))),
    )


def _needs(facts: ReplayFacts) -> Iterator[tuple[str, str]]:
    """Names and kinds of the files that a replay needs."""
    for number, file in enumerate(facts.cache_files, start=1):
        if file not in STANDARD_DATA:
            yield file, "map" if number == len(facts.cache_files) else "dependency"
    if facts.local_map_path:
        yield facts.local_map_path.replace("\\", "/"), "map"


def _looked_for(file: str, kind: str, users: Sequence[ReplayFacts], install: Install) -> NeededFile:
    is_local = any(file == known.local_map_path.replace("\\", "/") for known in users)
    places = local_map_places(file, install.maps_folder) if is_local else cache_places(file, install)
    here = next((place for place in places if place.is_file()), None)
    names = {known.map_name for known in users} if kind == "map" else set()
    return NeededFile(
        file=file,
        kind=kind,
        map_names=tuple(sorted(names)),
        replays=len(users),
        is_here=here is not None,
        place=str(here or places[0]),
    )
