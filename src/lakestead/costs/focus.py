"""Usage as FOCUS 1.2 data, the FinOps Foundation's format of bills.

One row for each usage record that has a price. What each column has:

| FOCUS | from |
|---|---|
| BilledCost, EffectiveCost, ContractedCost | quantity × the account's price, else the list price |
| ListCost | quantity × the list price |
| ChargeClass | `Correction` where `record_type` is not ORIGINAL |
| ChargeDescription | SKU and `usage_type` |
| ConsumedQuantity, PricingQuantity | `usage_quantity` |
| ServiceName | `billing_origin_product` |
| SkuId, SkuPriceId | `sku_name` |
| SubAccountId, SubAccountName | `workspace_id` |
| Tags | `custom_tags` |

What the cloud itself bills is in the cloud's own FOCUS data, and not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.core.names import quote_string
from lakestead.costs.declared import Prices
from lakestead.costs.pricing import REGIONS
from lakestead.costs.usage import INFRASTRUCTURE, Ledger, Period, ledgers

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 50_000
_DATABRICKS = "'Databricks'"
_OTHER = ("Analytics", "Data Processing")
_SERVICES: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("AI and Machine Learning", "Machine Learning"): ("MODEL_SERVING", "AI_RUNTIME"),
        ("AI and Machine Learning", "Generative AI"): (
            "AGENT_EVALUATION",
            "AI_FUNCTIONS",
            "AI_GATEWAY",
            "FOUNDATION_MODEL_TRAINING",
        ),
        ("Databases", "Relational Databases"): ("DATABASE", "LAKEBASE"),
        ("Databases", "Other (Databases)"): ("ONLINE_TABLES", "VECTOR_SEARCH"),
        ("Networking", "Other (Networking)"): ("NETWORKING",),
        ("Storage", "Other (Storage)"): ("DEFAULT_STORAGE",),
    }
)
_MONTH = "date_trunc('MONTH', usage_start_time)"
_NOTHING = "CAST(NULL AS STRING)"


def _service(part: int) -> str:
    """Return SQL of the service's category (0) or subcategory (1)."""
    cases = " ".join(
        f"WHEN product = {quote_string(name)} THEN {quote_string(service[part])}"
        for service, names in _SERVICES.items()
        for name in names
    )
    return f"CASE {cases} ELSE {quote_string(_OTHER[part])} END"


def _region() -> str:
    """Return SQL of the region that a SKU of AWS names, NULL if it names none."""
    cases = " ".join(
        f"WHEN endswith(sku_name, {quote_string('_' + name)}) THEN {quote_string(region)}"
        for region, name in REGIONS.items()
    )
    return f"CASE {cases} END"


_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "BillingAccountId": "account_id",
        "BillingAccountName": _NOTHING,
        "BillingCurrency": "currency",
        "BillingPeriodEnd": f"{_MONTH} + INTERVAL 1 MONTH",
        "BillingPeriodStart": _MONTH,
        "ChargeCategory": "'Usage'",
        "ChargeClass": "CASE WHEN record_type <> 'ORIGINAL' THEN 'Correction' END",
        "ChargeDescription": "concat_ws(', ', sku_name, usage_type)",
        "ChargeFrequency": "'Usage-Based'",
        "ChargePeriodEnd": "usage_end_time",
        "ChargePeriodStart": "usage_start_time",
        "CommitmentDiscountStatus": _NOTHING,
        "ConsumedQuantity": "usage_quantity",
        "ConsumedUnit": "usage_unit",
        "ContractedUnitPrice": "price",
        "InvoiceId": _NOTHING,
        "InvoiceIssuerName": _DATABRICKS,
        "ListUnitPrice": "coalesce(list_price, price)",
        "PricingCategory": "'Standard'",
        "PricingCurrency": "currency",
        "PricingCurrencyContractedUnitPrice": "price",
        "PricingCurrencyListUnitPrice": "coalesce(list_price, price)",
        "PricingQuantity": "usage_quantity",
        "PricingUnit": "usage_unit",
        "ProviderName": _DATABRICKS,
        "PublisherName": _DATABRICKS,
        "RegionId": _region(),
        "RegionName": _region(),
        "ResourceId": "resource_id",
        "ResourceName": _NOTHING,
        "ResourceType": (
            "CASE WHEN warehouse_id IS NOT NULL THEN 'SQL warehouse'"
            " WHEN resource_id IS NOT NULL THEN product END"
        ),
        "ServiceCategory": _service(0),
        "ServiceName": "coalesce(product, 'Databricks')",
        "ServiceSubcategory": _service(1),
        "SkuId": "sku_name",
        "SkuMeter": "coalesce(usage_type, usage_unit)",
        "SkuPriceDetails": _NOTHING,
        "SkuPriceId": "sku_name",
        "SubAccountId": "workspace_id",
        "SubAccountName": "workspace_id",
        "Tags": "to_json(custom_tags)",
    }
)
_COSTS = {
    "BilledCost": "ContractedUnitPrice",
    "ContractedCost": "ContractedUnitPrice",
    "EffectiveCost": "ContractedUnitPrice",
    "ListCost": "ListUnitPrice",
    "PricingCurrencyEffectiveCost": "ContractedUnitPrice",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What an export has.

    Args:
        rows: how many it has.
        unpriced: how many usage records are left out, as FOCUS knows no charge without a cost.
    """

    rows: int
    unpriced: int


def write_focus(
    warehouses: Sequence[Warehouse],
    period: Period,
    path: Path,
    *,
    prices: Prices | None = None,
    catalog: str = "system",
) -> Written:
    """Write usage as FOCUS data. Rows go through in batches; no more than one is held.

    Args:
        warehouses: one of each workspace.
        period: what counts.
        path: the file, `.csv` or `.parquet`.
        prices: what the lists of prices do not have.
        catalog: of the system tables.

    Raises:
        ConfigError: when the file's name ends otherwise.
        databricks.sql.Error: when a table cannot be read.
    """
    if path.suffix not in _WRITERS:
        raise ConfigError(f"'{path}' must end with {' or '.join(_WRITERS)}")
    books = ledgers(warehouses, period, catalog, prices)
    rows = 0
    with _WRITERS[path.suffix](path) as writer:
        for batch in _charges(books, period):
            writer.write_table(batch)
            rows += batch.num_rows
    missing = f"SELECT count(*) AS records FROM priced WHERE price IS NULL AND {_NOT_THE_CLOUDS}"
    return Written(rows, sum(ledger.query(missing, period)[0]["records"] for ledger in books))


_NOT_THE_CLOUDS = f"sku_name <> '{INFRASTRUCTURE}'"


def _charges(books: Sequence[Ledger], period: Period) -> Iterator[pa.Table]:
    """Yield charges; at least one table, which may be empty, so that a file has its columns."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())
    charges = f"SELECT {columns} FROM priced WHERE price IS NOT NULL AND {_NOT_THE_CLOUDS}"
    found = False
    for ledger in books:
        query = f"{ledger.priced()} {charges}"
        for batch in ledger.warehouse.batches(query, _BATCH, **ledger.parameters(period)):
            found = True
            yield _with_costs(batch)
    if not found:
        nothing = f"{books[0].priced()} {charges} LIMIT 0"
        yield _with_costs(books[0].warehouse.arrow(nothing, **books[0].parameters(period)))


def _with_costs(batch: pa.Table) -> pa.Table:
    """Return a batch with its costs: exact products, rounded to 18 decimals."""
    import pyarrow as pa
    import pyarrow.compute as pc

    quantity = batch["PricingQuantity"].cast(pa.decimal256(38, 18))
    for cost, price in _COSTS.items():
        product = pc.multiply(quantity, batch[price].cast(pa.decimal256(36, 18)))
        batch = batch.append_column(cost, pc.round(product, 18).cast(pa.decimal128(38, 18)))
    return batch.select(sorted(batch.column_names))


class _Writer(Protocol):
    def write_table(self, table: Any) -> None: ...


class _Csv:
    """Writes CSV with times as FOCUS wants them, `2026-01-31T10:00:00Z`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def __enter__(self) -> _Csv:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write_table(self, table: Any) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.csv

        for number, field in enumerate(table.schema):
            if pa.types.is_timestamp(field.type):
                seconds = table[field.name].cast(pa.timestamp("s", "UTC"), safe=False)
                table = table.set_column(number, field.name, pc.strftime(seconds, "%Y-%m-%dT%H:%M:%SZ"))
        if self._writer is None:
            self._writer = pyarrow.csv.CSVWriter(self._path, table.schema)
        self._writer.write_table(table)


class _Parquet:
    """Writes Parquet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def __enter__(self) -> _Parquet:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write_table(self, table: Any) -> None:
        import pyarrow.parquet

        if self._writer is None:
            self._writer = pyarrow.parquet.ParquetWriter(self._path, table.schema)
        self._writer.write_table(table)


_WRITERS: Mapping[str, Callable[[Path], AbstractContextManager[_Writer]]] = MappingProxyType(
    {".csv": _Csv, ".parquet": _Parquet}
)
