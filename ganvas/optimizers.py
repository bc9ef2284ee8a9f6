"""Optimizers that Keras does not have."""

from typing import Any

import keras
import tensorflow as tf

Moments = tuple[list[tf.Tensor], list[tf.Tensor], tf.Tensor]  # means of gradients and of their squares, and the count


class FusedAdam(keras.optimizers.Adam):
    """Adam (Kingma & Ba 2015) in one kernel a variable: the same update as Keras' own, which takes a dozen.

    On a CPU and networks this small that is a noticeable part of a step. `bound` above 0 clips the weights to
    [-bound, bound] after every update (WGAN, Arjovsky et al. 2017).
    """

    def __init__(self, learning_rate: float, *, bound: float = 0.0, **options: Any) -> None:
        super().__init__(learning_rate, **options)
        self.bound = bound

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move one variable and its two moments."""
        index, kind = self._get_variable_index(variable), variable.dtype
        step = tf.cast(self.iterations.value + 1, kind)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, kind), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, kind), step),
            lr=tf.cast(learning_rate, kind),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, kind),
        )
        if self.bound:
            variable.assign(tf.clip_by_value(variable, -self.bound, self.bound))

    def ahead(
        self, gradients: list[tf.Tensor], weights: list[tf.Tensor], moments: Moments
    ) -> tuple[list[tf.Tensor], Moments]:
        """What the update would make of `weights`, as a function that gradients pass through; nothing is moved."""
        first, second, taken = moments
        taken = taken + 1
        first = [m + (1 - self.beta_1) * (g - m) for m, g in zip(first, gradients, strict=True)]
        second = [v + (1 - self.beta_2) * (g * g - v) for v, g in zip(second, gradients, strict=True)]
        count = tf.cast(taken, tf.float32)
        rate = self.learning_rate.value * tf.sqrt(1 - self.beta_2**count) / (1 - self.beta_1**count)
        # the root has no gradient at zero, so keep away from it
        moved = [
            w - rate * m / (tf.sqrt(v + 1e-16) + self.epsilon) for w, m, v in zip(weights, first, second, strict=True)
        ]
        if self.bound:
            moved = [tf.clip_by_value(w, -self.bound, self.bound) for w in moved]
        return moved, (first, second, taken)

    def moments(self) -> Moments:
        """The running means of gradients and of their squares, and how many updates there were."""
        first, second = ([v.value for v in kept] for kept in (self._momentums, self._velocities))
        return first, second, self.iterations.value
