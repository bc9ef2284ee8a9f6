"""From one set of pictures to another and back, without pairs (Zhu et al. 2017).

Two residual translators, two PatchGANs (not normalised, unlike the paper's), least squares with targets of 1 and -1, a
pool of earlier images, an averaged generator. Out of the box: emoji in Google's
style to Twitter's, each seen without its twin. Sets of your own: data=zebras inputs=horses size=64.
"""

from dataclasses import replace

from ganvas.recipes import pix2pix

minutes = 40
expected = "after 10 minutes hardly changed; full length not tried"
recipe = replace(
    pix2pix.recipe,
    inputs="emoji:google",
    matched=False,
    game="unpaired",
    generator="translator",
    generator_options={"width": 24, "blocks": 4, "residual": True},
    discriminator_options={"width": 24, "halvings": 2},
    loss="least_squares",
    weights={"cycle": 10.0, "identity": 2.0},
    penalties={},
    penalty_every=1,
    batch=8,
)
