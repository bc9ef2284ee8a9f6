"""From one set of pictures to another and back, without pairs (Zhu et al. 2017).

Two residual translators, two PatchGANs, least squares, a pool of earlier images. Out of the box: emoji in Google's
style to Twitter's, each seen without its twin. Sets of your own: data=zebras inputs=horses size=64.
"""

from ganvas.recipe import Recipe

minutes = 40
expected = "not measured yet"
recipe = Recipe(
    data="emoji:twitter",
    inputs="emoji:google",
    matched=False,
    game="unpaired",
    generator="translator",
    generator_options={"width": 24, "blocks": 4},
    discriminator="patch",
    discriminator_options={"width": 24, "halvings": 2},
    loss="least_squares",
    weights={"cycle": 10.0, "identity": 5.0},
    augment=("flip", "translate"),
    steps=8_000,
    batch=8,
    generator_rate=4e-4,
    discriminator_rate=4e-4,
    betas=(0.5, 0.99),
    decay_from=0.5,
    together=True,
    ema=0.998,
    save=1000,
    preview=250,
    evaluate=1000,
)
