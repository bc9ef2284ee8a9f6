"""From one set of images to another and back, without pairs (Zhu et al. 2017, CycleGAN).

Two generators and two discriminators; `weights` say what the round trip costs (`cycle`), and a change of what is of
the wanted kind already (`identity`).
"""

import keras
import tensorflow as tf

from ganvas.errors import WrongUseError
from ganvas.fidelity import l1
from ganvas.games import Batch, Tensors, Turn
from ganvas.games._adversary import Adversary
from ganvas.games._match import Match
from ganvas.games._players import check_judge, check_translation, network, player
from ganvas.games.paired import changes, refuse
from ganvas.recipe import Recipe

POOL = 50  # made images that a discriminator is shown again (Shrivastava et al. 2017)
WEIGHTS = {"cycle": 10.0, "identity": 5.0}


def build(recipe: Recipe, shape: tuple[int, ...], classes: int, given: tuple[int, ...] | None = None) -> "Unpaired":
    """The game of a recipe for images of `shape` and inputs of the shape `given`, which is the same."""
    if not given:
        raise WrongUseError("the game unpaired turns one set of images into another: name the first with inputs")
    if given[:2] != shape[:2]:
        raise WrongUseError(f"images are {shape} and inputs {given}: the game unpaired needs one size, so set size")
    return Unpaired(recipe, shape, given)


class Unpaired(Match):
    """`generator` makes images from inputs, `back` inputs from images. It logs the costs of both ways together."""

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], given: tuple[int, ...]) -> None:
        refuse(recipe, "unpaired")
        if recipe.unrolled:
            raise WrongUseError("the game unpaired has two discriminators to look ahead by: set unrolled=0")
        unknown = sorted(set(recipe.weights) - set(WEIGHTS))
        if unknown:
            raise WrongUseError(f"the game unpaired has the weights {' and '.join(WEIGHTS)}, not {unknown[0]}")
        self.weights = {**WEIGHTS, **recipe.weights}
        if shape != given and self.weights["identity"]:
            raise WrongUseError("inputs and images have other channels, so identity means nothing: weights.identity=0")
        self.augment = changes(recipe, shape, given)
        sides = {"generator": (shape, given), "back": (given, shape)}
        self.generators, delivered = (
            {
                name: network("generator", recipe, to, given=start, seed=2 * i, precision=precision)
                for i, (name, (to, start)) in enumerate(sides.items())
            }
            for precision in (recipe.precision, "float32")
        )
        judges: dict[str, keras.Model] = {
            "discriminator": network("discriminator", recipe, shape, given=None),
            "back_discriminator": network("discriminator", recipe, given, given=None, seed=2),
        }
        for name, (to, start) in sides.items():
            check_translation(self.generators[name], start, to)
        for judge, shown in zip(judges.values(), (shape, given), strict=True):
            check_judge(judge, shown)
        players = {
            "discriminator": player(judges, recipe.discriminator_rate, recipe, bound=recipe.clip),
            "generator": player(self.generators, recipe.generator_rate, recipe),
        }
        adversaries = [Adversary(recipe, judge, f" {name}") for name, judge in judges.items()]
        super().__init__(recipe, players, adversaries, self.generators, delivered)
        self.pools = [
            keras.Variable(tf.zeros((POOL, *side)), trainable=False, dtype="float32", name="pool")
            for side in (shape, given)
        ]
        self.state = [*self.state, *self.pools]

    def costs(self, batch: Batch, turn: Turn) -> tuple[Tensors, Tensors]:
        """Both ways' costs, halved; the generators' with the round trips."""
        starts = [batch.given, batch.real]  # of the way there, of the way back
        for i, change in enumerate(self.augment):
            starts = [change(x, turn.own_key(f"augment {i} {way}")) for way, x in enumerate(starts)]
        ways = list(self.generators.values())
        made = [turn.run(way, x) for way, x in zip(ways, starts, strict=True)]
        ends = starts[::-1]
        costs: Tensors = {}
        facts: Tensors = {}
        if "discriminator" in turn.learning:
            shown = [self._from_pool(i, fake, turn) for i, fake in enumerate(made)]
            meetings = [
                adversary.meet(real, tf.stop_gradient(fake), real, turn)
                for adversary, real, fake in zip(self.adversaries, ends, shown, strict=True)
            ]
            costs["discriminator"] = 0.5 * tf.add_n([meeting.discriminator_cost() for meeting in meetings])
            facts |= {name: 0.5 * (meetings[0].facts[name] + meetings[1].facts[name]) for name in meetings[0].facts}
        if "generator" in turn.learning:
            meetings = [
                adversary.meet(real, fake, real, turn)
                for adversary, real, fake in zip(self.adversaries, ends, made, strict=True)
            ]
            found = {"cycle": tf.add_n([l1(x, turn.run(ways[1 - i], made[i])) for i, x in enumerate(starts)])}
            if self.weights["identity"]:
                found["identity"] = tf.add_n([l1(x, turn.run(ways[i], x)) for i, x in enumerate(ends)])
            paid = [self.weights[name] * cost for name, cost in found.items()]
            costs["generator"] = tf.add_n([*paid, *(meeting.generator_cost() for meeting in meetings)])
            facts |= found
        return self._wandered(costs), facts

    def _from_pool(self, way: int, fake: tf.Tensor, turn: Turn) -> tf.Tensor:
        """Made images, half of them exchanged for earlier ones; until the pool is full they only fill it."""
        count, pool = min(POOL, fake.shape[0]), self.pools[way]
        behind = tf.cast(turn.step, tf.int32) * count
        full = behind >= POOL
        key = turn.own_key(f"pool {way}")
        drawn = tf.argsort(tf.random.stateless_uniform([POOL], key))[:count]
        places = tf.where(full, drawn, (behind + tf.range(count)) % POOL)
        swap = full & (tf.random.stateless_uniform([count], key + 1) < 0.5)
        swap = tf.reshape(swap, (count, 1, 1, 1))
        new, old = tf.cast(fake[:count], tf.float32), tf.gather(pool.value, places)
        kept = tf.where(full & ~swap, old, new)
        turn.keep(pool, tf.tensor_scatter_nd_update(pool.value, places[:, None], kept))
        return tf.concat([tf.where(swap, old, new), tf.cast(fake[count:], tf.float32)], axis=0)
