"""Fits the second layer: a small head a label, its operating point and its calibrated confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from hearout.understanding.fast.model import softmax
from hearout.understanding.training.first_layer import evened

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
STEPS = np.arange(-1.5, 1.51, 0.05)  # of the operating point of a head of two classes
KNOTS = 12
Curve = tuple[list[float], list[float]]
"""Shares of the softmax, rising, and how often the class was right at each."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights [figures, classes] and intercepts of a head."""

    weights: Floats
    bias: Floats


def fit(seen: Floats, labels: Ints, classes: int, freedom: float, columns: int | None = None) -> Fit:
    """A head over standardised figures; over the first `columns` of them where that is given."""
    used = seen if columns is None else seen[:, :columns]
    model: Any = LogisticRegression(C=freedom, max_iter=500, tol=1e-6, class_weight=evened(labels))
    model.fit(used, labels)
    weights = np.zeros((seen.shape[1], classes), dtype=np.float32)
    bias = np.zeros(classes, dtype=np.float32)
    if classes == 2:
        weights[: used.shape[1], 1], bias[1] = model.coef_[0], model.intercept_[0]
    else:
        weights[: used.shape[1]], bias[:] = model.coef_.T, model.intercept_
    return Fit(weights, bias)


def operating_point(logits: Floats, labels: Ints, measure: Callable[[Ints, Ints], float]) -> Floats:
    """What to add to the second of two classes so that `measure(labels, said)` on held-out texts is best."""
    margins = logits[:, 1] - logits[:, 0]
    found = np.array([measure(labels, (margins + step > 0).astype(np.int64)) for step in STEPS])
    smooth = np.convolve(found, np.ones(5) / 5, mode="same")  # one lucky step is no operating point
    smooth[:2] = smooth[-2:] = 0
    return np.array([0.0, STEPS[int(smooth.argmax())]], dtype=np.float32)


def confidence_curve(shifted: Floats, labels: Ints) -> tuple[list[float], list[float]]:
    """Knots from the likeliest class's softmax to the share that was right on held-out texts."""
    return curve_of(softmax(shifted).max(axis=1), shifted.argmax(axis=1) == labels)


def curve_of(share: Floats, right: NDArray[np.bool_]) -> Curve:
    """The same from the shares, and whether each was right."""
    curve: Any = IsotonicRegression(y_min=0.02, y_max=0.99, out_of_bounds="clip").fit(
        share, right.astype(float)
    )
    knots = np.unique(np.quantile(share, np.linspace(0, 1, KNOTS)))
    width = max(1e-3, float(np.diff(knots).mean()) / 2) if len(knots) > 1 else 1e-3
    around = [curve.predict(np.linspace(knot - width, knot + width, 9)).mean() for knot in knots]
    return _knots(knots, np.maximum.accumulate(around))


def mean_curve(one: Curve, other: Curve) -> Curve:
    """Half of each."""
    knots = np.unique(one[0] + other[0])
    return _knots(knots, (np.interp(knots, *one) + np.interp(knots, *other)) / 2)


def _knots(score: NDArray[Any], sure: NDArray[Any]) -> Curve:
    return [round(float(one), 4) for one in score], [round(float(one), 4) for one in sure]
