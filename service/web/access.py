"""Who gets in: under which names the server is reached, from which pages, with which key, and how often."""

import re
from base64 import b64decode
from dataclasses import dataclass

from flask import g, has_request_context, request

from corpus.errors import OnRecordError
from service.keys import Keyring
from service.stopwatch import Asking
from service.web.rates import WINDOW, Rates, client_at, ip

MAX_ADDRESS = 100_000
"""Bytes of path and query together, at most: a conversation of twelve of the longest questions in English fits."""
MAX_PARAMETERS = 200
"""Parameters in a query, at most: twelve questions with every filter are 96."""
ASKING_RATE = 120
"""Questions a minute and client, where others than this machine are served and nothing else is said."""
OPEN = frozenset(
    {
        *("api.ask", "api.ask_in_conversation", "api.receipt", "api.receipt_in_conversation"),
        *("api.list_statements", "api.get_statement", "api.cite", "api.is_up", "api.is_ready", "api.openapi"),
        *("pages.chat", "pages.exchange", "pages.receipt", "pages.statements", "pages.statement", "pages.original"),
        *("pages.draft", "pages.problem_kind", "static"),
    }
)
"""Asking, and reading what an answer cites: what never needs a key. Whatever is not named here does."""
CHECKING = frozenset({"api.verify", "pages.check"})
"""The endpoints that are handed drafts."""
_ASKING = frozenset(
    {
        *("api.ask", "api.ask_in_conversation", "api.receipt", "api.receipt_in_conversation"),
        *("pages.chat", "pages.exchange", "pages.receipt"),
    }
)
READING = _ASKING | {"pages.statement"}
"""The endpoints that search the collection for answers, or show a statement whole.

A page of another site may lead there by a link, and may not have them fetched behind its reader's back.
"""
_PROBES = frozenset({"api.is_up", "api.is_ready"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_HOST = re.compile(
    r"(\[(?P<v6>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9_.-]{1,253}))(:(?P<port>[0-9]{0,5}))?", re.IGNORECASE
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class NotForOthers(OnRecordError):
    """A server was to be reached from elsewhere, and nobody said that this is meant."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why}, so that others than this machine's own people could ask here.",
            "If that is meant, say --public; checking drafts then needs a key, made by `onrecord keys add NAME`.",
        )


class UnusableSite(OnRecordError):
    """A name under which no server can be reached."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name[:80]!r} is no host name.", "Give --site the name alone, as in `--site quotes.example.org`."
        )


class UnusableProxy(OnRecordError):
    """A proxy that is not named by its address."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name[:80]!r} is no IP address.",
            "Give --behind-proxy the address from which the proxy connects, as in `--behind-proxy 127.0.0.1`.",
        )


class NotLetIn(OnRecordError):
    """A request that is turned away for where it comes from or how it is addressed, before anything of it is read."""


class WrongHost(NotLetIn):
    """A request for a host name that is not this server's: a page elsewhere may have had its name point here."""

    def __init__(self) -> None:
        super().__init__(
            "This server is not reached under the name in the request's Host header.",
            "Use its address; to serve it under a name, start it with `--site NAME`.",
        )


class FromElsewhere(NotLetIn):
    """A request to do something that a page of another site had its reader's browser send."""

    def __init__(self) -> None:
        super().__init__("This was sent by a page of another site.", "Use the form on this server's own page.")


class AddressTooLong(NotLetIn):
    """An address with more in it than any that this server gives."""

    def __init__(self) -> None:
        super().__init__(
            f"This address has more than {MAX_ADDRESS:,} bytes or {MAX_PARAMETERS} parameters.",
            "Ask a shorter question, or begin a new conversation.",
        )


class TooOften(NotLetIn):
    """One client asks more in a minute than is fair to the others."""

    def __init__(self, seconds: int = int(WINDOW)) -> None:
        self.retry_after = seconds
        """In seconds."""
        super().__init__("Too much is asked from here.", f"Ask again in {seconds} seconds.")


class NoKey(NotLetIn):
    """Something that needs a key, without one or with one that is not known."""

    def __init__(self) -> None:
        super().__init__(
            "This needs a key, and none that is known was given.",
            "Send `Authorization: Bearer KEY`; a browser asks for a password: that is the key, with any name.",
        )


class NoKeysYet(NotLetIn):
    """Something that needs a key on a server for which none was made."""

    def __init__(self) -> None:
        super().__init__(
            "This needs a key, and no key was made yet.", "On the server, run `onrecord keys add NAME` to make one."
        )


ANY_REQUEST = (WrongHost, AddressTooLong, TooOften)
"""What every request can end in, whatever it asks for."""


@dataclass(frozen=True, slots=True)
class Access:
    """To whom a server answers: without more said, to the people of its own machine."""

    is_local: bool = True
    """Whether nobody but the people of this machine reaches it."""
    names: frozenset[str] = frozenset()
    """Host names under which it is reached, lower-case, besides `localhost` and every address."""
    keys: Keyring | None = None
    rate: int = 0
    """Questions that a client may ask in a minute; 0 for any number of anything."""
    proxy: str | None = None
    """The address of the one proxy whose word on where a request comes from is taken, spelled as `ip` spells it."""


def access(
    address: str, keys: Keyring, *, public: bool, sites: tuple[str, ...], proxy: str | None, rate: int | None
) -> Access:
    """What the flags of `onrecord serve` say of a server that listens on `address`.

    Raises `NotForOthers` where it would be reached from elsewhere, and neither was that said nor is there a key;
    `UnusableSite`, `UnusableProxy` and `DamagedKeys`.
    """
    for name in sites:
        if not _NAME.fullmatch(name.lower()):
            raise UnusableSite(name)
    trusted = None if proxy is None else ip(proxy)
    if proxy is not None and trusted is None:
        raise UnusableProxy(proxy)
    why = _reached_from_elsewhere(address, sites, proxy)
    if not keys.held() and why and not public:
        raise NotForOthers(why)
    is_local = not why and not public
    if rate is None:
        rate = 0 if is_local else ASKING_RATE
    return Access(is_local, frozenset(map(str.lower, sites)), keys, rate, str(trusted) if trusted else None)


def _reached_from_elsewhere(address: str, sites: tuple[str, ...], proxy: str | None) -> str | None:
    """Why others than this machine's people reach it; `None` when they do not."""
    if proxy is not None:
        return "A proxy in front hands on what comes from anywhere"
    found = ip(address)
    if found is None or not found.is_loopback:
        return f"{address} is not this machine's own loopback address"
    return f"{sites[0]} is a name for others" if any(name.lower() != "localhost" for name in sites) else None


class Gate:
    """Turns requests away before anything is done for them."""

    def __init__(self, who: Access) -> None:
        self._who = who
        self._rates = Rates()

    def check(self) -> None:
        """Let the request in that Flask has before it. Raises what is a `NotLetIn`, and `DamagedKeys`."""
        host = request.environ.get("HTTP_HOST", "")
        if not self._is_own(host) and (host or request.endpoint not in _PROBES):
            raise WrongHost
        if self._is_from_elsewhere():
            raise FromElsewhere
        query = request.query_string
        if len(request.environ["PATH_INFO"]) + len(query) > MAX_ADDRESS or query.count(b"&") >= MAX_PARAMETERS:
            raise AddressTooLong
        needs_key = request.endpoint is not None and request.endpoint not in OPEN
        holder = self._holder() if needs_key else None
        self._spend(f"key {holder}" if holder else client_at(request.remote_addr or ""))
        if needs_key and holder is None:
            self._refuse_without_key()

    def count(self, asking: Asking) -> None:
        """Count a question that was searched for: of a request's, the first is counted already when it is let in."""
        if asking.remembered or not has_request_context() or "asks_as" not in g:
            return
        if g.get("has_asked"):
            self._rates.add(g.asks_as)
        g.has_asked = True

    def _is_own(self, host: str) -> bool:
        """Whether a Host header names this server; an address does always: no name on the net can pose as one."""
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        if found["v6"]:
            return ip(found["v6"]) is not None
        name = found["name"].lower().removesuffix(".")
        return name == "localhost" or name in self._who.names or ip(name) is not None

    def _is_from_elsewhere(self) -> bool:
        """Whether a page of another site had a browser send what it may not; what is no browser says nothing."""
        is_read = request.method in _SAFE
        if is_read and not _is_reading():
            return False
        is_foreign = request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}
        if is_foreign and not (is_read and _is_link()):
            return True
        origin = request.headers.get("Origin")
        return origin is not None and not self._is_own_origin(origin.lower())

    def _is_own_origin(self, origin: str) -> bool:
        """Whether an Origin is the Host, or a name of ours: a proxy may give its own Host, and listen on any port."""
        scheme, _, place = origin.partition("://")
        default = _DEFAULT_PORTS.get(scheme)
        sent_from, sent_to = _HOST.fullmatch(place), _HOST.fullmatch(request.environ.get("HTTP_HOST", "").lower())
        if default is None or sent_from is None or sent_to is None:
            return False
        is_same_port = (sent_from["port"] or default) == (sent_to["port"] or default)
        if (sent_from["v6"] or sent_from["name"]) == (sent_to["v6"] or sent_to["name"]) and is_same_port:
            return True
        return sent_from["name"] in self._who.names and (is_same_port or self._who.proxy is not None)

    def _holder(self) -> str | None:
        secret = _secret(request.headers.get("Authorization", ""))
        return self._who.keys.holder(secret) if secret and self._who.keys else None

    def _spend(self, client: str) -> None:
        if not self._who.rate or request.endpoint == "static":
            return
        what, most = _counted_as(self._who.rate)
        seconds = self._rates.spend((client, what), most)
        if seconds:
            raise TooOften(seconds)
        if what == "asking":
            g.asks_as = (client, what)

    def _refuse_without_key(self) -> None:
        if self._who.keys and self._who.keys.held():
            raise NoKey
        if not self._who.is_local:
            raise NoKeysYet


def _counted_as(rate: int) -> tuple[str, int]:
    """What the request counts as, and how much of it a minute may have."""
    if request.endpoint in CHECKING and request.method == "POST":
        return "checking", max(1, rate // 6)
    return ("asking", rate) if _asks() else ("rest", rate * 5)


def _asks() -> bool:
    """Whether something is asked by the request: the form alone, HEAD and OPTIONS ask nothing."""
    is_asking = request.endpoint in _ASKING and (request.endpoint != "pages.chat" or "q" in request.args)
    return is_asking and request.method in {"GET", "POST"}


def _is_reading() -> bool:
    is_form = request.endpoint == "pages.chat" and "q" not in request.args
    return request.method != "OPTIONS" and request.endpoint in READING and not is_form


def _is_link() -> bool:
    """Whether a browser opens the address as a page of its own, and not inside of another."""
    headers = request.headers
    return headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest", "document") == "document"


def _secret(authorization: str) -> str | None:
    """The key in an Authorization header: a bearer's token, or the password that a person gave a browser.

    >>> _secret("Bearer onr_a"), _secret("Basic YW55Om9ucl9h"), _secret("Basic ?"), _secret("onr_a")
    ('onr_a', 'onr_a', None, None)
    """
    scheme, _, given = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return given.strip()
        case "basic":
            try:
                return b64decode(given.strip(), validate=True).decode().partition(":")[2]
            except ValueError:
                return None
    return None
