"""Wasserstein GAN (Arjovsky et al. 2017): a critic whose weights are clipped, five turns to the generator's one.

The paper's RMSProp is Adam without momentum here: ganvas train wgan --minutes 10. On one core of a server, 661,000
garments in 10.3 minutes: Fréchet distance 316, precision .37, recall .02 (`efficientnet`).
"""

from dataclasses import replace

from ganvas.recipes import plain

minutes = 25
expected = "patterned silhouettes after ten minutes of one core"
recipe = replace(
    plain.recipe,
    loss="wasserstein",
    penalties={},
    clip=0.03,
    together=False,
    discriminator_turns=5,
    discriminator_options={"minibatch": "none"},
    batch=32,
    steps=10_000,
)
