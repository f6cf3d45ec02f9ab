"""Every way into the program, gone through once in this process, while an audit hook notes what it does.

`python -m tests.audited FOLDER` works on the `statements`, `judged` and `draft.md` in FOLDER, with the real default
model, and prints as JSON what it noted: what was opened, run, unpickled, started and connected to.
"""

import json
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

QUESTION = "How far did the bridge deck sink in the loading tests?"
STARTS = {
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "subprocess.Popen",
    "pty.spawn",
}
CONNECTS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"}
LIBRARIES = {"ctypes.dlopen", "sqlite3.load_extension", "sqlite3.enable_load_extension"}
UNPICKLES = {"pickle.find_class", "marshal.loads", "marshal.load", "torch.load", "numpy.load"}
RUNS = {"exec", "compile", "import"}
_IMPORTING = "<frozen importlib._bootstrap_external>"


class Noted:
    """What an audit hook heard: how often each event came with each of its arguments that matter."""

    def __init__(self) -> None:
        self.heard: Counter[tuple[str, ...]] = Counter()
        self.doing = ""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The hook: nothing is refused, so that one run finds everything."""
        if event == "open":
            self._opened(*arguments)
        elif event == "socket.connect":
            self._note(event, str(arguments[1]))
        elif event in RUNS:
            self._note(event, _source(event, arguments))
        elif event in ("marshal.loads", "marshal.load"):
            caller = sys._getframe(1).f_code.co_filename
            if caller != _IMPORTING:  # that reads the compiled modules of what is installed, noted as opened
                self._note(event, caller)
        elif event in STARTS | CONNECTS | LIBRARIES | UNPICKLES:
            self._note(event, " ".join(map(str, arguments)))

    def _opened(self, path: object, _: object, flags: int) -> None:
        # a name within a folder that is open already, as when a tree is deleted, is not one from here
        if isinstance(path, str | bytes):
            named = Path(os.fsdecode(path))
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if named.is_absolute() or writes or named.exists():
                self._note("write" if writes else "read", str(named.absolute()))

    def _note(self, event: str, said: str) -> None:
        self.heard[event, said, self.doing] += 1


def _source(event: str, arguments: Sequence[object]) -> str:
    """The file that code is from; what is made up on the way, as by `dataclass`, has a name in angle brackets."""
    named = arguments[1] if event != "exec" else getattr(arguments[0], "co_filename", None)
    return os.fsdecode(named) if isinstance(named, str | bytes) else "<unnamed>"


def tell_of_readers() -> None:
    """Let `torch.load` and `numpy.load` raise audit events of these names: their own readers raise none."""
    import numpy as np
    import torch

    def told(event: str, read: Callable[..., Any]) -> Callable[..., Any]:
        def reading(file: Any, *rest: Any, **given: Any) -> Any:
            sys.audit(event, file)
            return read(file, *rest, **given)

        return reading

    torch.load = torch.serialization.load = told("torch.load", torch.load)
    np.load = told("numpy.load", np.load)


def _commands(folder: Path) -> list[list[str]]:
    capsule, receipt, bundle = (str(folder / name) for name in ("capsule.json", "receipt.json", "bundle.zip"))
    place = ["statements/bridge-reopened-ministry.txt", "1033", "1151"]
    return [
        ["ingest", str(folder / "statements")],
        ["ask", QUESTION],
        ["ask", QUESTION, "--receipt", receipt],
        ["chat"],
        ["show", place[0]],
        ["cite", *place, "--format", "chicago"],
        ["cite", *place, "--format", "capsule", "-o", capsule],
        ["verify", capsule],
        ["verify", receipt],
        ["verify", str(folder / "draft.md"), "--report", str(folder / "check.html")],
        ["export", QUESTION, "-o", bundle],
        ["reindex"],
        ["reindex", "--model", "all-MiniLM-L6-v2"],
        ["calibrate"],
        ["evaluate", str(folder / "judged"), "--report", str(folder / "report.html")],
        ["remove", "statements/storm-tide-notice-zh.txt"],
        ["verify"],
        ["status"],
    ]


def _run(arguments: list[str], data: Path) -> None:
    from click.testing import CliRunner

    from service.cli import main

    given = [arguments[0], *(() if arguments[0] == "evaluate" else ("--data", str(data))), *arguments[1:]]
    done = CliRunner().invoke(main, given, input=QUESTION)
    if done.exit_code not in (0, 1) or (done.exception and not isinstance(done.exception, SystemExit)):
        raise RuntimeError(f"{arguments}: {done.output} {done.exception!r}")


def _served(data: Path) -> str:
    """One page of a server that is then told to stop; the answer's status line."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    answers: list[bytes] = []

    def visit() -> None:
        while True:
            try:
                with socket.socket() as visitor:
                    visitor.connect(("127.0.0.1", port))
                    visitor.sendall(f"GET /?q=bridge HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                    answers.append(visitor.recv(12))
                    break
            except ConnectionRefusedError:
                sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=visit, daemon=True).start()
    _run(["serve", "--port", str(port)], data)
    return answers[0].decode()


def main(folder: Path) -> None:
    """Go through every command in `folder`, and print what was heard, what a visitor got and which code is mapped."""
    noted = Noted()
    sys.addaudithook(noted)
    tell_of_readers()
    for arguments in _commands(folder):
        noted.doing = arguments[0]
        noted.heard["begun", "", arguments[0]] += 1
        _run(arguments, folder / "data")
    noted.doing = "serve"
    noted.heard["begun", "", "serve"] += 1
    answered = _served(folder / "data")
    heard = [(*what, times) for what, times in noted.heard.items()]
    json.dump({"heard": heard, "answered": answered, "mapped": _mapped_code()}, sys.stdout)


def _mapped_code() -> list[str]:
    """The files whose bytes this process may execute, however they were loaded; empty where the system does not say."""
    maps = Path("/proc/self/maps")
    lines = [line.split(maxsplit=5) for line in maps.read_text(encoding="utf-8").splitlines()] if maps.exists() else []
    return sorted({line[5] for line in lines if "x" in line[1] and line[5:] and line[5].startswith("/")})


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
