"""Losses: `(real_logits, fake_logits) -> (discriminator_cost, generator_cost)`, both to be minimised.

Logits are float32 (batch, 1); a higher logit means "more real". Losses that have targets take `smoothing`, by how much
the discriminator's targets for real and for generated samples are drawn towards each other: (0.1, 0.0) is one-sided
label smoothing, real images are called real with probability 0.9 (Salimans et al. 2016); (0.1, 0.1) is two-sided.
"""

import tensorflow as tf

Costs = tuple[tf.Tensor, tf.Tensor]
Smoothing = tuple[float, float]


def nonsaturating(real_logits: tf.Tensor, fake_logits: tf.Tensor, smoothing: Smoothing = (0.0, 0.0)) -> Costs:
    """The generator maximises log D(G(z)) (Goodfellow et al. 2014, section 3): binary cross-entropy, labels swapped."""
    return _cross_entropy(real_logits, fake_logits, smoothing), _mean(tf.nn.softplus(-fake_logits))


def saturating(real_logits: tf.Tensor, fake_logits: tf.Tensor, smoothing: Smoothing = (0.0, 0.0)) -> Costs:
    """The minimax game as stated (Goodfellow et al. 2014, equation 1): the generator minimises log(1 - D(G(z)))."""
    return _cross_entropy(real_logits, fake_logits, smoothing), _mean(-tf.nn.softplus(fake_logits))


def least_squares(real_logits: tf.Tensor, fake_logits: tf.Tensor, smoothing: Smoothing = (0.0, 0.0)) -> Costs:
    """Targets 1 for real and -1 for fake, so that 0 divides them (LSGAN, Mao et al. 2017, with b = c = 1, a = -1)."""
    targets = 1.0 - 2.0 * smoothing[0], -1.0 + 2.0 * smoothing[1]
    discriminator = _mean((real_logits - targets[0]) ** 2) + _mean((fake_logits - targets[1]) ** 2)
    return 0.5 * discriminator, 0.5 * _mean((fake_logits - 1.0) ** 2)


def hinge(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> Costs:
    """Margins of 1 for the discriminator (Lim & Ye 2017; Miyato et al. 2018)."""
    return _mean(tf.nn.relu(1.0 - real_logits)) + _mean(tf.nn.relu(1.0 + fake_logits)), -_mean(fake_logits)


def wasserstein(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> Costs:
    """The critic's estimate of the earth mover's distance (Arjovsky et al. 2017); needs a penalty, or a clip."""
    return _mean(fake_logits) - _mean(real_logits), -_mean(fake_logits)


def relativistic(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> Costs:
    """Each fake is judged against the real image beside it (relativistic pairing GAN, Jolicoeur-Martineau 2018)."""
    return _mean(tf.nn.softplus(fake_logits - real_logits)), _mean(tf.nn.softplus(real_logits - fake_logits))


def _cross_entropy(real_logits: tf.Tensor, fake_logits: tf.Tensor, smoothing: Smoothing) -> tf.Tensor:
    # -(1-s) log sigmoid(r) - s log sigmoid(-r) = softplus(-r) + s r, and with r = -f for generated samples
    real = _mean(tf.nn.softplus(-real_logits) + smoothing[0] * real_logits)
    return real + _mean(tf.nn.softplus(fake_logits) - smoothing[1] * fake_logits)


def _mean(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(values)
