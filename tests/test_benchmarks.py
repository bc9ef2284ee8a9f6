"""The benchmarks' cases are settings that recipes take, and their verdicts are what they say."""

import importlib.util
import sys
from pathlib import Path

import pytest

from ganvas import recipes

PLACE = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def cures(monkeypatch):
    monkeypatch.syspath_prepend(PLACE)
    spec = importlib.util.spec_from_file_location("cures", PLACE / "cures.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "cures", module)  # where its dataclasses look their own names up
    spec.loader.exec_module(module)
    return module


def test_every_cure_is_a_setting_of_its_case(cures):
    for illness in cures.ILLNESSES.values():
        assert illness.judged_by in illness.figures
        for settings in ({}, *illness.cures.values()):
            treated = recipes.find(illness.recipe).but(**{**illness.settings, **settings})
            treated.check()
            assert all(treated == treated.but(**{name: value}) for name, value in settings.items())
            assert not settings or treated != recipes.find(illness.recipe).but(**illness.settings)


def test_a_cure_is_judged_by_all_its_seeds(cures):
    more, less = cures.ILLNESSES["mode collapse"], cures.ILLNESSES["vanishing gradients"]
    assert (more.lower, less.lower) == (False, True)
    assert more.verdict([1, 2], [3, 4]) == less.verdict([3, 4], [1, 2]) == "helps"
    assert more.verdict([3, 4], [1, 2]) == less.verdict([1, 2], [3, 4]) == "harms"
    assert more.verdict([1, 3], [2, 4]) == less.verdict([1, 3], [2, 4]) == "within the spread"
