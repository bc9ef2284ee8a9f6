"""Noisy or blurred pictures to clean ones: `pix2pix` whose inputs are noisy (inputs=blur:1.5 for blur)."""

from dataclasses import replace

from ganvas.recipes import pix2pix

minutes = 20
expected = "not measured yet"
recipe = replace(pix2pix.recipe, inputs="noise:0.2")
