"""API keys: made and revoked by command, and kept as hashes only, so that who reads the file gets in nowhere."""

import hmac
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from filelock import FileLock, Timeout
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from corpus.archive_file import UnusableFolder
from corpus.durable import replacing
from corpus.errors import OnRecordError
from service.json_files import NotReadable, reason, strictly_read

FILE = "keys.json"
PREFIX = "onr_"
"""What every key begins with, so that one that leaked is recognised."""
MAX_KEYS = 1000
_BYTES = 32  # 256 bits that nobody can guess: a slow hash, which is for passwords that people choose, would add nothing
_LARGEST_FILE = 1024 * 1024
_PATIENCE = 10.0
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


class UnusableKeyName(OnRecordError):
    """A name that no key can have."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"A key cannot be called {name[:80]!r}.", "Use up to 64 letters, digits, dots, hyphens and underscores."
        )


class KeyNameTaken(OnRecordError):
    """A name that a key has already."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is a key called {name!r} already.", f"Take another name, or first `onrecord keys revoke {name}`."
        )


class TooManyKeys(OnRecordError):
    """More keys than are held."""

    def __init__(self) -> None:
        super().__init__(f"There are {MAX_KEYS:,} keys, and no more are held.", "Revoke those that nobody uses.")


class UnknownKey(OnRecordError):
    """A name that no key has."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No key is called {name[:80]!r}.", "`onrecord keys list` shows those there are.")


class KeysInUse(OnRecordError):
    """Another command has been changing the keys all the while."""

    def __init__(self) -> None:
        super().__init__("The keys are being changed by another command.", "Wait until it is done and try again.")


class DamagedKeys(OnRecordError):
    """A list of keys that cannot be read: nobody gets in by it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"The keys in {path} cannot be read: {why}.",
            "Restore the file from a backup, or delete it and make the keys anew with `onrecord keys add`.",
        )


class UnreadableKeys(DamagedKeys):
    """A list of keys that the system does not let this user read, or not now: nobody gets in by it."""

    def __init__(self, path: Path, why: str) -> None:
        OnRecordError.__init__(
            self,
            f"The keys in {path} cannot be read: {why}.",
            "Nothing is wrong with the keys themselves: let the user who runs this read the file, and try again.",
        )


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: who has it, since when (UTC), and its hash; the key itself is known to its holder alone."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=f"^{_NAME}$")]
    made: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class _Kept:
    __pydantic_config__ = ConfigDict(extra="forbid")

    keys: Annotated[tuple[Key, ...], Field(max_length=MAX_KEYS)]


_KEPT: TypeAdapter[_Kept] = TypeAdapter(_Kept)


class Keyring:
    """The keys of a data folder as they are now: the file is read again whenever it is another one."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._read: tuple[tuple[int, int, int] | None, tuple[Key, ...]] = (None, ())

    def held(self) -> tuple[Key, ...]:
        """Every key. Raises `DamagedKeys`."""
        stamp = self._stamp()
        known, keys = self._read
        if stamp != known:
            keys = () if stamp is None else _read(self._path)
            self._read = (stamp, keys)
        return keys

    def holder(self, given: str) -> str | None:
        """The name of the key that was given; `None` when it is none. Raises `DamagedKeys`.

        It takes as long for a wrong key as for a right one.
        """
        digest = _digest(given)
        names = [key.name for key in self.held() if hmac.compare_digest(key.sha256, digest)]
        return names[0] if names else None

    def _stamp(self) -> tuple[int, int, int] | None:
        """What tells one state of the file from another: it is always replaced, never written in place."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableKeys(self._path, error.strerror or str(error)) from None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size


def add(data: Path, name: str) -> str:
    """A new key of that name: the only time that it is ever shown.

    Raises `UnusableKeyName`, `KeyNameTaken`, `TooManyKeys`, `DamagedKeys`, `KeysInUse` and `UnusableFolder`.
    """
    if not re.fullmatch(_NAME, name):
        raise UnusableKeyName(name)
    with _changing(data):
        keys = Keyring(data).held()
        if name in {key.name for key in keys}:
            raise KeyNameTaken(name)
        if len(keys) >= MAX_KEYS:
            raise TooManyKeys
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        _write(data, (*keys, Key(name, made, _digest(secret))))
    return secret


def revoke(data: Path, name: str) -> int:
    """Forget the key of that name; how many are left.

    Raises `UnknownKey`, `DamagedKeys`, `KeysInUse` and `UnusableFolder`.
    """
    with _changing(data):
        keys = Keyring(data).held()
        kept = tuple(key for key in keys if key.name != name)
        if len(kept) == len(keys):
            raise UnknownKey(name)
        _write(data, kept)
    return len(kept)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@contextmanager
def _changing(data: Path) -> Iterator[None]:
    """The only change of the keys at this time: it needs no writer's lock, an ingest may run for hours beside it."""
    lock = FileLock(data / "keys.lock", timeout=_PATIENCE)
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise KeysInUse from None
    except OSError as error:
        raise UnusableFolder(data, error.strerror or str(error)) from None
    try:
        yield
    finally:
        lock.release()


def _read(path: Path) -> tuple[Key, ...]:
    try:
        kept = _KEPT.validate_python(strictly_read(path.read_bytes(), _LARGEST_FILE))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UnreadableKeys(path, error.strerror or str(error)) from None
    except NotReadable as error:
        raise DamagedKeys(path, str(error)) from None
    except ValidationError as error:
        raise DamagedKeys(path, reason(error)) from None
    return kept.keys


def _write(data: Path, keys: tuple[Key, ...]) -> None:
    """Put the keys in the place of those before: whole and on the disk, or what was there stays."""
    try:
        with replacing(data / FILE, 0o600) as file:
            file.write(json.dumps({"keys": [asdict(key) for key in keys]}, indent=2).encode())
    except OSError as error:
        raise UnusableFolder(data, error.strerror or str(error)) from None
