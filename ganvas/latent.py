"""The latent space: ways through it."""

from collections.abc import Callable

import numpy as np


def slerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """Spherical interpolation of two latents (White 2016): on the way the norm stays that of a normal draw."""
    norms = np.linalg.norm(start), np.linalg.norm(end)
    cosine = np.clip(np.dot(start, end) / max(norms[0] * norms[1], 1e-12), -1.0, 1.0)
    angle = np.arccos(cosine)
    if np.sin(angle) < 1e-6:
        return lerp(start, end, share)
    return (np.sin((1 - share) * angle) * start + np.sin(share * angle) * end) / np.sin(angle)


def lerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """The straight line between two points: for shares of classes, which stay shares on the way."""
    return (1 - share) * start + share * end


def path(stops: np.ndarray, frames: int, closed: bool, between: Callable[..., np.ndarray] = slerp) -> np.ndarray:
    """`frames` points (frames, width) along the stops (K, width), evenly spaced, back to the first if `closed`."""
    legs = len(stops) if closed else len(stops) - 1
    if legs == 0:
        return stops.repeat(frames, axis=0)
    places = np.arange(frames) * (legs / frames) if closed else np.linspace(0, legs, frames)
    legged = [(min(int(place), legs - 1), place) for place in places]
    found = [between(stops[leg], stops[(leg + 1) % len(stops)], place - leg) for leg, place in legged]
    return np.stack(found).astype(np.float32)


def way(
    stops: np.ndarray, labels: np.ndarray | None, kinds: int, frames: int, closed: bool = False
) -> tuple[np.ndarray, np.ndarray | None]:
    """A path through latents (K, width) and their labels (K,): latents, and shares of the kinds (frames, kinds)."""
    shares = None if labels is None else path(np.eye(kinds)[labels], frames, closed, between=lerp)
    return path(stops, frames, closed), shares
