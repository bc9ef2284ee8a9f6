"""Laws of the games: whose weights a turn may move, for every recipe."""

import keras
import numpy as np
import pytest
import small
import tensorflow as tf

import ganvas
from ganvas.engine import Engine, _as_float
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.games import Batch, Turn, generate, latents, synthesis
from ganvas.games._adversary import Meeting, compares
from ganvas.trainer import prepare

SET_OTHERWISE = ("share",)  # weights that no turn moves


def _engine(name, **changes):
    recipe, samples = prepare(small.shrunk(name, **changes), {})
    return Engine(recipe, samples, tf.distribute.get_strategy())


def _play(engine, learning, step=0):
    """One turn in which only `learning` learn, as the trainer plays it."""
    real, label, given = (tf.constant(part[0, : engine.recipe.batch]) for part in engine.feed.read(step, 1))
    batch = Batch(_as_float(real), label, _as_float(given))
    players = {name: engine.game.players[name] for name in learning}
    turn = Turn(engine.recipe.seed, tf.constant(step), 0, players, along=0.7, phase=len(engine.game.phases))
    with tf.GradientTape(persistent=True) as tape:
        costs, facts = engine.game.costs(batch, turn)
    for name, player in turn.learning.items():
        gradients = tape.gradient(costs[name], [v.value for v in player.variables])
        player.optimizer.apply(gradients, player.variables)
    turn.settle()
    return costs, facts


def _state(engine, prefix):
    return {k: v for k, v in engine.state(0).items() if k.startswith(prefix)}


def _outgrown(engine):
    """The ways in and out of images that a growing network's last stage has left behind."""
    networks = [network for player in engine.game.players.values() for network in player.networks.values()]
    layers = [layer for network in networks for layer in network.layers]
    left = {id(v) for layer in layers if layer.name in ("to_0", "from_0") for v in layer.weights}
    return {key for key, v in engine._variables().items() if id(v) in left}


@pytest.mark.parametrize("name", small.marked())
def test_a_turn_leaves_the_other_players_bit_equal_and_moves_its_own(name):
    engine = _engine(name)
    engine.game.after_step(tf.constant(0), tf.constant(0.7), {"accuracy_real": tf.constant(0.5)})  # all growing
    for own in engine.game.players:
        others = [name for name in engine.game.players if name != own]
        before = {key: value for other in others for key, value in _state(engine, f"{other}/").items()}
        mine = _state(engine, f"{own}/{own}")
        for step in range(2):  # what comes before a weight that starts at 0 moves a turn later
            costs, _ = _play(engine, [own], step)
        assert set(costs) == {own}
        after = {key: value for other in others for key, value in _state(engine, f"{other}/").items()}
        assert small.states_differ(before, after) == []
        # every weight of its own has moved, batch norm's statistics included
        moved = set(small.states_differ(mine, _state(engine, f"{own}/{own}")))
        still = {key for key in set(mine) - moved if not key.endswith(SET_OTHERWISE)}
        # the offset of all logits is nothing to a loss that only compares them, nor to a hinge within its margins
        free = own == "discriminator" and (compares(engine.game.adversaries[0].loss) or engine.recipe.loss == "hinge")
        offset = {key for key, v in mine.items() if key.endswith("bias") and v.shape == (1,)} if free else set()
        assert still <= offset | _outgrown(engine)


@pytest.mark.parametrize("name", small.marked())
def test_costs_are_finite_scalars_and_accuracies_are_shares(name):
    engine = _engine(name)
    costs, facts = _play(engine, list(engine.game.players))
    assert set(costs) == set(engine.game.players)
    assert all(cost.shape == () and np.isfinite(float(cost)) for cost in costs.values())
    assert set(facts) >= ({"accuracy_real", "accuracy_fake"} if engine.game.judges else {"l2"})
    assert all(np.isfinite(float(fact)) and float(fact) >= 0 for fact in facts.values())
    assert all(float(fact) <= 1 for name, fact in facts.items() if name.startswith("accuracy"))


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


@pytest.mark.parametrize(
    ("name", "weights", "changes"),
    [
        ("plain", {"r1": 1.0, "r2": 0.5}, {"label": "class", "spectral": True}),
        pytest.param("stylegan2", {"path_length": 2.0, "r1": 0.5}, {}, marks=pytest.mark.long),
    ],
)
def test_a_lazy_penalty_has_the_gradients_of_one_that_is_not(name, weights, changes):
    def moved(times, every):
        own = {key: weight * times for key, weight in weights.items()}
        engine = _engine(name, precision="float32", penalties=own, penalty_every=every, together=True, **changes)
        facts = engine.advance(0, 1)
        means = {key: np.asarray(v) for key, v in engine.state(1).items() if "/optimizer/" in key}
        return facts, means

    game, beside = _engine(name, precision="float32", penalties=weights, penalty_every=2, **changes).game, []
    for unrecorded in (False, True):  # whether or not the one who plays it keeps it off the tape
        with tf.GradientTape(persistent=True) as tape:
            turn = Turn(0, tf.constant(0), 0, game.players, along=0.7)
            if unrecorded:
                turn.unrecorded = tape.stop_recording
            cost = game.costs(Batch(tf.ones((8, 28, 28, 1)), tf.zeros(8, tf.int32)), turn)[0]["discriminator"]
        found = tape.gradient(cost, [v.value for v in game.players["discriminator"].variables])
        beside.append([np.asarray(tf.convert_to_tensor(each)) for each in found])
    for first, second in zip(*beside, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-5)

    (direct, means), (lazy, others), (none, _) = moved(8, 1), moved(1, 8), moved(0, 1)
    for player in ("discriminator", "generator"):
        assert lazy[f"{player}_cost"] == pytest.approx(direct[f"{player}_cost"], rel=1e-5)
        assert lazy[f"{player}_gradient"] == pytest.approx(direct[f"{player}_gradient"], rel=1e-4)
    assert direct["discriminator_gradient"] != pytest.approx(none["discriminator_gradient"], rel=1e-2)
    for key, mean in means.items():
        np.testing.assert_allclose(others[key], mean, rtol=1e-3, atol=1e-4 * np.abs(mean).max())


def _costs(learning=("discriminator", "generator"), name="plain", **changes):
    """What each player pays in the first turn."""
    engine = _engine(name, **{"penalties": {}, "precision": "float32", **changes})
    return {player: float(cost) for player, cost in _play(engine, learning)[0].items()}


def test_swapped_labels_confuse_the_discriminator_alone():
    plain, half = _costs(), _costs(label_noise=0.5)
    assert half["generator"] == plain["generator"]
    assert half["discriminator"] != plain["discriminator"]
    engine = _engine("plain", label_noise=0.5)
    turn = Turn(0, tf.constant(0), 0, {})
    logits = tf.ones((4000, 1)), tf.zeros((4000, 1))
    real, fake = Meeting(engine.game.adversary, None, turn, (), logits)._swapped()
    assert np.array_equal(real + fake, np.ones((4000, 1)))
    assert float(tf.reduce_mean(fake)) == pytest.approx(0.5, abs=0.03)


def test_instance_noise_falls_to_nothing_at_the_end():
    engine, images = _engine("dense", instance_noise=0.5), tf.zeros((8, 28, 28, 1))
    for along, deviation in ((0.0, 0.5), (0.5, 0.25), (1.0, 0.0)):
        seen = engine.game.adversary._seen(images, Turn(0, tf.constant(3), 0, {}, along=along), "real")
        assert float(tf.math.reduce_std(seen)) == pytest.approx(deviation, rel=0.03)
    assert engine.advance(0, 2).keys() == _engine("dense").advance(0, 2).keys()


def test_real_samples_beside_a_wrong_label_count_as_generated(monkeypatch):
    engine = _engine("plain", label="class", mismatch=0.25, precision="float32")
    adversary = engine.game.adversary
    shown = []
    monkeypatch.setattr(adversary, "loss", lambda real, fake: (shown.append((real, fake)), (tf.constant(0.0),) * 2)[1])
    images, told = tf.random.stateless_normal((8, 28, 28, 1), [0, 1]), tf.constant([0, 1, 2, 3, 4, 5, 6, 7])
    beside_wrong = []

    def judge(self, network, inputs):
        if network is engine.game.discriminator:
            beside_wrong.append(inputs)
        return run(self, network, inputs)

    run = Turn.run
    monkeypatch.setattr(Turn, "run", judge)
    for step in range(20):
        turn = Turn(0, tf.constant(step), 0, engine.game.players)
        adversary.meet(images, -images, told, turn).discriminator_cost()
    assert {(real.shape[0], fake.shape[0]) for real, fake in shown} == {(8, 12)}  # four at least: they are compared
    wrong = [inputs for inputs in beside_wrong if inputs[0].shape[0] == 4]
    assert len(wrong) == 20
    assert all(np.array_equal(own, images[:4]) for own, _ in wrong)
    drawn = np.array([label for _, label in wrong])
    assert not (drawn == [0, 1, 2, 3]).any()  # never the right one, and any other
    assert len({*drawn[:, 0]}) > 4
    assert {*drawn.flat} <= {*range(10)}
    assert _engine("conditional", label="none").recipe.mismatch == 0
    with pytest.raises(WrongUseError, match="and none is told: leave it out"):
        prepare(small.shrunk("plain"), {"mismatch": 0.25})
    with pytest.raises(WrongUseError, match="beside wrong labels, and here are none"):
        _engine("infogan", mismatch=0.25)
    with pytest.raises(WrongUseError, match="the loss 'relativistic' takes as many real ones"):
        _engine("plain", mismatch=0.25, label="class", loss="relativistic")
    counting = {"discriminator_options.minibatch": "discrimination"}
    for spectral in (False, True):
        with pytest.raises(WrongUseError, match="by which minibatch discrimination would know"):
            _engine("plain", mismatch=0.25, label="class", spectral=spectral, **counting)
    assert _engine("plain", mismatch=0.25, label="class", loss="wasserstein").game


def test_feature_matching_takes_a_share_of_the_generators_cost():
    none, half, whole = (_costs(["generator"], matching=share)["generator"] for share in (0.0, 0.5, 1.0))
    assert half == pytest.approx((none + whole) / 2, rel=1e-4)
    engine = _engine("plain", matching=1.0, precision="float32")
    turn = Turn(0, tf.constant(0), 0, {})
    images = tf.random.stateless_uniform((8, 28, 28, 1), [0, 1])
    last = engine.game.discriminator.layers[-1]
    features = engine.game.adversary.features(images, training=True)
    assert np.allclose(last(features), engine.game.discriminator(images, training=True), atol=1e-5)
    same = Meeting(engine.game.adversary, None, turn, (images, images), [tf.ones((8, 1))] * 2)
    assert float(same.generator_cost()) == pytest.approx(0.0, abs=1e-6)  # the features of the same images are the same


def _cost_of_generator(engine):
    real, label, _ = engine.feed.read(0, 1)
    turn = Turn(0, tf.constant(0), 0, {"generator": engine.game.players["generator"]})
    return engine.game.costs(Batch(tf.constant(real[0]), tf.constant(label[0])), turn)[0]["generator"]


def _after_two_turns():
    engine = _engine("toy", penalties={}, precision="float32")
    for _ in range(2):
        _play(engine, ["discriminator"])
    return engine


def test_unrolling_looks_at_the_discriminator_that_training_would_make():
    engine = _engine("toy", unrolled=2, penalties={}, precision="float32")
    twin = _engine("toy", penalties={}, precision="float32")
    before = _state(engine, "discriminator/")
    cost = _play(engine, ["generator"])[0]["generator"]
    assert small.states_differ(before, _state(engine, "discriminator/")) == []
    for _ in range(2):
        _play(twin, ["discriminator"])  # step 0 again and again: the same samples and noise
    assert float(cost) == pytest.approx(float(_play(twin, ["generator"])[0]["generator"]), rel=1e-4)
    # and gradients pass through the discriminator's updates: another direction than against the discriminator it makes
    aheads = []
    for each in (_engine("toy", unrolled=2, penalties={}, precision="float32"), _after_two_turns()):
        with tf.GradientTape() as tape:
            paid = _cost_of_generator(each)
        gradients = tape.gradient(paid, [v.value for v in each.game.players["generator"].variables])
        aheads.append(tf.concat([tf.reshape(g, -1) for g in gradients], axis=0))
    cosine = float(tf.reduce_sum(aheads[0] * aheads[1]) / (tf.norm(aheads[0]) * tf.norm(aheads[1])))
    assert cosine < 0.999
    labelled = _engine("plain", unrolled=1, label="class")  # whose embedding's gradients come in slices
    assert np.isfinite(float(_play(labelled, ["generator"])[0]["generator"]))


def test_history_draws_players_to_their_mean():
    engine = _engine("toy", history=2.0, penalties={}, precision="float32")
    variables = engine.game.players["generator"].variables
    start = [np.asarray(v) for v in variables]
    plain = _costs(["generator"], name="toy")["generator"]
    assert float(_play(engine, ["generator"])[0]["generator"]) == pytest.approx(plain, rel=1e-5)
    for variable in variables:
        variable.assign(variable + 1.0)
    engine.game.after_step(tf.constant(0), tf.constant(0.0), {})
    means = engine.game.past["generator"]
    count = sum(v.size for v in start)
    for mean, variable, first in zip(means, variables, start, strict=True):
        assert np.asarray(mean) == pytest.approx((first + np.asarray(variable)) / 2, abs=1e-5)
    wandered = float(engine.game._distance("generator"))
    expected = 2.0 * sum(
        float(((np.asarray(v) - np.asarray(m)) ** 2).sum()) for v, m in zip(variables, means, strict=True)
    )
    assert wandered == pytest.approx(expected, rel=1e-4)
    assert wandered == pytest.approx(2.0 * count / 4, rel=0.1)
    assert len([key for key in engine.state(1) if key.startswith("game/")]) > 1  # resumed with the rest


def test_clipped_weights_stay_within_their_bound():
    engine = _engine("toy", clip=0.01, penalties={})
    engine.advance(0, 2)
    for v in engine.game.players["discriminator"].variables:
        assert np.abs(v).max() <= 0.01 + 1e-7
    assert max(np.abs(v).max() for v in engine.game.players["generator"].variables) > 0.05


def test_a_spectral_discriminator_keeps_its_singular_vectors_out_of_the_generators_turn():
    engine = _engine("plain", spectral=True)
    for own, other in (("generator", "discriminator"), ("discriminator", "generator")):
        before, mine = _state(engine, f"{other}/"), _state(engine, f"{own}/{own}")
        _play(engine, [own])
        assert small.states_differ(before, _state(engine, f"{other}/")) == []
        moved = set(small.states_differ(mine, _state(engine, f"{own}/{own}")))
        assert {key for key in mine if key.endswith(("kernel", "vector"))} <= moved


@pytest.mark.long
def test_every_cure_can_be_had_at_once_and_resumed():
    changes = {
        "smoothing": "0.1,0.1", "label_noise": 0.1, "matching": 0.2, "unrolled": 1, "history": 1e-4,
        "instance_noise": 0.1, "spectral": True, "clip": 0.5, "discriminator_options.minibatch": "discrimination",
        "penalties": {"dragan": 1.0, "r2": 1.0}, "penalty_every": 2,
    }  # fmt: skip
    whole, second = (_engine("toy", **changes) for _ in range(2))
    whole.advance(0, 2)
    half = whole.state(2)
    whole.advance(2, 2)
    second.restore(half)
    second.advance(2, 2)
    assert small.states_differ(whole.state(4), second.state(4)) == []


@pytest.mark.long
def test_growing_goes_through_its_sizes_and_ends_with_the_whole_network():
    engine = _engine("progressive", steps=20, save=0, preview=0, evaluate=0)
    game = engine.game
    assert len(game.phases) == len(game.parts) - 1 == 2
    assert engine._phases() == [6, 12]
    engine._count = 64
    assert [engine.count(step) for step in (0, 3, 6, 12)] == [6, 3, 6, 8]
    noise = tf.random.stateless_normal((4, 8), [0, 1])
    for step, side in ((0, 7), (6, 14), (12, 28)):
        turn = Turn(0, tf.constant(step), 0, game.players, along=step / 20, phase=[0, 6, 12].index(step))
        assert game._made(noise, tf.zeros(4, tf.int32), turn).shape == (4, side, side, 1)
        assert game._shown(tf.zeros((4, 28, 28, 1)), turn).shape == (4, side, side, 1)
        engine.advance(step, 1)
        for player in game.players.values():  # whose optimizers start anew with every stage
            assert int(player.optimizer.iterations) == 1
    made = {}
    for along in (0.0, 0.3, 0.375, 0.45, 0.6, 0.75):
        game._fade(tf.constant(along))
        whole = np.asarray(game.generator(noise))
        for phase, part in enumerate(game.parts):
            if along in {0: (0.0, 0.3), 1: (0.3, 0.375, 0.45, 0.6), 2: (0.6, 0.75)}[phase]:
                small_made = np.asarray(part[0](noise))
                factor = 28 // small_made.shape[1]
                np.testing.assert_allclose(whole, small_made.repeat(factor, 1).repeat(factor, 2), atol=1e-2)
                images = tf.random.stateless_uniform((4, *small_made.shape[1:]), [2, 3])
                large = np.asarray(images).repeat(factor, 1).repeat(factor, 2)
                logits = [np.asarray(judge(x)) for judge, x in ((part[1], images), (game.discriminator, large))]
                np.testing.assert_allclose(*logits, atol=2e-2)
        made[along] = whole
    assert np.abs(made[0.375] - (made[0.3] + made[0.45]) / 2).max() < 1e-2  # half faded in
    with pytest.raises(WrongUseError, match="networks that grow take no matching"):
        _engine("progressive", matching=0.5)
    with pytest.raises(WrongUseError, match="the game progressive grows networks made for it"):
        _engine("plain", game="progressive")


def test_the_reader_reads_the_code_and_learns_with_the_generator():
    engine = _engine("infogan", label="codes:4", precision="float32")
    game = engine.game
    assert set(game.players["generator"].networks) == {"generator", "reader"}
    assert len(game.generator.inputs) == 2
    assert len(game.discriminator.inputs) == 1
    assert game.reader.output_shape == (None, 4)
    assert engine.told.classes == ("code 0", "code 1", "code 2", "code 3")
    before = _state(engine, "generator/reader")
    _play(engine, ["discriminator"])
    assert small.states_differ(before, _state(engine, "generator/reader")) == []
    _play(engine, ["generator"])
    assert small.states_differ(before, _state(engine, "generator/reader"))
    for label in ("none", "class"):
        with pytest.raises(WrongUseError, match="finds out what random codes mean: set label=codes:10"):
            _engine("infogan", label=label)
    with pytest.raises(WrongUseError, match="random codes are for a game that reads them again"):
        _engine("plain", label="codes:4")


def test_the_average_is_the_average():
    engine = _engine("toy", ema=0.5)
    game = engine.game
    first = [w.copy() for w in game.delivered["generator"].get_weights()]
    for weight in game.generator.trainable_variables:
        weight.assign(weight + 1.0)
    game.after_step(tf.constant(1_000_000), tf.constant(0.5), {})
    for before, after in zip(first, game.delivered["generator"].get_weights(), strict=True):
        assert after == pytest.approx(before + 0.5, abs=1e-6)
    game.after_step(tf.constant(0), tf.constant(0.5), {})  # at the start there is nothing to remember
    assert game.delivered["generator"].get_weights()[0] == pytest.approx(first[0] + 1.0, abs=1e-6)


def test_adaptive_augmentation_follows_the_discriminator():
    engine = _engine("dense", augment="colour,translate", adapt=0.6)
    strength = engine.game.adversary.strength
    sure, unsure = ({"accuracy_real": tf.constant(share)} for share in (0.9, 0.7))
    engine.game.after_step(tf.constant(0), tf.constant(0.5), unsure)
    assert float(strength) == 0  # never below none
    for step in range(3):
        engine.game.after_step(tf.constant(step), tf.constant(0.5), sure)
    assert float(strength) == pytest.approx(3 * 8 / 25_000)
    engine.game.after_step(tf.constant(3), tf.constant(0.5), unsure)
    assert float(strength) == pytest.approx(2 * 8 / 25_000)
    assert float(engine.state(4)["game/000/strength"]) == float(strength)  # resumed with the rest
    images, turn = tf.random.stateless_uniform((16, 28, 28, 1), [1, 2]), Turn(0, tf.constant(0), 0, {})
    shares = []
    for level in (0.0, 0.5, 1.0):
        strength.assign(level)
        shares.append(
            np.asarray(engine.game.adversary._seen(images, turn, "real") != images).any(axis=(1, 2, 3)).mean()
        )
    assert shares[0] == 0
    assert 0.4 < shares[1] < 1
    assert shares[2] == 1
    strength.assign(0.5)
    assert engine.advance(0, 1)["augmented"] == 0.5
    assert _engine("plain", adapt=0.6).recipe.adapt == 0  # there is nothing to adapt
    with pytest.raises(WrongUseError, match="adapt says how often to augment, and nothing is"):
        prepare(small.shrunk("plain"), {"adapt": 0.6})
    with pytest.raises(WrongUseError, match="the loss 'relativistic' only compares them"):
        _engine("plain", augment="colour", adapt=0.6, loss="relativistic")


def test_without_an_average_the_generator_is_delivered_as_it_is():
    engine = _engine("dense")
    _play(engine, ["generator"])
    delivered = engine.game.deliver()["generator"]
    for one, other in zip(delivered.get_weights(), engine.game.generator.get_weights(), strict=True):
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
    refused("is for one with styles, and 'plain' has none", **{"penalties.path_length": 1})
    refused("holds a Equalized: set spectral=false", "stylegan2", spectral=True)
    refused("none, deviation, discrimination, not 'same'", **{"discriminator_options.minibatch": "same"})
    assert _engine("plain", loss="hinge", smoothing=0).game  # nothing to smooth
    refused("unknown network for generator 'plian': did you mean 'plain'", generator="plian")
    refused("the generator 'dcgan' takes no labels", "dcgan", label="class")
    refused("the discriminator 'plain' has no dropout", dropout=0.5)
    refused("the generator 'plain' has no option 'depth'", **{"generator_options.depth": 3})
    refused("the generator 'plain' cannot be built with", **{"generator_options.width": "abc"})
    refused("the discriminator 'dense' cannot be built with", "dense", **{"discriminator_options.widths": 5})
    refused("no generator at .*nothing.keras", generator="nothing.keras")
    refused("'patch' is no network for generator, it has no generator: choose from .*plain", generator="patch")
    refused(
        "'unet' is no network for discriminator, it has no discriminator: choose from .*patch, plain",
        discriminator="unet",
    )
    refused("'string:digits' is no network for generator, it has no generator", generator="string:digits")
    refused("'string:digits' is no game, it has no build", game="string:digits")
    refused("generator_options.latent is not for you to set", **{"generator_options.latent": 3})
    refused("discriminator_options.dropout is not for you to set", "dcgan", **{"discriminator_options.dropout": 0.5})
    refused("augment changes images", "toy", augment="flip")
    refused("'plain' makes images, and the data are points", "toy", generator="plain")
    refused(r"needs image sides divisible by 4, got 30x30: try size=\d+x\d+", size=30)


def one_value(critic, real, fake):
    """A penalty of one's own, its first parameter called as one likes."""
    return tf.reduce_mean(critic(real)) ** 2 + 3.0


def test_a_penalty_of_no_weight_is_none():
    engine = _engine("plain", **{"penalties.r1": 0, "penalties.path_length": 0})  # which this generator cannot have
    assert engine.game.adversary.penalties == []


def test_samples_are_judged_in_batches_as_they_are_learnt_from():
    engine = _engine("plain", batch=16, evaluate=1, **{"discriminator_options.minibatch": "deviation"})
    samples = engine.samples
    few = engine._judged(samples.take(np.arange(10)), None)
    assert few.shape == (10,)
    both = engine._judged(samples.take(np.resize(np.arange(10), 16)), None)
    np.testing.assert_allclose(few, both[:10], rtol=1e-5)  # the company is a batch, of which six come twice
    many = engine._judged(samples.take(np.arange(40)), None)
    np.testing.assert_allclose(many[:16], engine._judged(samples.take(np.arange(16)), None), rtol=1e-5)
    assert many.shape == (32,)


def test_a_state_of_other_shapes_is_refused_before_anything_is_taken_up():
    one, other = _engine("plain"), _engine("plain", **{"generator_options.width": 6})
    before = [np.array(w) for w in other.game.generator.get_weights()]
    with pytest.raises(RunFailedError, match="does not fit the recipe's networks"):
        other.restore(one.state(0))
    assert all(map(np.array_equal, before, other.game.generator.get_weights()))


def test_a_penalty_is_for_the_player_it_looks_at():
    own, plain = (_costs(penalties=penalties) for penalties in ({"test_games:one_value": 1.0}, {}))
    assert own["generator"] == plain["generator"]
    assert own["discriminator"] > plain["discriminator"] + 2.9


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
    for setting, side in (("generator_options.width", "generator"), ("dropout", "discriminator")):
        with pytest.raises(WrongUseError, match=f"{setting} cannot change a {side} that is built already"):
            prepare(small.shrunk("plain"), {**fine, setting: 0.5})
    with pytest.raises(WrongUseError, match="dropout cannot change a discriminator that is built already"):
        ganvas.train(small.shrunk("plain"), discriminator=judge(), dropout=0.5)
    with pytest.raises(WrongUseError, match="ends in a sigmoid: the losses take logits"):
        _engine("plain", **{**fine, "discriminator": saved("s", judge(activation="sigmoid"))})
    with pytest.raises(WrongUseError, match="ends in a sigmoid: the losses take logits"):
        _engine(
            "plain",
            **fine | {"discriminator": str(tmp_path / "s.keras"), "discriminator_options": "none"},
            spectral=True,
        )
    with pytest.raises(WrongUseError, match="the discriminator has losses of its own"):
        _engine("plain", **{**fine, "discriminator": saved("l", judge(kernel_regularizer="l2"))})
    with pytest.raises(WrongUseError, match="takes latents of 8, the recipe says latent=9"):
        _engine("plain", **fine, latent=9)
    with pytest.raises(WrongUseError, match=r"the data are \(32, 32, 1\), but the generator makes \(28, 28, 1\)"):
        _engine("plain", **fine, size=32)
    with pytest.raises(WrongUseError, match="with label=class the generator takes 2 inputs, not 1"):
        _engine("plain", **fine, label="class")
    frozen = judge()
    frozen.trainable = False
    with pytest.raises(WrongUseError, match="the discriminator has nothing to learn: set trainable=True"):
        _engine("plain", **{**fine, "discriminator": saved("f", frozen)})
    divided = keras.Sequential([*judge().layers[:-1], keras.layers.SpectralNormalization(keras.layers.Dense(1))])
    divided.build((None, 28, 28, 1))
    with pytest.raises(WrongUseError, match="has Keras' SpectralNormalization, which forgets what it divides by"):
        _engine("plain", **{**fine, "discriminator": saved("n", divided)})

    def told(kinds, *order):
        latent, label = keras.Input((8,)), keras.Input((), dtype="int32")
        code = keras.layers.Add()([latent, keras.layers.Embedding(kinds, 8)(label)])
        inputs = [(latent, label)[place] for place in order]
        made = keras.layers.Reshape((28, 28, 1))(keras.layers.Dense(784)(code))
        return saved(f"t{kinds}{order}", keras.Model(inputs, made))

    kept = {"discriminator": "plain", "generator_options": "none", "label": "class"}
    assert _engine("plain", generator=told(10, 0, 1), **kept)
    with pytest.raises(WrongUseError, match="the generator cannot take the last of 10 labels"):
        _engine("plain", generator=told(9, 0, 1), **kept)
    with pytest.raises(WrongUseError, match=r"first input is the latent, \(batch, 8\), not \(\) each"):
        _engine("plain", generator=told(10, 1, 0), **kept)
    (tmp_path / "bad.keras").write_text("no")
    with pytest.raises(WrongUseError, match="cannot load the generator"):
        _engine("plain", generator=str(tmp_path / "bad.keras"))


def test_networks_that_users_bring_may_take_any_size_and_end_in_bfloat16(tmp_path):
    with_policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        width = keras.layers.GlobalAveragePooling2D()
        any_size = [keras.Input((None, None, 1)), keras.layers.Conv2D(4, 3), width, keras.layers.Dense(1)]
        judge = keras.Sequential(any_size)
        layers = [keras.Input((8,)), keras.layers.Dense(784), keras.layers.Reshape((28, 28, 1))]
        generator = keras.Sequential(layers)
    finally:
        keras.config.set_dtype_policy(with_policy)
    networks = {"generator": tmp_path / "g.keras", "discriminator": tmp_path / "d.keras"}
    for network, file in zip((generator, judge), networks.values(), strict=True):
        network.save(file)
    engine = _engine(
        "plain", **networks, generator_options="none", discriminator_options="none", **{"penalties.gradient": 1.0}
    )
    _play(engine, ["generator", "discriminator"])
    assert engine.drawn(0, 2).images.dtype == np.uint8


def test_a_discriminator_that_is_brought_keeps_its_weights_where_kernels_are_normalised(tmp_path):
    judge = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    judge.save(tmp_path / "d.keras")
    brought = {"discriminator": str(tmp_path / "d.keras"), "discriminator_options": "none", "spectral": True}
    first, again = (_engine("plain", **brought).state(0) for _ in range(2))
    assert small.states_differ(first, again) == []
    assert any(np.array_equal(array, judge.get_weights()[0]) for array in first.values())


@pytest.mark.parametrize("name", ["pix2pix", "cyclegan"])
def test_a_discriminator_that_is_brought_must_fit_the_images(name, tmp_path):
    def refused(words, side=16, channels=1, **last):
        layers = [keras.Input((side, side, channels)), keras.layers.Conv2D(1, 3, **last)]
        keras.Sequential(layers).save(tmp_path / "d.keras")
        with pytest.raises(WrongUseError, match=words):
            _engine(name, discriminator=str(tmp_path / "d.keras"), discriminator_options="none")

    refused(r"the discriminator takes \(12, 12, 1\), and there are \(\d+, \d+, \d\)", side=12)
    refused("the discriminator takes", channels=2)
    shape = _engine(name).samples.shape
    refused("ends in a sigmoid", side=shape[0], channels=shape[2], activation="sigmoid")


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
