"""Least squares GAN (Mao et al. 2017): targets of 1 and -1, and a cost that pulls in samples beyond them, too.

On `plain`'s networks: ganvas train lsgan --minutes 10
"""

from dataclasses import replace

from ganvas.recipes import plain

minutes = 10
expected = "garments at a glance after 2 minutes; full length not tried"
recipe = replace(plain.recipe, loss="least_squares")
