"""A whole GAN on one page, without ganvas: it learns to put points on eight places of a ring.

    python examples/one_file_gan.py

takes a minute or two, prints the costs now and then, and saves one_file_gan.png. It plays the game of
`ganvas train toy`: tests/test_examples.py holds both to the same costs and weights, step by step.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from matplotlib.figure import Figure

LATENT, BATCH, STEPS = 2, 256, 6_000
RATE, BETAS = 1e-3, (0.5, 0.99)  # of Adam, for both players
GAMMA = 0.01  # the weight of the penalty
MEMORY = 0.99  # of the averaged generator


def ring(count: int, random: np.random.RandomState) -> np.ndarray:
    """Real samples: points float32 (count, 2), each near one of eight places at a distance of 0.75 from the middle."""
    angle = random.randint(8, size=count) * 2 * np.pi / 8
    places = 0.75 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (places + 0.02 * random.normal(size=(count, 2))).astype(np.float32)


def make_generator() -> keras.Model:
    """From latents (batch, LATENT), pure noise, to points (batch, 2). It never sees a real point."""
    hidden = [layers.Dense(128, activation="relu") for _ in range(3)]
    return keras.Sequential([keras.Input((LATENT,)), *hidden, layers.Dense(2)])


def make_discriminator() -> keras.Model:
    """From points (batch, 2) to logits (batch, 1): above 0 it takes a point for real, below 0 for generated."""
    hidden = [part for _ in range(3) for part in (layers.Dense(128), layers.LeakyReLU(0.2))]
    return keras.Sequential([keras.Input((2,)), *hidden, layers.Dense(1)])


def discriminator_cost(discriminator: keras.Model, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Low where real points have high logits and generated ones low logits, and the slope at real points is gentle."""
    # with D = sigmoid(logit), softplus(-logit) is -log D and softplus(logit) is -log(1 - D)
    told_apart = tf.reduce_mean(tf.nn.softplus(-discriminator(real)) + tf.nn.softplus(discriminator(fake)))
    # R1: where generated points have arrived among the real ones, nothing should push them on (Mescheder et al. 2018)
    with tf.GradientTape() as tape:
        tape.watch(real)
        logits = discriminator(real)
    slope = tape.gradient(logits, real)
    return told_apart + GAMMA * 0.5 * tf.reduce_mean(tf.reduce_sum(slope**2, axis=1))


def generator_cost(discriminator: keras.Model, fake: tf.Tensor) -> tf.Tensor:
    """Low where the discriminator takes generated points for real ones.

    The game as first stated has the generator minimise log(1 - D), which is flat where D is near 0: a generator that is
    found out would learn nothing. -log D is steep there (the "non-saturating" cost, Goodfellow et al. 2014).
    """
    return tf.reduce_mean(tf.nn.softplus(-discriminator(fake)))


@tf.function
def step(generator, discriminator, average, optimizers, real, noise, count):
    """One round: each player moves once. `noise` is a pair of latents, fresh ones for either turn. The two costs."""
    # the discriminator's turn: the generator's points are given, only the discriminator's weights move
    fake = generator(noise[0])
    with tf.GradientTape() as tape:
        judged = discriminator_cost(discriminator, real, fake)
    weights = discriminator.trainable_variables
    optimizers[0].apply(tape.gradient(judged, weights), weights)

    # the generator's turn: the gradient passes through the discriminator, but only the generator's weights move
    with tf.GradientTape() as tape:
        fooled = generator_cost(discriminator, generator(noise[1]))
    weights = generator.trainable_variables
    optimizers[1].apply(tape.gradient(fooled, weights), weights)

    # the players circle around each other; the mean of the last generators lies calmer than any of them.
    # In the beginning it forgets faster, for the first ones are not worth remembering
    decay = tf.minimum(MEMORY, 1.0 - 1.0 / (1.0 + 0.05 * tf.cast(count, tf.float32)))
    for mean, weight in zip(average.trainable_variables, weights, strict=True):
        mean.assign(weight + decay * (mean - weight))
    return judged, fooled


def players() -> tuple[keras.Model, keras.Model, keras.Model, list[keras.optimizers.Adam]]:
    """Both networks, the averaged generator, and each player's own optimizer: the discriminator's, the generator's."""
    generator, discriminator, average = make_generator(), make_discriminator(), make_generator()
    average.set_weights(generator.get_weights())
    optimizers = [keras.optimizers.Adam(RATE, *BETAS) for _ in range(2)]
    optimizers[0].build(discriminator.trainable_variables)
    optimizers[1].build(generator.trainable_variables)
    return generator, discriminator, average, optimizers


def train(steps: int = STEPS, picture: str = "one_file_gan.png") -> None:
    """Play so many rounds; draw what the averaged generator makes of the same latents at six moments."""
    keras.utils.set_random_seed(0)
    random = np.random.RandomState(0)
    generator, discriminator, average, optimizers = players()
    shown = random.normal(size=(1000, LATENT)).astype(np.float32)
    moments = [round(steps * share) for share in (0.0, 0.02, 0.05, 0.15, 0.4, 1.0)]
    figure = Figure(figsize=(12, 2.4), layout="constrained")
    panels = dict(zip(moments, figure.subplots(1, 6), strict=True))

    for count in range(steps + 1):
        if count in panels:
            panels[count].scatter(*ring(1000, random).T, s=3, color="0.7")
            panels[count].scatter(*average(shown).numpy().T, s=3, color="#c2410c")
            panels[count].set(title=f"step {count}", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
        noise = tf.random.normal((2, BATCH, LATENT))
        costs = step(generator, discriminator, average, optimizers, ring(BATCH, random), noise, tf.constant(count))
        if count % 500 == 0:
            # a discriminator that can only guess has a cost of 2 log 2 = 1.386, its generator one of log 2 = 0.693
            print(f"step {count}: discriminator {costs[0]:.3f}, generator {costs[1]:.3f}")
    figure.savefig(picture, dpi=100)
    print(f"the points are in {picture}")


if __name__ == "__main__":
    train()
