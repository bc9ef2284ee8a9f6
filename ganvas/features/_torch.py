"""PyTorch state dict files read without PyTorch, and their convolutions in TensorFlow's layout."""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from ganvas.errors import WrongUseError, first_line

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_KINDS = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}


class _Storage(NamedTuple):
    """What a pickle says of a block of numbers that lies elsewhere in the file."""

    key: str
    kind: str


class _View(NamedTuple):
    """A tensor: a window on a storage, offset and strides counted in numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Unpickler(pickle.Unpickler):
    """Knows ordered dictionaries and tensors, and refuses every other name: a pickle can otherwise run anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self._tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return self._parameter
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no state dict needs")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, *_, window = pid if len(pid) == 6 else (*pid, None)
        if window is not None:
            raise pickle.UnpicklingError("it holds a view of a storage")
        return _Storage(str(key), kind)

    def _tensor(self, storage: _Storage, offset: int, shape: tuple[int, ...], strides: Any, *_: Any) -> _View:
        return _View(storage, offset, tuple(shape), tuple(strides))

    def _parameter(self, data: _View, *_: Any) -> _View:
        return data


def read(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a state dict by name, from a file of `torch.save`, zipped or in the stream used before 1.6."""
    if not path.is_file():
        raise WrongUseError(f"no weights at {path}")
    try:
        with open(path, "rb") as file:
            zipped = file.read(4) == b"PK\x03\x04"
            file.seek(0)
            views, storages = _from_zip(file) if zipped else _from_stream(file)
        return {str(name): _array(view, storages) for name, view in views.items()}
    except Exception as error:  # a damaged pickle can fail in any way
        raise WrongUseError(f"cannot read {path} as a PyTorch state dict: {first_line(error)}") from error


def convolution(weights: Mapping[str, np.ndarray], name: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
    """Kernel (height, width, in, out) and bias of a convolution with the batch norm after it folded in (epsilon 1e-3).

    A depthwise kernel, which PyTorch keeps as (out, 1, height, width), comes out as (height, width, 1, out).
    """
    kernel = weights[f"{name}.weight"].astype(np.float64)
    scale, shift, mean, variance = (
        weights[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    factor = scale / np.sqrt(variance + 1e-3)
    folded = (kernel * factor[:, None, None, None]).transpose(2, 3, 1, 0)
    return folded.astype(np.float32), (shift - mean * factor).astype(np.float32)


def _from_zip(file: BinaryIO) -> tuple[Any, dict[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        described = next((name for name in archive.namelist() if name.endswith("/data.pkl")), None)
        if described is None:
            raise ValueError("there is no data.pkl in it")
        folder = described.removesuffix(".pkl") + "/"
        views = _Unpickler(archive.open(described)).load()
        inside = (name for name in archive.namelist() if name.startswith(folder))
        return views, {name.removeprefix(folder): archive.read(name) for name in inside}


def _from_stream(file: BinaryIO) -> tuple[Any, dict[str, bytes]]:
    """Pickles of a magic number, a protocol version, the system, the dict and the storages' keys; then the storages."""
    if _Unpickler(file).load() != _LEGACY_MAGIC:
        raise ValueError("it does not begin like one")
    _Unpickler(file).load()
    _Unpickler(file).load()
    views = _Unpickler(file).load()
    keys = _Unpickler(file).load()
    kinds = {view.storage.key: view.storage.kind for view in views.values()}
    storages = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        storages[key] = file.read(count * np.dtype(kinds[key]).itemsize)
    return views, storages


def _array(view: _View, storages: Mapping[str, bytes]) -> np.ndarray:
    if not isinstance(view, _View):
        raise TypeError("it holds more than tensors")
    numbers = np.frombuffer(storages[view.storage.key], view.storage.kind)
    reach = view.offset + sum((size - 1) * stride for size, stride in zip(view.shape, view.strides, strict=True))
    empty = 0 in view.shape
    if min(view.offset, *view.shape, *view.strides, 0) < 0 or (not empty and reach >= len(numbers)):
        raise ValueError("it is cut short or damaged")  # a window past the end would read other memory
    if empty:
        return np.zeros(view.shape, numbers.dtype)
    steps = [stride * numbers.itemsize for stride in view.strides]
    return np.lib.stride_tricks.as_strided(numbers[view.offset :], view.shape, steps).copy()
