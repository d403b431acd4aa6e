"""Random numbers of a path in plain NumPy: the counters, cipher and polynomials of the compiled kernel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

FACTOR, TENANT = 0, 1 << 20  # streams of the cycle, and of a pool's obligors by place
OPTIONS = 1 << 32  # index of a lease's first option draw
ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)
ROUNDS = 13
PARITY = 0x1BD11BDAA9FC1A22
TOP = [2.5066282753213853, 0.8417071602614246, 0.1708132060884711, 0.024176476316275237, 0.002391579228250256]
TOP += [0.0001621768277164792, 8.16840899043702e-06, 5.377687081889538e-07, 3.4905631564428665e-09]
BELOW = [1.0, 0.07399319450044177, 0.03574116205916024, 0.001958656997465182, 0.00031497558719481377]
BELOW += [8.94906856613808e-06, 1.0048912494627324e-06, 2.0941934223515738e-08, 3.079163585813006e-11]
TAYLOR = [
    1.0,
    1.0,
    0.5,
    0.16666666666666666,
    0.041666666666666664,
    0.008333333333333333,
    0.001388888888888889,
]
TAYLOR += [0.0001984126984126984, 2.48015873015873e-05, 2.7557319223985893e-06, 2.755731922398589e-07]
TAYLOR += [2.505210838544172e-08, 2.08767569878681e-09, 1.6059043836821613e-10]
ARTANH = [2.0, 0.6666666666666666, 0.4, 0.2857142857142857, 0.2222222222222222, 0.18181818181818182]
ARTANH += [0.15384615384615385, 0.13333333333333333]


def threefry(seed: int, stream: int, pairs: Words, index: int) -> tuple[Words, Words]:
    """Two 64-bit words of each counter (pair, index) under the key (seed, stream): Threefry-2x64, 13 rounds.

    The published test vector of the zero key and counter:

    >>> [hex(int(word[0])) for word in threefry(0, 0, np.zeros(1, dtype=np.uint64), 0)]
    ['0xf167b032c3b480bd', '0xe91f9fee4b7a6fb5']
    """
    key = [np.uint64(k) for k in (seed, stream, seed ^ stream ^ PARITY)]
    x = pairs + key[0]
    y = np.full_like(x, index) + key[1]
    for r in range(ROUNDS):
        x = x + y
        turn = ROTATIONS[r % 8]
        y = ((y << np.uint64(turn)) | (y >> np.uint64(64 - turn))) ^ x
        if r % 4 == 3:
            n = r // 4 + 1
            x, y = x + key[n % 3], y + (key[(n + 1) % 3] + np.uint64(n))
    return x, y


def uniform(word: Words) -> Floats:
    """The upper 52 bits as the middle of one of 2**52 cells of (0, 1)."""
    return (word >> np.uint64(12)).astype(np.float64) * 2.0**-52 + 2.0**-53


def coarse_uniform(half: Words) -> Floats:
    """32 bits as the middle of one of 2**32 cells of (0, 1)."""
    return half.astype(np.float64) * 2.0**-32 + 2.0**-33


def horner(coefficients: list[float], x: Any) -> Any:
    """A polynomial, the highest power first."""
    total = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        total = c + x * total
    return total


def logarithm(x: Floats) -> Floats:
    """ln x by the exponent and the series of artanh."""
    mantissa, exponent = np.frexp(x)
    m, e = 2.0 * mantissa, exponent - 1.0
    high = m > 1.4142135623730951
    m, e = np.where(high, 0.5 * m, m), np.where(high, e + 1.0, e)
    s = (m - 1.0) / (m + 1.0)
    series: Floats = e * 0.6931471805599453 + s * horner(ARTANH, s * s)
    return series


def exponential(x: Floats) -> Floats:
    """e ** x by Taylor's polynomial after reduction."""
    x = np.clip(x, -708.0, 709.0)
    k = np.rint(x * 1.4426950408889634)
    r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10
    power: Floats = np.ldexp(horner(TAYLOR, r), k.astype(np.int64))
    return power


def normal(u: Floats) -> Floats:
    """Phi^-1(u).

    >>> [round(float(z), 6) for z in normal(np.array([0.5, 0.975]))]
    [0.0, 1.959964]
    """
    w = -logarithm(4.0 * u * (1.0 - u))
    z: Floats = (u - 0.5) * (horner(TOP, w) / horner(BELOW, w))
    return z


def mirrored(z: Floats) -> Floats:
    """Normals of pairs, then of their mirror images."""
    return np.concatenate([z, -z])


def normals(seed: int, stream: int, pairs: Words, index: int) -> Floats:
    """A standard normal a lane."""
    return mirrored(normal(uniform(threefry(seed, stream, pairs, index)[0])))


def uniforms(seed: int, stream: int, pairs: Words, index: int) -> Floats:
    """A uniform a lane."""
    u = uniform(threefry(seed, stream, pairs, index)[0])
    return np.concatenate([u, 1.0 - u])


def four_months(seed: int, stream: int, pairs: Words, index: int) -> list[Floats]:
    """Steps of four months."""
    low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
    words = threefry(seed, stream, pairs, index)
    return [mirrored(normal(coarse_uniform(half))) for word in words for half in (word & low, word >> high)]
