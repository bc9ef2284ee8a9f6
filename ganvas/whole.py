"""Files that are there whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A place beside `target`, of the same ending, to write to; on the disk, it takes the target's name.

    If the writing fails nothing is left of it, and what `target` was before stays. Several processes may write one
    file at a time.
    """
    part = target.with_name(f".part-{os.getpid()}-{target.name}")
    try:
        yield part
        with open(part, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(part, target)
        _sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """A new name outlives a power cut only once its folder is on the disk; Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
