"""R3GAN: relativistic loss, R1 and R2, residual networks without normalisation (Huang et al. 2024).

`ganvas train r3gan`: three images in the time of ten of `plain`. Unlike the paper: a sixteenth of the channels or
fewer, a dense start, means of 2x2 on the way down, a tanh; penalties on every fourth step, four times as strong, with a
weight that stays; rates two and a half times as high.
"""

from ganvas.recipe import Recipe

minutes = 40
expected = "garments at a glance after ten minutes of one core; full length not tried"
recipe = Recipe(
    generator="r3gan",
    discriminator="r3gan",
    latent=64,
    loss="relativistic",
    penalties={"r1": 0.2, "r2": 0.2},
    penalty_every=4,
    steps=9_000,
    batch=64,
    together=True,
    generator_rate=5e-4,
    discriminator_rate=5e-4,
    betas=(0.0, 0.99),
    decay_from=0.0,
    decay_to=0.25,
    ema=0.999,
    evaluate=1000,
)
