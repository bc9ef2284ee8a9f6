"""One training step of the notes' DCGAN: written out by hand in TensorFlow, against `ganvas train dcgan`, in one run.

    python benchmarks/step.py [--rounds 5] [--steps 12]

The sides take turns, each round in its own process, so that the machine's drift touches all alike; the ratio is of
the medians. PyTorch's figure is added where it is installed. Prints a table and JSON.
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys

BATCH = 256
SIDES = ["by hand float32", "ganvas float32", "ganvas bfloat16", "by hand bfloat16", "torch float32"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--steps", type=int, default=12)
    options.add_argument("--side", choices=SIDES)
    chosen = options.parse_args()
    if chosen.side:
        print(json.dumps(_measure(chosen.side, chosen.steps)))
        return
    sides = [s for s in SIDES if "torch" not in s or importlib.util.find_spec("torch")]
    found: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(chosen.rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            command = [sys.executable, __file__, "--side", side, "--steps", str(chosen.steps)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[side].append(json.loads(done.stdout.splitlines()[-1]))
    base = statistics.median(found["by hand float32"])
    print(f"{'side':<20} {'images/s':>10} {'min':>8} {'max':>8} {'ratio':>7}")
    for side, rates in found.items():
        middle = statistics.median(rates)
        print(f"{side:<20} {middle:>10.0f} {min(rates):>8.0f} {max(rates):>8.0f} {middle / base:>7.2f}")
    print(json.dumps({side: {"images_per_second": rates} for side, rates in found.items()}))


def _measure(side: str, steps: int) -> float:
    """Images a second of one side, after a warm-up."""
    if side.startswith("ganvas"):
        return _ganvas(side.split()[1], steps)
    if side.startswith("torch"):
        return _torch(steps)
    return _by_hand(side.split()[-1], steps)


def _by_hand(precision: str, steps: int) -> float:
    """The notes' `train_step`, fed by tf.data as the notes feed it."""
    import os
    import time

    # TensorFlow's own threads, not those that ganvas sets
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "0", "TF_NUM_INTEROP_THREADS": "0"}

    import keras
    import tensorflow as tf
    from keras import layers

    from ganvas import data

    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    generator = keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(7 * 7 * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Reshape((7, 7, 256)),
            layers.Conv2DTranspose(128, 5, strides=1, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(64, 5, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(1, 5, strides=2, padding="same", use_bias=False),
            layers.Activation("tanh", dtype="float32"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 5, strides=2, padding="same"),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Conv2D(128, 5, strides=2, padding="same"),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(1, dtype="float32"),
        ]
    )
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    generator_optimizer, discriminator_optimizer = keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4)
    generator_optimizer.build(generator.trainable_variables)
    discriminator_optimizer.build(discriminator.trainable_variables)

    @tf.function
    def train_step(images):
        noise = tf.random.normal([BATCH, 100])
        with tf.GradientTape() as generator_tape, tf.GradientTape() as discriminator_tape:
            generated = generator(noise, training=True)
            real, fake = discriminator(images, training=True), discriminator(generated, training=True)
            generator_cost = cross_entropy(tf.ones_like(fake), fake)
            discriminator_cost = cross_entropy(tf.ones_like(real), real) + cross_entropy(tf.zeros_like(fake), fake)
        for tape, cost, model, optimizer in (
            (generator_tape, generator_cost, generator, generator_optimizer),
            (discriminator_tape, discriminator_cost, discriminator, discriminator_optimizer),
        ):
            gradients = tape.gradient(cost, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return generator_cost, discriminator_cost

    images = data.load("fashion_mnist").images.astype("float32") / 127.5 - 1
    batches = iter(tf.data.Dataset.from_tensor_slices(images).shuffle(60_000).repeat().batch(BATCH))
    for _ in range(3):
        train_step(next(batches))
    began = time.perf_counter()
    for _ in range(steps):
        costs = train_step(next(batches))
    float(costs[0])
    return steps * BATCH / (time.perf_counter() - began)


def _ganvas(precision: str, steps: int) -> float:
    """The library's own engine on the recipe `dcgan`, its feed included."""
    import time

    import tensorflow as tf

    from ganvas.engine import Engine
    from ganvas.trainer import prepare

    recipe, samples = prepare("dcgan", {"precision": precision})
    engine = Engine(recipe, samples, tf.distribute.get_strategy())
    with engine.feed:
        engine.advance(0, 3)
        began = time.perf_counter()
        engine.advance(3, steps // 2)
        engine.advance(3 + steps // 2, steps - steps // 2)
        return steps * BATCH / (time.perf_counter() - began)


def _torch(steps: int) -> float:
    import time

    import torch
    from torch import nn

    class Cut(nn.Module):
        def __init__(self, side):
            super().__init__()
            self.side = side

        def forward(self, x):
            return x[:, :, : self.side, : self.side]

    generator = nn.Sequential(
        nn.Linear(100, 7 * 7 * 256, bias=False),
        nn.BatchNorm1d(7 * 7 * 256),
        nn.LeakyReLU(0.3),
        nn.Unflatten(1, (256, 7, 7)),
        nn.ConvTranspose2d(256, 128, 5, 1, 2, bias=False),
        nn.BatchNorm2d(128),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(128, 64, 5, 2, 2, output_padding=1, bias=False),
        nn.BatchNorm2d(64),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(64, 1, 5, 2, 2, output_padding=1, bias=False),
        nn.Tanh(),
        Cut(28),
    )
    discriminator = nn.Sequential(
        nn.Conv2d(1, 64, 5, 2, 2),
        nn.LeakyReLU(0.3),
        nn.Dropout(0.3),
        nn.Conv2d(64, 128, 5, 2, 2),
        nn.LeakyReLU(0.3),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(128 * 7 * 7, 1),
    )
    cross_entropy = nn.BCEWithLogitsLoss()
    optimizers = [torch.optim.Adam(m.parameters(), 1e-4) for m in (generator, discriminator)]
    real = torch.rand(BATCH, 1, 28, 28) * 2 - 1

    def train_step():
        fake = generator(torch.randn(BATCH, 100))
        judged_real, judged_fake = discriminator(real), discriminator(fake)
        one, zero = torch.ones_like(judged_real), torch.zeros_like(judged_real)
        generator_cost = cross_entropy(judged_fake, one)
        discriminator_cost = cross_entropy(judged_real, one) + cross_entropy(judged_fake, zero)
        for cost, model in ((generator_cost, generator), (discriminator_cost, discriminator)):
            weights = list(model.parameters())
            for weight, gradient in zip(weights, torch.autograd.grad(cost, weights, retain_graph=True), strict=True):
                weight.grad = gradient
        for optimizer in optimizers:
            optimizer.step()

    for _ in range(3):
        train_step()
    began = time.perf_counter()
    for _ in range(steps):
        train_step()
    return steps * BATCH / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
