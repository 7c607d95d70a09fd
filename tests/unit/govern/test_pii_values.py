"""Values and names of columns: what they are taken for, and what not."""

from __future__ import annotations

import pyarrow as pa
import pytest

from benchmarks.pii.columns import columns
from lakestead.govern.pii.checks import is_card, is_phone
from lakestead.govern.pii.headers import header
from lakestead.govern.pii.judging import Judgement, judge
from lakestead.govern.pii.kinds import KINDS
from lakestead.govern.pii.redaction import redacted
from lakestead.govern.pii.values import Values

REGIONS = ("US", "DE")


def judged(
    values: list[str | None], column: str = "c1", table: str = "", comment: str = ""
) -> Judgement | None:
    return judge(Values.of(pa.array(values, pa.string())), header(column, table, comment), REGIONS)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("email", ["ann@example.org", "b.o+x@mail.example.co.uk"]),
        ("phone", ["+49 30 901820", "+1 650-253-0000"]),
        ("phone", ["(650) 253-0000", "030 901820"]),
        ("credit_card", ["4111 1111 1111 1111", "5500000000000004"]),
        ("iban", ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"]),
        ("ip_address", ["192.168.0.17", "10.1.2.3"]),
        ("ip_address", ["2001:db8:85a3::8a2e:370:7334", "fe80::1"]),
        ("mac_address", ["00:1B:44:11:3A:B7", "00-1b-44-11-3a-b8"]),
        ("us_ssn", ["536-90-4399", "001-01-0001"]),
        ("uk_nino", ["JG 10 37 59 A", "AB123456C"]),
        ("uk_nhs", ["943 476 5870", "943-476-5919"]),
        ("de_tax_id", ["36574261809", "36 574 261 809"]),
        ("fr_nir", ["2 95 10 99 126 111 93", "253072B07300470"]),
        ("es_dni", ["54362315K", "X-5253868-R"]),
        ("it_fiscal_code", ["RCCMNL83S18D969H", "rccmnl83s18d969h"]),
        ("nl_bsn", ["111222333", "123456782"]),
        ("be_national_number", ["85.07.30-033.28", "85073003328"]),
        ("pl_pesel", ["44051401359", "44051401359"]),
        ("ch_ahv", ["756.9217.0769.85", "7569217076985"]),
        ("br_cpf", ["390.533.447-05", "529.982.247-25"]),
        ("in_aadhaar", ["2341 2341 2346", "2341 2341 2346"]),
        ("secret", ["AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9]),
        ("coordinates", ["52.5200, 13.4050", "48.8566,2.3522"]),
        ("address", ["1600 Pennsylvania Avenue", "Hauptstraße 5"]),
    ],
)
def test_values_alone_tell(kind: str, values: list[str | None]) -> None:
    found = judged(values)
    assert found is not None
    assert found.kind.name == kind
    assert found.confidence >= 0.6
    assert found.frequency == 1


@pytest.mark.parametrize(
    "values",
    [
        ["4111 1111 1111 1112", "5500000000000005"],  # no check digit of a card
        ["4000000000000000000000"],  # too long
        ["DE88 3704 0044 0532 0130 00"],
        ["536-00-4399", "666-12-3456", "900-12-3456"],  # never given out
        ["54362315A"],
        ["1.2.3", "10.0.1"],
        ["2024-01-01", "2024-02-01"],
        ["300.1.2.3"],
        ["order 12", "order 13"],
    ],
)
def test_what_only_looks_like_it(values: list[str | None]) -> None:
    found = judged(values)
    assert found is None or found.confidence < 0.6


def test_of_order_numbers_one_in_ten_passes_for_a_card() -> None:
    numbers = [str(4_000_000_000_000_000 + 7919 * number) for number in range(400)]
    assert 20 < sum(map(is_card, numbers)) < 60
    found = judged([*numbers])
    assert found is None or found.confidence < 0.05


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("email", "email"), ("E_MAIL", "email"), ("contactEmailAddress", "email"), ("correo", "email"),
        ("Telefonnummer", "phone"), ("mobile_no", "phone"), ("Straße", "address"),
        ("geburtsdatum", "date_of_birth"), ("date_naissance", "date_of_birth"),
        ("nombre_completo", "person_name"), ("firstName", "person_name"), ("prénom", "person_name"),
        ("codice_fiscale", "it_fiscal_code"), ("plz", "postal_code"), ("blood_type", "health"),
        ("passwordHash", "password"), ("salario", "salary"), ("rijbewijs", "driving_licence"),
    ],
)  # fmt: skip
def test_names_in_several_languages(column: str, kind: str) -> None:
    assert kind in header(column).kinds


@pytest.mark.parametrize(
    "column",
    ["email_sent_at", "is_email_verified", "phone_count", "product_name", "address_type", "city_id", "id"],
)
def test_names_that_speak_of_something_else(column: str) -> None:
    assert not header(column).kinds


def test_a_name_is_a_persons_in_a_table_of_people() -> None:
    people = judged(["Ann Lee", "Bo Ek"], "name", "customers")
    things = judged(["Oak Table", "Desk Lamp"], "name", "products")
    assert people is not None
    assert people.confidence >= 0.6
    assert things is not None
    assert things.confidence < 0.6


def test_values_can_contradict_a_name() -> None:
    found = judged(["yes", "no", "yes"], "email")
    assert found is not None
    assert found.confidence < 0.2
    assert "the values do not" in found.reasons[0]


def test_an_empty_column_is_known_by_its_name() -> None:
    found = judged([None, "", "  "], "email")
    assert found is not None
    assert (found.kind.name, found.frequency, found.examples) == ("email", 0, ())
    assert 0.5 < found.confidence < 0.7


def test_inside_of_texts() -> None:
    texts = ["please call me or write to ann@example.org tomorrow, thanks"] + [
        f"the parcel {number} arrived in time and nothing was broken" for number in range(19)
    ]
    found = judged([*texts], "remark")
    assert found is not None
    assert (found.kind.name, found.examples) == ("email", ("ann@example.org",))
    assert found.frequency == pytest.approx(0.05)
    assert found.confidence > 0.7


def test_a_comment_is_a_hint() -> None:
    assert "us_ssn" in header("field_7", comment="the social security number of the holder").kinds


def test_a_phone_number_is_one_of_some_country() -> None:
    assert is_phone(("DE",))("030 901820")
    assert not is_phone(("US",))("030 901820")
    assert is_phone(())("+4930901820")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ann@example.org", "a••@e••••••.•••"),
        ("4111 1111 1111 1111", "4••• •••• •••• •••1"),
        ("Ann Lee", "A•• •••"),
        ("Bo", "••"),
        ("x" * 100, "x" + "•" * 22 + "x"),
    ],
)
def test_values_are_masked(value: str, shown: str) -> None:
    assert redacted(value) == shown


def test_a_labelled_set() -> None:
    right = wrong = missed = 0
    for column in columns(90, seed=3):
        found = judge(Values.of(pa.array(column.values)), header(column.name), REGIONS)
        kind = found.kind.name if found is not None and found.confidence >= 0.6 else None
        right += kind is not None and kind == column.kind
        wrong += kind is not None and kind != column.kind
        missed += kind is None and column.kind is not None
    assert wrong <= 1
    assert missed <= 5
    assert right >= 40


def test_kinds_are_told_in_words() -> None:
    assert all(kind.title and (kind.shapes or kind.plausible) for kind in KINDS.values())
