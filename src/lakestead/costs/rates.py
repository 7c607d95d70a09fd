"""How many DBUs an hour of compute is billed with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from lakestead.core.config import unknown
from lakestead.core.errors import ConfigError

WAREHOUSE_DBUS: Mapping[str, Decimal] = MappingProxyType(
    {
        "2X-Small": Decimal(4),
        "X-Small": Decimal(6),
        "Small": Decimal(12),
        "Medium": Decimal(24),
        "Large": Decimal(40),
        "X-Large": Decimal(80),
        "2X-Large": Decimal(144),
        "3X-Large": Decimal(272),
        "4X-Large": Decimal(528),
    }
)
"""DBUs of one hour of one cluster of a SQL warehouse, by its size (Databricks: "SQL warehouse sizing"). They
are the same for classic, pro and serverless warehouses, whose prices differ."""

WAREHOUSE_WORKERS: Mapping[str, int] = MappingProxyType(
    {size: 2**number for number, size in enumerate(("2X-Small", "X-Small", "Small"))}
    | {"Medium": 8, "Large": 16, "X-Large": 32, "2X-Large": 64, "3X-Large": 128, "4X-Large": 256}
)
"""Workers of one cluster of a SQL warehouse, by its size."""

NODE_DBUS: Mapping[str, Decimal] = MappingProxyType(
    {
        "i3.xlarge": Decimal(1),
        "i3.2xlarge": Decimal(2),
        "i3.4xlarge": Decimal(4),
        "i3.8xlarge": Decimal(8),
        "i3.16xlarge": Decimal(16),
        "Standard_DS3_v2": Decimal("0.75"),
        "Standard_DS4_v2": Decimal("1.5"),
        "Standard_DS5_v2": Decimal(3),
    }
)
"""DBUs of one hour of a node without Photon (Databricks: "Instance types"); others are declared."""

_MILLISECONDS = Decimal(3_600_000)


def warehouse_size(text: str) -> str:
    """Return a size as Databricks writes it: `2X-Small` also of `2X_SMALL` (system tables) and `2xsmall`.

    Raises:
        ConfigError: there is no such size.
    """
    plain = re.sub(r"[\s_-]", "", text).lower()
    for size in WAREHOUSE_DBUS:
        if size.replace("-", "").lower() == plain:
            return size
    raise ConfigError(unknown("size of warehouse", text, list(WAREHOUSE_DBUS)))


def warehouse_dbus(size: str, milliseconds: int, clusters: int = 1) -> Decimal:
    """Return the DBUs of a warehouse's running time.

    Args:
        size: as `warehouse_size` reads it.
        milliseconds: for how long it runs.
        clusters: how many of its clusters run.

    Raises:
        ConfigError: there is no such size.
    """
    return WAREHOUSE_DBUS[warehouse_size(size)] * clusters * _hours(milliseconds)


def node_dbus(per_hour: Decimal, nodes: int, milliseconds: int) -> Decimal:
    """Return the DBUs of the running time of nodes.

    Args:
        per_hour: DBUs of one node in an hour.
        nodes: how many, with the driver.
        milliseconds: for how long they run.
    """
    return per_hour * nodes * _hours(milliseconds)


def _hours(milliseconds: int) -> Decimal:
    if milliseconds < 0:
        raise ValueError(f"a duration is not negative: {milliseconds} ms")
    return Decimal(milliseconds) / _MILLISECONDS
