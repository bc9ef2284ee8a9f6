"""The pages beside the README: what they tell readers to write and to run works."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from ganvas import cli

PAGES = Path(__file__).parent.parent / "docs"
QUICK = ["steps=2", "save=2", "preview=2", "evaluate=0", "batch=8", "data=digits", "size=28", "features=pixels"]


def test_extending_is_done_in_less_than_twenty_lines_each(tmp_path, monkeypatch):
    page = (PAGES / "extending.md").read_text()
    blocks = re.findall(r"```python file=mine.py\n(.*?)```", page, re.S)
    assert len(blocks) == 3
    assert all(len(block.strip().splitlines()) < 20 for block in blocks)
    (tmp_path / "mine.py").write_text("\n\n".join(blocks))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "mine", None)  # taken out again at the end, with what is imported in its place
    del sys.modules["mine"]
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.S) for line in block.strip().splitlines()]
    assert len(lines) == 3
    for line in lines:
        words = [word for word in shlex.split(line) if not word.startswith("steps=")]
        monkeypatch.setattr(sys, "argv", [*words, *QUICK])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code, line


def test_the_index_leads_to_what_is_there_by_commands_that_the_readme_tries():
    index, readme = PAGES / "index.md", PAGES.parent / "README.md"
    links = re.findall(r"\]\(([^)]+)\)", index.read_text())
    assert len(links) > 5
    for link in links:
        file, _, part = link.partition("#")
        target = (index.parent / file).resolve()
        assert target.exists(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.M)
        assert not part or part in [re.sub(r"[^\w\- ]", "", line).lower().replace(" ", "-") for line in headings], link

    def lines(page):
        blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.S)
        return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]

    assert [line for line in lines(index) if line not in lines(readme)] == []
