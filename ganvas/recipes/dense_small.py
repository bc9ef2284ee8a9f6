"""The notes' smallest GAN: one hidden layer of 128 units on either side, digits.

`ganvas train dense_small` (Goodfellow et al. 2014). Five minutes of one core of a server: Fréchet distance 234,
precision .17, recall .20 (`efficientnet`).
"""

from ganvas.recipe import Recipe

minutes = 1
expected = "blots shaped like digits"
recipe = Recipe(
    data="mnist",
    generator="dense",
    generator_options={"widths": [128], "momentum": 0.99},
    discriminator="dense",
    discriminator_options={"widths": [128]},
    steps=10_000,
    batch=64,
    generator_rate=2e-4,
    discriminator_rate=2e-4,
    betas=(0.5, 0.999),
    evaluate=5000,
)
