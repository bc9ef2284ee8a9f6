"""Several devices and several workers train one game: all copies end bit-equal."""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest
import small
import tensorflow as tf

import ganvas
from ganvas.engine import is_chief, workers_of

TWO_DEVICES = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import ganvas, small
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
recipe = small.shrunk("quick", precision="float32", label="kmeans:4", augment="colour", adapt=0.1, mismatch=0.5)
ganvas.train(recipe, run="mirrored", strategy=strategy, progress=False)
"""

TWICE = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import ganvas, small
listed = tf.config.list_logical_devices
tf.config.list_logical_devices = lambda kind=None: listed("CPU") if kind == "GPU" else listed(kind)
made = tf.distribute.MirroredStrategy
tf.distribute.MirroredStrategy = lambda: made(["CPU:0", "CPU:1"])
for name in ("toy", "dense"):
    ganvas.train(small.shrunk(name, precision="float32", evaluate=0), run=name, progress=False)
"""

WORKER = """
import sys, numpy as np, tensorflow as tf
from ganvas import trainer as module
import ganvas, small
engines = []
class Kept(module.Engine):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        engines.append(self)
module.Engine = Kept
ganvas.train(small.shrunk("dense", precision="float32"), run="shared", progress=False)
np.savez(sys.argv[1], **engines[0].state(4))
"""


def _free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _start(code, *arguments, **extra):
    env = {**os.environ, "PYTHONPATH": os.path.dirname(small.__file__), "CUDA_VISIBLE_DEVICES": "-1", **extra}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=env, stderr=subprocess.PIPE, text=True)


def test_two_workers_end_bit_equal():
    cluster = {"worker": [f"127.0.0.1:{port}" for port in _free_ports(2)]}
    configs = [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": i}}) for i in (0, 1)]
    workers = [_start(WORKER, f"{i}.npz", TF_CONFIG=config) for i, config in enumerate(configs)]
    endings = [(worker.communicate(timeout=300)[1], worker.returncode) for worker in workers]
    assert [status for _, status in endings] == [0, 0], endings
    states = [dict(np.load(f"{i}.npz")) for i in (0, 1)]
    assert small.states_differ(*states) == []
    # one of them wrote the run, and what it wrote is what they hold
    assert small.states_differ(states[0], ganvas.Run("shared").load_state()[0]) == []


class _Cluster:
    """A stand-in for a strategy: only its cluster is asked for."""

    def __init__(self, jobs, kind, index):
        self.cluster_resolver, self.task_type, self.task_id = self, kind, index
        self.cluster_spec = lambda: tf.train.ClusterSpec(jobs)


def test_one_process_writes_whatever_the_cluster_calls_it():
    workers, led = {"worker": ["a:1", "b:1"]}, {"chief": ["c:1"], "worker": ["a:1"]}
    writes = {(len(jobs), kind, i): is_chief(_Cluster(jobs, kind, i)) for jobs, kind, i in (
        (workers, "worker", 0), (workers, "worker", 1), (led, "chief", 0), (led, "worker", 0)
    )}  # fmt: skip
    assert list(writes.values()) == [True, False, True, False]
    assert workers_of(_Cluster(led, "worker", 0)) == workers_of(_Cluster(workers, "worker", 0)) == 2
    assert is_chief(tf.distribute.get_strategy())
    assert workers_of(tf.distribute.get_strategy()) == 1


def test_two_trainings_in_one_process_share_their_devices():
    process = _start(TWICE)
    assert process.wait(timeout=300) == 0, process.stderr.read()[-2000:]
    assert ganvas.Run("dense").environment["machine"]["devices"].startswith("2 ")


@pytest.mark.long
def test_two_devices_train_as_one():
    """With half a batch on each of two devices, costs are those of the whole batch on one; batch norm differs.

    A recipe with labels and adaptive augmentation: state of both kinds is kept alike on the devices.
    """
    process = _start(TWO_DEVICES)
    assert process.wait(timeout=300) == 0, process.stderr.read()
    mirrored = ganvas.Run("mirrored")
    single = ganvas.train(mirrored.recipe, run="single", progress=False)
    assert mirrored.status == single.status == "done"
    first, second = mirrored.log()[0], single.log()[0]
    assert abs(first["discriminator_cost"] - second["discriminator_cost"]) < 0.2 * abs(second["discriminator_cost"])
    assert mirrored.sample(2).shape == single.sample(2).shape
