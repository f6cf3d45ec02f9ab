"""Many questions in one go: JSONL in, one answer a line out, in the same order."""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import OnRecordError
from service.answer import Answer
from service.answering import MAX_K
from service.conversation import Utterance

FOUND, NOTHING_FOUND, SOME_REFUSED = 0, 1, 2


class BatchQuestion(BaseModel):
    """A line of a batch."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str | int | None = None
    question: str
    k: int | None = Field(default=None, ge=1, le=MAX_K)
    history: list[Utterance | str] = []


def answer_lines(ask: Callable[..., Answer], lines: Iterable[bytes], out: TextIO, k: int) -> int:
    """Write the answer to every line, with its id; a line that cannot be asked gets an "error" instead.

    `ask` is `Collection.ask`, with the filters and the manner that hold for every line.
    Returns the exit code: 0 when anything was found, 1 when nothing was, 2 when a line was refused.
    """
    found = refused = False
    for number, given in enumerate(lines, 1):
        line = given.removeprefix(BOM_UTF8) if number == 1 else given
        if not line.strip():
            continue
        answer = _answer(ask, line, number, k)
        found = found or answer.get("abstained") is False
        refused = refused or "error" in answer
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        out.flush()
    return SOME_REFUSED if refused else FOUND if found else NOTHING_FOUND


def _answer(ask: Callable[..., Answer], line: bytes, number: int, k: int) -> dict[str, object]:
    try:
        asked = BatchQuestion.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = f"{place}: {first['msg']}" if place else first["msg"]
        return {"id": _id_in(line), "error": f"Line {number} cannot be asked: {reason}. Write a JSON object per line."}
    history = [Utterance("user", said) if isinstance(said, str) else said for said in asked.history]
    try:
        answer = ask(asked.question, k=asked.k or k, history=history)
    except OnRecordError as error:
        return {"id": asked.id, "error": f"Line {number}: {error}"}
    return {"id": asked.id, **asdict(answer)}


def _id_in(line: bytes) -> str | int | None:
    """The id of a line that cannot be asked, where it can be read at all."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return None
    found = given.get("id") if isinstance(given, dict) else None
    return found if isinstance(found, str | int) else None
