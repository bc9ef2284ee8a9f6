"""InfoGAN (Chen et al. 2016): ten codes that come to mean something, without a label.

`ganvas sample latest --label "code 3" --out code.png` shows one of them: ganvas train infogan --minutes 10
"""

from dataclasses import replace

from ganvas.recipes import plain

minutes = 10
expected = "digits after 2 minutes, codes that begin to mean slants and kinds; full length not tried"
recipe = replace(plain.recipe, game="infogan", data="mnist", label="codes:10")
