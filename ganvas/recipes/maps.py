"""Aerial photographs to maps: `facades` with the other half as the input (inputs=right: maps to photographs)."""

from dataclasses import replace

from ganvas.recipes import facades

minutes = 600
expected = "not tried: the set could not be had"
recipe = replace(facades.recipe, data="maps", inputs="left", size="256")
