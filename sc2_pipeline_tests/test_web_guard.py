import asyncio
import dataclasses

import pytest

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.web_guard import HOSTS, TOKEN, Access, Guard, read_hosts, read_token, refused

OWN = Access(
    token="a secret",
    hosts=frozenset({"dagster.example.com", "lab.example.com:8443"}),
    without_token=frozenset({"/server_info"}),
    without_query=frozenset({"/graphql"}),
)
OPEN = dataclasses.replace(OWN, token=None)
KNOWN = ("Authorization", "Bearer a secret")
JSON = ("Content-Type", "application/json")


def _scope(path="/graphql", *headers, method="GET", query="", kind="http", host="127.0.0.1:3000", scheme="http"):
    own = [("Host", host)] if host else []
    return {
        "type": kind,
        "method": method,
        "scheme": scheme,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in [*own, *headers]],
    }


def _status(scope, access=OWN):
    refusal = refused(scope, access)
    return refusal.status if refusal else 200


def _sent(scope, access=OWN):
    """What the guard sends before an app that answers `the app` to all."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"the app"})

    async def send(message):
        sent.append(message)

    asyncio.run(Guard(app, access)(scope, None, send))
    return sent


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:3000", 200),
        ("127.0.0.1", 200),
        ("127.0.0.1:8080", 200),
        ("localhost:3000", 200),
        ("LocalHost:3000", 200),
        ("127.8.9.10:3000", 200),
        ("[::1]:3000", 200),
        ("[::1]", 200),
        ("dagster.example.com", 200),
        ("dagster.example.com:3000", 200),
        ("lab.example.com", 200),
        ("evil.com", 403),
        ("evil.com:3000", 403),
        ("localhost.evil.com:3000", 403),
        ("127.0.0.1.evil.com", 403),
        ("sub.dagster.example.com", 403),
        ("localhost.", 403),
        ("192.168.1.5:3000", 403),
        ("[2001:db8::1]:3000", 403),
        ("2130706433", 403),
        ("127.0.0.1:3000@evil.com", 400),
        ("127.0.0.1 evil.com", 400),
        ("127.0.0.1:port", 400),
        ("::1", 400),
        ("", 400),
        (None, 400),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_only_the_names_of_this_machine_and_those_given_are_answered(kind, host, status):
    scope = _scope("/", KNOWN, kind=kind, host=host)

    assert _status(scope) == status


def test_two_hosts_are_as_bad_as_none():
    assert _status(_scope("/", KNOWN, ("Host", "127.0.0.1:3000"))) == 400


def test_a_path_that_is_a_whole_address_is_not_taken():
    assert _status(_scope("http://evil.com/graphql", KNOWN)) == 400


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://127.0.0.1:3000", 200),
        ("https://127.0.0.1:3000", 200),
        ("https://dagster.example.com", 200),
        ("https://lab.example.com:8443", 200),
        ("https://lab.example.com", 403),
        ("http://127.0.0.1:8080", 403),
        ("http://localhost:3000", 403),
        ("http://evil.com", 403),
        ("http://127.0.0.1:3000.evil.com", 403),
        ("null", 403),
        ("file://127.0.0.1:3000", 403),
        ("", 403),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_page_of_another_origin_is_refused(kind, origin, status):
    headers = [KNOWN] if origin is None else [KNOWN, ("Origin", origin)]

    assert _status(_scope("/graphql", *headers, kind=kind)) == status
    assert _status(_scope("/graphql", *headers, kind=kind), OPEN) == status


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (["application/json"], 200),
        (["Application/JSON; charset=utf-8"], 200),
        (["text/plain"], 415),
        (["text/plain; application/json"], 415),
        (["text/plain, application/json"], 415),
        (["application/graphql"], 415),
        (["application/x-www-form-urlencoded"], 415),
        (["multipart/form-data; boundary=application/json"], 415),
        (["application/json", "text/plain"], 415),
        ([], 415),
    ],
)
def test_a_post_is_json(kinds, status):
    headers = [("Content-Type", kind) for kind in kinds]

    assert _status(_scope("/graphql", KNOWN, *headers, method="POST", query="op=Some")) == status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_address_holds_no_query_for_the_app_to_run(method):
    assert _status(_scope("/graphql", KNOWN, method=method, query="query=mutation{x}")) == 405
    assert _status(_scope("/graphql", KNOWN, method=method)) == 200
    assert _status(_scope("/runs", KNOWN, method=method, query="q=status:FAILURE")) == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get"])
def test_other_methods_are_not_answered(method):
    assert _status(_scope("/graphql", KNOWN, JSON, method=method)) == 405


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (("Authorization", "Bearer a secret"), 200),
        (("Authorization", "bearer a secret"), 200),
        (("Authorization", "Basic a secret"), 403),
        (("Authorization", "Bearer A SECRET"), 403),
        (("Authorization", "Bearer "), 403),
        (("Authorization", "Bearer s\xe9cret"), 403),
        (("Cookie", f"{OWN.cookie}=a secret"), 200),
        (("Cookie", f'other={{"json": 1}}; {OWN.cookie}=wrong; {OWN.cookie}=a secret'), 200),
        (("Cookie", f"{OWN.cookie}=wrong"), 403),
        (("Cookie", "sc2-pipeline=a secret"), 403),
        (("Cookie", OWN.cookie), 403),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_only_the_token_opens(kind, header, status):
    assert _status(_scope("/runs", header, kind=kind)) == status


def test_without_a_token_only_reading_the_servers_health_is_answered():
    assert _status(_scope("/server_info")) == 200
    assert _status(_scope("/server_info", method="POST", query="", kind="http")) == 415
    assert _status(_scope("/server_info", JSON, method="POST")) == 403
    assert _status(_scope("/server_info", kind="websocket")) == 403
    assert _status(_scope("/server_info", host="evil.com")) == 403
    assert _status(_scope("/", query="token=wrong")) == 403
    assert _status(_scope("/runs", query="token=a+secret")) == 403


def test_where_no_token_is_asked_for_nobody_needs_one():
    assert _status(_scope("/graphql", JSON, method="POST"), OPEN) == 200
    assert _status(_scope("/graphql", kind="websocket"), OPEN) == 200


def test_the_first_visit_leaves_the_token_in_a_cookie_that_scripts_and_other_sites_do_not_get():
    start, body = _sent(_scope("/", query="token=a+secret"))

    cookie = dict(start["headers"])[b"set-cookie"].decode()
    assert (start["status"], b'content="0; url=/"' in body["body"]) == (200, True)
    assert cookie == f"{OWN.cookie}=a secret; Path=/; HttpOnly; SameSite=Strict"
    assert b"a secret" not in body["body"]
    assert dict(start["headers"])[b"cache-control"] == b"no-store"


def test_over_https_the_cookie_is_for_https_alone():
    start, _ = _sent(_scope("/", query="token=a+secret", scheme="https"))

    assert dict(start["headers"])[b"set-cookie"].endswith(b"; Secure")


def test_a_refused_request_never_reaches_the_app():
    start, body = _sent(_scope("/runs"))
    closed = _sent(_scope("/graphql", KNOWN, ("Origin", "http://evil.com"), kind="websocket"))

    assert start["status"] == 403
    assert b"open the address with a token" in body["body"]
    assert [(message["type"], message["code"]) for message in closed] == [("websocket.close", 1008)]


def test_what_is_answered_comes_from_the_app_and_fits_in_no_foreign_frame():
    start, body = _sent(_scope("/runs", KNOWN))

    assert body["body"] == b"the app"
    assert (b"x-frame-options", b"SAMEORIGIN") in start["headers"]


def test_the_servers_own_start_is_the_apps_affair():
    assert _sent({"type": "lifespan"})[1]["body"] == b"the app"


@pytest.mark.parametrize("token", ["short", "a secret with spaces in it", "semicolon;semicolon", "sixteen-signs-é-"])
def test_a_token_that_can_be_guessed_or_does_not_fit_in_a_cookie_is_refused(token):
    with pytest.raises(SettingsError, match=r"SC2_PIPELINE_UI_TOKEN must have 16 or more signs"):
        read_token({TOKEN: token})


def test_a_token_comes_from_the_environment():
    assert read_token({TOKEN: "0123456789abcdef"}) == "0123456789abcdef"
    assert read_token({}) is read_token({TOKEN: ""}) is None


def test_names_come_from_the_environment():
    assert read_hosts({}) == frozenset()
    assert read_hosts({HOSTS: "Dagster.example.com, lab.example.com:8443"}) == OWN.hosts
    with pytest.raises(SettingsError, match=r"SC2_PIPELINE_UI_HOSTS has 'https://dagster.example.com'; give names"):
        read_hosts({HOSTS: "https://dagster.example.com"})
