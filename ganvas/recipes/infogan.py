"""InfoGAN (Chen et al. 2016): ten codes that come to mean something, without a label.

`ganvas sample latest --label "code 3" --out code.png` shows one of them: ganvas train infogan --minutes 10. Five
minutes of one core of a server: Fréchet distance 31.7, precision .51, recall .72 (`efficientnet`).
"""

from dataclasses import replace

from ganvas.recipes import plain

minutes = 13
expected = "clear digits after five minutes of one core; codes that mean kinds of digits and slants"
recipe = replace(plain.recipe, game="infogan", data="mnist", label="codes:10")
