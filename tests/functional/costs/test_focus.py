"""Usage as FOCUS 1.2 data, by the rules of its validator for what a provider like this must give."""

from __future__ import annotations

import csv
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from lakestead.core.errors import ConfigError
from lakestead.costs.focus import write_focus
from tests.functional.costs.ledger import Books
from tests.functional.costs.test_report import PERIOD, at, price, usage

# Decimal columns, and the unit price that times PricingQuantity makes each cost.
COSTS = {
    "BilledCost": "ContractedUnitPrice",
    "ContractedCost": "ContractedUnitPrice",
    "EffectiveCost": "ContractedUnitPrice",
    "ListCost": "ListUnitPrice",
    "PricingCurrencyEffectiveCost": "PricingCurrencyContractedUnitPrice",
}
DECIMALS = {*COSTS, *COSTS.values(), "ConsumedQuantity", "PricingQuantity", "PricingCurrencyListUnitPrice"}
TIMES = {"BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart"}
NEVER_NULL = {
    "BillingAccountId",
    "BillingCurrency",
    "ChargeCategory",
    "ChargeDescription",
    "ChargeFrequency",
    "ConsumedUnit",
    "InvoiceIssuerName",
    "PricingCategory",
    "PricingCurrency",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
}
NULLABLE = {
    "BillingAccountName",
    "ChargeClass",
    "CommitmentDiscountStatus",
    "InvoiceId",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "SkuPriceDetails",
    "Tags",
}
REGIONAL = "PREMIUM_SERVERLESS_SQL_COMPUTE_EUROPE_IRELAND"


@pytest.fixture
def billed(books: Books) -> Books:
    books.keep(
        {
            "billing.usage": [
                usage("8.125", warehouse="w", custom_tags={"team": "bi"}, sku_name=REGIONAL),
                usage("3.000000000000000002", billing_origin_product="MODEL_SERVING"),
                usage("-1", record_type="RETRACTION"),
                usage("1", sku_name="UNPRICED"),
            ],
            "billing.list_prices": [price("0.50", at(0)), price("0.91", at(0), sku=REGIONAL)],
        }
    )
    return books


def test_parquet_keeps_the_rules(billed: Books, tmp_path: Path) -> None:
    path = tmp_path / "charges.parquet"
    written = write_focus([billed.warehouse], PERIOD, path, catalog=billed.catalog)
    assert (written.rows, written.unpriced) == (3, 1)
    table = pq.read_table(path)
    assert set(table.column_names) == DECIMALS | TIMES | NEVER_NULL | NULLABLE
    for field in table.schema:
        if field.name in DECIMALS:
            assert pa.types.is_decimal(field.type), field
        elif field.name in TIMES:
            assert pa.types.is_timestamp(field.type), field
        else:
            assert pa.types.is_string(field.type), field
        assert field.name in NULLABLE or table[field.name].null_count == 0, field
    for row in table.to_pylist():
        for cost, unit_price in COSTS.items():
            assert row[cost] == row["PricingQuantity"] * row[unit_price]
        assert row["ChargePeriodStart"] < row["ChargePeriodEnd"]
        assert row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["BillingPeriodEnd"]
        assert (row["ResourceId"] is None) == (row["ResourceType"] is None)
        assert all(isinstance(value, str) for value in json.loads(row["Tags"] or "{}").values())
        for name in ("ConsumedQuantity", "PricingQuantity"):
            assert (row["ChargeClass"] == "Correction") == (row[name] < 0)


def test_columns_have_what_they_stand_for(billed: Books, tmp_path: Path) -> None:
    path = tmp_path / "charges.parquet"
    write_focus([billed.warehouse], PERIOD, path, catalog=billed.catalog)
    rows = {row["ServiceName"] + (row["ChargeClass"] or ""): row for row in pq.read_table(path).to_pylist()}
    sql, serving, correction = rows["SQL"], rows["MODEL_SERVING"], rows["JOBSCorrection"]
    assert sql["BilledCost"] == Decimal("7.39375")
    assert (sql["RegionId"], sql["ResourceType"], sql["ResourceId"]) == ("eu-west-1", "SQL warehouse", "w")
    assert (sql["ServiceCategory"], sql["ServiceSubcategory"]) == ("Analytics", "Data Processing")
    assert json.loads(sql["Tags"]) == {"team": "bi"}
    assert sql["BillingPeriodStart"] == dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    assert sql["BillingPeriodEnd"] == dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
    assert serving["ServiceCategory"] == "AI and Machine Learning"
    assert serving["ListCost"] == Decimal("1.500000000000000001")
    assert correction["BilledCost"] == Decimal("-0.5")


def test_csv_has_the_same(billed: Books, tmp_path: Path) -> None:
    for name in ("charges.csv", "charges.parquet"):
        write_focus([billed.warehouse], PERIOD, tmp_path / name, catalog=billed.catalog)
    with (tmp_path / "charges.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = pq.read_table(tmp_path / "charges.parquet")
    assert list(rows[0]) == table.column_names
    assert sum(Decimal(row["BilledCost"]) for row in rows) == pc.sum(table["BilledCost"]).as_py()
    assert {row["ChargePeriodStart"] for row in rows} == {"2026-03-02T10:00:00Z"}


def test_no_usage_is_a_file_with_columns(books: Books, tmp_path: Path) -> None:
    books.keep({"billing.usage": [], "billing.list_prices": []})
    for name in ("none.csv", "none.parquet"):
        assert write_focus([books.warehouse], PERIOD, tmp_path / name, catalog=books.catalog).rows == 0
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0
    assert "BilledCost" in (tmp_path / "none.csv").read_text(encoding="utf-8")


def test_other_files_are_refused(books: Books, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"must end with \.csv or \.parquet"):
        write_focus([books.warehouse], PERIOD, tmp_path / "charges.xlsx", catalog=books.catalog)
