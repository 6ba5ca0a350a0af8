"""The whole app, and serving it."""

import threading
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from sc2_pipeline import __version__
from sc2_pipeline.app.answers import answer_errors
from sc2_pipeline.app.api import api
from sc2_pipeline.app.charts import ChartLibrary
from sc2_pipeline.app.news import stop_telling
from sc2_pipeline.app.pages import add_pages
from sc2_pipeline.config import Home
from sc2_pipeline.errors import MachineError
from sc2_pipeline.public.reader import Reader
from sc2_pipeline.web_guard import Access, Guard

_SECONDS_FOR_OPEN_REQUESTS = 5
_LARGE = 2_000
"""Bytes from which answers are compressed."""

_DESCRIPTION = "What `open_home` answers, as JSON, read-only. Paths and keys are stable; keys may be added."


def make_app(home: Home, *, is_live: bool = False) -> FastAPI:
    """Pages and API over what a home publishes; if it is live, pages are told of what is published later.

    Raises HomeError if nothing is published.
    """
    reader, library = Reader(home), ChartLibrary(home)
    with reader.asking():
        pass
    app = FastAPI(
        title="sc2_pipeline",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    answer_errors(app)
    app.include_router(api(reader, is_live=is_live))
    add_pages(app, library)
    app.add_middleware(GZipMiddleware, minimum_size=_LARGE, compresslevel=5)
    threading.Thread(target=_make, args=[library], daemon=True).start()
    return app


def _make(library: ChartLibrary) -> None:
    """Makes the charts' library before a page asks for it; whoever asks is told of a failure."""
    with suppress(MachineError):
        library.text()


def serve(app: FastAPI, access: Access, *, interface: str, port: int) -> None:
    """Serves until interrupted; requests that ``access`` does not allow are refused."""
    config = uvicorn.Config(
        Guard(app, access),
        host=interface,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=_SECONDS_FOR_OPEN_REQUESTS,
    )
    # Once it has ended, the server raises the signal that ended it again.
    with suppress(KeyboardInterrupt):
        _Server(config).run()


class _Server(uvicorn.Server):
    """Ends streams of events as soon as it is told to stop; they would never end by themselves."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        stop_telling()
        super().handle_exit(sig, frame)
