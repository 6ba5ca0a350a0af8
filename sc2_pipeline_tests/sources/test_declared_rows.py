"""Numbers of any size in columns of every type."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.sources.declared_rows import declared_batch, unfit_numbers
from sc2_pipeline.tables import Column, Table

_WIDTHS = {"int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64()}


def table_of(kind: pa.DataType, *, required: bool = False) -> Table:
    column = Column("number", kind, "A number.", required=required)
    return Table(name="numbers", description="", grain="", key=(), columns=(column,))


@given(
    numbers=st.lists(st.none() | st.integers() | st.integers(-(2**31) - 2, 2**31 + 2)),
    width=st.sampled_from(sorted(_WIDTHS)),
)
@settings(deadline=None, max_examples=60)
def test_numbers_beyond_their_type_are_null_and_counted_the_others_stay(numbers, width):
    kind = _WIDTHS[width]
    edge = 2 ** (kind.bit_width - 1)

    batch = declared_batch(table_of(kind), {"number": numbers}, reason="corrupt_details")

    expected = [number if number is not None and -edge <= number < edge else None for number in numbers]
    assert batch.column("number").to_pylist() == expected
    assert sum(unfit_numbers(batch).values()) == expected.count(None) - numbers.count(None)


@given(numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
@settings(deadline=None, max_examples=30)
def test_numbers_that_come_as_an_array_are_fitted_like_others(numbers):
    given_as_array = declared_batch(table_of(pa.int16()), {"number": pa.array(numbers, pa.int64())}, reason="x")
    given_as_list = declared_batch(table_of(pa.int16()), {"number": numbers}, reason="x")

    assert given_as_array.equals(given_as_list)
    assert unfit_numbers(given_as_array) == unfit_numbers(given_as_list)


@pytest.mark.parametrize("value", [1e300, -1e39, float("inf"), float("nan"), 2**140])
def test_a_float_that_is_no_number_in_its_column_is_null(value):
    batch = declared_batch(table_of(pa.float32()), {"number": [1.5, value, None, 2**61 + 1]}, reason="corrupt_details")

    assert batch.column("number").to_pylist() == [1.5, None, None, float(2**61)]
    assert unfit_numbers(batch) == {"number": 1}


@pytest.mark.parametrize(
    ("number", "said"),
    [(2**15, "1 numbers are beyond any that the game writes, in numbers.number"), (None, "1 values are missing")],
)
def test_where_a_column_has_no_null_the_replay_is_at_fault(number, said):
    with pytest.raises(CorruptReplayError, match=said) as caught:
        declared_batch(table_of(pa.int16(), required=True), {"number": [1, number]}, reason="corrupt_tracker")

    assert caught.value.reason == "corrupt_tracker"
