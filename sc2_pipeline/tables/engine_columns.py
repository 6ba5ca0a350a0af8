"""Columns shared by several of the engine's raw tables."""

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, identity_columns

UNITS = "observation.raw_data.units"


def from_api(path: str) -> str:
    """The origin of a column: where its value stands in a ResponseObservation.

    The observation reader reads what is written here (``sc2_client.observation.layout``): a path of fields, or
    ``A | B`` for the first that is set, or ``index of``, ``name of``, ``low half of``, ``branch of`` a path.
    """
    return f"sc2 {path}"


def observed_columns() -> tuple[Column, ...]:
    """The columns that begin every table filled from observations: whose pass gave the row, and when."""
    return (
        *identity_columns(),
        Column(
            "pass_player_id",
            pa.int16(),
            "The player whom the pass observed: the replay is run once for each.",
            required=True,
            minimum=0,
            maximum=16,
        ),
        game_loop_column(),
    )


def game_loop_column() -> Column:
    """When the observation was made."""
    return Column(
        "game_loop",
        pa.int32(),
        "When it was observed.",
        unit="game loops",
        origin=from_api("observation.game_loop"),
        required=True,
        minimum=0,
    )


def fogged_column() -> Column:
    """Whether the pass saw only what its player saw."""
    return Column("is_fogged", pa.bool_(), "The pass saw only what its player saw.", required=True)


def value(name: str, kind: pa.DataType, description: str, path: str, unit: str | None = None) -> Column:
    """A column with the value of one API field, unchanged; NULL if the engine did not set it."""
    return Column(name, kind, description, unit=unit, origin=from_api(path))


def amount(name: str, kind: pa.DataType, description: str, path: str, unit: str | None = None) -> Column:
    """A :func:`value` that cannot be negative."""
    return Column(name, kind, description, unit=unit, origin=from_api(path), minimum=0)


def index_of(name: str, path: str) -> Column:
    """The row's index in a list of the API, from 0."""
    origin = from_api(f"index of {path}")
    return Column(name, pa.int32(), "Place in the API's list, from 0.", origin=origin, required=True, minimum=0)


def tag_columns(prefix: str, path: str, whose: str) -> tuple[Column, Column]:
    """A unit's tag twice: as in the tracker events, and as the API's own number."""
    return (
        Column(
            f"{prefix}unit_tag",
            pa.int64(),
            f"{whose}, by the tag that tracker events use: low half of the API's tag; NULL for a remembered snapshot, "
            "whose low half repeats numbers of units alive.",
            origin=from_api(f"low half of {path}"),
            minimum=0,
        ),
        Column(f"{prefix}api_tag", pa.uint64(), f"{whose}, by the API's own tag.", origin=from_api(path)),
    )


def named(name: str, path: str, what: str) -> tuple[Column, Column]:
    """An id from the game's data, and its name."""
    return (
        Column(f"{name}_id", pa.int32(), f"{what}, by the API's number.", origin=from_api(path), minimum=0),
        Column(
            name, pa.string(), f"{what}; NULL where the game's data has no name.", origin=from_api(f"name of {path}")
        ),
    )


def word(name: str, description: str, path: str) -> Column:
    """An enumerated API value as a word; a number unknown to this release is ``unknown_N``."""
    return Column(name, pa.string(), f"{description} Later releases' words are unknown_N.", origin=from_api(path))


def place(prefix: str, path: str, whose: str, axes: str = "xyz") -> tuple[Column, ...]:
    """A point on the map, in cells from its lower left corner; z is the height."""
    return tuple(value(f"{prefix}{axis}", pa.float32(), f"{whose}.", f"{path}.{axis}", "map cells") for axis in axes)
