"""One drawing style to the other, of pairs whose shapes differ: emoji by Google to Twitter's (Isola et al. 2017).

`pix2pix` that paints anew in the place of adding to its input, long enough to have seen each pair a hundred
times: what a kind of drawing looks like in the other style has to be known. Of sets of your own, matched by name:
data=ends inputs=starts size=64.
"""

from dataclasses import replace

from ganvas.recipes import pix2pix

minutes = 30
expected = "after 42 minutes of one core people, faces and flags in the other style, things smeared"
recipe = replace(
    pix2pix.recipe,
    inputs="emoji:google",
    generator_options={**pix2pix.recipe.generator_options, "residual": False},
    weights={"l1": 10.0},
    steps=56_000,
    save=4000,
    preview=2000,
    evaluate=4000,
)
