"""What is published while pages are open, told to them by server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from threading import Event

from sc2_pipeline.errors import HomeError
from sc2_pipeline.public.reader import Reader

SECONDS_BETWEEN_LOOKS = 0.5

SECONDS_BETWEEN_SIGNS = 15.0
"""A comment is sent so often, so that a connection that nobody holds any more is noticed."""

_is_stopping = Event()


def stop_telling() -> None:
    """Ends all streams of this process."""
    _is_stopping.set()


async def news(reader: Reader) -> AsyncIterator[str]:
    """An event ``published`` with the new ``generation`` whenever another file is published; ends when the server does."""
    known, silent = reader.published(), 0.0
    yield ": the pages are told of what is published\n\n"
    while not _is_stopping.is_set():
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        try:
            now = reader.published()
        except (HomeError, OSError):
            # Between two files of a system that cannot replace an open one.
            continue
        silent += SECONDS_BETWEEN_LOOKS
        if now != known:
            known, silent = now, 0.0
            yield f"event: published\ndata: {json.dumps({'generation': '-'.join(map(str, now))})}\n\n"
        elif silent >= SECONDS_BETWEEN_SIGNS:
            silent = 0.0
            yield ": nothing new\n\n"
