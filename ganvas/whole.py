"""Files that are there whole, or not at all."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ganvas.errors import RunFailedError, WrongUseError

PART = ".part-"  # what names of folders begin with in which files are written until they are whole
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # what a disk without room says


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A file of the same name to write, in a folder of its own beside `target`; once on the disk it takes its place.

    If the writing fails nothing is left of it, and what `target` was before stays; if the process is killed, a folder
    that nothing looks into. Several may write one file at a time.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=PART) as folder:
        part = Path(folder) / target.name
        yield part
        with open(part, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(part, target)
        _sync_folder(target.parent)


def save_text(text: str, target: Path) -> Path:
    """Write text, whole or not at all, and say where it is.

    Raises WrongUseError for a place that cannot be written, RunFailedError for a disk without room.
    """
    try:
        with whole(target) as part:
            # names of files may hold what is no text
            part.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        kind = RunFailedError if error.errno in FULL else WrongUseError
        raise kind(f"cannot write {target}: {error.strerror or error}") from error
    return target


def _sync_folder(folder: Path) -> None:
    """A new name outlives a power cut only once its folder is on the disk; Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
