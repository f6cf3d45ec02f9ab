"""The process in which one target is fuzzed: `tests.fuzz.readers` starts it, with the fuzzer's own arguments."""

import sys

import atheris

with atheris.instrument_imports(include=["corpus", "service", "markdown_it", "docx"], enable_loader_override=False):
    from tests.fuzz.targets import tried


def main() -> None:
    """Fuzz until the time is up or an input goes wrong; it does not return."""
    name, *arguments = sys.argv[1:]
    atheris.Setup(["fuzz", *arguments], lambda data: tried(name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
