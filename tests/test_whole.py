"""Files are there whole, or not at all."""

from pathlib import Path

import pytest

from ganvas.whole import whole


def test_a_file_appears_once_it_is_written(tmp_path):
    target = tmp_path / "a.png"
    for text in ("first", "second"):
        with whole(target) as part:
            assert part.name == "a.png"
            part.write_text(text)
            assert list(tmp_path.glob("*.png")) == ([target] if text == "second" else [])
    assert target.read_text() == "second"
    assert list(tmp_path.iterdir()) == [target]


def test_what_fails_leaves_the_file_as_it_was(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def written_halfway():
        with whole(target) as part:
            part.write_text("half of")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        written_halfway()
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_text() == "old"


def test_a_missing_folder_is_an_error_of_the_disk():
    with pytest.raises(FileNotFoundError), whole(Path("nowhere") / "a.txt"):
        pass
