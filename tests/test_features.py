"""Feature extractors: equal to their references, independent of the batch, and safe with files from elsewhere."""

import io
import pickle
import zipfile

import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits, load_sample_image

from ganvas import data, features
from ganvas.errors import RunFailedError, WrongUseError
from ganvas.features import _torch, classifier, efficientnet, inception
from ganvas.images import to_float
from ganvas.names import choices


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


# --- files


def text(string):
    return b"X" + len(string).to_bytes(4, "little") + string.encode()


def numbers(*values):
    return b"(" + b"".join(b"J" + value.to_bytes(4, "little", signed=True) for value in values) + b"t"


def described(tensors, legacy):
    """The pickle of a state dict, as PyTorch writes it: tensors refer to storages 0, 1, ..."""
    parts = [b"\x80\x02}("]
    for key, (name, array) in enumerate(tensors.items()):
        storage = text("storage") + b"ctorch\nFloatStorage\n" + text(str(key)) + text("cpu") + numbers(array.size)[1:-1]
        strides = [stride // array.itemsize for stride in array.strides]
        rebuilt = b"ctorch._utils\n_rebuild_tensor_v2\n((" + storage + (b"N" if legacy else b"") + b"tQ"
        parts += [text(name), rebuilt, numbers(0)[1:-1], numbers(*array.shape), numbers(*strides), b"\x89}tR"]
    return b"".join([*parts, b"u."])


def zipped(path, tensors, content=None):
    """A state dict file as PyTorch writes it since 1.6."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content or described(tensors, legacy=False))
        for key, array in enumerate(tensors.values()):
            archive.writestr(f"archive/data/{key}", array.tobytes())
    return path


def stream(path, tensors):
    """A state dict file as PyTorch wrote it before 1.6."""
    head = b"".join(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
    keys = pickle.dumps([str(key) for key in range(len(tensors))], 2)
    storages = b"".join(array.size.to_bytes(8, "little") + array.tobytes() for array in tensors.values())
    path.write_bytes(head + described(tensors, legacy=True) + keys + storages)
    return path


@pytest.mark.parametrize("write", [zipped, stream])
def test_state_dicts_are_read_without_torch(tmp_path, write):
    tensors = {"a.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4), "b": np.ones(5, np.float32)}
    found = _torch.read(write(tmp_path / "some.pth", tensors))
    assert list(found) == ["a.weight", "b"]
    for name, array in tensors.items():
        np.testing.assert_array_equal(found[name], array)


def test_a_pickle_that_runs_something_is_refused(tmp_path):
    class Malicious:
        def __reduce__(self):
            return io.open, (str(tmp_path / "written"), "w")

    for content in (pickle.dumps(Malicious()), pickle.dumps({"a": Malicious()}, 2)):
        (tmp_path / "stream.pth").write_bytes(content)
        zipped(tmp_path / "zip.pth", {}, content)
        for name in ("stream.pth", "zip.pth"):
            with pytest.raises(WrongUseError, match="open, which no state dict needs"):
                _torch.read(tmp_path / name)
    assert not (tmp_path / "written").exists()


@pytest.mark.parametrize("write", [zipped, stream])
def test_a_damaged_file_gives_one_sentence(tmp_path, write):
    content = write(tmp_path / "whole.pth", {"a": np.ones(1000, np.float32)}).read_bytes()
    for length in (0, 3, 40, len(content) // 2, len(content) - 8):
        (tmp_path / "cut.pth").write_bytes(content[:length])
        with pytest.raises(WrongUseError, match=r"cannot read .*cut.pth as a PyTorch state dict") as caught:
            _torch.read(tmp_path / "cut.pth")
        assert "\n" not in str(caught.value)


def test_a_window_past_the_end_of_its_storage_is_refused(tmp_path):
    content = described({"a": np.ones(1000, np.float32)}, legacy=False)
    with pytest.raises(WrongUseError, match="cut short or damaged"):
        _torch.read(zipped(tmp_path / "short.pth", {"a": np.ones(999, np.float32)}, content))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WrongUseError, match="no weights at"):
        features.find(str(tmp_path / "none.pth"), data.load("digits"))


# --- EfficientNet


def few_digits():
    return np.rint(load_digits().images[:3] * (255 / 16)).astype(np.uint8)[..., None]


def flower():
    return load_sample_image("flower.jpg")[180:260, 300:380][None]


def test_efficientnet_equals_torch():
    # from efficientnet_lite_pytorch 0.1.0 on torch 2.14 with the same weights: F.interpolate(x, (112, 112), "bilinear",
    # align_corners=False), (x - 127) / 128, extract_features, mean over places; then softmax of the whole network
    extract = efficientnet.build(data.load("digits"))
    grey, colour = extract(few_digits()), extract(flower())
    np.testing.assert_allclose(grey.features.mean(axis=1), [0.17549963, 0.23972678, 0.16430928], rtol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(grey.features, axis=1), [21.273201, 24.32493, 19.67823], rtol=1e-4)
    np.testing.assert_allclose(grey.features[2, [400, 600]], [0.33632418, 0.32845607], rtol=1e-3)
    assert list(grey.probabilities.argmax(axis=1)) == [488, 683, 512]
    np.testing.assert_allclose(grey.probabilities.max(axis=1), [0.15214264, 0.20418341, 0.14970087], rtol=1e-3)
    # wider, since decoders of JPEG may differ by 1 of 255
    np.testing.assert_allclose(colour.features[0, [200, 400, 600]], [0.40724641, 0.50672174, 1.0624498], rtol=2e-2)
    assert colour.probabilities[0].argmax() == 599


def test_efficientnet_takes_any_size_and_lays_transparency_over_white():
    extract = efficientnet.build(data.load("digits"))
    wide = np.concatenate([flower(), flower()], axis=2)
    assert extract(wide.repeat(2, axis=1)).features.shape == (1, 1280)
    opaque, clear = (np.concatenate([flower(), np.full((1, 80, 80, 1), a, np.uint8)], axis=-1) for a in (255, 0))
    np.testing.assert_array_equal(extract(opaque).features, extract(flower()).features)
    np.testing.assert_array_equal(extract(clear).features, extract(np.full_like(flower(), 255)).features)
    in_units = [tf.constant(to_float(images)) for images in (clear, np.full_like(flower(), 255))]
    assert float(efficientnet.apart(*in_units)[0]) == pytest.approx(0, abs=1e-6)


def test_efficientnet_refuses_what_is_no_image():
    extract = efficientnet.build(data.load("digits"))
    with pytest.raises(WrongUseError, match="channels"):
        extract(np.zeros((4, 2), np.float32))


# --- Inception


def inception_shapes():
    """Each convolution's name and kernel: (out, in, height, width)."""
    yield from {
        "Conv2d_1a_3x3": (32, 3, 3, 3),
        "Conv2d_2a_3x3": (32, 32, 3, 3),
        "Conv2d_2b_3x3": (64, 32, 3, 3),
        "Conv2d_3b_1x1": (80, 64, 1, 1),
        "Conv2d_4a_3x3": (192, 80, 3, 3),
    }.items()
    for block, width, pooled in (("5b", 192, 32), ("5c", 256, 64), ("5d", 288, 64)):
        yield from branch(block, "branch1x1", width, (64, 1, 1))
        yield from branch(block, "branch5x5_", width, (48, 1, 1), (64, 5, 5))
        yield from branch(block, "branch3x3dbl_", width, (64, 1, 1), (96, 3, 3), (96, 3, 3))
        yield from branch(block, "branch_pool", width, (pooled, 1, 1))
    yield from branch("6a", "branch3x3", 288, (384, 3, 3))
    yield from branch("6a", "branch3x3dbl_", 288, (64, 1, 1), (96, 3, 3), (96, 3, 3))
    for block, narrow in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        row, column = (narrow, 1, 7), (narrow, 7, 1)
        yield from branch(block, "branch1x1", 768, (192, 1, 1))
        yield from branch(block, "branch7x7_", 768, (narrow, 1, 1), row, (192, 7, 1))
        yield from branch(block, "branch7x7dbl_", 768, (narrow, 1, 1), column, row, column, (192, 1, 7))
        yield from branch(block, "branch_pool", 768, (192, 1, 1))
    yield from branch("7a", "branch3x3_", 768, (192, 1, 1), (320, 3, 3))
    yield from branch("7a", "branch7x7x3_", 768, (192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3))
    for block, width in (("7b", 1280), ("7c", 2048)):
        yield from branch(block, "branch1x1", width, (320, 1, 1))
        yield from branch(block, "branch3x3_", width, (384, 1, 1))
        yield from branch(block, "branch3x3dbl_", width, (448, 1, 1), (384, 3, 3))
        for name in ("branch3x3_2", "branch3x3dbl_3"):
            yield from branch(block, f"{name}a", 384, (384, 1, 3))
            yield from branch(block, f"{name}b", 384, (384, 3, 1))
        yield from branch(block, "branch_pool", width, (192, 1, 1))


def branch(block, name, width, *kernels):
    """Convolutions one after another: (channels out, height, width) each."""
    for number, (out, *sides) in enumerate(kernels, start=1):
        yield f"Mixed_{block}.{name}{number if name.endswith('_') else ''}", (out, width, *sides)
        width = out


def convolution_and_norm(name, kernel):
    width = len(kernel)
    return {
        f"{name}.conv.weight": kernel.astype(np.float32),
        f"{name}.bn.weight": np.ones(width, np.float32),
        f"{name}.bn.bias": np.zeros(width, np.float32),
        f"{name}.bn.running_mean": np.zeros(width, np.float32),
        f"{name}.bn.running_var": np.ones(width, np.float32),
    }


@pytest.fixture(scope="module")
def random_inception(tmp_path_factory):
    """The extractor with random weights that keep the scale of what flows through, and small batches."""
    random = np.random.default_rng(0)
    weights = {"fc.weight": random.standard_normal((1008, 2048), np.float32) / 10}
    for name, shape in inception_shapes():
        kernel = random.standard_normal(shape, np.float32) * np.sqrt(2 / np.prod(shape[1:]))
        weights |= convolution_and_norm(name, kernel)
    file = stream(tmp_path_factory.mktemp("inception") / "random.pth", weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inception, "BATCH", 3)
        return features.find(str(file), data.load("digits"))


def test_inception_gives_features_and_probabilities(random_inception):
    found = random_inception(few_digits()[:2])
    assert random_inception.name != "inception"  # its distances are no FID
    assert found.features.shape == (2, 2048)
    assert found.probabilities.shape == (2, 1008)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert found.features.std() > 0.01
    assert np.abs(found.features[0] - found.features[1]).max() > 1e-3


def test_inceptions_average_leaves_padding_out():
    weights = convolution_and_norm("branch_pool", np.eye(4)[:, :, None, None]) | {"fc.weight": np.zeros((1008, 2048))}
    averaged = inception.Inception(weights).averaged(np.ones((1, 5, 5, 4), np.float32), "")
    np.testing.assert_allclose(averaged, 1, rtol=1e-3)  # the fold divides by sqrt(1 + epsilon)
    assert np.ptp(averaged) < 1e-6


def test_other_weights_are_not_taken_for_inception(tmp_path):
    file = zipped(tmp_path / "other.pth", {"fc.weight": np.ones((1000, 2048), np.float32)})
    with pytest.raises(WrongUseError, match="2015-12-05 Inception"):
        inception.from_weights(file)


def test_without_the_weights_it_says_where_to_put_them(cache, monkeypatch):
    def closed(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr("urllib.request.urlopen", closed)
    with pytest.raises(RunFailedError, match="no network") as caught:
        inception.build(data.load("digits"))
    assert f"put {inception.FILE} into {cache / 'inception'}" in str(caught.value)


# --- all of them


@pytest.mark.parametrize("name", choices(features))
@pytest.mark.parametrize("channels", [1, 3])
def test_every_extractor_keeps_the_contract(name, channels, cache, random_inception, monkeypatch):
    monkeypatch.setattr(classifier, "IMAGES_SEEN", 128)
    digits = data.load("digits")
    samples = data.Samples("some", digits.images.repeat(channels, axis=-1), digits.labels, digits.classes)
    extract = random_inception if name == "inception" else features.find(name, samples)
    images = samples.images[:3]
    found = extract(images)
    assert found.features.dtype == np.float32
    assert found.features.shape == (3, found.features.shape[1])
    assert np.isfinite(found.features).all()
    np.testing.assert_array_equal(extract(images).features, found.features)
    # the same image among others
    alone, among = extract(images[2:]).features[0], found.features[2]
    np.testing.assert_allclose(alone, among, atol=1e-5 * np.abs(found.features).max())
    if found.probabilities is not None:
        assert found.probabilities.dtype == np.float32
        np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_models_and_functions_of_ones_own_are_extractors(tmp_path):
    import keras

    digits = data.load("digits")
    model = keras.Sequential([keras.Input(digits.shape), keras.layers.Flatten(), keras.layers.Dense(3)], name="mine")
    model.save(tmp_path / "mine.keras")
    images = digits.images[:5]
    own, saved = features.find(model, digits), features.find(str(tmp_path / "mine.keras"), digits)
    assert own.name == "mine"
    np.testing.assert_array_equal(own(images).features, saved(images).features)
    np.testing.assert_array_equal(features.find(lambda i: i / 255.0, digits)(images).features[:, 0], 0)
    with pytest.raises(WrongUseError, match=r"the features model mine takes \(8, 8, 1\)"):
        own(np.zeros((2, 5, 5, 1), np.uint8))
