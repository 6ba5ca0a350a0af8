"""The exceptions that this package raises on purpose, and the reason codes recorded in the manifest.

* PipelineError
    * ReplayError: one replay is at fault; the batch goes on without it
        * CorruptReplayError: the bytes are not a complete replay
        * UnknownProtocolError: the decoder has no protocol for this base build
        * EngineError: the game failed on this replay; ``is_retryable`` says whether another try can help
    * SettingsError: the caller's settings are invalid; nothing was done
    * QueryError: the caller's SQL does not run
    * MachineError: this machine is at fault (a full disk, too many open files); fix it and run again
        * EngineUnavailableError: it cannot run the game
    * HomeError: the home folder is at fault (locked by another writer, not writable, made by a later version)
    * LakeError: the lake's store is at fault (missing, access denied, connection lost)
    * ContractError: our own tables break their schema; the run stops
        * ModelRowsError: a model cannot compute the rows of some replay; without that replay the batch goes on

A replay that is readable but unwanted is not an error: see ``steps.validate.RuleOutcome``.
"""

from sc2_pipeline.storable import storable

REASONS: dict[str, str] = {
    # The file
    "empty_file": "the file has no bytes",
    "not_a_file": "the path is a folder or a device",
    "unreadable_file": "the operating system refuses to read the file",
    "vanished_file": "the file was there at discovery and is gone",
    "changed_file": "the file's bytes are no longer those discovered",
    "too_large": "the file or a member of it is larger than any replay",
    # The pack (ZIP) around the file
    "missing_password": "the file is encrypted in its ZIP, and no password was given",
    "wrong_password": "the file in its ZIP does not open with the password given, or is damaged",
    "damaged_pack": "the ZIP, or the file in it, is damaged",
    "unsupported_pack": "the ZIP uses a compression, an encryption or a nesting that is not read",
    "oversized_pack": "the ZIP has more members, or larger ones for its size, than any pack of replays",
    # The archive
    "not_an_archive": "the bytes do not begin as a StarCraft II replay does",
    "encrypted": "a member is encrypted; the game writes none that are",
    "truncated": "the archive ends before its tables or a member do",
    "corrupt_archive": "the archive's header is damaged or not where the file says",
    "empty_archive": "the archive has no members; the game did not finish writing it",
    "corrupt_table": "the archive's hash or block table is not valid",
    "corrupt_member": "a member does not decompress to its declared size",
    "unsupported_compression": "a member uses a compression the game never wrote",
    "missing_member": "a member that every replay has is absent",
    # Its members
    "corrupt_header": "the header block does not decode",
    "corrupt_details": "replay.details does not decode",
    "corrupt_tracker": "the tracker stream has no readable event",
    "unknown_protocol": "no known protocol decodes this base build",
    "too_dense": "an event stream holds more events than a game of its length",
    "too_costly": "reading the replay takes more processor time, memory or rows than any real one of its size",
    # Not wanted or not possible here
    "no_tracker_stream": "the replay has no tracker events (recorded before 2.0.4, or stripped)",
    "engine_version_missing": "no game client for the replay's base build is installed here",
    # The game
    "game_did_not_start": "the game did not start on this machine; no fault of the replay",
    "version_mismatch": "the game that answered is not the build asked for",
    "map_missing": "the replay's map, or what it depends on, is on no path of this machine",
    "map_unreadable": "the replay's map is here, but the game cannot open it",
    "download_failed": "the game could not download what the replay needs",
    "launch_failed": "the game could not launch this replay",
    "replay_rejected": "the game refuses this replay",
    "engine_crashed": "the game died while it ran the replay",
    "engine_stalled": "the game's loop stopped advancing",
    "protocol_error": "the game answered a request with an error",
    "garbled_reply": "the game's answer is not a message of its protocol",
    "memory_exceeded": "the game grew past the memory ceiling",
    "killed_workers": "the replay, tried alone, killed its worker process again and again",
    # The lake
    "lake_refused": "the store that the lake lies in did not take the replay's files",
    "damaged_extraction": "a file of its rows in the lake is damaged or missing, and the replay is not there to extract it again",
    # Our own
    "too_many_bad_rows": "more rows broke the table's checks than the settings allow",
    "schema_broken": "a table does not have its declared columns or types",
    "contract_broken": "the marts cannot be computed, or cannot be stored, from this replay's rows",
    "internal_error": "our own code raised where it promised not to",
}
"""Reason code -> what it means. Codes are stable: people filter on them."""

NOT_STARTED = "game_did_not_start"
"""Reason of a try for which the game was launched in vain: the machine's fault, never counted against a replay."""
FILE_FAULTS = frozenset(
    {
        *("empty_file", "not_a_file", "too_large", "damaged_pack", "unsupported_pack", "oversized_pack"),
        *("not_an_archive", "encrypted", "truncated", "corrupt_archive", "empty_archive", "corrupt_table"),
        *("corrupt_member", "unsupported_compression", "missing_member", "corrupt_header", "corrupt_details"),
        *("corrupt_tracker", "too_dense", "too_costly"),
    }
)
"""Reasons for which a file itself is to blame, and neither the machine, a setting, the game nor this package."""


class PipelineError(Exception):
    """Base class of the errors that this package raises on purpose."""


class ReplayError(PipelineError):
    """One replay is at fault.

    ``reason`` is a key of :data:`REASONS`; ``str()`` is the sentence people read.
    """

    def __init__(self, reason: str, detail: str) -> None:
        # File names and text quoted by a decoder may contain anything.
        self.reason = reason
        self.detail = storable(detail)
        super().__init__(self.detail)

    def __reduce__(self) -> tuple[type["ReplayError"], tuple[str, str]]:
        return type(self), (self.reason, self.detail)


class CorruptReplayError(ReplayError):
    """The bytes are not a complete replay."""


class UnknownProtocolError(ReplayError):
    """The decoder has no protocol for this base build."""


class EngineError(ReplayError):
    """The game failed on this replay; ``is_retryable`` says whether a fresh instance may succeed."""

    def __init__(self, reason: str, detail: str, *, is_retryable: bool = True) -> None:
        super().__init__(reason, detail)
        self.is_retryable = is_retryable
        self.traces: object = None
        """What the game left to look at; stays in the process that raised the error."""
        self.folder: str | None = None
        """Name of the folder in which that was kept."""

    def __reduce__(self) -> tuple[object, tuple[str, str, bool]]:  # type: ignore[override]
        return _engine_error, (self.reason, self.detail, self.is_retryable)


def _engine_error(reason: str, detail: str, is_retryable: bool) -> EngineError:
    return EngineError(reason, detail, is_retryable=is_retryable)


class SettingsError(PipelineError):
    """The caller's settings are invalid; nothing was done."""


class QueryError(PipelineError):
    """The caller's SQL does not run on the published warehouse."""


class MachineError(PipelineError):
    """This machine is at fault; fix it and run again."""


class EngineUnavailableError(MachineError):
    """This machine cannot run the game."""


class HomeError(PipelineError):
    """The home folder cannot be used in its current state."""


class LakeError(PipelineError):
    """The lake cannot be reached, refuses access, or lacks expected files."""


class ContractError(PipelineError):
    """Our own tables break their schema; the run stops."""


class ModelRowsError(ContractError):
    """A SQL model cannot compute some replay's rows (a number out of range, text that is not a number)."""
