"""Least squares GAN (Mao et al. 2017): targets of 1 and -1, and a cost that pulls in samples beyond them, too.

On `plain`'s networks: ganvas train lsgan --minutes 10
"""

from dataclasses import replace

from ganvas.recipes import plain

minutes = 10
expected = "at ten minutes of one core as good as `plain`"
recipe = replace(plain.recipe, loss="least_squares")
