"""Ways through the latent space."""

import numpy as np
import pytest

from ganvas.latent import path, slerp


def test_slerp_keeps_the_norm_and_meets_its_ends():
    one, other = np.array([2.0, 0.0]), np.array([0.0, 2.0])
    for share in (0, 0.3, 1):
        assert np.linalg.norm(slerp(one, other, share)) == pytest.approx(2)
    assert slerp(one, other, 0.5) == pytest.approx(np.sqrt([2, 2]))
    assert slerp(one, one, 0.4) == pytest.approx(one)
    assert np.isfinite(slerp(one, -one, 0.5)).all()


def test_path_visits_every_stop():
    stops = np.random.RandomState(0).normal(size=(3, 4)).astype(np.float32)
    way = path(stops, 9, closed=False)
    assert way.shape == (9, 4)
    assert way[[0, 4, 8]] == pytest.approx(stops, abs=1e-5)
    ring = path(stops, 9, closed=True)
    assert ring[[0, 3, 6]] == pytest.approx(stops, abs=1e-5)
    assert not np.allclose(ring[-1], stops[0])  # the first frame follows the last
    assert np.array_equal(path(stops[:1], 3, closed=False), stops[:1].repeat(3, axis=0))
