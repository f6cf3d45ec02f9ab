"""No one gets in where they do not belong: host names, other sites' pages, keys, rates and bounds of a request."""

import json
import logging
from base64 import b64encode
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from service import wiring
from service.cli import main
from service.config import Config
from service.keys import FILE, Keyring, add, revoke
from service.web import create_app
from service.web import serve as serving
from service.web.access import OPEN, Access, NoKey, NotForOthers, UnusableProxy, UnusableSite, access
from service.web.api import OPERATIONS
from service.web.rates import WINDOW, Rates
from tests.builders import a_statement
from tests.fakes import use_bag_of_words
from tests.service.small_collection import SmallCollection
from tests.service.test_web_cite import problem
from tests.service.web_fixtures import DRAFT, WordsCollection, small_archive

BODY = {"text": DRAFT}
ASK = "/api/v1/ask?question=bridge"


@pytest.fixture
def collection(tmp_path: Path) -> WordsCollection:
    return WordsCollection(small_archive(tmp_path))


def local(collection: WordsCollection) -> Access:
    """A server that only its own machine reaches."""
    return Access(keys=Keyring(collection.archive.path.parent))


def public(collection: WordsCollection, **more: Any) -> Access:
    """A server that others reach."""
    return Access(is_local=False, keys=Keyring(collection.archive.path.parent), **more)


def client_of(collection: WordsCollection, who: Access | None = None) -> FlaskClient:
    return create_app(collection, access=who).test_client()


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'anyone:{secret}'.encode()).decode()}"}


# Keys


def test_with_a_key_made_checking_needs_one_and_asking_does_not(collection: WordsCollection) -> None:
    client = client_of(collection, local(collection))
    assert client.post("/api/v1/verify", json=BODY).status_code == 200
    secret = add(collection.archive.path.parent, "newsroom")

    refused = client.post("/api/v1/verify", json=BODY)
    assert problem(refused) == (401, "/problems/no-key")
    assert refused.headers.getlist("WWW-Authenticate") == [
        'Bearer realm="OnRecord"',
        'Basic realm="OnRecord", charset="UTF-8"',
    ]
    for given in (bearer(secret), basic(secret), {"Authorization": f"bEARER  {secret} "}):
        assert client.post("/api/v1/verify", json=BODY, headers=given).status_code == 200
    for given in (bearer(secret + "x"), basic(""), bearer(""), {"Authorization": secret}, {"Authorization": "Basic §"}):
        assert client.post("/api/v1/verify", json=BODY, headers=given).status_code == 401
    assert client.post(f"/api/v1/verify?key={secret}", json=BODY).status_code == 401
    for path in (ASK, "/?q=bridge", "/statements", "/healthz", "/readyz", "/openapi.json", "/verify"):
        assert client.get(path).status_code == 200

    revoke(collection.archive.path.parent, "newsroom")
    add(collection.archive.path.parent, "another")
    assert client.post("/api/v1/verify", json=BODY, headers=bearer(secret)).status_code == 401


def test_a_person_without_a_key_is_asked_for_it_on_a_page_that_does_not_read_the_draft(
    collection: WordsCollection,
) -> None:
    client = client_of(collection, local(collection))
    secret = add(collection.archive.path.parent, "newsroom")
    refused = client.post("/verify", data={"text": "Not to be read."}, content_type="multipart/form-data")
    assert (refused.status_code, refused.content_type) == (401, "text/html; charset=utf-8")
    assert "WWW-Authenticate" in refused.headers
    assert "Not to be read." not in refused.text
    checked = client.post("/verify", data=BODY, content_type="multipart/form-data", headers=basic(secret))
    assert checked.status_code == 200


def test_a_server_for_others_without_any_key_refuses_and_says_how_to_make_one(collection: WordsCollection) -> None:
    client = client_of(collection, public(collection))
    refused = client.post("/api/v1/verify", json=BODY, headers=bearer("onr_x"))
    assert problem(refused) == (403, "/problems/no-keys-yet")
    assert "`onrecord keys add NAME`" in refused.text
    assert "WWW-Authenticate" not in refused.headers
    assert client.get(ASK).status_code == 200


def test_damaged_keys_close_what_needs_one_and_say_no_path(collection: WordsCollection) -> None:
    client = client_of(collection, local(collection))
    secret = add(collection.archive.path.parent, "newsroom")
    (collection.archive.path.parent / FILE).write_bytes(b"{")
    refused = client.post("/api/v1/verify", json=BODY, headers=bearer(secret))
    assert problem(refused) == (503, "/problems/keys-damaged")
    assert str(collection.archive.path.parent) not in refused.text
    assert client.get(ASK).status_code == 200


def test_what_is_not_named_as_open_needs_a_key(collection: WordsCollection) -> None:
    app = create_app(collection, access=local(collection))
    app.add_url_rule("/new", "new", lambda: "what somebody adds one day")
    add(collection.archive.path.parent, "newsroom")
    closed = {rule.endpoint for rule in app.url_map.iter_rules() if status_of(app, rule.rule, rule.methods) == 401}
    assert closed == {rule.endpoint for rule in app.url_map.iter_rules()} - OPEN
    assert closed >= {"api.verify", "pages.check", "new"}


def status_of(app: Flask, rule: str, methods: set[str] | None) -> int:
    path = rule.replace("<id:statement_id>", "x").replace("<sha256>", "x").replace("<name>", "x")
    method = "POST" if "POST" in (methods or ()) else "GET"
    return app.test_client().open(path.replace("<path:filename>", "x"), method=method).status_code


def test_the_description_says_which_operations_need_a_key(collection: WordsCollection) -> None:
    description = json.loads(client_of(collection).get("/openapi.json").data)
    told = {
        operation["operationId"]
        for item in description["paths"].values()
        for operation in item.values()
        if "security" in operation
    }
    assert told == {one.answer.__name__ for one in OPERATIONS if f"api.{one.answer.__name__}" not in OPEN} == {"verify"}
    assert told == {one.answer.__name__ for one in OPERATIONS if NoKey in one.fails}
    schemes = description["components"]["securitySchemes"]
    assert {(one["type"], one["scheme"]) for one in schemes.values()} == {("http", "bearer"), ("http", "basic")}


def test_a_key_is_neither_logged_nor_told(collection: WordsCollection, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(collection, local(collection))
    secret = add(collection.archive.path.parent, "newsroom")
    answers = [
        client.post("/api/v1/verify", json={}, headers=bearer(secret)),
        client.post("/api/v1/verify", json=BODY, headers=bearer(secret + "x")),
        client.post("/verify", data=BODY, headers=basic(secret)),
    ]
    assert [answer.status_code for answer in answers] == [422, 401, 200]
    assert all(secret not in answer.text + str(answer.headers) for answer in answers)
    assert secret not in caplog.text


# Host names and other sites' pages


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8765", 200),
        ("localhost.", 200),
        ("127.0.0.1:8765", 200),
        ("[::1]:8765", 200),
        ("203.0.113.9", 200),
        ("quotes.example.org", 200),
        ("quotes.example.org:443", 200),
        ("Quotes.Example.org.", 200),
        ("evil.example", 421),
        ("evil.example:8765", 421),
        ("quotes.example.org.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("127.1", 421),
        ("localhost, evil.example", 421),
        ("evil.example@localhost", 421),
        ("localhost/evil", 421),
        ("[evil]", 421),
        ("", 421),
        ("\u00e9", 421),
    ],
)
def test_only_a_name_of_its_own_reaches_the_server(collection: WordsCollection, host: str, status: int) -> None:
    client = client_of(collection, Access(names=frozenset({"quotes.example.org"})))
    response = client.get("/api/v1/statements", environ_overrides={"HTTP_HOST": host})
    assert response.status_code == status
    if status == 421:
        assert problem(response) == (421, "/problems/wrong-host")
        assert "evil" not in response.text
    assert client.get("/", environ_overrides={"HTTP_HOST": host}).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://localhost:80"}, 200),
        ({"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://localhost:8080"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://evil.example/localhost"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "chrome-extension://localhost"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_what_another_sites_page_sends_is_refused(
    collection: WordsCollection, headers: dict[str, str], status: int
) -> None:
    client = client_of(collection)
    assert client.post("/verify", data=BODY, headers=headers).status_code == status
    response = client.post("/api/v1/ask", json={"question": "bridge"}, headers=headers)
    assert response.status_code == status
    if status == 403:
        assert problem(response) == (403, "/problems/from-elsewhere")
    assert client.get("/", headers=headers).status_code == 200  # a link from anywhere may lead here
    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        (LINK, 200),
        (LINK | {"Sec-Fetch-Site": "same-site"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Origin": "http://localhost"}, 200),
        (IMAGE, 403),
        (IMAGE | {"Sec-Fetch-Site": "same-site"}, 403),
        (LINK | {"Sec-Fetch-Dest": "iframe"}, 403),
        (LINK | {"Sec-Fetch-Dest": "object"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_another_sites_page_may_link_to_an_answer_and_not_have_it_fetched(
    collection: WordsCollection, headers: dict[str, str], status: int
) -> None:
    client = client_of(collection)
    for path in (ASK, "/?q=bridge", "/exchange?q=bridge", "/statements/briefing-varn"):
        assert client.get(path, headers=headers).status_code == status
    for path in ("/", "/statements", "/api/v1/statements", "/static/onrecord.js", "/healthz"):
        assert client.get(path, headers=headers).status_code == 200
    assert client.options(ASK, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin", "proxy", "status"),
    [
        ("127.0.0.1:8765", "https://quotes.example.org", "127.0.0.1", 200),
        ("quotes.example.org", "https://quotes.example.org:8443", "127.0.0.1", 200),
        ("quotes.example.org:8443", "https://Quotes.example.org:8443", None, 200),
        ("127.0.0.1:8765", "http://quotes.example.org:8765", None, 200),
        ("127.0.0.1:8765", "http://quotes.example.org:9999", None, 403),
        ("quotes.example.org:8443", "https://quotes.example.org", None, 403),
        ("127.0.0.1:8765", "https://evil.example", "127.0.0.1", 403),
        ("127.0.0.1:8765", "https://quotes.example.org.evil.example", "127.0.0.1", 403),
        ("127.0.0.1:8765", "ftp://quotes.example.org", "127.0.0.1", 403),
        ("127.0.0.1:8765", "https://quotes.example.org/", "127.0.0.1", 403),
    ],
)
def test_a_form_is_ours_under_every_name_of_ours_and_on_any_port_of_the_proxy(
    collection: WordsCollection, host: str, origin: str, proxy: str | None, status: int
) -> None:
    client = client_of(collection, Access(names=frozenset({"quotes.example.org"}), proxy=proxy))
    sent = client.post("/verify", data=BODY, headers={"Origin": origin}, environ_overrides={"HTTP_HOST": host})
    assert sent.status_code == status


def test_whether_it_is_up_and_ready_is_told_without_a_host_and_nothing_else(collection: WordsCollection) -> None:
    client = client_of(collection)
    nameless, named = {"HTTP_HOST": ""}, {"HTTP_HOST": "evil.example"}
    for path in ("/healthz", "/readyz"):
        assert client.get(path, environ_overrides=nameless).status_code == 200
        assert client.get(path, environ_overrides=named).status_code == 421
    assert client.get("/openapi.json", environ_overrides=nameless).status_code == 421


def test_every_response_keeps_other_sites_out_and_https_stays_https(collection: WordsCollection) -> None:
    client = client_of(collection)
    for path in ("/", "/api/v1/statements", "/api/v1/none", "/static/onrecord.js", "/openapi.json"):
        plain, secure = client.get(path), client.get(path, base_url="https://localhost")
        assert plain.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert plain.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "geolocation=()" in plain.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in plain.headers
        assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
        policy = plain.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy  # what it does not name, frames and objects among it, is allowed nowhere
        assert not {"object-src", "frame-src", "child-src"} & set(policy.replace(";", " ").split())


def test_an_original_is_a_file_to_keep_in_a_sandbox(collection: WordsCollection) -> None:
    sha256 = collection.archive.get("hostile?x=1#<i>").original_sha256
    headers = client_of(collection).get(f"/originals/{sha256}").headers
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# Where it may listen


@pytest.mark.parametrize(
    ("address", "sites", "proxy"),
    [
        ("0.0.0.0", (), None),  # noqa: S104 — what is refused
        ("::", (), None),
        ("192.0.2.7", (), None),
        ("127.0.0.1", ("quotes.example.org",), None),
        ("127.0.0.1", (), "127.0.0.1"),
    ],
)
def test_others_are_served_only_when_that_is_said_or_a_key_was_made(
    tmp_path: Path, address: str, sites: tuple[str, ...], proxy: str | None
) -> None:
    ring = Keyring(tmp_path)
    with pytest.raises(NotForOthers, match="say --public"):
        access(address, ring, public=False, sites=sites, proxy=proxy, rate=None)
    said = access(address, ring, public=True, sites=sites, proxy=proxy, rate=None)
    add(tmp_path, "newsroom")
    keyed = access(address, ring, public=False, sites=sites, proxy=proxy, rate=7)
    assert [(one.is_local, one.rate) for one in (said, keyed)] == [(False, 120), (False, 7)]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
def test_on_loopback_it_is_for_this_machine_and_counts_nothing(tmp_path: Path, address: str) -> None:
    who = access(address, Keyring(tmp_path), public=False, sites=("localhost",), proxy=None, rate=None)
    assert (who.is_local, who.rate) == (True, 0)
    assert not access(address, Keyring(tmp_path), public=True, sites=(), proxy=None, rate=None).is_local


def test_serve_refuses_to_listen_for_others_unless_that_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["serve", "--data", str(tmp_path), "--host", "0.0.0.0", "--port", "0"])  # noqa: S104
    assert done.exit_code == 2
    assert done.output.startswith("Error: 0.0.0.0 is not this machine's own loopback address, so that others")
    assert "--public" in done.output


def test_serve_hands_its_flags_to_the_gate_and_to_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_bag_of_words(monkeypatch)
    served: list[tuple[int, Access]] = []

    def once(app: Flask, _listener: object, _threads: int, *, access: Access, ready: object) -> None:
        at_site = app.test_client().get("/healthz", base_url="http://quotes.example.org")
        served.append((at_site.status_code, access))

    monkeypatch.setattr(serving, "serve", once)
    (tmp_path / "speech.txt").write_text("The lighthouse at Orm is lit again.", encoding="utf-8")
    assert (
        CliRunner().invoke(main, ["ingest", "--data", str(tmp_path / "data"), str(tmp_path / "speech.txt")]).exit_code
        == 0
    )
    flags = ["--public", "--site", "quotes.example.org", "--behind-proxy", "127.0.0.1", "--rate", "9", "--port", "0"]
    done = CliRunner().invoke(main, ["serve", "--data", str(tmp_path / "data"), *flags])
    assert done.exit_code == 0, done.output
    ((status, who),) = served
    assert (status, who.is_local, who.names) == (200, False, frozenset({"quotes.example.org"}))
    assert (who.proxy, who.rate) == ("127.0.0.1", 9)


def test_another_writer_is_told_which_command_rebuilds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def refused(config: Config, *_: object, task: str) -> None:
        told.append(task)
        raise wiring.NoArchive(config.data)

    monkeypatch.setattr(wiring, "collection", refused)
    for command in (["serve", "--port", "0"], ["ask", "zinc"], ["chat"]):
        assert CliRunner().invoke(main, [*command, "--data", str(tmp_path)]).exit_code == 2
    assert told == ["serve", "ask", "chat"]


def test_a_site_is_a_name_and_a_proxy_an_address(tmp_path: Path) -> None:
    for site in ("https://quotes.example.org", "quotes.example.org:443", "", "a b", "-a"):
        with pytest.raises(UnusableSite):
            access("127.0.0.1", Keyring(tmp_path), public=True, sites=(site,), proxy=None, rate=None)
    with pytest.raises(UnusableProxy):
        access("127.0.0.1", Keyring(tmp_path), public=True, sites=(), proxy="proxy.example", rate=None)


@pytest.mark.parametrize(
    ("given", "known_as"),
    [
        ("0:0:0:0:0:0:0:1", "::1"),
        ("::FFFF:127.0.0.1", "127.0.0.1"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_a_proxy_is_known_however_its_address_is_spelled(tmp_path: Path, given: str, known_as: str) -> None:
    assert access("::1", Keyring(tmp_path), public=True, sites=(), proxy=given, rate=None).proxy == known_as


# Rates


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_client_has_its_number_in_a_minute_and_others_have_theirs() -> None:
    clock = Clock()
    rates = Rates(clock=clock)
    assert [rates.spend("a", 3) for _ in range(4)] == [0, 0, 0, 60]
    clock.now = 12.5
    assert (rates.spend("a", 3), rates.spend("b", 3, 2), rates.spend("b", 3, 2)) == (48, 0, 60)
    clock.now = WINDOW
    assert (rates.spend("a", 3), rates.spend("b", 3, 2)) == (0, 13)
    assert rates.spend("c", 3, 12) == 0  # more than all at once, and nothing before it


def test_what_is_counted_is_bounded_and_forgotten_after_its_minute() -> None:
    clock = Clock()
    rates = Rates(most_clients=100, clock=clock)
    for number in range(1000):
        assert rates.spend(number, 1) == 0
    assert len(rates) == 100
    assert (rates.spend(999, 1), rates.spend(900, 1), rates.spend(899, 1)) == (60, 60, 0)
    clock.now = WINDOW
    rates.spend("later", 1)
    assert len(rates) == 1


def test_who_asks_too_often_is_told_when_to_come_back(collection: WordsCollection) -> None:
    client = client_of(collection, public(collection, rate=6))
    asked = [client.get(ASK) for _ in range(7)]
    assert [one.status_code for one in asked] == [200] * 6 + [429]
    assert problem(asked[-1]) == (429, "/problems/too-often")
    assert 1 <= int(asked[-1].headers["Retry-After"]) <= 60
    assert client.get("/statements").status_code == 200
    assert client.get(ASK, environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200


def test_a_conversation_costs_what_is_searched_for_and_what_is_remembered_costs_nothing(tmp_path: Path) -> None:
    small = SmallCollection(tmp_path).put(a_statement("Zinc is dear."))
    client = create_app(small.opened(), access=Access(is_local=False, rate=6)).test_client()
    talk = [f"q=Is+zinc+dear+in+{year}" for year in range(2001, 2006)]
    asked = [client.get("/?" + "&".join(talk[:count])).status_code for count in range(1, 6)]
    assert asked == [200] * 5  # each asks the one question that is new, and those before it are remembered
    at_once = "/?" + "&".join(f"q=Is+zinc+cheap+in+{year}" for year in range(2001, 2006))
    assert [client.get(path).status_code for path in (at_once, ASK)] == [200, 429]
    other = {"REMOTE_ADDR": "203.0.113.9"}
    fresh = [f"/?q=Is+tin+dear+in+{year}&q=Is+tin+cheap+in+{year}" for year in range(2001, 2005)]
    assert [client.get(path, environ_overrides=other).status_code for path in fresh] == [200, 200, 200, 429]


def test_the_form_alone_and_asking_for_no_more_than_headers_or_methods_ask_nothing(collection: WordsCollection) -> None:
    client = client_of(collection, public(collection, rate=3))
    assert [client.get("/").status_code for _ in range(4)] == [200] * 4
    for path in (ASK, "/?q=bridge"):
        assert [client.head(path).status_code for _ in range(3)] == [200] * 3
        assert client.options(path).status_code == 200
    assert client.head(ASK).content_type == client.get(ASK).content_type
    assert client.head("/?q=bridge").content_type == client.get("/?q=bridge").content_type
    assert [client.get(ASK).status_code for _ in range(2)] == [200, 429]


def test_a_head_searches_for_nothing(collection: WordsCollection, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(collection)
    monkeypatch.setattr(collection, "ask", None)
    assert [client.head(path).status_code for path in (ASK, "/?q=bridge", "/receipt?q=bridge")] == [200] * 3
    assert client.head("/statements/none").status_code == 404


def test_what_a_page_is_made_of_is_not_counted(collection: WordsCollection) -> None:
    client = client_of(collection, public(collection, rate=1))
    assert [client.get("/static/onrecord.css").status_code for _ in range(12)] == [200] * 12
    assert [client.get("/statements").status_code for _ in range(6)] == [200] * 5 + [429]


def test_checks_are_fewer_and_counted_for_each_key(collection: WordsCollection) -> None:
    client = client_of(collection, public(collection, rate=12))
    one, two = (add(collection.archive.path.parent, name) for name in ("one", "two"))
    by_one = [client.post("/api/v1/verify", json=BODY, headers=bearer(one)).status_code for _ in range(3)]
    assert by_one == [200, 200, 429]
    assert client.post("/api/v1/verify", json=BODY, headers=bearer(two)).status_code == 200


def test_an_ipv6_customer_is_one_client(collection: WordsCollection) -> None:
    client = client_of(collection, public(collection, rate=2))
    near = [f"2001:db8:0:1::{number:x}" for number in range(1, 4)]
    statuses = [client.get(ASK, environ_overrides={"REMOTE_ADDR": address}).status_code for address in near]
    assert statuses == [200, 200, 429]
    assert client.get(ASK, environ_overrides={"REMOTE_ADDR": "2001:db8:0:2::1"}).status_code == 200


def test_on_its_own_machine_nobody_is_counted(collection: WordsCollection) -> None:
    client = client_of(collection, local(collection))
    assert {client.get("/statements").status_code for _ in range(700)} == {200}


# Bounds


def nested(depth: int) -> bytes:
    return b'{"capsule": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


TOO_MUCH: dict[str, tuple[dict[str, Any], int]] = {
    "a long address": ({"path": "/api/v1/ask?question=" + "a" * 100_000}, 414),
    "a long path": ({"path": "/statements/" + "a" * 100_000}, 414),
    "many parameters": ({"path": "/api/v1/ask?" + "a=b&" * 200}, 414),
    "an unknown parameter often": ({"path": "/api/v1/ask?question=a" + "&a=b" * 150}, 422),
    "a long question": ({"path": "/api/v1/ask?question=" + "a" * 10_001}, 422),
    "a long question on the page": ({"path": "/?q=" + "a" * 2_001}, 400),
    "many questions on the page": ({"path": "/?" + "q=a&" * 13}, 400),
    "k": ({"path": "/api/v1/ask?question=a&k=101"}, 422),
    "a k of many digits": ({"path": "/api/v1/ask?question=a&k=" + "9" * 9_000}, 422),
    "a long id": ({"path": "/api/v1/statements/" + "a" * 9_000}, 422),
    "a long id on the page": ({"path": "/statements/" + "a" * 90_000}, 404),
    "an original of no length": ({"path": "/originals/" + "a" * 90_000}, 404),
    "a long history": ({"path": "/api/v1/ask", "json": {"question": "a", "history": ["b"] * 51}}, 422),
    "a long turn": ({"path": "/api/v1/ask", "json": {"question": "a", "history": ["b" * 10_001]}}, 422),
    "a large body": ({"path": "/api/v1/ask", "data": b" " * 1_048_577, "content_type": "application/json"}, 413),
    "a deep body": ({"path": "/api/v1/verify", "data": nested(100_000), "content_type": "application/json"}, 400),
    "a deep list": ({"path": "/api/v1/ask", "data": b"[" * 1_000_000, "content_type": "application/json"}, 400),
    "a large number": (
        {"path": "/api/v1/ask", "data": b'{"k": 1' + b"0" * 900_000 + b"}", "content_type": "application/json"},
        400,
    ),
    "many fields": (
        {
            "path": "/verify",
            "data": {f"field{number}": "x" for number in range(11)},
            "content_type": "multipart/form-data",
        },
        413,
    ),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_too_much_of_anything_is_refused_at_once(collection: WordsCollection, what: str) -> None:
    given, status = TOO_MUCH[what]
    client = client_of(collection)
    client.get("/statements")
    method = "POST" if {"data", "json"} & given.keys() else "GET"
    begun = perf_counter()
    response = client.open(method=method, **given)
    seconds = perf_counter() - begun
    assert response.status_code == status, response.text[:300]
    assert seconds < 0.5  # 50 ms, and room for a machine that does other things beside
    assert len(response.data) < 250_000


def test_what_goes_wrong_unforeseen_leaks_no_path_no_class_and_no_line_of_the_log(
    collection: WordsCollection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = create_app(collection)

    def broken(**_: object) -> str:
        raise LookupError("/home/someone/archive.db")

    gated = [name for name in app.view_functions if name not in {"static"}]
    app.view_functions.update(dict.fromkeys(gated, broken))
    client = app.test_client()
    for path, method in (
        *(("/", "GET"), ("/exchange", "GET"), ("/statements/x%0D%1B2020 ERROR forged", "GET"), ("/verify", "POST")),
        *(("/api/v1/ask", "POST"), ("/api/v1/statements/x", "GET"), ("/readyz", "GET"), ("/openapi.json", "GET")),
    ):
        response = client.open(path, method=method)
        assert response.status_code == 500
        told = response.text + str(response.headers)
        assert not [word for word in ("archive.db", "LookupError", "Traceback", "service/", ".py") if word in told]
    assert len(caplog.records) == 8
    assert all(record.getMessage().isprintable() for record in caplog.records)
    assert r"x\r\x1b2020 ERROR forged" in caplog.text
    caplog.clear()
    client.open("/statements/" + "x" * 50_000, method="GET")
    client.open("/statements/x", method="BREW" * 25_000)
    assert all(len(record.getMessage()) < 300 for record in caplog.records)
    assert len(caplog.records) >= 1
