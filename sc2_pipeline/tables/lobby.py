"""Raw tables of what is known of a game before its first event: the file, the map, the players."""

import pyarrow as pa

from sc2_pipeline.game import GAME_MODE_EVIDENCE, GAME_MODES, RACES, RESULTS
from sc2_pipeline.identity import CHECKSUM_BYTES
from sc2_pipeline.tables.declaration import Column, Table, identity_columns

_UTC = pa.timestamp("us", tz="UTC")

MMR_STATUSES = ("known", "absent", "null", "zero", "negative", "unreadable")


def _evidence_columns(prefix: str, stream: str) -> tuple[Column, Column, Column]:
    return (
        Column(
            f"{prefix}_family",
            pa.string(),
            f"16 hex digits of a hash of how the {stream} begins, the same for all files of a game; NULL where none is readable.",
        ),
        Column(f"{prefix}_bytes", pa.int32(), f"Length of the {stream}, decompressed.", unit="bytes", minimum=1),
        Column(
            f"{prefix}_checksums",
            pa.list_(pa.uint32()),
            f"CRC-32 of the {stream}'s first {CHECKSUM_BYTES} bytes, of twice as many, and so on to its end.",
        ),
    )


REPLAYS_TABLE = Table(
    name="replays",
    description="The replay file and the game in it.",
    grain="One row per replay.",
    key=(),
    parts=("streams",),
    columns=(
        *identity_columns(),
        Column("sha256", pa.string(), "sha256 of the file's bytes, in hex.", required=True),
        Column("file_name", pa.string(), "The file's name when it was extracted.", required=True),
        Column("file_bytes", pa.int64(), "The file's size.", unit="bytes", required=True, minimum=1),
        Column("base_build", pa.int32(), "Build of the client that can play it.", required=True, minimum=1),
        Column("data_build", pa.int32(), "Build of the game's data.", minimum=0),
        Column("data_version", pa.string(), "Hash of the game's data, which picks it at launch."),
        Column("game_version", pa.string(), "Version as players see it, 5.0.14.93333.", required=True),
        Column("map_name", pa.string(), "Map's title, in the language of the recording client.", required=True),
        Column("map_hash", pa.string(), "sha256 of the map file, from the last cache handle; NULL where none is."),
        Column("played_at", _UTC, "When the recording ended, by the recording machine's clock."),
        Column(
            "duration_game_loops", pa.int32(), "Length of the recording.", unit="game loops", required=True, minimum=0
        ),
        Column("game_speed", pa.string(), "slower, slow, normal, fast or faster."),
        Column(
            "game_mode",
            pa.string(),
            "What was played; arcade: not every player begins with one town hall and the era's workers of one race.",
            required=True,
            vocabulary=GAME_MODES,
        ),
        Column("is_coop", pa.bool_(), "Some player has a co-op commander.", required=True),
        Column("is_vs_ai", pa.bool_(), "Some player is the computer, and it is not co-op.", required=True),
        Column("is_matchmade", pa.bool_(), "Battle.net found the players; NULL where the lobby is not readable."),
        Column("is_competitive", pa.bool_(), "Ranked or unranked ladder; NULL where the lobby is not readable."),
        Column("is_blizzard_map", pa.bool_(), "Blizzard published the map."),
        Column("player_count", pa.int16(), "Players, computers included, observers not.", required=True, minimum=0),
        Column("observer_count", pa.int16(), "Observers and referees.", minimum=0),
        Column("random_seed", pa.int64(), "Seed of the game's random numbers; NULL where the lobby is not readable."),
        Column(
            "game_key",
            pa.string(),
            "What the file by itself says of its game: the family of its game events, else of its tracker stream, else its"
            " replay_id. dim_replays has the key of the game.",
            required=True,
        ),
        Column("lobby_build", pa.int32(), "Protocol that decoded the lobby (initData); NULL when none did."),
        Column(
            "player_join",
            pa.string(),
            "How tracker, lobby and details were joined: by slot ids, or by order where those are missing.",
            required=True,
            vocabulary=("slot_id", "order"),
        ),
        Column("tracker_complete", pa.bool_(), "The tracker stream was read to its end."),
        Column("tracker_fault", pa.string(), "Why reading it stopped; NULL when it did not."),
        Column("tracker_event_count", pa.int32(), "Events read from the tracker stream.", minimum=0),
        Column(
            "game_events_complete",
            pa.bool_(),
            "The game event stream (commands) was read to its end; NULL where it was not asked for or is not there.",
        ),
        Column("game_events_fault", pa.string(), "Why reading it stopped; NULL when it did not."),
        Column(
            "game_events_build",
            pa.int32(),
            "Base build whose protocol read it: the replay's own, or the nearest that fits.",
        ),
        Column(
            "first_game_loop", pa.int32(), "First event of the tracker stream; above 0 the game was resumed.", minimum=0
        ),
        *_evidence_columns("game_events", "game event stream"),
        *_evidence_columns("tracker", "tracker stream"),
        Column(
            "game_mode_known_by",
            pa.string(),
            "The evidence for the mode: co-op commanders; starts, what each player begins with; teams alone where no start is"
            " known. NULL for replays that an earlier release decoded.",
            vocabulary=GAME_MODE_EVIDENCE,
        ),
    ),
)

TAKEOVERS_TABLE = Table(
    name="takeovers",
    description="Where the game was resumed from a replay: the game event 'hijack replay'. What comes before is the original's.",
    grain="One row per replay and takeover.",
    key=("takeover_index",),
    parts=("streams",),
    columns=(
        *identity_columns(),
        Column("takeover_index", pa.int16(), "Which of the replay's takeovers, from 0.", required=True, minimum=0),
        Column("game_loop", pa.int32(), "When the game went on.", unit="game loops", required=True, minimum=0),
        Column("event_index", pa.int32(), "Place in the game event stream, from 0.", required=True, minimum=0),
        Column(
            "byte_offset",
            pa.int32(),
            "Where the event begins in the decompressed stream.",
            unit="bytes",
            required=True,
            minimum=0,
        ),
        Column("user_id", pa.int16(), "Who resumed it: the person's number in game events.", required=True, minimum=0),
        Column("method", pa.int16(), "How, a number in the stream; 0 and 1 are known.", minimum=0),
        Column(
            "seat_user_ids", pa.list_(pa.int16()), "Seats that people took: their numbers in game events from here on."
        ),
        Column("seat_names", pa.list_(pa.string()), "Who took each of these seats."),
        Column("seat_toon_handles", pa.list_(pa.string()), "Their accounts; NULL in it for none."),
        Column("seat_roles", pa.list_(pa.int16()), "Of each, 0 player, 1 spectator, 2 referee."),
    ),
)

REPLAY_PLAYERS_TABLE = Table(
    name="replay_players",
    description="Who played: people and computers, as the lobby and the metadata tell it.",
    grain="One row per replay and player; two archon partners are one player.",
    key=("player_id",),
    parts=("streams",),
    columns=(
        *identity_columns(),
        Column("player_id", pa.int16(), "The player's number in events and API, from 1.", required=True, minimum=1),
        Column("user_id", pa.int16(), "The person's number in game events; NULL for computers.", minimum=0),
        Column("slot_id", pa.int16(), "Slot of the lobby's working set; NULL where unknown.", minimum=0),
        Column("name", pa.string(), "Name as shown in the game, without the clan.", required=True),
        Column("clan_tag", pa.string(), "Clan's tag; NULL for none."),
        Column("toon_handle", pa.string(), "Account: region-S2-realm-id; NULL for computers and API bots."),
        Column("partner_name", pa.string(), "Archon: the other person on the same player; NULL elsewhere."),
        Column("partner_toon_handle", pa.string(), "Archon: the partner's account."),
        Column("race_requested", pa.string(), "Race picked in the lobby.", vocabulary=RACES),
        Column("race_actual", pa.string(), "Race played.", vocabulary=RACES[:3]),
        Column("result", pa.string(), "Result; NULL where the replay has none.", vocabulary=RESULTS),
        Column("team", pa.int16(), "Team, from 0.", minimum=0),
        Column("color", pa.string(), "Colour as #rrggbb."),
        Column("handicap", pa.int16(), "Handicap.", unit="percent", minimum=0),
        Column("is_computer", pa.bool_(), "The computer plays it.", required=True),
        Column("ai_difficulty", pa.string(), "Difficulty of the computer; NULL for people."),
        Column("mmr", pa.int32(), "Rating before the game; NULL when unknown, never 0.", minimum=1),
        Column(
            "mmr_status",
            pa.string(),
            "How the file spells the rating: known, or the way it is missing.",
            required=True,
            vocabulary=MMR_STATUSES,
        ),
        Column("apm", pa.float32(), "Actions per minute as the client reports; NULL when 0 or unknown.", minimum=0),
        Column("highest_league", pa.int16(), "Best league ever reached, 1 bronze ... 7 grandmaster, 0 or 8 none."),
        Column("commander", pa.string(), "Co-op commander; NULL outside co-op."),
        Column("commander_level", pa.int16(), "Commander's level.", minimum=0),
        Column("commander_mastery_level", pa.int32(), "Mastery level of the account for the commander.", minimum=0),
        Column("commander_mastery_talents", pa.list_(pa.int32()), "Points in each of the six masteries."),
        Column("commander_prestige", pa.int16(), "Prestige chosen, 0 for none.", minimum=0),
        Column(
            "brutal_plus",
            pa.int16(),
            "Co-op: level of Brutal+, 0 for none; NULL where the lobby does not tell.",
            minimum=0,
        ),
        Column(
            "retry_mutations",
            pa.list_(pa.int32()),
            "Co-op: numbers of the mutators of a mutation that is played again; other mutators are not in the lobby.",
        ),
    ),
)

LOBBY_TABLES = (REPLAYS_TABLE, REPLAY_PLAYERS_TABLE, TAKEOVERS_TABLE)
