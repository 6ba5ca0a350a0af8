"""Errors for replays that the game refuses: by kind, with the game's words, and with what the caches have of the map."""

import re
from pathlib import Path

from sc2_pipeline.errors import EngineError
from sc2_pipeline.sc2_client.installs import Install
from sc2_pipeline.sc2_client.maps import PlayableReplay, missing_files, missing_map, shown_places

_WANTS_VERSION = "version required to play this game is unavailable"
"""LaunchError text of a real game whose data version is not installed (s2client-proto, issue 138)."""

_ABOUT_MAPS = re.compile(r"\b(?:maps?|s2ma|sc2map|mods?|dependenc(?:y|ies))\b", re.IGNORECASE)

_MAY_BE_THE_MAP = frozenset({"ParsingError", "LaunchError", "InvalidMapData"})
"""Kinds with which real games refuse for want of a map (pysc2, issues 25, 94 and 337)."""

_KINDS = {"LaunchError": ("launch_failed", True), "DownloadError": ("download_failed", True)}
"""Reason, and whether a new instance may do better; all others are ``replay_rejected`` and are not retried."""


def refusal(
    name: str, details: str, replay: PlayableReplay, install: Install, *, version: object, folder: Path
) -> EngineError:
    """The error for an answer ``name`` (of ``ResponseReplayInfo.Error`` or ``ResponseStartReplay.Error``) with details.

    ``folder`` is the game's own, whose path in the details says nothing.
    """
    said = f"the game answers {name}: {details or 'no details'}"
    words = details.replace(str(folder), "")
    if _WANTS_VERSION in words.lower():
        return EngineError(
            "version_mismatch",
            f"the game has no data for {version} ({said}); watch the replay once in the game, so that they are "
            "downloaded, or use --source tracker",
            is_retryable=False,
        )
    missing = missing_files(replay, install)
    is_about_map = name == "InvalidMapData" or _ABOUT_MAPS.search(words) is not None
    if name in _MAY_BE_THE_MAP and is_about_map and not missing and (replay.map_handles or name == "InvalidMapData"):
        return _unreadable_map(replay, said)
    if name in _MAY_BE_THE_MAP and (is_about_map or (missing and name == "ParsingError")):
        return missing_map(replay.map_name, missing, said)
    reason, is_retryable = _KINDS.get(name, ("replay_rejected", False))
    also = f"; besides, in no cache: {shown_places(missing)}" if missing else ""
    return EngineError(reason, f"{said}{also}", is_retryable=is_retryable)


def _unreadable_map(replay: PlayableReplay, said: str) -> EngineError:
    return EngineError(
        "map_unreadable",
        f"map {replay.map_name or 'of unknown name'} is here, but the game cannot open it ({said}); remove the files "
        f"{', '.join(replay.map_handles) or 'of that map'}, and watch the replay once in the game so that they are "
        "downloaded anew",
        is_retryable=False,
    )
