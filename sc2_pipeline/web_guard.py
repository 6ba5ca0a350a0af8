"""ASGI middleware that restricts a local web app to the user who started it, against other web pages and other local
users.

Independent of the app behind it. A browser sends requests for any page to any address, so the middleware checks what a
page cannot forge: the Host header (against DNS rebinding), the Origin header, and method and content type (cross-origin
JSON needs a preflight request). The token protects against other users of the machine, who can reach its ports too.
"""

import hashlib
import html
import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from sc2_pipeline.errors import SettingsError

TOKEN = "SC2_PIPELINE_UI_TOKEN"
"""Environment variable: the token that every request must carry."""

HOSTS = "SC2_PIPELINE_UI_HOSTS"
"""Environment variable: host names of the server besides this machine's, separated by spaces or commas."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_GOOD_TOKEN = re.compile("[A-Za-z0-9_-]{16,}")
_POLICY_VIOLATION = 1008


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Which requests are allowed.

    ``token`` is required in every request, except for reading the paths ``without_token``; None allows every client.
    ``hosts`` are allowed host names besides loopback, with a port if it is not the scheme's default. ``without_query``
    are paths for which GET must have no query string, since the app would execute it.
    """

    token: str | None
    hosts: frozenset[str] = frozenset()
    without_token: frozenset[str] = frozenset()
    without_query: frozenset[str] = frozenset()

    @property
    def cookie(self) -> str:
        """Name of the cookie with the token; it differs by token, since cookies are shared between ports."""
        return f"sc2-pipeline-{hashlib.sha256((self.token or '').encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused, and its HTTP status."""

    status: int
    sentence: str


def read_token(environment: Mapping[str, str]) -> str | None:
    """The token in :data:`TOKEN`; raises SettingsError for one that is guessable, or not valid in a URL and a
    cookie."""
    token = environment.get(TOKEN) or None
    if token is not None and not _GOOD_TOKEN.fullmatch(token):
        raise SettingsError(
            f"{TOKEN} must have 16 or more signs, of letters, digits, '-' and '_'; such as `openssl rand -hex 32` makes"
        )
    return token


def read_hosts(environment: Mapping[str, str]) -> frozenset[str]:
    """The names in :data:`HOSTS`; raises SettingsError for an invalid host name."""
    hosts = frozenset(environment.get(HOSTS, "").lower().replace(",", " ").split())
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise SettingsError(
                f"{HOSTS} has {host!r}; give names such as dagster.example.com or dagster.example.com:8443"
            )
    return hosts


class Guard:
    """An ASGI app that forwards requests allowed by ``access`` to ``app``, and answers others with one sentence."""

    def __init__(self, app: App, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handles one connection; lifespan events go to the app."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif refusal := refused(scope, self._access):
            await _refuse(scope["type"], refusal, send)
        elif _is_first_visit(scope, self._access):
            await _hand_out_cookie(scope, self._access, send)
        else:
            await self._app(scope, receive, _unframed(send))


def refused(scope: Mapping[str, Any], access: Access) -> Refusal | None:
    """Why the request of that ASGI scope is refused; None if it is allowed."""
    return (
        _foreign_name(scope, access)
        or _foreign_page(scope, access)
        or _wrong_kind(scope, access)
        or _stranger(scope, access)
    )


def _foreign_name(scope: Mapping[str, Any], access: Access) -> Refusal | None:
    """Checks Host. A page can point its own domain at this machine (DNS rebinding), so the browser treats us as its
    origin."""
    hosts = _headers(scope, b"host")
    found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if found is None or not scope["path"].startswith("/"):
        return Refusal(400, "the request names no host, or more than one")
    if _is_loopback(found["name"]) or any(_HOST.sub(r"\g<name>", host) == found["name"] for host in access.hosts):
        return None
    known = ", ".join(["127.0.0.1", "localhost", *sorted(access.hosts)])
    return Refusal(403, f"this server goes by the names {known}, not by {hosts[0]}; {HOSTS} adds names")


def _foreign_page(scope: Mapping[str, Any], access: Access) -> Refusal | None:
    """Checks Origin, which browsers send with cross-origin requests and other programs do not send."""
    own = {*_headers(scope, b"host"), *access.hosts}
    for origin in _headers(scope, b"origin"):
        scheme, _, host = origin.partition("://")
        if scheme not in ("http", "https") or host not in own:
            return Refusal(403, f"a page of {origin} may not ask this server; {HOSTS} adds names")
    return None


def _wrong_kind(scope: Mapping[str, Any], access: Access) -> Refusal | None:
    """Requests with effects must be a POST of JSON, which a cross-origin page cannot send without a preflight
    request."""
    if scope["type"] == "websocket":
        return None
    if scope["method"] == "POST":
        kinds = [kind.partition(";")[0].strip() for kind in _headers(scope, b"content-type")]
        return None if kinds == ["application/json"] else Refusal(415, "a POST must be of type application/json")
    if scope["method"] not in ("GET", "HEAD"):
        return Refusal(405, "only GET, HEAD and POST are answered")
    if scope["path"] in access.without_query and scope["query_string"]:
        return Refusal(405, "queries are taken by POST, as JSON; not in an address")
    return None


def _stranger(scope: Mapping[str, Any], access: Access) -> Refusal | None:
    """Checks the token: every user of the machine can reach its ports, but only the one who started the server knows
    it."""
    is_open = scope["type"] == "http" and scope["method"] != "POST" and scope["path"] in access.without_token
    if access.token is None or is_open or _is_first_visit(scope, access):
        return None
    cookies = [part.strip() for header in _headers(scope, b"cookie", keep_case=True) for part in header.split(";")]
    given = [value for name, _, value in (cookie.partition("=") for cookie in cookies) if name == access.cookie]
    schemes = (value.partition(" ") for value in _headers(scope, b"authorization", keep_case=True))
    given += [value for scheme, _, value in schemes if scheme.lower() == "bearer"]
    if any(_is_token(value, access) for value in given):
        return None
    return Refusal(
        403,
        "this server answers the one who started it: open the address with a token that it printed, "
        "or send the header `Authorization: Bearer TOKEN`",
    )


def _is_first_visit(scope: Mapping[str, Any], access: Access) -> bool:
    if access.token is None or scope["type"] != "http" or (scope["method"], scope["path"]) != ("GET", "/"):
        return False
    given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
    return any(_is_token(value, access) for value in given)


def _is_token(value: str, access: Access) -> bool:
    return access.token is not None and secrets.compare_digest(value.encode(), access.token.encode())


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _headers(scope: Mapping[str, Any], name: bytes, *, keep_case: bool = False) -> list[str]:
    values = [value.decode("latin-1").strip() for key, value in scope["headers"] if key.lower() == name]
    return values if keep_case else [value.lower() for value in values]


async def _refuse(kind: str, refusal: Refusal, send: Send) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": refusal.sentence[:100]})
    else:
        await _answer(send, refusal.status, "text/plain", f"{refusal.sentence}\n")


async def _hand_out_cookie(scope: Mapping[str, Any], access: Access, send: Send) -> None:
    """Sends a page that sets the cookie and loads the app. A redirect would not work: the browser still attributes it
    to the page with the link, and so omits SameSite=Strict cookies."""
    cookie = f"{access.cookie}={access.token}; Path=/; HttpOnly; SameSite=Strict"
    cookie += "; Secure" if scope.get("scheme") == "https" else ""
    page = f'<!doctype html><meta http-equiv="refresh" content="0; url={html.escape(scope["path"])}"><title>sc2-pipeline</title>'
    await _answer(send, 200, "text/html", page, (b"set-cookie", cookie.encode()), (b"referrer-policy", b"no-referrer"))


async def _answer(send: Send, status: int, kind: str, text: str, *headers: tuple[bytes, bytes]) -> None:
    body = text.encode()
    own = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": body})


def _unframed(send: Send) -> Send:
    """Forbids framing by other pages, against clickjacking."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"x-frame-options", b"SAMEORIGIN")]
        await send(message)

    return sent
