"""Aerial photographs to maps: `facades` with the other half as the input (inputs=right: maps to photographs).

`ganvas train maps`. Not tried: the set could not be had where the others were measured.
"""

from dataclasses import replace

from ganvas.recipes import facades

minutes = 600
expected = "not tried: the set could not be had"
recipe = replace(facades.recipe, data="maps", inputs="left", size="256")
