"""Drawn parts of houses to their fronts: `pix2pix` at 256 pixels on a local folder of its set (Isola et al. 2017).

`ganvas train facades`. Not tried: the set could not be had where the others were measured.
"""

from dataclasses import replace

from ganvas.recipes import pix2pix

minutes = 600
expected = "not tried: the set could not be had"
recipe = replace(
    pix2pix.recipe,
    data="facades",
    inputs="right",
    generator_options={"width": 32, "most": 8},
    discriminator_options={"width": 32, "halvings": 3},
    batch=4,
    steps=40_000,
)
