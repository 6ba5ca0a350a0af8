"""Writes ``replay.attributes.events``: the lobby's settings as four-letter codes."""

import struct

from sc2_pipeline_demo.synthetic.script import GameScript, PlayerScript

_NAMESPACE = 999
_GAME_SCOPE = 16
_RACES = {"protoss": "Prot", "terran": "Terr", "zerg": "Zerg", "random": "RAND"}
_DIFFICULTIES = ("VyEy", "Easy", "Medi", "MdHd", "Hard", "HdVH", "VyHd", "ChVi", "ChRe", "Insa")
"""By the lobby's number minus one, as real replays pair them."""


def attributes_bytes(script: GameScript) -> bytes:
    """Attributes of every player, then those of the game."""
    entries = [
        (attribute, player_id, value)
        for player_id, player in enumerate(script.players, start=1)
        for attribute, value in _player_attributes(player_id, player).items()
    ]
    entries += [(attribute, _GAME_SCOPE, value) for attribute, value in _game_attributes(script).items()]
    return struct.pack("<BII", 0, 0, len(entries)) + b"".join(
        struct.pack("<IIB4s", _NAMESPACE, attribute, scope, value.encode()[::-1]) for attribute, scope, value in entries
    )


def _player_attributes(player_id: int, player: PlayerScript) -> dict[int, str]:
    attributes = {
        500: "Comp" if player.is_computer else "Humn",
        3001: _RACES[player.race_requested],
        3002: f"tc{player_id:02d}",
        3003: f"{player.handicap:4d}",
        3004: _DIFFICULTIES[player.ai_difficulty - 1],
        3007: "Part",
        3008: "Obs",
    }
    if player.team < 2:
        attributes[2002] = f"T{player.team + 1}"
    if player.commander:
        attributes |= {3013: player.commander.name[:4], 3014: f"{player.commander.level:4d}"}
    return attributes


def _game_attributes(script: GameScript) -> dict[int, str]:
    return {
        1000: "Dflt",
        1001: "yes",
        2000: "FFA" if script.team_format == "FFA" else "t2",
        2001: script.team_format,
        3000: "Fasr",
        3006: "10",
        3009: "Amm" if script.is_matchmade else "Priv",
        3010: "yes",
    }
