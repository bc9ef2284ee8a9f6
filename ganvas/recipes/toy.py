"""Points in the plane: watch a generator find eight places on a ring, or data=grid.

`ganvas train toy` (the places of Metz et al. 2017). A minute of one core: all eight; of the grid's points 87% lie near
a place, and all 25 places are found.
"""

from ganvas.recipe import Recipe

minutes = 1
expected = "all eight places, or all 25"
recipe = Recipe(
    data="rings",
    generator="toy",
    discriminator="toy",
    latent=2,
    steps=6_000,
    batch=256,
    generator_rate=1e-3,
    discriminator_rate=1e-3,
    betas=(0.5, 0.99),
    penalties={"r1": 0.01},
    ema=0.99,
    precision="float32",
    save=2000,
    preview=200,
    evaluate=1000,
)
