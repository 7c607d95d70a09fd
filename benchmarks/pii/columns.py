"""A labelled set of columns: personal data of several countries, and what only looks like it.

Values are Faker's, and numbers with check digits are made here. Half of the columns have names that tell,
half have none. What only looks like it: order numbers as long as card numbers, article numbers, hashes,
version numbers, times, amounts, product names, sentences.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faker import Faker

LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL")
ROWS = 200
Value = Callable[[Faker, random.Random], object]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A column and what it holds.

    Args:
        name: of the column.
        kind: of personal data; None for none.
        values: as texts; some are missing.
    """

    name: str
    kind: str | None
    values: list[str | None]


_THINGS = ("Chair", "Lamp", "Table", "Cable", "Pump", "Valve", "Shoe", "Jacket", "Mug", "Router")
# kind → (names that tell, values)
_PERSONAL: dict[str, tuple[tuple[str, ...], Value]] = {
    "email": (("email", "E-Mail", "contact_email", "kunde_email", "correo"), lambda f, r: f.email()),
    "phone": (("phone", "mobile_no", "Telefonnummer", "telefono", "tel"), lambda f, r: f.phone_number()),
    "credit_card": (("card_number", "credit_card", "kreditkarte"), lambda f, r: _card(r)),
    "iban": (("iban", "IBAN", "bank_iban"), lambda f, r: f.iban()),
    "ip_address": (("ip", "client_ip", "ip_address"), lambda f, r: f.ipv4()),
    "mac_address": (("mac_address", "device_mac_address"), lambda f, r: f.mac_address()),
    "us_ssn": (("ssn", "social_security_number"), lambda f, r: _ssn(r)),
    "br_cpf": (("cpf", "cliente_cpf"), lambda f, r: Faker("pt_BR").cpf()),
    "es_dni": (("dni", "cliente_dni"), lambda f, r: _dni(r)),
    "nl_bsn": (("bsn", "burgerservicenummer"), lambda f, r: _bsn(r)),
    "uk_nhs": (("nhs_number", "nhs"), lambda f, r: _nhs(r)),
    "person_name": (("full_name", "customer_name", "nachname", "prenom", "apellidos"), lambda f, r: f.name()),
    "date_of_birth": (("date_of_birth", "dob", "Geburtsdatum"), lambda f, r: f.date_of_birth().isoformat()),
    "address": (("street_address", "anschrift", "domicilio"), lambda f, r: f.street_address()),
    "postal_code": (("zip_code", "plz", "code_postal"), lambda f, r: f.postcode()),
}
_TOLD_ONLY_BY_NAME = {"person_name", "date_of_birth", "postal_code"}
_OTHER: dict[str, tuple[tuple[str, ...], Value]] = {
    "order": (("order_number", "order_no"), lambda f, r: str(r.randrange(10**15, 10**16))),
    "sku": (("sku", "article"), lambda f, r: f"{r.choice('ABCDEF')}{r.randrange(10**7):07d}"),
    "epoch": (("created", "ts_ms"), lambda f, r: str(1_600_000_000_000 + r.randrange(10**11))),
    "seconds": (("updated_s", "epoch"), lambda f, r: str(1_600_000_000 + r.randrange(10**8))),
    "hash": (("digest", "sha1"), lambda f, r: f.sha1()),
    "uuid": (("request", "trace_id"), lambda f, r: f.uuid4()),
    "version": (
        ("app_version", "release"),
        lambda f, r: f"{r.randrange(9)}.{r.randrange(20)}.{r.randrange(300)}",
    ),
    "build": (("build", "firmware"), lambda f, r: ".".join(str(r.randrange(400)) for _ in range(4))),
    "amount": (("amount", "total_price"), lambda f, r: f"{r.uniform(0, 10_000):.2f}"),
    "product": (("product_name", "item_name"), lambda f, r: f"{f.color_name()} {r.choice(_THINGS)}"),
    "sentence": (("description", "remark"), lambda f, r: f.sentence(12)),
    "url": (("page", "referrer"), lambda f, r: f.uri()),
    "day": (("order_date", "valid_from"), lambda f, r: f.date()),
    "nine": (("batch", "lot"), lambda f, r: str(r.randrange(10**8, 10**9))),
    "ten": (("shipment", "parcel"), lambda f, r: str(r.randrange(10**9, 10**10))),
    "eleven": (("ean_part", "voucher"), lambda f, r: str(r.randrange(10**10, 10**11))),
    "dashed": (("part_number", "case_ref"), lambda f, r: f"{r.randrange(1000):03d}-{r.randrange(10**4):04d}"),
    "flag": (("email_sent", "phone_verified"), lambda f, r: r.choice(("true", "false"))),
    "count": (("email_count", "num_addresses"), lambda f, r: str(r.randrange(50))),
    "company": (("vendor", "brand"), lambda f, r: f.company()),
}


def columns(count: int, seed: int = 7) -> Iterator[Labelled]:
    """Yield labelled columns, as many of personal data as of other, always the same.

    Args:
        count: how many.
        seed: of what is random in them.
    """
    chance = random.Random(seed)
    fakers = [Faker(locale) for locale in LOCALES]
    for number, faker in enumerate(fakers):
        faker.seed_instance(seed + number)
    personal, other = list(_PERSONAL.items()), list(_OTHER.items())
    for number in range(count):
        half = number // 2
        kind, (names, value) = (personal if number % 2 else other)[
            half % len(personal if number % 2 else other)
        ]
        told = half // 15 % 2 == 0 or kind in _TOLD_ONLY_BY_NAME
        faker = fakers[half % len(fakers)]
        values = [None if chance.random() < 0.1 else str(value(faker, chance)) for _ in range(ROWS)]
        name = chance.choice(names) if told else f"c{number}"
        yield Labelled(name, kind if number % 2 else None, values)


def _digits(chance: random.Random, count: int) -> list[int]:
    return [chance.randrange(10) for _ in range(count)]


def _card(chance: random.Random) -> str:
    digits = [4, *_digits(chance, 14)]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)]
    text = "".join(map(str, [*digits, -sum(doubled) % 10]))
    return " ".join(text[start : start + 4] for start in range(0, 16, 4)) if chance.random() < 0.5 else text


def _ssn(chance: random.Random) -> str:
    return f"{chance.randrange(100, 600)}-{chance.randrange(1, 100):02d}-{chance.randrange(1, 10_000):04d}"


def _dni(chance: random.Random) -> str:
    number = chance.randrange(10**8)
    return f"{number:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def _bsn(chance: random.Random) -> str:
    while True:
        digits = [chance.randrange(1, 10), *_digits(chance, 7)]
        last = sum(weight * digit for weight, digit in zip(range(9, 1, -1), digits, strict=True)) % 11
        if last < 10:
            return "".join(map(str, [*digits, last]))


def _nhs(chance: random.Random) -> str:
    while True:
        digits = [chance.choice((4, 6, 7)), *_digits(chance, 8)]
        last = -sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=True)) % 11
        if last < 10:
            return "".join(map(str, [*digits, last]))
