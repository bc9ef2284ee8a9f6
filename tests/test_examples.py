"""The examples: the GAN on one page plays the library's game, and every notebook stands as it runs."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from ganvas import data, recipes
from ganvas.engine import Engine
from ganvas.games import Turn

EXAMPLES = Path(__file__).parent.parent / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
STEPS = 12


@pytest.fixture
def one_file_gan(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    import one_file_gan

    return one_file_gan


def test_one_file_gan_plays_the_game_of_toy(one_file_gan):
    """Given the library's first weights, its batches, and the latents of both its turns, all that follows is the same.

    Batches come from the engine's feed, latents from the turns as the engine plays them; costs, both players'
    weights and the delivered average are compared.
    """
    recipe = recipes.find("toy")
    page = one_file_gan
    assert (recipe.latent, recipe.batch, recipe.steps) == (page.LATENT, page.BATCH, page.STEPS)
    # of these the first steps do not tell the average's memory, which is shorter in the beginning
    assert (recipe.betas, recipe.penalties, recipe.ema) == (page.BETAS, {"r1": page.GAMMA}, page.MEMORY)
    assert recipe.generator_rate == recipe.discriminator_rate == page.RATE
    engine = Engine(recipe, data.load(recipe.data), tf.distribute.get_strategy())
    judge, maker = (engine.game.players[side].networks[side] for side in ("discriminator", "generator"))
    generator, discriminator, average, optimizers = page.players()
    discriminator.set_weights(judge.get_weights())
    for network in (generator, average):
        network.set_weights(maker.get_weights())
    for count in range(STEPS):
        now = tf.constant(count)
        real = tf.constant(engine.feed(count, 1)[0][0])
        noise = [Turn(recipe.seed, now, number, {}).latents(recipe.batch, recipe.latent) for number in (0, 1)]
        costs = page.step(generator, discriminator, average, optimizers, real, noise, now)
        facts = engine.advance(count, 1)
        theirs = facts["discriminator_cost"], facts["generator_cost"]
        np.testing.assert_allclose([float(cost) for cost in costs], theirs, rtol=1e-5, err_msg=f"step {count}")
    delivered = [value for name, value in engine.state(STEPS).items() if name.startswith("delivered/")]
    pairs = (discriminator, judge.get_weights()), (generator, maker.get_weights()), (average, delivered)
    for own, library in pairs:
        for one, other in zip(own.get_weights(), library, strict=True):
            # in steps of Adam, which moves a weight by about the rate however small its gradient, and a few have none
            # but rounding; with twice the penalty the quantile is 0.1 to 0.4
            apart = np.abs(one - other) / page.RATE
            assert np.median(apart) < 0.005
            assert np.quantile(apart, 0.95) < 0.05


def test_one_file_gan_runs_by_itself(one_file_gan, capsys):
    assert "ganvas" not in re.findall(r"^\s*(?:import|from) (\w+)", (EXAMPLES / "one_file_gan.py").read_text(), re.M)
    one_file_gan.train(steps=50, picture="points.png")
    assert Path("points.png").stat().st_size > 5000
    assert re.search(r"^step 0: discriminator 1\.\d+, generator 0\.\d+$", capsys.readouterr().out, re.M)


def test_one_file_gan_draws_the_data_of_the_recipe(one_file_gan):
    own, real = one_file_gan.ring(20_000, np.random.RandomState(1)), data.load("rings")
    centres = np.stack([real.images[real.labels == kind].mean(axis=0) for kind in range(8)])
    apart = np.linalg.norm(own[:, None] - centres, axis=2)
    assert apart.min(axis=1).max() < 0.1
    assert np.bincount(apart.argmin(axis=1)).min() > 0.11 * len(own)
    spread = np.sqrt((apart.min(axis=1) ** 2).mean())
    theirs = np.sqrt((np.linalg.norm(real.images - centres[real.labels], axis=1) ** 2).mean())
    assert 0.97 < spread / theirs < 1.03


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_as_they_ran(notebook):
    text = notebook.read_text()
    assert re.findall(r"(?<![\w.])/(?:work|home|root|tmp|Users|usr|var|opt)/[^\s\"]*", text) == []
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    sources = ["".join(cell["source"]) for cell in cells]
    for number, source in enumerate(sources):
        compile(source, f"{notebook.name}, code cell {number}", "exec")
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_lessons_are_finished_and_their_links_lead_somewhere(notebook):
    texts = ["".join(cell["source"]) for cell in json.loads(notebook.read_text())["cells"]]
    assert not [text for text in texts if "TODO" in text]
    questions = [i for i, text in enumerate(texts) if re.search(r"^## Questions", text, re.M)]
    assert questions
    assert questions[-1] > len(texts) / 2
    links = [link for text in texts for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith("http")]
    assert [link for link in links if not (EXAMPLES / link.partition("#")[0]).exists()] == []


def test_examples_are_small():
    assert len(NOTEBOOKS) >= 6
    assert [file.name for file in EXAMPLES.iterdir() if file.is_file() and file.stat().st_size > 1_000_000] == []


@pytest.mark.long
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_from_top_to_bottom(notebook, tmp_path):
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(notebook, as_version=4)
    made = NotebookClient(book, timeout=1200, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in made.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert any("image/png" in output.get("data", {}) for output in outputs)
