"""Texts from anywhere, and every store that they go to."""

import json
import sqlite3

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.storable import REPLACEMENT, storable, text_of

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=[]) | st.sampled_from("\0\ud800\udfff\ufffd"))


@given(text=ANY_TEXT)
@settings(deadline=None, max_examples=60)
def test_any_text_made_storable_comes_back_from_every_store_as_it_went_in(text):
    made = storable(text)

    assert sqlite3.connect(":memory:").execute("select ?", [made]).fetchone() == (made,)
    assert pa.array([made]).to_pylist() == [made]
    assert duckdb.execute("select ?", [made]).fetchall() == [(made,)]
    assert json.loads(json.dumps(made, ensure_ascii=False).encode()) == made
    assert len(made) == len(text)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Serral", "Serral"),
        ("잘했어".encode(), "잘했어"),
        (b"a\0b", f"a{REPLACEMENT}b"),
        (b"\xff", REPLACEMENT),
        # UTF-8 has no surrogates: each byte of one is an error of its own.
        (b"\xed\xa0\x80", REPLACEMENT * 3),
    ],
)
def test_bytes_become_text_that_can_be_stored(data, text):
    assert text_of(data) == text
