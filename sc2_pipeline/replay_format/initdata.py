"""The lobby as the host sent it (``replay.initData``). It is bit-packed, so it needs the schema of the right build."""

from collections.abc import Iterator, Mapping, Set
from functools import cache
from typing import Any, Final

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format import bitpacked, protocols
from sc2_pipeline.replay_format.lobby_words import slot_toon_handle
from sc2_pipeline.replay_format.protocols import TypeInfo
from sc2_pipeline.storable import text_of

_WITHOUT_OVERRIDES: Final = ("m_rewardOverrides",)
_WITHOUT_MASTERY: Final = (
    *_WITHOUT_OVERRIDES,
    "m_commanderMasteryLevel",
    "m_commanderMasteryTalents",
    "m_hasNonBlizzardExtensionMod",
)
_WITHOUT_TANDEM_ID: Final = (*_WITHOUT_MASTERY, "m_tandemId")

_UNPUBLISHED: Final = (
    (38215, 38749, _WITHOUT_TANDEM_ID, 7),
    (38749, 39576, _WITHOUT_TANDEM_ID, 8),
    (39576, 42932, _WITHOUT_MASTERY, 8),
    (42932, 47185, _WITHOUT_OVERRIDES, 8),
)
"""Builds of Legacy of the Void's first year, for which s2protocol has no module: first build, first build after, the
fields that 51702 has and these have not, bits of an A.I. build. Source: the conditions in sc2reader's
InitDataReader; checked on 23 replays, which they read to the last bit."""

_TEMPLATE_BUILD: Final = 51702

_MAX_BYTES: Final = 2**16
"""No schema is tried on more. The largest of 156 real lobbies has 6,974 bytes."""


def decode_initdata(
    data: bytes, base_build: int, *, handles: Set[str], names: Set[str]
) -> tuple[dict[str, Any], int] | None:
    """The lobby (``m_syncLobbyState``) and the build of the schema that decoded it; None when no schema fits.

    A schema fits when it reads the stream to its last byte and finds the people of the details: their ``handles``, or their
    ``names`` when the lobby has no accounts.
    """
    if len(data) > _MAX_BYTES:
        return None
    for build, typeinfos, typeid in _schemas(base_build):
        try:
            value, bits_left = bitpacked.decode(data, typeinfos, typeid, reason="corrupt_initdata")
        except CorruptReplayError:
            continue
        lobby = value["m_syncLobbyState"]
        if 0 <= bits_left < 8 and _knows(lobby, handles, names):
            return lobby, build
    return None


def _knows(lobby: Mapping[str, Any], handles: Set[str], names: Set[str]) -> bool:
    slots = lobby["m_lobbyState"]["m_slots"]
    known_handles = {handle for slot in slots if (handle := slot_toon_handle(slot.get("m_toonHandle", b"")))}
    if known_handles:
        return handles <= known_handles
    # No accounts before build 17266 and in games of the API, whose names the details cut short.
    known_names = [text_of(user["m_name"]) for user in lobby["m_userInitialData"]]
    return all(any(known.startswith(name) for known in known_names) for name in names)


def _schemas(base_build: int) -> Iterator[tuple[int, list[TypeInfo], int]]:
    """Every distinct schema, the likeliest first."""
    for first, after, dropped, ai_build_bits in _UNPUBLISHED:
        if first <= base_build < after:
            typeinfos = _unpublished(dropped, ai_build_bits)
            yield first, typeinfos, protocols.protocol(_TEMPLATE_BUILD).initdata_typeid
    tried: list[protocols.Protocol] = []
    for build in protocols.nearest(base_build):
        protocol = protocols.protocol(build)
        if not any(protocols.same_types(protocol, other) for other in tried):
            tried.append(protocol)
            yield build, protocol.typeinfos, protocol.initdata_typeid


@cache
def _unpublished(dropped: tuple[str, ...], ai_build_bits: int) -> list[TypeInfo]:
    """A copy of the template's types without some fields of the lobby's slots, and with another width for A.I. builds."""
    protocol = protocols.protocol(_TEMPLATE_BUILD)
    typeinfos = list(protocol.typeinfos)
    for at, (kind, arguments) in enumerate(typeinfos):
        if kind == "_struct":
            fields = arguments[0]
            if any(name in ("m_tandemLeaderId", "m_defaultAIBuild", "m_allowedAIBuilds") for name, _, _ in fields):
                kept = [field for field in fields if field[0] not in dropped]
                typeinfos[at] = (kind, [[_narrowed(field, typeinfos, ai_build_bits) for field in kept]])
    return typeinfos


def _narrowed(field: tuple[str, int, int], typeinfos: list[TypeInfo], bits: int) -> tuple[str, int, int]:
    name, typeid, number = field
    if "AIBuild" not in name and name != "m_aiBuild":
        return field
    typeinfos.append((typeinfos[typeid][0], [(0, bits)]))
    return name, len(typeinfos) - 1, number
