"""Explorations: what is written, what the page holds, and that the same data give the same answer."""

import base64
import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas import data, exploration, figures, images, unsupervised
from ganvas.errors import WrongUseError
from ganvas.report import exploration as report

HOSTILE = "<script>alert('x')</script>\"&"
N = 240
OF_AUTOENCODERS = {"restored.png", "code.png"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An exploration of digits with generated samples that lack the ones and the sevens, saved, and its page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("made"))
        digits = data.load("digits:test")
        some = digits.take(np.flatnonzero(~np.isin(digits.labels, [4, 6])))
        np.savez("made.npz", images=some.images)
        found = ganvas.explore("digits", n=N, k="auto", against="made.npz", show=False)
        found.save(Path("explore-digits"))
        page = report.write(found, Path("explore-digits"), ["ganvas", "explore", "digits"])
        return found, page.resolve().parent, page.read_text()


def text_of(page):
    """What a reader sees."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


# --- what is found


def test_the_figures_are_those_of_the_arrays(made):
    found, _, _ = made
    features = unsupervised.flat(found.samples.images)
    again = unsupervised.kmeans(features, len(found.clusters.centres)).by_size()
    assert np.array_equal(again.labels, found.clusters.labels)
    assert found.agreement.purity == unsupervised.purity(again.labels, found.samples.labels)
    assert found.agreement.table.sum() == N
    assert found.choice.count == len(found.clusters.centres)
    assert np.array_equal(found.map.layouts["t-SNE"], unsupervised.tsne(features))
    assert np.array_equal(found.samples.images, data.load("digits").images[found.index])


def test_generated_samples_are_counted_by_cluster(made):
    found, _, page = made
    generated = found.generated
    assert generated.shares.sum() == pytest.approx(1)
    assert generated.real_shares.tolist() == (found.clusters.sizes / N).tolist()
    # fours and sixes have clusters of their own, which are all but empty now
    missing = [
        cluster for cluster, row in enumerate(found.agreement.table) if row[[4, 6]].sum() > 0.9 * row.sum()
    ]  # fmt: skip
    assert missing
    assert all(generated.shares[cluster] < 0.25 * generated.real_shares[cluster] for cluster in missing)
    assert re.search(rf"made\.npz leaves out, or nearly: .*cluster {missing[0]} \(", text_of(page))
    assert len(generated.places) == len(generated.rows) + len(generated.samples)


def test_the_same_data_give_the_same_answer(made):
    found, _, _ = made
    again = ganvas.explore("digits", n=N, k="auto", show=False)
    assert np.array_equal(again.clusters.labels, found.clusters.labels)
    assert np.array_equal(again.map.layouts["t-SNE"], found.map.layouts["t-SNE"])


def test_features_by_name():
    one = ganvas.explore("digits", n=60, k=4, features="pca", show=False)
    assert (one.width, one.features) == (50, "pca")
    own = ganvas.explore("digits", n=60, k=4, features="test_exploration:brightness", show=False)
    assert own.width == 2


def brightness(samples):
    """Features of one's own: how bright the upper and the lower half are."""
    return samples.reshape(len(samples), 2, -1).mean(axis=2)


def test_no_tensorflow_is_needed():
    code = (
        "import sys; from ganvas import cli\n"
        "sys.argv = ['ganvas', 'explore', 'digits', '--n', '60', '--features', 'pca', '--json']\n"
        "try: cli.main()\n"
        "finally: print('tensorflow' in sys.modules, 'keras' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "False False"
    assert json.loads(done.stdout)["features"] == "pca"


# --- what is written


def test_every_file_is_written(made):
    _, folder, _ = made
    assert {path.name for path in folder.iterdir()} == {*exploration.FILES} - OF_AUTOENCODERS
    for name in {*exploration.FILES} - OF_AUTOENCODERS:
        if name.endswith(".png"):
            assert images.load_png(folder / name).std() > 1, name


def test_the_csv_has_a_row_for_every_sample(made):
    found, folder, _ = made
    with open(folder / "clusters.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == N
    whole = data.load("digits")
    for row, cluster, distance in zip(rows, found.clusters.labels, found.clusters.distances, strict=True):
        assert row["label"] == whole.classes[whole.labels[int(row["index"])]]
        assert int(row["cluster"]) == cluster
        assert float(row["distance"]) == pytest.approx(distance, rel=1e-5)


def test_the_embeddings_belong_to_the_samples(made):
    found, folder, _ = made
    with np.load(folder / "embeddings.npz") as stored:
        assert stored["tsne"].shape == stored["pca"].shape == (N, 2)
        assert np.array_equal(stored["index"], found.index[found.map.rows])
        assert np.array_equal(stored["label"], data.load("digits").labels[stored["index"]])
        assert np.array_equal(stored["cluster"], found.clusters.labels[found.map.rows])
        assert len(stored["real_and_generated"]) == len(stored["is_generated"])
        assert stored["centres"].shape == (len(found.clusters.centres), 64)


def test_names_of_any_kind_are_drawn_and_written(photos):
    for number, name in enumerate(("cost_$5_to_$10", b"caf\xe9".decode(errors="surrogateescape"))):
        photos(f"p/{name}", [(8, 8)] * 12, start=12 * number)
    found = ganvas.explore("p", k=2, show=False)
    found.save("explore-p")
    assert "caf\\udce9" in Path("explore-p/clusters.csv").read_text()
    assert "caf\\udce9" in report.write(found, Path("explore-p"), []).read_text()


def test_an_earlier_look_is_replaced_and_anything_else_left_alone(made, tmp_path):
    found, _, _ = made
    plain = ganvas.explore("digits", n=60, k=3, show=False)
    target = tmp_path / "again"
    found.save(target)
    plain.save(target)
    assert not (target / "real_and_generated.png").exists()
    (target / "mine.txt").write_text("keep")
    with pytest.raises(WrongUseError, match=r"holds mine\.txt, which is no exploration's: name a new folder"):
        plain.save(target)


def test_mosaics_show_images_where_they_lie():
    places = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    shown = np.full((3, 8, 8, 1), [[[[50]]], [[[100]]], [[[150]]]], np.uint8)
    picture = figures.mosaic(places, shown, np.array([0, 1, 2]), across=4)
    size = len(picture) // 4
    assert [
        picture[row, column, 0]
        for row, column in ((-size // 2, size // 2), (-size // 2, -size // 2), (size // 2, size // 2))
    ] == [50, 100, 150]
    assert (picture[..., 3] > 0).sum() == 3 * size * size


# --- the page


def test_every_section_is_there(made):
    found, _, page = made
    assert re.findall(r'<h2 class="part">(.*?)</h2>', page) == [
        "Clusters", "How many clusters", "Clusters and labels", "The map", "Real and generated",
        "Furthest from every centre", "How it was made",
    ]  # fmt: skip
    said = text_of(page)
    for words in (f"{N} (of 1,617) 8 × 8 grey images", f"{found.agreement.rand_index:.3f}", "ganvas explore digits",
                  "silhouette is highest at"):  # fmt: skip
        assert words in said, words


def test_the_page_needs_nothing_beside_itself(made):
    _, _, page = made
    places = re.findall(r"""\b(?:src|href|action|poster|srcset)=["']?([^"'>\s]*)""", page)
    assert len(places) > 20
    assert [place for place in places if not place.startswith("data:image/webp;base64,")] == []
    assert "url(" not in page
    assert "@import" not in page
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= {"http://www.w3.org/2000/svg"}  # a name, not a place


def test_every_mapped_sample_has_a_dot_and_a_thumbnail(made):
    found, _, page = made
    for told, sprite in zip(
        re.findall(r'data-map="([^"]*)"', page),
        re.findall(r'<img class="sprite"[^>]*base64,([^"]+)"', page),
        strict=True,
    ):
        facts = json.loads(told.replace("&quot;", '"'))
        count = len(facts["told"])
        assert {len(places) for places in facts["layouts"]} == {count}
        assert {len(kinds["of"]) for kinds in facts["kinds"].values()} == {count}
        with Image.open(io.BytesIO(base64.b64decode(sprite))) as picture:
            width, height = facts["cell"]
            assert picture.width == facts["columns"] * width
            assert (picture.height // height) * facts["columns"] >= count
    first = re.search(r'<g data-layout="0" data-colouring="0">(.*?)</g>', page)[1]
    assert first.count("h0") == len(found.map.rows)
    assert len(page) < 3e6


def test_text_from_files_is_escaped():
    digits = data.load("digits")
    classes = (HOSTILE, *digits.classes[1:])
    np.savez("hostile.npz", images=digits.images[:80], labels=np.array(classes)[digits.labels[:80]])
    found = ganvas.explore("hostile.npz", k=4, show=False)
    page = report.write(found, Path()).read_text()
    assert "<script>alert" not in page
    assert page.count("<script>") == 1


def test_unlabelled_sets_leave_out_the_labels(photos):
    photos("mine", [(40, 50)] * 14)
    found = ganvas.explore("mine", k=3, show=False)
    assert found.agreement is None
    found.save(Path("out"))
    page = report.write(found, Path("out")).read_text()
    assert "Clusters and labels" not in page
    assert "Mostly" not in page
    header, *rows = Path("out/clusters.csv").read_text().splitlines()
    assert header == "index,cluster,distance,name"
    assert len(rows) == 14
    assert rows[0].endswith(",0.png")
    with np.load("out/embeddings.npz") as stored:
        assert "label" not in stored


@pytest.mark.parametrize("mode", ["RGBA", "L"])
def test_all_kinds_of_images(photos, mode):
    photos("mine", [(70, 90)] * 12, mode)
    found = ganvas.explore("mine", k=2, against="mine", show=False)
    found.save(Path("out"))
    assert report.write(found, Path("out")).stat().st_size > 10_000


def test_points_are_clustered_and_drawn():
    points = data.load("rings")
    found = ganvas.explore("rings", n=400, k="auto", against=points.images[points.labels < 6], show=False)
    assert (found.choice.by_silhouette, len(found.clusters.centres)) == (8, 8)
    assert found.agreement.rand_index == 1
    assert (found.generated.shares == 0).sum() == 2
    found.save(Path("out"))
    page = report.write(found, Path("out")).read_text()
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "clusters.csv", "embeddings.npz", "map.png", "real_and_generated.png", "report.html",
    ]  # fmt: skip
    assert "points in the plane" in page
    assert "<canvas" not in page
    assert "t-SNE" not in text_of(page)


# --- the command line


def test_explore(command):
    status, out, err = command("explore", "digits", "--n", "80", "--k", "auto", "--against", "digits:test")
    assert status == 0, err
    for words in ("80 samples in ", "the silhouette asks for ", "against the labels: purity 0.", "explore-digits"):
        assert words in out, words
    assert "t-SNE of 80 samples" in err
    assert sorted(path.name for path in Path("explore-digits").iterdir()) == sorted(
        {*exploration.FILES} - OF_AUTOENCODERS
    )
    status, out, _ = command("explore", "digits", "--n", "80", "--k", "3", "--out", "here/it", "--json")
    found = json.loads(out)
    assert (status, found["folder"], found["k"], sum(found["sizes"]), found["n"]) == (0, "here/it", 3, 80, 80)
    assert {"purity", "nmi", "ari", "confusion", "seconds"} <= set(found)
    assert np.sum(found["confusion"]) == 80
    page = Path("here/it/report.html").read_text()
    assert "ganvas explore digits --n 80 --k 3 --out here/it --json" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("nonsense", "unknown data set 'nonsense'"),
        ("digits --features pxels", "unknown features 'pxels': did you mean 'pixels'?"),
        ("digits --features foo", "unknown features 'foo': choose from autoencoder, classifier"),
        ("digits --features own.keras", "no features model at own.keras"),
        ("digits --k 1", "k is a number of clusters, 2 or more, or auto, not '1'"),
        ("digits --k ten", "k is a number of clusters, 2 or more, or auto, not 'ten'"),
        ("digits --k 5000", "k=5000 asks for more clusters than digits:train has different samples, 16"),
        ("digits --n 60 --k 61", "k=61 asks for more clusters than digits:train has different samples, 60"),
        ("digits --n 5", "n must be at least 10 to see anything, not 5"),
        ("digits --against rings", "rings:train holds points"),
        ("rings --against digits", "digits:train has samples of (8, 8, 1), rings:train of (2,)"),
        ("digits --against nowhere", "unknown data set 'nowhere'"),
        ("rings --features classfier", "did you mean 'classifier'?"),
        ("few.npz", "few.npz has 3 different samples: exploring takes 10 or more"),
        ("plain.npz --features classifier", "plain.npz has no classes: features=classifier needs a labelled set"),
        ("plain.npz --features test_exploration:nothing", "are the same for all samples: choose others"),
        ("digits --out few.npz", "few.npz is a file: name a folder"),
        ("digits --out .", "holds few.npz, which is no exploration's: name a new folder"),
    ],
)
def test_wrong_use_gets_one_sentence_and_leaves_nothing(command, words, sentence):
    shown = data.load("digits").images[:30]
    np.savez("few.npz", images=shown[[0, 1, 2] * 10])
    np.savez("plain.npz", images=shown)
    status, out, err = command("explore", *words.split())
    assert (status, out) == (2, "")
    last = err.splitlines()[-1]
    assert last.startswith("ganvas: ")
    assert sentence in last
    assert "Traceback" not in err
    assert sorted(path.name for path in Path().iterdir()) == ["few.npz", "plain.npz"]


def nothing(samples):
    """Features that tell nothing."""
    return np.ones((len(samples), 3))


def test_pixels_that_do_not_fit_are_refused_and_components_taken(monkeypatch):
    monkeypatch.setattr(exploration, "MOST_BYTES", 10_000)
    samples = data.load("digits")
    assert exploration.default_features(samples) == "pca"
    with pytest.raises(WrongUseError, match=r"all pixels of digits:train take 0\.0 GB of memory: take features pca"):
        ganvas.explore("digits", features="pixels", show=False)
