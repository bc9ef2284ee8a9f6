"""The machine that computes: its processor, and how many of its cores are ours."""

import os
import platform
from pathlib import Path


def cores() -> int:
    """How many cores this process may use: fewer than there are where it is kept to some (taskset, containers)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def onednn() -> bool:
    """Does TensorFlow compute with oneDNN here, whose sums end in other bits than its own kernels'?"""
    from tensorflow.python.util import _pywrap_util_port  # it has no public name

    return bool(_pywrap_util_port.IsMklEnabled())


def as_written() -> None:
    """Have TensorFlow compute graphs as they are written, in the whole process: call it before anything is computed.

    Its rewriting of graphs saves no time in ganvas' steps, takes some at their start, and now and then, it seems,
    computes something else: with it a repeated run of points differed in one of 25 cases, in a step's R1, without it in
    none of 76; of images one has differed (docs/log.md).
    """
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
