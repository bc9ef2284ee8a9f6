"""Pictures with a hole to whole ones: `pix2pix` whose inputs lack a rectangle (Pathak et al. 2016).

`ganvas train inpaint` (a task of Isola et al. 2017). What it comes to is in docs/translation.md.
"""

from dataclasses import replace

from ganvas.recipes import pix2pix

minutes = 20
expected = "after 10 minutes of one core blots of the right colours in the place of holes, PSNR 20.6 dB"
recipe = replace(pix2pix.recipe, inputs="mask")
