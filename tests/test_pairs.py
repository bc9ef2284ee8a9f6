"""Samples with inputs: degradations, halves, stored pairs, other data matched by name or not, splits, the check."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ganvas import data
from ganvas.data import Samples, check, degrade, files, pairs, sets
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.names import choices

NUMBERED = {"blur": "blur:1.5", "noise": "noise:0.2", "shrink": "shrink:2"}
EVERY = choices(degrade)


@pytest.fixture(autouse=True)
def _own_decoded_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "cache", lambda: tmp_path / "cache")


def _images(count, height=12, width=16, channels=3, seed=0):
    """Smooth random images, every one another."""
    random = np.random.RandomState(seed)
    small = random.randint(0, 256, (count, 4, 4, channels), np.uint8)
    return files.resized(Samples("random", small), (height, width)).images


def _write(folder, images, names, mode="RGB"):
    for image, name in zip(images, names, strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).convert(mode).save(folder / name)
    return str(folder)


def _folders(tmp_path, count=20):
    """Two folders of lossless pictures of the same names: `ends`, and `starts`, grey, with other endings."""
    ends, starts = _images(count), _images(count, seed=1)
    names = [f"{'ab'[i % 2]}/{i}" for i in range(count)]
    _write(tmp_path / "ends", ends, [f"{name}.png" for name in names])
    _write(tmp_path / "starts", starts, [f"{name}.bmp" for name in names], "L")
    return ends, starts


def _as_set(images):
    """The images, hashable, whatever their order."""
    return {image.tobytes() for image in images}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_degradation_is_a_function_of_each_image_alone(name, channels, monkeypatch):
    function = getattr(degrade, name)
    images = _images(9, channels=channels)
    before = images.copy()
    made = function(images)
    assert (made.dtype, made.ndim, len(made)) == (np.uint8, 4, 9)
    assert made.shape[3] == (1 if name in ("edges", "grayscale") else channels)
    assert made.shape[1:3] == ((3, 4) if name == "shrink" else (12, 16))
    assert np.array_equal(images, before)
    order = np.random.RandomState(3).permutation(9)
    assert np.array_equal(function(images[order]), made[order])
    monkeypatch.setattr(files, "CHUNK", 1)  # one image at a time
    assert np.array_equal(function(images), made)
    assert np.array_equal(np.concatenate([function(images[i : i + 1]) for i in range(9)]), made)
    assert len(_as_set(made)) > 1
    unchanged = np.array_equal(made, images)
    assert unchanged if name == "same" else channels == 1 == made.shape[3] or not unchanged


@pytest.mark.parametrize("name", EVERY)
def test_degradations_on_data(name):
    inputs = NUMBERED.get(name, name)
    plain, train, test = (
        data.load("digits"),
        data.load("digits", inputs=inputs),
        data.load("digits:test", inputs=inputs),
    )
    assert train.aligned
    assert train.inputs.dtype == np.uint8
    assert train.input_shape == train.inputs.shape[1:] == test.input_shape
    assert len(train.inputs) == len(train) == len(plain)
    assert np.array_equal(train.images, plain.images)
    assert np.array_equal(train.labels, plain.labels)
    assert getattr(degrade, name).__doc__
    whole = replace(train, images=np.concatenate([train.images, test.images]))
    assert np.array_equal(data.load(whole.images, inputs=inputs).inputs[: len(train)], train.inputs)


def test_grayscale_is_brightness():
    pure = np.array([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]]], np.uint8)
    assert list(degrade.grayscale(pure).ravel()) == [76, 150, 29, 255]
    clear = np.zeros((1, 2, 2, 4), np.uint8)
    assert (degrade.grayscale(clear) == 255).all()
    grey = _images(3, channels=1)
    assert np.array_equal(degrade.grayscale(grey), grey)


def test_edges_are_thin_closed_dark_lines_on_white():
    images = np.full((3, 32, 32, 3), 255, np.uint8)
    images[0, 8:24, 8:24] = (200, 30, 30)
    images[1, 8:24, 8:24] = (76, 150, 150)  # a colour of nearly its ground's brightness
    images[1][(images[1] == 255).all(axis=2)] = (200, 100, 100)
    made = degrade.edges(images)
    assert set(np.unique(made)) == {0, 255}
    assert (made[2] == 255).all()
    for drawn in made[:2, ..., 0]:
        rows, columns = np.nonzero(drawn == 0)
        assert 50 <= len(rows) <= 68  # the outline of 16 x 16, a pixel wide
        assert {rows.min(), columns.min()} <= {7, 8}
        assert {rows.max(), columns.max()} <= {23, 24}
        assert (drawn[10:22, 10:22] == 255).all()


def test_faint_lines_are_drawn_only_where_they_go_on_from_clear_ones():
    images = np.full((2, 32, 32, 1), 100, np.uint8)
    images[:, :, 16:] = 120
    images[0, :, 16:, 0] = np.linspace(200, 120, 32)[:, None]
    clear, faint = (degrade.edges(images) == 0).sum(axis=(1, 2, 3))
    assert faint == 0
    assert clear >= 30


def test_mask_paints_half_of_each_side_and_nothing_else():
    images = np.maximum(_images(20), 128)
    made = degrade.mask(images)
    holes = (made != images).any(axis=3)
    places = set()
    for hole, image in zip(holes, made, strict=True):
        rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
        assert (len(rows), len(columns), hole.sum()) == (6, 8, 48)
        assert (image[hole] == 127).all()
        places.add((rows[0], columns[0]))
    assert len(places) > 10


def test_noise_and_blur_are_as_strong_as_asked():
    grey = np.full((2, 64, 64, 3), 127, np.uint8)
    grey[1, 0, 0] = 0  # another image has other noise
    for deviation in (0.05, 0.1):
        made = degrade.noise(grey, deviation).astype(float)
        assert made.std() == pytest.approx(255 * deviation, rel=0.02)
        assert made.mean() == pytest.approx(127, abs=0.5)
        assert not np.array_equal(made[0, 1:], made[1, 1:])
    point = np.zeros((1, 33, 33, 1), np.uint8)
    point[0, 16, 16] = 255
    spread = degrade.blur(point, 1.0)[0, :, :, 0].astype(float)
    along = spread.sum(axis=0) / spread.sum()
    assert (along * (np.arange(33) - 16) ** 2).sum() == pytest.approx(1.0, abs=0.1)


def test_shrink_is_antialiased():
    chequered = (np.indices((16, 16)).sum(0) % 2 * 255).astype(np.uint8)[None, ..., None]
    made = degrade.shrink(chequered, 4)
    assert made.shape == (1, 4, 4, 1)
    assert np.abs(made.astype(int) - 127).max() < 30


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (
            "egdes",
            r"unknown inputs 'egdes': did you mean 'edges'\? \(degradations: blur, edges, grayscale, mask, noise",
        ),
        ("shrnk:4", "unknown inputs 'shrnk': did you mean 'shrink'"),
        ("zzzzz", "unknown inputs 'zzzzz': choose from blur, edges"),
        ("digit:test", "did you mean 'digits'"),
        ("./nothing", r"no file or folder '\./nothing'"),
        ("shrink:four", "a degradation takes a number, such as shrink:4, not 'four'"),
        ("shrink:3", "shrink:3 needs sides that 3 divides, and the images are 8x8"),
        ("shrink:2.5", "shrink takes a whole number from 2, not 2.5"),
        ("shrink:nan", "shrink takes a whole number from 2, not nan"),
        ("shrink:1", "shrink takes a whole number from 2, not 1"),
        ("noise:0", "noise takes a number above 0, up to 1, not 0"),
        ("noise:nan", "noise takes a number above 0, up to 1, not nan"),
        ("blur:-1", "blur takes a number above 0, up to 100, not -1"),
        ("edges:2", "inputs=edges:2: edges takes no number"),
        ("json:nothing", "cannot import degradation 'json:nothing'"),
        ("numpy:mean", r"inputs=numpy:mean made float64 \(\) of 1 images: it must return uint8 \(N, h, w, c\)"),
        ("stored", "inputs=stored needs an .npz with the arrays 'inputs' and 'targets', not digits"),
        ("rings", "rings:train holds points, and inputs are for images"),
    ],
)
def test_wrong_inputs_get_one_sentence(inputs, sentence):
    with pytest.raises(WrongUseError, match=sentence):
        data.load("digits", inputs=inputs)


def test_points_have_no_inputs():
    with pytest.raises(WrongUseError, match="rings:train holds points, and inputs are for images"):
        data.load("rings", inputs="blur")
    with pytest.raises(WrongUseError, match="two pictures side by side have an even width"):
        data.load("rings", inputs="left")


def test_a_function_of_ones_own(monkeypatch, tmp_path):
    (tmp_path / "own_degradation.py").write_text("def negative(images):\n    return 255 - images\n")
    monkeypatch.syspath_prepend(tmp_path)
    samples = data.load("digits", inputs="own_degradation:negative")
    assert np.array_equal(samples.inputs, 255 - samples.images)
    _write(tmp_path / "p", _images(4), [f"{i}.png" for i in range(4)])
    mapped = data.load("p", inputs="own_degradation:negative")
    assert isinstance(mapped.inputs, np.memmap)
    (tmp_path / "own_degradation.py").write_text("def negative(images):\n    return images // 2 * 2 // 1\n")
    monkeypatch.delitem(sys.modules, "own_degradation")
    assert not np.array_equal(
        data.load("p", inputs="own_degradation:negative").inputs, mapped.inputs
    )  # other code, made anew


def test_what_is_made_of_a_folder_is_memory_mapped_and_made_once(tmp_path, monkeypatch):
    ends, _ = _folders(tmp_path)
    samples = data.load("ends", inputs="noise:0.2")
    assert isinstance(samples.images, np.memmap)
    assert isinstance(samples.inputs, np.memmap)
    rows = [int(name[2:-4]) for name in samples.names]
    assert np.array_equal(samples.inputs, degrade.noise(ends[rows], 0.2))
    with monkeypatch.context() as patch:
        patch.setattr(files, "_new_array", lambda *a: pytest.fail("made again"))
        assert data.load("ends", inputs="noise:0.2").sha256 == samples.sha256
    assert not np.array_equal(data.load("ends", inputs="noise:0.3").inputs, samples.inputs)


@pytest.mark.parametrize("inputs", ["edges", "mask", "starts"])
def test_the_parts_of_pairs_make_up_the_whole(tmp_path, inputs):
    _folders(tmp_path)
    whole, train, test = (
        data.load(spec, inputs=inputs) for spec in ("ends", "ends:train", data.held_out("ends:train"))
    )
    assert (len(whole), len(train), len(test)) == (20, 18, 2)
    of = {image.tobytes(): given.tobytes() for image, given in zip(whole.images, whole.inputs, strict=True)}
    for part in (train, test):
        assert part.aligned
        assert [of[image.tobytes()] for image in part.images] == [given.tobytes() for given in part.inputs]
    assert not _as_set(train.images) & _as_set(test.images)
    assert set(train.names) == set(data.load("ends:train").names)  # as without inputs
    if inputs != "edges":  # which may look alike
        assert not _as_set(train.inputs) & _as_set(test.inputs)


def test_folders_are_matched_by_name(tmp_path):
    ends, starts = _folders(tmp_path)
    samples = data.load("ends", inputs="starts")
    assert (samples.shape, samples.input_shape) == ((12, 16, 3), (12, 16, 1))
    rows = [int(name[2:-4]) for name in samples.names]
    assert np.array_equal(samples.images, ends[rows])
    assert np.array_equal(
        samples.inputs[..., 0], [np.asarray(Image.fromarray(starts[row]).convert("L")) for row in rows]
    )
    assert isinstance(samples.images, np.memmap)
    assert isinstance(samples.inputs, np.memmap)
    small = data.load("ends", size="6x8", inputs="starts")
    assert (small.shape, small.input_shape) == ((6, 8, 3), (6, 8, 1))
    free = data.load("ends:train", inputs="starts", matched=False)
    assert free.aligned  # names match one to one
    assert free.sha256 == data.load("ends:train", inputs="starts").sha256
    assert data.load("ends:train", inputs="starts:test").sha256 == free.sha256  # the data's split is both's


def test_order_does_not_matter_where_names_match(tmp_path):
    ends, starts = _images(3), _images(3, seed=1)
    _write(tmp_path / "ends", ends, ["1.png", "2.png", "B.png"])
    _write(tmp_path / "starts", starts[[2, 0, 1]], ["B.png", "1.PNG", "2.webp.png"])
    with pytest.raises(WrongUseError):
        data.load("ends", inputs="starts")
    (tmp_path / "starts" / "2.webp.png").rename(tmp_path / "starts" / "2.png")
    samples = data.load("ends", inputs="starts")
    assert np.array_equal(samples.images, ends)
    assert np.array_equal(samples.inputs, starts)


def test_names_on_one_side_are_counted_and_named(tmp_path):
    _folders(tmp_path)
    for name in ("a/0", "b/1", "a/2", "b/3", "a/4"):
        (tmp_path / "starts" / f"{name}.bmp").unlink()
    (tmp_path / "ends" / "b/19.png").unlink()
    with pytest.raises(WrongUseError) as error:
        data.load("ends", inputs="starts")
    assert str(error.value) == (
        "ends and its inputs starts do not match: 5 images without inputs (a/0.png, a/2.png, a/4.png and 2 more) and "
        "1 inputs without images (b/19.bmp). Give every image an input of its name, or set matched=false if none "
        "belongs to another"
    )
    free = data.load("ends", inputs="starts", matched=False)
    assert (free.aligned, len(free), len(free.inputs)) == (False, 19, 15)


def test_an_unreadable_partner_is_named(tmp_path):
    _folders(tmp_path)
    (tmp_path / "starts" / "a/0.bmp").write_bytes(b"x")
    with pytest.raises(WrongUseError, match=r"\(a/0\.png\); skipped 1 of 20 files: a/0\.bmp \(not an image\)"):
        data.load("ends", inputs="starts")


def test_two_names_that_differ_in_their_ending_only(tmp_path):
    _folders(tmp_path)
    _write(tmp_path / "starts", _images(1), ["a/0.png"], "L")
    with pytest.raises(WrongUseError, match=r"these differ in nothing else: a/0\.bmp, a/0\.png"):
        data.load("ends", inputs="starts")
    assert not data.load("ends", inputs="starts", matched=False).aligned


def test_unmatched_folders_hold_out_a_tenth_of_each(tmp_path):
    _write(tmp_path / "zebras", _images(20), [f"z{i}.png" for i in range(20)])
    _write(tmp_path / "horses", _images(30, seed=1), [f"h{i}.png" for i in range(30)])
    whole, train, test = (
        data.load(spec, inputs="horses", matched=False) for spec in ("zebras", "zebras:train", "zebras:test")
    )
    assert [(len(s), len(s.inputs)) for s in (whole, train, test)] == [(20, 30), (18, 27), (2, 3)]
    assert not any(s.aligned for s in (whole, train, test))
    assert _as_set(train.images) | _as_set(test.images) == _as_set(whole.images)
    assert _as_set(train.inputs) | _as_set(test.inputs) == _as_set(whole.inputs)
    assert len(train.take(np.arange(4)).inputs) == 27
    again = [data.fixed_split(whole, part) for part in data.SPLITS]
    assert [s.sha256 for s in again] == [train.sha256, test.sha256]


def test_a_set_and_a_folder_that_is_not_matched(tmp_path):
    _write(tmp_path / "horses", _images(30), [f"h{i}.png" for i in range(30)])
    train, test = (data.load(spec, inputs="horses", matched=False) for spec in ("digits", data.held_out("digits")))
    assert (len(train.inputs), len(test.inputs)) == (27, 3)
    assert not _as_set(train.inputs) & _as_set(test.inputs)
    train, test = (data.load(spec, inputs="digits", matched=False) for spec in ("horses:train", "horses:test"))
    assert np.array_equal(train.inputs, data.load("digits").images)
    assert np.array_equal(test.inputs, data.load("digits:test").images)


def _named_set(monkeypatch, name, names, seed):
    """Let `name` be a set of images with these names, of which the last two are for testing."""

    def source(part):
        everything = Samples(name, _images(len(names), seed=seed), names=np.array(names))
        return everything.take(np.arange(len(names) - 2) if part == "train" else np.arange(len(names) - 2, len(names)))

    source.__module__ = sets.__name__
    monkeypatch.setattr(sets, name, source, raising=False)


def test_sets_are_matched_by_name_in_the_same_part(monkeypatch):
    _named_set(monkeypatch, "apples", ["a", "b.c", "d", "e", "f"], seed=1)
    _named_set(monkeypatch, "pears", ["d", "x", "a", "f", "e"], seed=2)
    train, test = (data.load(spec, inputs="pears") for spec in ("apples", data.held_out("apples")))
    own, given = _images(5, seed=1), _images(5, seed=2)
    assert np.array_equal(train.images, own[[0, 2]])
    assert np.array_equal(train.inputs, given[[2, 0]])
    assert np.array_equal(test.images, own[3:])
    assert np.array_equal(test.inputs, given[[4, 3]])
    assert train.notes == (
        "apples and its inputs pears: left out 1 images without inputs (b.c) and 1 inputs without images (x)",
    )
    assert test.notes == ()
    free = data.load("apples", inputs="pears", matched=False)
    assert (free.aligned, len(free), len(free.inputs)) == (False, 3, 3)
    assert data.load("apples:test", inputs="pears:train", matched=False).sha256 == test.sha256
    _named_set(monkeypatch, "plums", ["r", "s", "t", "u"], seed=3)
    with pytest.raises(
        WrongUseError, match=r"do not match: 3 images without inputs \(a, b\.c, d\) and 2 inputs without"
    ):
        data.load("apples", inputs="plums")


def test_a_folder_that_holds_the_training_part_gives_nothing_of_it_to_testing(monkeypatch, tmp_path):
    """Names that match one to one in one part only would let what one part trains on be another's held-out input."""
    _named_set(monkeypatch, "apples", [f"n{i}" for i in range(22)], seed=1)
    _write(tmp_path / "drawn", _images(20, seed=2), [f"n{i}.png" for i in range(20)])
    for spec, inputs in (("apples", "drawn"), ("drawn:train", "apples")):
        train, test = (data.load(s, inputs=inputs, matched=False) for s in (spec, data.held_out(spec)))
        assert not _as_set(train.inputs) & _as_set(test.inputs)
        assert not _as_set(train.images) & _as_set(test.images)
    matched = data.load("apples", inputs="drawn")
    assert np.array_equal(matched.inputs, data.load("drawn").images)
    with pytest.raises(WrongUseError, match="do not match: 2 images without inputs"):
        data.load("apples:test", inputs="drawn")


def test_without_names_rows_match_in_order(tmp_path):
    ends, starts = _images(20), _images(20, seed=1)
    np.savez("starts.npz", images=starts)
    np.save("ends.npy", ends)
    for spec in ("ends.npy", ends):
        samples = data.load(spec, inputs="starts.npz")
        assert np.array_equal(samples.inputs, starts)
        assert samples.aligned
    test = data.load("ends.npy:test", inputs="starts.npz")
    assert np.array_equal(test.inputs, data.load("starts.npz:test").images)
    assert not data.load("ends.npy", inputs="starts.npz", matched=False).aligned
    np.savez("starts.npz", images=starts[:-1])
    with pytest.raises(WrongUseError, match=r"ends\.npy has 20 images, and starts\.npz 19 inputs for them"):
        data.load("ends.npy", inputs="starts.npz")


@pytest.mark.parametrize("kind", ["folder", "array"])
def test_side_by_side(tmp_path, kind):
    left, right = _images(20), _images(20, seed=1)
    both = np.concatenate([left, right], axis=2)
    names = [f"{i:02d}.png" for i in range(20)]
    spec = _write(tmp_path / "both", both, names) if kind == "folder" else both
    for half, given, made in (("left", left, right), ("right", right, left)):
        samples = data.load(spec, inputs=half)
        assert np.array_equal(samples.inputs, given)
        assert np.array_equal(samples.images, made)
    small = data.load(spec, size="6x8", inputs="left")
    assert small.shape == small.input_shape == (6, 8, 3)
    assert np.array_equal(
        small.inputs, files.resized(Samples("left", left), (6, 8)).images
    )  # nothing of the other half
    if kind == "folder":
        assert isinstance(small.inputs, np.memmap)
        train, test = (data.load(f"{spec}:{part}", inputs="left") for part in data.SPLITS)
        assert _as_set(train.inputs) == _as_set(left) - _as_set(test.inputs)
        assert len(test) == 2
        assert data.load(spec).shape == (12, 32, 3)


def test_an_odd_width_holds_no_two_pictures(tmp_path, photos):
    root = photos("both", [(8, 16), (8, 16), (8, 15)])
    samples = data.load(str(root), inputs="left")
    assert len(samples) == 2
    assert samples.notes == (
        "skipped 1 of 3 files: 2.png (15 pixels wide, where two pictures side by side have an even width)",
    )
    with pytest.raises(WrongUseError, match=r"array has samples of the shape \(8, 7, 3\): two pictures side by side"):
        data.load(np.zeros((2, 8, 7, 3), np.uint8), inputs="left")


def test_stored_pairs(tmp_path):
    targets, given = _images(20, 16, 16), _images(20, 8, 8, 1, seed=1)
    np.savez("pairs.npz", inputs=given / np.float32(255), targets=targets, labels=np.arange(20) % 2)
    samples = data.load("pairs.npz", inputs="stored")
    assert np.array_equal(samples.images, targets)
    assert np.array_equal(samples.inputs, given)
    assert samples.classes == ("0", "1")
    small = data.load("pairs.npz", size=8, inputs="stored")
    assert (small.shape, small.input_shape) == ((8, 8, 3), (4, 4, 1))
    train, test = (data.load(f"pairs.npz:{part}", inputs="stored") for part in data.SPLITS)
    assert (len(train), len(test)) == (18, 2)
    assert _as_set(train.inputs) | _as_set(test.inputs) == _as_set(given)
    np.savez("pairs.npz", inputs=given[1:], targets=targets)
    with pytest.raises(WrongUseError, match=r"pairs\.npz has 20 targets and 19 inputs"):
        data.load("pairs.npz", inputs="stored")
    np.savez("pairs.npz", inputs=given, images=targets)
    with pytest.raises(WrongUseError, match=r"pairs\.npz holds inputs, images: name its arrays 'inputs' and 'targets'"):
        data.load("pairs.npz", inputs="stored")
    np.savez("pairs.npz", inputs=given + 300.0, targets=targets)
    with pytest.raises(WrongUseError, match=r"pairs\.npz \(inputs\) has float64 values"):
        data.load("pairs.npz", inputs="stored")


def test_a_name_with_a_meaning_is_not_hidden_by_a_folder(photos):
    photos("edges", [(8, 8)] * 3)
    assert set(np.unique(data.load("digits", inputs="edges").inputs)) == {0, 255}
    assert pairs.place("edges") == (None, None)
    assert pairs.place("left") == (None, None)
    assert pairs.place("./edges")[0].name == "edges"
    assert data.load("./edges", inputs="./edges").input_shape == (8, 8, 3)


def test_the_hash_covers_inputs():
    plain = data.load("digits:test")
    # as it was before there were inputs: runs have it written down
    assert plain.sha256 == "46c31cd08a1d2ade8a73c5e6aedbbee443b695fbf0f400435742701f92b5d969"
    noisy, noisier = (data.load("digits:test", inputs=inputs) for inputs in ("noise:0.1", "noise:0.2"))
    free = replace(noisy, aligned=False)
    assert len({s.sha256 for s in (plain, noisy, noisier, free)}) == 4
    assert noisy.sha256 == data.load("digits:test", inputs="noise:0.1").sha256
    assert plain.input_shape is None


def test_taking_rows_takes_their_inputs():
    samples = data.load("digits:test", inputs="shrink:2")
    rows = np.array([5, 0, 7])
    few = samples.take(rows)
    assert np.array_equal(few.inputs, degrade.shrink(few.images, 2))
    assert np.array_equal(replace(samples, aligned=False).take(rows).inputs, samples.inputs)


def test_one_image_cannot_be_split(photos):
    photos("one", [(8, 8)])
    photos("three", [(8, 8)] * 3, start=5)
    for spec, inputs in (("one:train", ""), ("one:train", "blur"), ("three:train", "one")):
        with pytest.raises(WrongUseError, match="one:train: one image cannot be split into train and test"):
            data.load(spec, inputs=inputs, matched=False)


def test_check_of_pairs(tmp_path, command):
    _folders(tmp_path)
    found = check.check(tmp_path / "ends", "starts")
    assert found.pairs == check.Pairs(20, [], [], {"12x16 from 12x16": 20})
    assert found.sound
    assert command("data", "check", "ends", "--inputs", "starts")[0] == 0
    for i in range(0, 20, 2):
        (tmp_path / "ends" / f"a/{i}.png").rename(tmp_path / "ends" / f"a/x{i}.png")
    _write(tmp_path / "starts", _images(1, 6, 8), ["b/1.bmp"], "L")
    found = check.check(tmp_path / "ends", "starts")
    assert found.pairs.count == 10
    assert found.pairs.only_images == [f"a/x{i}.png" for i in range(0, 20, 2)]
    assert found.pairs.only_inputs == [f"a/{i}.bmp" for i in range(0, 20, 2)]
    assert found.pairs.sizes == {"12x16 from 12x16": 9, "12x16 from 6x8": 1}
    assert not found.sound
    (tmp_path / "ends" / "b/1.png").unlink()
    status, out, _ = command("data", "check", "ends", "--inputs", "starts")
    assert status == 1
    assert "pairs: 9 images with an input\n" in out
    assert "no input    a/x0.png\n" in out
    assert out.count("no image ") == 11  # ten of eleven named, and how many there are
    assert "no image    11 in all\n" in out
    status, out, _ = command("data", "check", "ends", "--inputs", "starts", "--json")
    assert (status, json.loads(out)["pairs"]["count"]) == (1, 9)


def test_check_of_inputs_of_every_kind(tmp_path, photos, command):
    root = photos("p", [(8, 16)] * 3 + [(8, 15)])
    for inputs, count, sizes in (
        ("edges", 4, {"8x16 from 8x16": 3, "8x15 from 8x15": 1}),
        ("shrink:4", 3, {"8x16 from 2x4": 3}),
        ("left", 3, {"8x8 from 8x8": 3}),
        ("digits", 4, {"8x16 from 8x8": 3, "8x15 from 8x8": 1}),
        ("p.npy", 2, {"8x16 from 5x5": 2}),
    ):
        np.save("p.npy", np.zeros((2, 5, 5), np.uint8))
        found = check.check(root, inputs).pairs
        assert (found.count, found.sizes) == (count, sizes)
        assert len(found.only_images) == 4 - count
    status, _, err = command("data", "check", "p", "--inputs", "egdes")
    assert (status, "unknown inputs 'egdes': did you mean 'edges'?" in err) == (2, True)
    status, _, err = command("data", "check", "p", "--inputs", "stored")
    assert (status, "inputs=stored needs an .npz" in err) == (2, True)


def test_sets_that_are_had_by_hand_are_read_from_their_folders(tmp_path):
    for folder, width in (
        ("maps/train", 40),
        ("maps/val", 40),
        ("horse2zebra/trainA", 20),
        ("horse2zebra/trainB", 20),
    ):
        (tmp_path / folder).mkdir(parents=True)
        for i in range(3):
            Image.new("RGB", (width, 20), (10 * i, len(folder), 0)).save(tmp_path / folder / f"{i}.png")
    pairs = data.load("maps", None, "left")
    assert (pairs.name, pairs.shape, pairs.input_shape) == ("maps:train", (20, 20, 3), (20, 20, 3))
    assert len(data.load("maps:test", None, "left")) == 3
    animals = data.load("horse2zebra:zebra", None, "horse2zebra:horse", matched=False)
    assert (animals.name, len(animals.inputs)) == ("horse2zebra:trainB", 3)
    assert animals.images[0, 0, 0, 1] == animals.inputs[0, 0, 0, 1] == len("horse2zebra/trainA")
    with pytest.raises(RunFailedError, match=r"cannot fetch facades: there is no folder train in .* unpack it there"):
        data.load("facades")
