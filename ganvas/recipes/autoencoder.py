"""Images through 32 numbers and back: the notes' dense autoencoder, a game of one player.

`ganvas train autoencoder`. Denoising: inputs=noise:0.3. Two numbers, to be drawn as a map: generator_options.code=2.
With convolutions: generator_options.width=32. What it is for: `ganvas explore mnist --features autoencoder`.
"""

from ganvas.recipe import Recipe

minutes = 2
expected = "unseen digits come back legible, 22 dB; through two numbers blurred, 15 dB"
recipe = Recipe(
    data="mnist",
    inputs="same",
    game="paired",
    generator="autoencoder",
    weights={"l2": 1.0, "adversary": 0.0},
    steps=10_000,
    batch=64,
    generator_rate=1e-3,
    betas=(0.9, 0.99),
    decay_from=0.5,
    decay_to=0.05,
    save=2000,
    preview=1000,
    evaluate=5000,
)
