"""ganvas: train, explore and use generative adversarial networks, on TensorFlow and Keras 3."""

import importlib
import os
import platform
from typing import TYPE_CHECKING, Any

from ganvas.machine import cores

# on two cores, two branches of a step side by side are faster than every kernel on both of them (docs/log.md; more
# cores were not measured); TensorFlow reads this when it first computes, and what is set already stands
if cores() == 2:
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")

# on processors without AVX-512, such as most laptops', TensorFlow leaves oneDNN off, and a step takes 1.4 times as long
if platform.machine() in ("x86_64", "AMD64"):
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

# some of TensorFlow's start-up lines read like failures; what does fail comes as an exception
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

if TYPE_CHECKING:
    from ganvas import (
        augment,
        doctor,
        features,
        images,
        latent,
        layers,
        losses,
        metrics,
        penalties,
        report,
        unsupervised,
    )
    from ganvas.comparison import compare
    from ganvas.data import load
    from ganvas.errors import RunFailedError, WrongUseError
    from ganvas.exploration import explore
    from ganvas.recipe import Recipe
    from ganvas.run import Run
    from ganvas.scores import evaluate
    from ganvas.trainer import describe, resume, train
    from ganvas.translation import apply

__version__ = "0.1.0"

# public names and the modules they live in, imported on first use: TensorFlow takes seconds
_HOMES = {
    "Recipe": "ganvas.recipe",
    "Run": "ganvas.run",
    "RunFailedError": "ganvas.errors",
    "WrongUseError": "ganvas.errors",
    "compare": "ganvas.comparison",
    "describe": "ganvas.trainer",
    "evaluate": "ganvas.scores",
    "explore": "ganvas.exploration",
    "load": "ganvas.data",
    "resume": "ganvas.trainer",
    "train": "ganvas.trainer",
    "apply": "ganvas.translation",
}
_MODULES = (
    "augment", "doctor", "features", "images", "latent", "layers", "losses", "metrics", "penalties", "report",
    "unsupervised",
)  # fmt: skip

__all__ = [
    "Recipe", "Run", "RunFailedError", "WrongUseError", "apply", "augment", "compare", "describe", "doctor", "evaluate",
    "explore", "features", "images", "latent",
    "layers", "load", "losses", "metrics", "penalties", "report", "resume", "train", "unsupervised",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"ganvas.{name}")
    raise AttributeError(f"module 'ganvas' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
