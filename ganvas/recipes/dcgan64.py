"""DCGAN at 64x64 in colour: batch norm, LeakyReLU and dropout; faces, or data=emoji.

`ganvas train dcgan64 data=emoji`: half the channels of Radford et al. (2016), which makes a step on a CPU about three
times as fast; an averaged generator and one-sided label smoothing, with which emoji came out less chequered
(docs/log.md). On one core of a server, 455,000 of 768,000 images in 40 minutes: Fréchet distance 385, precision .10,
recall .01 (`efficientnet`).
"""

from ganvas.recipe import Recipe

minutes = 68
expected = "soft faces, hearts and couples, the rest coloured blots, after 40 minutes of one core"
recipe = Recipe(
    data="celeba",
    size="64",
    generator="dcgan64",
    generator_options={"width": 32},
    discriminator="dcgan64",
    discriminator_options={"width": 32},
    latent=100,
    dropout=0.3,
    smoothing=(0.1,),
    steps=12_000,
    batch=64,
    together=True,
    generator_rate=2e-4,
    discriminator_rate=2e-4,
    betas=(0.5, 0.999),
    ema=0.999,
    save=500,
    preview=250,
    evaluate=500,
)
