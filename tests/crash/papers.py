"""Invented statements whose every sentence stands nowhere else, written in several formats."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

_THINGS = ("harbour toll", "ferry fare", "bridge levy", "zinc price", "tin quota", "salt duty", "wool tariff")
_PLACES = ("Kelm", "Orm", "Varn", "Tolm", "Brask", "Ulm Ford", "Seld", "Nim", "Arrow Bay", "Wex", "Lund Hollow")
_DEEDS = ("rose to", "fell to", "was held at", "was set at", "came close to", "never passed", "went back to")
_UNITS = ("crowns", "shillings", "barrels", "tonnes", "wagons", "florins", "crates", "ledgers", "sacks")
_WHEN = ("after the thaw", "before the fair", "in the dry season", "at the autumn market", "during the strike")
SENTENCES = 5
"""Of a paper."""
CHANGED_BY = 100_000
"""What is added to the figures of a paper when it is changed."""


def sentence(figure: int) -> str:
    """The sentence about a figure, which stands in no other."""
    thing, place = _THINGS[figure % 7], _PLACES[figure % 11]
    return f"The {thing} of {place} {_DEEDS[figure // 7 % 7]} {figure} {_UNITS[figure % 9]} {_WHEN[figure % 5]}."


def sentences(paper: int, *, changed: bool = False) -> list[str]:
    """What a paper says; changed, every figure is another."""
    first = 1000 + SENTENCES * paper + CHANGED_BY * changed
    return [sentence(figure) for figure in range(first, first + SENTENCES)]


def write(folder: Path, papers: Iterable[int], *, changed: bool = False) -> None:
    """Write papers: in eights, a text, a Markdown and an HTML file, and five lines of one JSONL file."""
    folder.mkdir(exist_ok=True)
    lines: dict[int, list[int]] = {}
    for paper in papers:
        said = sentences(paper, changed=changed)
        match paper % 8:
            case 0:
                (folder / f"{paper}.txt").write_text(" ".join(said), encoding="utf-8")
            case 1:
                (folder / f"{paper}.md").write_text(f"# Paper {paper}\n\n{_paragraphs(said)}\n", encoding="utf-8")
            case 2:
                body = "".join(f"<p>{part}</p>" for part in (said[0], " ".join(said[1:])))
                page = f"<html><head><title>Paper {paper}</title></head><body>{body}</body></html>"
                (folder / f"{paper}.html").write_text(page, encoding="utf-8")
            case _:
                lines.setdefault(paper // 8, []).append(paper)
    for eight, held in lines.items():
        path = folder / f"lines-{eight}.jsonl"
        kept = _kept_lines(path, held)
        path.write_text("\n".join([*kept, *(_line(paper, changed=changed) for paper in held)]), encoding="utf-8")


def id_of(folder: Path, paper: int) -> str:
    """The id under which a paper is ingested from that folder."""
    endings = {0: "txt", 1: "md", 2: "html"}
    return f"{folder.name}/{paper}.{endings[paper % 8]}" if paper % 8 in endings else f"paper-{paper}"


def _paragraphs(said: Sequence[str]) -> str:
    return "\n\n".join((said[0], " ".join(said[1:])))


def _line(paper: int, *, changed: bool) -> str:
    told = {
        "id": f"paper-{paper}",
        "title": f"Paper {paper}",
        "issuer": f"Office {paper % 3}",
        "published": f"2021-0{1 + paper % 9}-11",
        "text": " ".join(sentences(paper, changed=changed)),
    }
    return json.dumps(told)


def _kept_lines(path: Path, besides: Sequence[int]) -> list[str]:
    """The lines of a file that is there, without those of the papers written anew."""
    if not path.exists():
        return []
    written = {f"paper-{paper}" for paper in besides}
    return [line for line in path.read_text(encoding="utf-8").splitlines() if json.loads(line)["id"] not in written]
