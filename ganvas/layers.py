"""Layers that Keras does not have."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("ganvas")
class MinibatchDeviation(keras.layers.Layer):
    """Append one feature map: how much the images of a group differ, so that sameness can be seen and punished.

    The standard deviation over groups of up to `group` images, averaged over all positions and channels
    (Karras et al. 2018, section 3). Input (batch, height, width, channels), output one channel more. A batch that
    `group` does not divide is taken as one group.
    """

    def __init__(self, group: int = 4, **options: Any) -> None:
        super().__init__(**options)
        self.group = group

    def call(self, inputs: Any) -> Any:
        batch, height, width, channels = ops.shape(inputs)
        group = self.group if isinstance(batch, int) and batch % self.group == 0 else batch
        # a variance of bfloat16 numbers cancels to nothing: take it in float32
        grouped = ops.reshape(ops.cast(inputs, "float32"), (group, -1, height, width, channels))
        deviation = ops.sqrt(ops.var(grouped, axis=0) + 1e-8)
        feature = ops.cast(ops.mean(deviation, axis=(1, 2, 3), keepdims=True), inputs.dtype)
        feature = ops.tile(feature, (group, height, width, 1))
        return ops.concatenate([inputs, feature], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], (input_shape[-1] or 0) + 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "group": self.group}
