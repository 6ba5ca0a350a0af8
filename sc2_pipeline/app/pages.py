"""The pages: one document, whose script shows what the address asks for, and the files that it loads."""

import secrets
from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import FastAPI, Response

from sc2_pipeline.app.charts import ChartLibrary

_KINDS: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

PAGES: Final = (
    "",
    "collection",
    "games",
    "game",
    "compare",
    "players",
    "player",
    "maps",
    "map",
    "questions",
    "question",
    "sql",
    "files",
    "api",
)
"""First parts of the addresses of pages."""

# The nonce goes on to whatever modules the first one imports. Scripts cannot make code out of text.
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
)
_LASTING = {"cache-control": "no-cache", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


@cache
def _static() -> dict[str, bytes]:
    """The files of the folder ``static``, by name."""
    return {file.name: file.read_bytes() for file in files("sc2_pipeline.app").joinpath("static").iterdir()}


def add_pages(app: FastAPI, library: ChartLibrary) -> None:
    """Adds the pages and their files, none of which is part of the API."""

    def page() -> Response:
        nonce = secrets.token_urlsafe(16)
        text = _static()["index.html"].decode().replace("NONCE", nonce)
        headers = {**_LASTING, "cache-control": "no-store", "content-security-policy": _POLICY.format(nonce=nonce)}
        return Response(text, 200, headers, "text/html")

    for name in PAGES:
        app.add_api_route(f"/{name}", page, include_in_schema=False)
        if name:
            app.add_api_route(f"/{name}/{{rest:path}}", page, include_in_schema=False)

    @app.get("/static/vega.js", include_in_schema=False)
    def vega() -> Response:
        return Response(library.text(), 200, _LASTING, "text/javascript")

    @app.get("/static/{name}", include_in_schema=False)
    def static(name: str) -> Response:
        kind = _KINDS.get(name[name.rfind(".") :])
        if kind is None or name not in _static():
            return Response("there is no such file\n", 404, _LASTING, "text/plain")
        return Response(_static()[name], 200, _LASTING, kind)
