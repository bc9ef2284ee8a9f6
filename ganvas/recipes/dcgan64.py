"""DCGAN at 64x64 in colour: batch norm, LeakyReLU and dropout; faces, or data=emoji."""

from ganvas.recipe import Recipe

minutes = 60
expected = "coloured shapes"
recipe = Recipe(
    data="celeba",
    size="64",
    generator="dcgan64",
    discriminator="dcgan64",
    latent=100,
    dropout=0.3,
    steps=6_000,
    batch=64,
    together=True,
    generator_rate=2e-4,
    discriminator_rate=2e-4,
    betas=(0.5, 0.999),
    save=500,
    preview=100,
    evaluate=500,
)
