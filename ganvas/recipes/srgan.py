"""Small pictures to four times their sides (Ledig et al. 2017): residual blocks, perceptual cost, an adversary.

Out of the box: emoji from 16 to 64 pixels. Sharper by PSNR, softer to the eye: weights.adversary=0
weights.perceptual=0. Twice the sides: inputs=shrink:2.
"""

from ganvas.recipe import Recipe

minutes = 20
expected = "not measured yet"
recipe = Recipe(
    data="emoji:twitter",
    inputs="shrink:4",
    game="paired",
    generator="upscaler",
    generator_options={"width": 48, "blocks": 6},
    discriminator="plain",
    loss="nonsaturating",
    weights={"l1": 10.0, "perceptual": 5.0, "adversary": 0.5},
    penalties={"r1": 0.5},
    penalty_every=16,
    augment=("flip",),
    steps=8_000,
    batch=16,
    generator_rate=5e-4,
    discriminator_rate=5e-4,
    betas=(0.5, 0.99),
    decay_from=0.5,
    together=True,
    ema=0.998,
    save=1000,
    preview=250,
    evaluate=1000,
)
