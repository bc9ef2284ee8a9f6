"""From one set of pictures to another and back, without pairs (Zhu et al. 2017).

Two translators that begin with the input, two PatchGANs (lazy R1 and no normalisation, unlike the paper's), least
squares with targets of 1 and -1, a pool of earlier images, averaged generators; a lighter round trip than the paper's
and no identity cost, which begins at nothing here. Out of the box, `ganvas train cyclegan`: emoji in Google's style
to Twitter's, each seen without its twin. Sets of your own: data=zebras inputs=horses size=64.
"""

from dataclasses import replace

from ganvas.recipes import pix2pix

minutes = 25
expected = "after 26 minutes of one core colours and surfaces of the other style, shapes unchanged"
recipe = replace(
    pix2pix.recipe,
    inputs="emoji:google",
    matched=False,
    game="unpaired",
    generator="translator",
    generator_options={"width": 24, "blocks": 4, "residual": True},
    discriminator_options={"width": 24, "halvings": 2},
    loss="least_squares",
    weights={"cycle": 2.0, "identity": 0.0},
    penalties={"r1": 0.2},
    batch=4,
    steps=24_000,
)
