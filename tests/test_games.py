"""Laws of the games: whose weights a turn may move, for every recipe."""

import keras
import numpy as np
import pytest
import small
import tensorflow as tf

from ganvas.engine import Engine
from ganvas.errors import WrongUseError
from ganvas.games import Batch, Turn, generate, latents, synthesis
from ganvas.trainer import prepare


def _engine(name, **changes):
    recipe, samples = prepare(small.shrunk(name, **changes), {})
    return Engine(recipe, samples, tf.distribute.get_strategy())


def _play(engine, learning, step=0):
    """One turn in which only `learning` learn, as the trainer plays it."""
    real, label = engine.feed.read(step, 1)
    rows = tf.constant(real[0, : engine.recipe.batch], tf.float32)
    rows = rows / 127.5 - 1 if rows.shape.rank == 4 else rows
    turn = Turn(engine.recipe.seed, tf.constant(step), 0, {n: engine.game.players[n] for n in learning})
    with tf.GradientTape(persistent=True) as tape:
        costs, facts = engine.game.costs(Batch(rows, tf.constant(label[0, : engine.recipe.batch])), turn)
    for name, player in turn.learning.items():
        gradients = tape.gradient(costs[name], [v.value for v in player.variables])
        player.optimizer.apply(gradients, player.variables)
    turn.settle()
    return costs, facts


def _state(engine, prefix):
    return {k: v for k, v in engine.state(0).items() if k.startswith(prefix)}


@pytest.mark.parametrize("name", small.names())
def test_a_turn_leaves_the_other_players_bit_equal_and_moves_its_own(name):
    engine = _engine(name)
    for own, other in (("discriminator", "generator"), ("generator", "discriminator")):
        before, mine = _state(engine, f"{other}/"), _state(engine, f"{own}/{own}")
        costs, _ = _play(engine, [own])
        assert set(costs) == {own}
        assert small.states_differ(before, _state(engine, f"{other}/")) == []
        # every weight of its own has moved, batch norm's statistics included
        assert set(small.states_differ(mine, _state(engine, f"{own}/{own}"))) == set(mine)


@pytest.mark.parametrize("name", small.names())
def test_costs_are_finite_scalars_and_accuracies_are_shares(name):
    engine = _engine(name)
    costs, facts = _play(engine, ["discriminator", "generator"])
    assert all(cost.shape == () and np.isfinite(float(cost)) for cost in costs.values())
    assert set(facts) - {"augmented"} == {"accuracy_real", "accuracy_fake"}
    assert all(0 <= float(fact) <= 1 for fact in facts.values())


def test_randomness_is_a_function_of_seed_step_and_turn():
    def draw(seed=1, step=2, number=0):
        turn = Turn(seed, tf.constant(step), number, {})
        return np.asarray(turn.latents(4, 8)).tobytes()

    assert draw() == draw()
    assert len({draw(), draw(seed=2), draw(step=3), draw(number=1)}) == 4


def test_replicas_share_one_batch_of_noise():
    whole = Turn(1, tf.constant(2), 0, {}).latents(4, 8)
    halves = [Turn(1, tf.constant(2), 0, {}, (i, 2)).latents(2, 8) for i in (0, 1)]
    assert np.array_equal(whole, tf.concat(halves, axis=0))


def test_dropout_is_a_function_of_the_step_not_of_what_was_called_before():
    engine = _engine("dcgan")
    discriminator, images = engine.game.discriminator, tf.ones((2, 28, 28, 1))

    def judged(step):
        return np.asarray(Turn(0, tf.constant(step), 0, {}).run(discriminator, images)).tobytes()

    first = judged(1)
    discriminator(images, training=True)
    assert judged(1) == first != judged(2)


def test_smoothing_penalties_and_augmentation_reach_the_cost():
    def cost(**changes):
        return float(_play(_engine("plain", **changes), ["discriminator"])[0]["discriminator"])

    plain = cost(penalties={})
    assert cost(penalties={}, smoothing=0.2) != plain
    assert cost(penalties={"r1": 1.0}, penalty_every=1) > plain
    assert cost(penalties={}, augment="translate") != plain
    # a lazy penalty counts k times on step 0
    once, lazy = cost(penalties={"r1": 1.0}, penalty_every=1), cost(penalties={"r1": 1.0}, penalty_every=8)
    assert lazy - plain == pytest.approx(8 * (once - plain), rel=0.02)


def test_the_average_is_the_average():
    engine = _engine("toy", ema=0.5)
    game = engine.game
    first = [w.copy() for w in game.delivered.get_weights()]
    for weight in game.generator.trainable_variables:
        weight.assign(weight + 1.0)
    game.after_step(tf.constant(1_000_000), {})
    for before, after in zip(first, game.delivered.get_weights(), strict=True):
        assert after == pytest.approx(before + 0.5, abs=1e-6)
    game.after_step(tf.constant(0), {})  # at the start there is nothing to remember
    assert game.delivered.get_weights()[0] == pytest.approx(first[0] + 1.0, abs=1e-6)


def test_adaptive_augmentation_follows_the_discriminator():
    engine = _engine("plain", augment="colour,translate", adapt=0.6)
    strength = engine.game.strength
    sure, unsure = ({"accuracy_real": tf.constant(share)} for share in (0.9, 0.7))
    engine.game.after_step(tf.constant(0), unsure)
    assert float(strength) == 0  # never below none
    for step in range(3):
        engine.game.after_step(tf.constant(step), sure)
    assert float(strength) == pytest.approx(3 * 8 / 25_000)
    engine.game.after_step(tf.constant(3), unsure)
    assert float(strength) == pytest.approx(2 * 8 / 25_000)
    assert float(engine.state(4)["game/000/strength"]) == float(strength)  # resumed with the rest
    images, turn = tf.random.stateless_uniform((16, 28, 28, 1), [1, 2]), Turn(0, tf.constant(0), 0, {})
    shares = []
    for level in (0.0, 0.5, 1.0):
        strength.assign(level)
        shares.append(np.asarray(engine.game._augmented(images, turn, "real") != images).any(axis=(1, 2, 3)).mean())
    assert shares[0] == 0
    assert 0.4 < shares[1] < 1
    assert shares[2] == 1
    strength.assign(0.5)
    assert engine.advance(0, 1)["augmented"] == 0.5
    assert _engine("plain", adapt=0.6).recipe.adapt == 0  # there is nothing to adapt
    with pytest.raises(WrongUseError, match="the loss 'relativistic' only compares them"):
        _engine("plain", augment="colour", adapt=0.6, loss="relativistic")


def test_without_an_average_the_generator_is_delivered_as_it_is():
    engine = _engine("dense")
    _play(engine, ["generator"])
    for one, other in zip(engine.game.deliver().get_weights(), engine.game.generator.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_networks_are_a_function_of_the_seed_and_leave_the_process_as_it_was():
    import random

    random.seed(5)
    expected = random.random()
    random.seed(5)
    one, same, other = (_engine("plain", seed=seed).state(0) for seed in (1, 1, 2))
    assert random.random() == expected
    assert small.states_differ(one, same) == []
    assert len(small.states_differ(one, other)) > 4
    assert keras.config.dtype_policy().name == "float32"


def test_latents_of_fewer_are_the_first_of_more():
    assert np.array_equal(latents(3, 2, 8), latents(3, 5, 8)[:2])
    assert not np.array_equal(latents(3, 2, 8), latents(4, 2, 8))
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
    assert generate(model, latents(0, 600, 8)).shape == (600, 3)


def test_what_does_not_fit_is_refused():
    def refused(sentence, name="plain", **changes):
        with pytest.raises(WrongUseError, match=sentence):
            _engine(name, **changes)

    refused("the loss 'hinge' has no targets to smooth", loss="hinge", smoothing=0.1)
    refused("unknown loss 'hing'", loss="hing")
    refused(r"the loss 'small:names' fails on real and fake logits of shape \(2, 1\): TypeError", loss="small:names")
    refused("the loss 'small:one_number' must give two scalars|fails on real", loss="small:one_number")
    refused("unknown penalty 'r3'", **{"penalties.r3": 1})
    refused("unknown network for generator 'plian': did you mean 'plain'", generator="plian")
    refused("the generator 'dcgan' takes no labels", "dcgan", label="class")
    refused("the discriminator 'plain' has no dropout", dropout=0.5)
    refused("the generator 'plain' has no option 'depth'", **{"generator_options.depth": 3})
    refused("the generator 'plain' cannot be built with", **{"generator_options.width": "abc"})
    refused("the discriminator 'dense' cannot be built with", "dense", **{"discriminator_options.widths": 5})
    refused("no generator at .*nothing.keras", generator="nothing.keras")
    refused("augment changes images", "toy", augment="flip")
    refused("'plain' makes images, and the data are points", "toy", generator="plain")
    refused(r"needs image sides divisible by 4, got 30x30: try size=\d+x\d+", size=30)


def test_networks_that_users_bring_must_fit(tmp_path):
    def saved(name, model):
        model.save(tmp_path / f"{name}.keras")
        return str(tmp_path / f"{name}.keras")

    def judge(**last):
        flat = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(1, **last)]
        return keras.Sequential(flat)

    generator = keras.Sequential([keras.Input((8,)), keras.layers.Dense(784), keras.layers.Reshape((28, 28, 1))])
    fine = {"generator": saved("g", generator), "discriminator": saved("d", judge())}
    _play(_engine("plain", **fine, generator_options="none", discriminator_options="none"), ["generator"])
    with pytest.raises(WrongUseError, match="ends in a sigmoid: the losses take logits"):
        _engine("plain", **{**fine, "discriminator": saved("s", judge(activation="sigmoid"))})
    with pytest.raises(WrongUseError, match="takes latents of 8, the recipe says latent=9"):
        _engine("plain", **fine, latent=9)
    with pytest.raises(WrongUseError, match=r"the data are \(32, 32, 1\), but the generator makes \(28, 28, 1\)"):
        _engine("plain", **fine, size=32)
    with pytest.raises(WrongUseError, match="with label=class the generator takes 2 inputs, not 1"):
        _engine("plain", **fine, label="class")
    (tmp_path / "bad.keras").write_text("no")
    with pytest.raises(WrongUseError, match="cannot load the generator"):
        _engine("plain", generator=str(tmp_path / "bad.keras"))


def test_functions_elsewhere_serve_as_networks():
    place = "ganvas.networks.dense"
    engine = _engine(
        "plain",
        generator=f"{place}:generator",
        discriminator=f"{place}:discriminator",
        generator_options="none",
        discriminator_options="none",
    )
    assert isinstance(engine.game, synthesis.Synthesis)
    _play(engine, ["discriminator"])
