"""The two-sided Kolmogorov–Smirnov distribution, also where its exact sum takes too long."""

from __future__ import annotations

import math
from functools import lru_cache

# Up to here the sum is cheap; above, the expansion is within 1e-9 of it.
_SUMMED = 6000
# From here on, in size × distance², the distribution is twice the one-sided one, which is that sum.
_TAIL = 2.2


@lru_cache(maxsize=1 << 16)
def survival(distance: float, size: int) -> float:
    """Return how likely a sample of the size is at least this far from its distribution.

    Args:
        distance: between distribution functions, 0 to 1.
        size: of the sample; of two samples, the product of their sizes over the sum.

    Returns:
        What ``scipy.stats.kstwo.sf`` returns; in the tail of large samples to within 1e-9.
    """
    if size > _SUMMED and size * distance * distance >= _TAIL:
        return min(1.0, 2.0 * math.exp(_one_sided(distance, size)))
    from scipy.stats import kstwo

    return float(kstwo.sf(distance, max(1, size)))


def _one_sided(distance: float, size: int) -> float:
    """Return the logarithm of the one-sided distribution: Lauwerier's expansion, up to size^-3/2."""
    root = math.sqrt(size)
    z = distance * root
    return (
        -2 * z**2
        - 2 * z / (3 * root)
        + 4 * (z**2 - z**4) / (9 * size)
        + (4 * z / 45 - 88 * z**3 / 405) / (size * root)
    )
