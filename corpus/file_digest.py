"""The digest of a file, found in a process of its own: `python corpus/file_digest.py FILE` prints it.

A process that closes a file loses every lock that it has on it, by POSIX, whichever descriptor the lock was taken with:
one that has a database open must not read the file beside SQLite. Nothing but the standard library is imported here.
"""

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

BLOCK = 1 << 26
"""Bytes that one thread hashes at a time."""
_PIECE = 1 << 20


def digest_of(path: os.PathLike[str]) -> str:
    """The SHA-256 of the SHA-256s of the file's blocks, in hexadecimal. Raises `OSError` when it cannot be read."""
    import subprocess  # this side's alone: the process that hashes starts the quicker without it

    command = [sys.executable, "-I", "-S", __file__, os.fspath(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603, our own interpreter
    if done.returncode:
        raise OSError(None, done.stderr.strip().rpartition("\n")[2] or "its digest could not be found", os.fspath(path))
    return done.stdout.strip()


def digest_here(path: str, block: int = BLOCK) -> str:
    """The same, found in this process: as many processors as there are share the work."""
    size = os.stat(path).st_size  # noqa: PTH116, quicker to import than pathlib's
    bounds = [*range(0, size, block), size]
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as hashers:
        hashed = hashers.map(lambda bound: _block(path, *bound), pairwise(bounds))
        return hashlib.sha256(b"".join(hashed)).hexdigest()


def _block(path: str, start: int, end: int) -> bytes:
    hashed = hashlib.sha256()
    with open(path, "rb") as file:  # noqa: PTH123
        file.seek(start)
        while start < end and (piece := file.read(min(_PIECE, end - start))):
            hashed.update(piece)
            start += len(piece)
    return hashed.digest()


if __name__ == "__main__":
    sys.stdout.write(digest_here(sys.argv[1]))
