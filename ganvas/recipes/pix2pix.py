"""From one picture to the other of a pair: drawing styles, edges to pictures, maps (Isola et al. 2017).

U-Net and PatchGAN. Out of the box: each emoji in Google's style to Twitter's. Edges to pictures: inputs=edges; folders
of your own, matched by name: data=photos inputs=sketches size=64; side by side in one file: inputs=left. Without the
discriminator, to see what it is for: weights.adversary=0.
"""

from ganvas.recipe import Recipe

minutes = 20
expected = "not measured yet"
recipe = Recipe(
    data="emoji:twitter",
    inputs="emoji:google",
    game="paired",
    generator="unet",
    generator_options={"width": 32, "most": 4},
    discriminator="patch",
    discriminator_options={"width": 32, "halvings": 2},
    loss="nonsaturating",
    weights={"l1": 50.0},
    penalties={"r1": 0.5},
    penalty_every=16,
    augment=("flip", "translate"),
    steps=8_000,
    batch=16,
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
