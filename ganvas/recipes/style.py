"""One drawing style to the other, of pairs whose shapes differ: emoji by Google to Twitter's.

`pix2pix` (Isola et al. 2017) that paints anew in the place of adding to its input, before a discriminator that sees
by ImageNet's features (Sauer et al. 2021, Projected GANs): flat places and clean edges from the first minutes. Scores
of `ganvas train style` by those features flatter it: ganvas evaluate latest --features classifier. Of sets of your
own, matched by name: data=ends inputs=starts size=64.
"""

from dataclasses import replace

from ganvas.recipes import pix2pix

minutes = 60
expected = "after 61 minutes of one core flat, clean drawings in the other style; hands and what is rare bent"
recipe = replace(
    pix2pix.recipe,
    inputs="emoji:google",
    generator_options={**pix2pix.recipe.generator_options, "residual": False},
    discriminator="projected",
    discriminator_options={},
    spectral=True,
    loss="hinge",
    penalties={},
    discriminator_rate=1e-4,
    weights={"l1": 10.0},
    steps=18_000,
    save=2000,
    preview=1000,
    evaluate=2000,
)
