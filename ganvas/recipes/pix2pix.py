"""From one picture to the other of a pair: drawing styles, edges to pictures, maps (Isola et al. 2017).

U-Net and PatchGAN, with a lazy R1 penalty and an averaged generator that the paper does not have, and less weight on
L1 than its 100. Out of the box, `ganvas train pix2pix`: drawn edges to emoji. Folders of your own, matched by name:
data=photos inputs=sketches size=64; side by side in one file: inputs=left. Without the discriminator, to see what it is
for: weights.adversary=0. From one drawing style to the other, where shapes differ: the recipe `style`.
"""

from ganvas.recipe import Recipe

minutes = 20
expected = "after 5 minutes of one core crisp outlines, patchy surfaces; full length not tried"
recipe = Recipe(
    data="emoji:twitter",
    inputs="edges",
    game="paired",
    generator="unet",
    generator_options={"width": 32, "most": 4, "dropout": 0.0, "residual": True},
    discriminator="patch",
    discriminator_options={"width": 32, "halvings": 2},
    loss="nonsaturating",
    weights={"l1": 20.0},
    penalties={"r1": 0.1},
    penalty_every=16,
    augment=("flip", "translate"),
    steps=12_000,
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
