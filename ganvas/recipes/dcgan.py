"""The notes' DCGAN on garments, layer for layer, 50 epochs: the reference, slow and poor on a CPU.

`ganvas train dcgan` (after Radford et al. 2016): Adam at 1e-4 with Keras' own betas, dropout 0.3, both players updated
from one generator pass. 50 epochs, 135 minutes of one core of a server: Fréchet distance 441, precision .45, recall .00
(`efficientnet`).
"""

from ganvas.recipe import Recipe

minutes = 135
expected = "chequered blots for 20 epochs, blotched garments after 50"
recipe = Recipe(
    generator="dcgan",
    discriminator="dcgan",
    latent=100,
    dropout=0.3,
    steps=11_750,
    batch=256,
    together=True,
    generator_rate=1e-4,
    discriminator_rate=1e-4,
    betas=(0.9, 0.999),
    save=500,
    preview=235,
)
