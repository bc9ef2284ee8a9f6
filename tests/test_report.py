"""The report: one page that needs nothing beside itself, whatever the run's folder holds or lacks."""

import base64
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas import data, images, report
from ganvas.errors import WrongUseError
from ganvas.recipe import Recipe
from ganvas.report import charts
from ganvas.report.pieces import setting
from ganvas.run import Run

HOSTILE = "<script>alert('x')</script>\"&"


def make_run(name, **changes):
    """A run's folder with nothing but its recipe."""
    recipe = Recipe(**{"name": name, "data": "digits", "latent": 4, "steps": 30, **changes})
    run = Run.create(recipe, Path("runs") / name)
    run.write_recipe(recipe)
    run.unlock()
    return run


def train(run):
    """What a finished training leaves, without the training."""
    samples = data.load(run.recipe.data)
    (run.path / "environment.json").write_text(json.dumps(environment(samples, run.recipe.label == "class")))
    for step in range(1, 31):
        facts = {"discriminator_cost": 1.4 / step, "generator_cost": 0.7, "accuracy_real": 0.5, "critic_gradient": 2.0}
        run.append("log.jsonl", {"step": step, "images": 64 * step, "seconds": 2.0 * step, "rate_scale": 1.0, **facts})
    for step in (10, 20):
        score = {"value": 3.0 / step, "n": 2000, "features": "pixels", "better": "lower"}
        run.append("metrics.jsonl", {"step": step, "seconds": 2.0 * step, "frechet": score})
    for step in (0, 15, 30):
        picture = images.enlarge(images.grid(samples.images[:64])) if samples.images.ndim == 4 else np.zeros((9, 9, 3))
        images.save_png(run.path / "samples" / f"{step:08d}.png", picture.astype(np.uint8))
    run.save_networks({"generator": generator(samples.shape, run.recipe)})


def environment(samples, conditional=False):
    """The facts that the trainer puts down: of the data those that a report shows or draws by."""
    facts = {"name": samples.name, "sha256": samples.sha256, "count": len(samples), "shape": list(samples.shape)}
    facts |= {"classes": list(samples.classes), "class_counts": np.bincount(samples.labels).tolist()}
    machine = {"cores": 2, "processor": "a"}
    networks = {"generator": {"parameters": 1234, "layers": {}}}
    return {
        "python": "3.11.7",
        "packages": {"keras": "3.15.1"},
        "machine": machine,
        "data": facts,
        "told": {key: facts[key] if conditional else [] for key in ("classes", "class_counts")},
        "networks": networks,
    }


def generator(shape, recipe):
    """A network of random weights, told the class where the recipe says so."""
    import keras

    latents = keras.Input((recipe.latent,))
    inputs, known = [latents], latents
    if recipe.label == "class":
        label = keras.Input((), dtype="int32")
        inputs.append(label)
        known = keras.layers.Concatenate()([latents, keras.layers.Embedding(10, 4)(label)])
    made = keras.layers.Dense(int(np.prod(shape)), "tanh")(known)
    return keras.Model(inputs if len(inputs) > 1 else latents, keras.layers.Reshape(shape)(made))


def judge(run, frechet, **changes):
    """A score card and one finding."""
    score = {"value": frechet, "interval": [frechet - 1, frechet + 1], "n": 1000, "features": "pixels"}
    score |= {"better": "lower", "floor": 0.5, **changes}
    shares = {HOSTILE: 0.25, "1": 0.75}
    balance = {**score, "value": 0.75, "interval": [0.7, 0.8], "better": "higher"}
    balance |= {"shares": shares, "real_shares": {HOSTILE: 0.5, "1": 0.5}}
    scores = {"frechet": score, "class_balance": balance, "kernel": {"value": None}}
    card = {"step": 30, "against": "digits:test", "n": 1000, "notes": ["Not an FID."], "scores": scores}
    (run.path / "scores.json").write_text(json.dumps(card))
    finding = {"name": "low_variety", "severity": "warning", "evidence": {"recall": 0.1}, "sentence": f"Few {HOSTILE}."}
    note = {"name": "short", "severity": "note", "evidence": {}, "sentence": "Short.", "remedy": None}
    finding["remedy"] = {"settings": {"penalties.r1": 0.5}, "reason": "it spreads the samples"}
    (run.path / "findings.json").write_text(json.dumps([note, finding]))


def full_run(name, frechet=5.0, **changes):
    run = make_run(name, **changes)
    train(run)
    judge(run, frechet)
    return run


def text_of(page):
    """What a reader sees: the page without its tags, style and script."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def headings(page):
    return re.findall(r'<h\d class="part">(.*?)</h\d>', page)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The report of a conditional run that lacks nothing, its class and its recipe of hostile names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("full"))
        run = full_run("full", label="class")
        recipe = run.recipe.but(name=HOSTILE)
        run.write_recipe(recipe)
        facts = json.loads((run.path / "environment.json").read_text())
        facts["data"]["classes"][3] = facts["told"]["classes"][3] = HOSTILE
        (run.path / "environment.json").write_text(json.dumps(facts))
        written = report.write([Run(run.path)])
        assert written == run.path / "report.html"
        assert sorted(run.path.glob(".report*")) == []
        return written.read_text()


def test_importing_the_report_is_cheap():
    import subprocess

    code = "import sys, ganvas.report; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_every_section_is_there(page):
    assert headings(page) == [
        "Findings", "Scores", "Samples through time", "Curves", "Real above generated", "Nearest training samples",
        "Class by class", "Class balance", "Between samples", "How it was made",
    ]  # fmt: skip
    assert 'class="absent"' not in page.partition("<main>")[2]
    said = text_of(page)
    for words in ("8 × 8 grey images", "30 of 30 steps in 60 seconds", "5 (4 to 6)", "Not an FID.", "penalties.r1=0.5",
                  "No number came of kernel", "1,920 training samples", "Gradient norm",
                  "generator 1,234 parameters"):  # fmt: skip
        assert words in said, words


def test_the_worst_finding_comes_first(page):
    assert page.index('<li class="warning">') < page.index('<li class="note">')
    assert "The worst finding (warning): Few" in page


def test_the_page_needs_nothing_beside_itself(page):
    places = re.findall(r"""\b(?:src|href|action|poster|srcset)=["']?([^"'>\s]*)""", page)
    assert len(places) > 30
    assert [place for place in places if not place.startswith("data:image/webp;base64,")] == []
    assert "url(" not in page
    assert "@import" not in page
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= {"http://www.w3.org/2000/svg"}  # a name, not a place


def test_text_from_files_is_escaped(page):
    assert "<script>alert" not in page
    assert page.count("<script>") == 1
    assert page.count("&lt;script&gt;alert") >= 5  # recipe, class rows, balance, finding, summary


def test_pictures_are_whole_and_described(page):
    tags = re.findall(r"<img [^>]*>", page)
    assert len(tags) > 30
    for tag in tags:
        stored = base64.b64decode(re.search(r'src="data:image/webp;base64,([^"]+)"', tag)[1], validate=True)
        with Image.open(io.BytesIO(stored)) as picture:
            picture.load()
            size = re.search(r'width="(\d+)" height="(\d+)"', tag)
            assert picture.size == (int(size[1]), int(size[2]))
        assert re.search(r'alt="[^"]+"', tag)


def test_previews_are_stored_as_small_as_they_were_drawn(page):
    frame = re.search(r"data-step=.*?width=\"(\d+)\"", page)
    assert int(frame[1]) == 8 * 8 + 7 * 2


def test_only_a_recipe_is_enough():
    said = text_of(report.write([make_run("bare")]).read_text())
    for words in ("Nothing of its training is on record", "ganvas doctor runs/bare", "ganvas evaluate runs/bare",
                  "There are no previews yet", "There are no curves yet", "has no generator yet"):  # fmt: skip
        assert words in said, words


def test_what_is_half_written_or_gone_is_named():
    run = full_run("torn")
    (run.path / "scores.json").write_text('{"step": 3')
    (run.path / "findings.json").write_text('{"name": "not a list"}')
    (run.path / "samples" / "00000030.png").write_bytes(b"\x89PNG half")
    (run.path / "generator.keras").write_bytes(b"half")
    with open(run.path / "log.jsonl", "a") as log:
        log.write('{"step": 31, "generator_cost": NaN}\n17\n{"step": 32, "gen')
    run.write_recipe(run.recipe.but(data="./gone.npz"))
    page = report.write([Run(run.path)]).read_text()
    said = text_of(page)
    for words in ("scores.json cannot be read", "findings.json does not hold", "generator.keras cannot be loaded"):
        assert words in said, words
    assert 'data-step="15"' in page
    assert 'data-step="30"' not in page


def test_data_that_are_gone_cost_only_what_needs_them():
    run = full_run("moved")
    run.write_recipe(run.recipe.but(data="./gone.npz"))
    page = report.write([Run(run.path)]).read_text()
    assert "The data set ./gone.npz cannot be read here" in text_of(page)
    assert 'alt="Generated samples"' in page
    assert 'alt="Real samples"' not in page


def test_nothing_wrong_is_said():
    run = make_run("well")
    (run.path / "findings.json").write_text("[]")
    assert "Nothing wrong found." in report.write([run]).read_text()


def test_what_the_inputs_get_untouched_stands_beside_the_scores(page):
    run = make_run("paired")
    judge(run, 5.0, untouched=8.25)
    told = text_of(report.write([run]).read_text())
    assert "the inputs untouched to 8.25." in told
    assert "Value Interval Real Untouched Of" in told
    assert "5 4 to 6 0.5 8.25" in told
    assert "ntouched" not in text_of(page)


def test_empty_settings_are_written_as_the_command_takes_them():
    for value in (None, [], (), {}):
        assert setting("discriminator_options", value) == "discriminator_options=none"


def test_points_are_scatters():
    run = make_run("points", data="rings")
    train(run)
    page = report.write([run]).read_text()
    assert "points in the plane" in page
    assert page.count('class="scatter') == 5  # three previews, samples, the walk
    assert "in the plane; half of the training points" in page


def test_runs_are_compared_best_first():
    runs = [full_run("worse", 9.0), full_run("best", 2.0), full_run("middle", 2.5)]
    written = report.write(runs)
    assert written == Path("runs/report.html")
    page = written.read_text()
    assert re.findall(r'<a href="#run-(\d)">(\w+)</a>', page) == [("1", "best"), ("2", "middle"), ("3", "worse")]
    assert "The interval of middle overlaps that of best" in page
    assert "by step" in page
    assert "by minute" in page
    assert all(f'alt="Samples of {run.path.name}"' in page for run in runs)
    assert len(page) < 5e6


@pytest.mark.parametrize(
    ("change", "why"),
    [({"features": "inception"}, "different features (inception and pixels)"), (None, "b has no Fréchet distance")],
)
def test_runs_that_cannot_be_ranked_stand_by_name(change, why):
    first, second = make_run("b"), make_run("a")
    judge(second, 9.0)
    if change:
        judge(first, 2.0, **change)
    page = report.write([first, second], Path("out.html")).read_text()
    assert why in page
    assert re.findall(r'<a href="#run-\d">(\w+)</a>', page) == ["a", "b"]


def test_the_command_repeats_the_recipe():
    run = make_run("plain", penalties={"r1": 0.25}, augment=("flip", "cutout"), betas=(0.0, 0.9), size="8")
    page = report.write([run]).read_text()
    command = re.search(r"\nganvas train plain (.*?)</code>", page)[1]
    from ganvas import recipes
    from ganvas.recipe import parse_overrides

    assert recipes.find("plain").but(**parse_overrides(command.split())).to_json() == run.recipe.to_json()


def test_wrong_use_is_one_sentence(tmp_path):
    with pytest.raises(WrongUseError, match="at least one run"):
        report.write([])
    with pytest.raises(WrongUseError, match=r"holds no run: there is no recipe\.json"):
        report.write([Run(tmp_path)])
    with pytest.raises(WrongUseError, match=r"cannot write nowhere/x\.html"):
        report.write([make_run("bare")], Path("nowhere/x.html"))


def test_charts_thin_long_lines_and_keep_their_range():
    x = list(range(10_000))
    y = [1.0] * 10_000
    y[5000] = 50.0
    drawn = charts.lines("cost", [charts.Series("one", x, y)])
    assert len(drawn) < 30_000
    assert 'class="band"' in drawn
    assert "greatest 50" in drawn


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [0.0, 0.0], [-3.0, 4.0], [1e-5, 1e3], [0.021, 0.037]])
@pytest.mark.parametrize("log", [False, True])
def test_charts_stay_within_their_frame(values, log):
    drawn = charts.lines("score", [charts.Series("one", list(range(len(values))), values)], log=log)
    told = json.loads(re.search(r'data-told="([^"]*)"', drawn)[1].replace("&quot;", '"'))
    for x, y, _, value in told["series"][0]["points"]:
        assert charts.LEFT <= x <= charts.RIGHT
        assert charts.TOP <= y <= charts.BOTTOM
        assert value
