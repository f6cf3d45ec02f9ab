"""The answers given of late: the same question, put to the same state of a collection, need not be searched again."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from service.answer import Answer

_MOST_QUOTES = 20
"""An answer with more of them is made for a program and too big to be kept."""
_LONGEST_QUESTION = 2_000
"""Characters of a question whose answer is kept, at most, so that all that is kept has a bound."""


class RecentAnswers:
    """The answers to the `size` questions asked last, as of one state: those of any other state are forgotten.

    `state` stands for all that an answer depends on beside what was asked, and is read before the answer is sought.
    """

    def __init__(self, size: int = 1024) -> None:
        self._size = size
        self._lock = Lock()
        self._state: Hashable = None
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()  # the one needed longest ago first

    def get(self, state: Hashable, asked: Hashable) -> Answer | None:
        """The answer that was put under `asked` in this `state`; `None` when there is none any more."""
        with self._lock:
            answers = self._at(state)
            if asked in answers:
                answers.move_to_end(asked)
            return answers.get(asked)

    def put(self, state: Hashable, asked: Hashable, answer: Answer) -> None:
        """Keep `answer`, in place of the one needed longest ago."""
        if len(answer.quotes) > _MOST_QUOTES or len(answer.standalone_question) > _LONGEST_QUESTION:
            return
        with self._lock:
            answers = self._at(state)
            answers[asked] = answer
            answers.move_to_end(asked)
            if len(answers) > self._size:
                answers.popitem(last=False)

    def _at(self, state: Hashable) -> OrderedDict[Hashable, Answer]:
        if state != self._state:
            self._answers.clear()
            self._state = state
        return self._answers
