"""The two-sided Kolmogorov–Smirnov distribution, also where exact sums take too long."""

from __future__ import annotations

from functools import lru_cache

# scipy's exact answer takes time in proportion to the size.
_EXACT = 20_000


@lru_cache(maxsize=1 << 16)
def survival(distance: float, size: int) -> float:
    """Return how likely a sample of the size is at least this far from its distribution."""
    from scipy.stats import kstwo

    return float(kstwo.sf(distance, size))
