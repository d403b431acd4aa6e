"""The audit of a trust: what comes in is what goes out, no balance is negative, ranks are kept."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]


def breach_of(terms: Any, notes: Rows, premiums: Floats, series: Floats, classes: Floats) -> tuple[int, int]:
    """First month in which money does not add up, a balance is negative or ranks are not kept, and which."""
    cash, fees, reserve, residual, premiums_rest, deficit, _, _ = series
    due, paid, repaid, premium, reimbursed = classes[:, [1, 2, 4, 5, 6]].swapaxes(0, 1)
    opening = np.append(float(terms["reserve_initial"]), reserve[:-1]), np.append(0.0, deficit[:-1])
    held = reserve - opening[0] - (deficit - opening[1])
    money = float(notes["principal"].sum()) + np.abs(cash) + due.sum(axis=0)
    room = 1e-6 + 1e-13 * (money + opening[0] + reserve + opening[1] + deficit)
    rank, short = notes["rank"][:, None], (due - paid > room) & (notes["io"] == 0)[:, None]
    least = np.where(short, rank, np.inf).min(axis=0)
    off = [
        np.abs(cash - (paid + repaid + reimbursed).sum(axis=0) - fees - residual - held) > room,
        np.abs(premium.sum(axis=0) + premiums_rest - premiums) > room + 1e-13 * np.abs(premiums),
        (classes[:, 8] < 0.0).any(axis=0),
        bool(terms["ranked"]) & ((rank > least) & (paid + repaid > room)).any(axis=0),
    ]
    month = int(np.any(off, axis=0).argmax())
    return (month, int(np.argmax([kind[month] for kind in off]))) if np.any(off) else (-1, 0)
