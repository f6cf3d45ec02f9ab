"""Who gets in: under which names the server is reached, from which pages, with which key, and how often."""

import re
from base64 import b64decode
from dataclasses import dataclass

from flask import request

from corpus.errors import OnRecordError
from service.keys import Keyring
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
_ASKING = frozenset(
    {
        *("api.ask", "api.ask_in_conversation", "api.receipt", "api.receipt_in_conversation"),
        *("pages.chat", "pages.exchange", "pages.receipt"),
    }
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_HOST = re.compile(r"(\[(?P<v6>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9_.-]{1,253}))(:[0-9]{0,5})?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


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
    """The address of the one proxy whose word on where a request comes from is taken."""


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
    if proxy is not None and ip(proxy) is None:
        raise UnusableProxy(proxy)
    why = _reached_from_elsewhere(address, sites, proxy)
    if not keys.held() and why and not public:
        raise NotForOthers(why)
    is_local = not why and not public
    default = 0 if is_local else ASKING_RATE
    return Access(is_local, frozenset(map(str.lower, sites)), keys, default if rate is None else rate, proxy)


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
        if not self._is_own(request.environ.get("HTTP_HOST", "")):
            raise WrongHost
        if request.method not in _SAFE and _is_from_elsewhere():
            raise FromElsewhere
        query = request.query_string
        if len(request.environ["PATH_INFO"]) + len(query) > MAX_ADDRESS or query.count(b"&") >= MAX_PARAMETERS:
            raise AddressTooLong
        needs_key = request.endpoint is not None and request.endpoint not in OPEN
        holder = self._holder() if needs_key else None
        self._spend(f"key {holder}" if holder else client_at(request.remote_addr or ""))
        if needs_key and holder is None:
            self._refuse_without_key()

    def _is_own(self, host: str) -> bool:
        """Whether a Host header names this server; an address does always: no name on the net can pose as one."""
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        if found["v6"]:
            return ip(found["v6"]) is not None
        name = found["name"].lower().removesuffix(".")
        return name == "localhost" or name in self._who.names or ip(name) is not None

    def _holder(self) -> str | None:
        secret = _secret(request.headers.get("Authorization", ""))
        return self._who.keys.holder(secret) if secret and self._who.keys else None

    def _spend(self, client: str) -> None:
        if not self._who.rate:
            return
        what, most, cost = _price(self._who.rate)
        seconds = self._rates.spend((client, what), most, cost)
        if seconds:
            raise TooOften(seconds)

    def _refuse_without_key(self) -> None:
        if self._who.keys and self._who.keys.held():
            raise NoKey
        if not self._who.is_local:
            raise NoKeysYet


def _price(rate: int) -> tuple[str, int, int]:
    """What the request counts as, how much of it a minute may have, and what it costs: a conversation each question."""
    if request.endpoint in CHECKING:
        return "checking", max(1, rate // 6), 1
    questions = len(request.args.getlist("q"))
    if request.endpoint in _ASKING and (questions or request.endpoint != "pages.chat"):
        return "asking", rate, max(1, questions)
    return "rest", rate * 5, 1


def _is_from_elsewhere() -> bool:
    """Whether a browser says that the page which sent this is not one of ours; what is no browser says nothing."""
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    scheme, _, place = origin.lower().partition("://")
    port = _DEFAULT_PORTS.get(scheme)
    return port is None or place.removesuffix(port) != request.environ["HTTP_HOST"].lower().removesuffix(port)


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
