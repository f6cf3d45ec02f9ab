"""The errors a user can cause or meet: each says what is wrong and what to do about it."""


class OnRecordError(Exception):
    """Base of all our errors: one sentence naming the cause, one naming the next step."""

    def __init__(self, cause: str, cure: str) -> None:
        self.cause = cause
        self.cure = cure
        super().__init__(f"{cause} {cure}")


def first_line(error: BaseException) -> str:
    r"""What a library's error says first, without a full stop; of one that says nothing, the name of its class.

    >>> first_line(ValueError("No room.\nat io.cpp:7")), first_line(KeyError())
    ('No room', 'KeyError')
    """
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")


class InvalidStatement(OnRecordError):
    """A record from which no citation could be made."""

    def __init__(self, cause: str, cure: str = "Correct the record and ingest it again.") -> None:
        super().__init__(cause, cure)


class Unreadable(OnRecordError):
    """Bytes in which no reader found a statement."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause, cure)


class NoStatements(Unreadable):
    """A file that reads well and in which nothing is a statement, such as one of questions."""
