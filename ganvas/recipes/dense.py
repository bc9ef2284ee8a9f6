"""The notes' dense GAN on digits: 256-512-1024 against 512-256, batch norm of momentum 0.8.

`ganvas train dense` (Goodfellow et al. 2014). Here one discriminator update sees the real and the generated half of a
batch together. Five minutes of one core of a server: Fréchet distance 134, precision .21, recall .35 (`efficientnet`).
"""

from ganvas.recipe import Recipe

minutes = 3
expected = "rough but legible digits, some speckle"
recipe = Recipe(
    data="mnist",
    generator="dense",
    generator_options={"widths": [256, 512, 1024], "momentum": 0.8},
    discriminator="dense",
    discriminator_options={"widths": [512, 256]},
    steps=10_000,
    batch=64,
    generator_rate=2e-4,
    discriminator_rate=2e-4,
    betas=(0.5, 0.999),
    evaluate=3000,
)
