"""Layers that Keras does not have."""

from typing import Any

import keras
import tensorflow as tf
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


@keras.saving.register_keras_serializable("ganvas")
class FusedBatchNormalization(keras.layers.Layer):
    """Batch normalisation of images (Ioffe & Szegedy 2015) in one kernel, in the precision of the layer's inputs.

    What Keras' own layer computes, which in bfloat16 casts to float32 and back and passes over the batch several
    times: on a CPU that is a fifth of a step of `plain`. The running variance counts with n - 1. Input and output
    (batch, height, width, channels).
    """

    def __init__(self, momentum: float = 0.99, epsilon: float = 1e-3, **options: Any) -> None:
        super().__init__(**options)
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """The scale, the offset, and the running statistics: float32 (channels,)."""

        def vector(name: str, start: str, trainable: bool) -> keras.Variable:
            shape = (input_shape[-1],)
            return self.add_weight(
                shape=shape, initializer=start, name=name, trainable=trainable, dtype="float32", autocast=False
            )

        self.gamma, self.beta = vector("gamma", "ones", True), vector("beta", "zeros", True)
        self.mean, self.variance = vector("mean", "zeros", False), vector("variance", "ones", False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Normalise by the batch's statistics while training, else by the running ones."""
        gamma, beta, mean, variance = map(ops.convert_to_tensor, (self.gamma, self.beta, self.mean, self.variance))
        if not training:
            scale = gamma * ops.rsqrt(variance + self.epsilon)
            return inputs * ops.cast(scale, inputs.dtype) + ops.cast(beta - mean * scale, inputs.dtype)
        unused = ops.zeros_like(gamma)
        outputs, seen_mean, seen_variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=gamma, offset=beta, mean=unused, variance=unused, epsilon=self.epsilon, is_training=True
        )
        self.mean.assign(mean + (1 - self.momentum) * (seen_mean - mean))
        self.variance.assign(variance + (1 - self.momentum) * (seen_variance - variance))
        return outputs

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}


@keras.saving.register_keras_serializable("ganvas")
class SubPixel(keras.layers.Layer):
    """Make images `factor` times larger out of their channels (Shi et al. 2016): (h, w, c f f) to (f h, f w, c)."""

    def __init__(self, factor: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return tf.nn.depth_to_space(inputs, self.factor)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, channels = input_shape
        sides = (side and side * self.factor for side in (height, width))
        return (batch, *sides, (channels or 0) // self.factor**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
