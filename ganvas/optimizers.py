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

    def _backend_update_step(self, gradients: list[Any], variables: list[Any], learning_rate: Any) -> None:
        # what all variables share is computed once, not for each of them: a seventh of what is traced of a step
        count = tf.cast(self.iterations.value + 1, tf.float32)
        numbers = (learning_rate, self.beta_1, self.beta_2, self.epsilon)
        rate, first, second, epsilon = (tf.cast(number, tf.float32) for number in numbers)
        super()._backend_update_step(gradients, variables, (rate, first, second, epsilon, first**count, second**count))

    def update_step(self, gradient: Any, variable: Any, learning_rate: tuple[tf.Tensor, ...]) -> None:
        """Move one variable and its two moments; in the place of the rate comes all that the variables share."""
        rate, first, second, epsilon, first_power, second_power = learning_rate
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=first_power,
            beta2_power=second_power,
            lr=rate,
            beta1=first,
            beta2=second,
            epsilon=epsilon,
            grad=gradient,
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
