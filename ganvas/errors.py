"""The two ways a user's request can end badly. The command line prints their sentence; nothing else."""


class WrongUseError(ValueError):
    """The request cannot be carried out as asked: one sentence says what was wrong and what is allowed (exit 2)."""


class RunFailedError(RuntimeError):
    """The request was fine and the work failed: one sentence says why and what is left to go on from (exit 1)."""


def first_line(error: Exception) -> str:
    """What went wrong, without the rest of the story; the error's kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
