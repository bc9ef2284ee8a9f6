"""Noisy or blurred pictures to clean ones: `pix2pix` with residual blocks at full size (inputs=blur:1.5 for blur)."""

from dataclasses import replace

from ganvas.recipes import pix2pix

minutes = 20
expected = "not measured yet"
recipe = replace(pix2pix.recipe, data="emoji:twitter", inputs="noise:0.2")
