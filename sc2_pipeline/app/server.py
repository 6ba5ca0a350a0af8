"""The whole app, and serving it."""

import threading
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from sc2_pipeline import __version__
from sc2_pipeline.app.answers import answer_errors
from sc2_pipeline.app.api import api
from sc2_pipeline.app.charts import ChartLibrary
from sc2_pipeline.app.pages import add_pages
from sc2_pipeline.app.reader import Reader
from sc2_pipeline.config import Home
from sc2_pipeline.errors import MachineError
from sc2_pipeline.web_guard import Access, Guard

_SECONDS_FOR_OPEN_REQUESTS = 5
_LARGE = 2_000
"""Bytes from which answers are compressed."""

_DESCRIPTION = "What `open_home` answers, as JSON, read-only. Paths and keys are stable; keys may be added."


def make_app(home: Home) -> FastAPI:
    """Pages and API over what a home publishes; raises HomeError if nothing is published."""
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
    app.include_router(api(reader))
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
    uvicorn.run(
        Guard(app, access),
        host=interface,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=_SECONDS_FOR_OPEN_REQUESTS,
    )
