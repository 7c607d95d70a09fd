"""The kinds of personal data that are known, and what their values look like.

`chance` is the share of unrelated values of the same shape that would pass for one: by arithmetic where there
are check digits (1/10 for Luhn, 1/97 for ISO 7064 mod 97-10, 1/11 for mod 11), else set by what such values
mostly are. It is what a share is corrected by, so that a column of order numbers, of which one in ten passes
for a card, is none of cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lakestead.govern.pii.checks import Check, is_card, lazily


@dataclass(frozen=True, slots=True)
class Shape:
    """What values of a kind look like.

    Args:
        pattern: a regular expression for a whole value; for a part of one if `inside`.
        chance: the share of unrelated values of this shape that pass, 0 to 1.
        check: what a value must pass besides.
        inside: whether values are looked for inside of texts, too.
        named: whether it counts only in a column whose name speaks for the kind.
    """

    pattern: str
    chance: float
    check: Check | None = None
    inside: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of personal data.

    Args:
        name: as in the tag's value.
        title: in words.
        shapes: what its values look like; without any, a column's name alone tells.
        plausible: a regular expression for what its values look like at all, where the name tells.
    """

    name: str
    title: str
    shapes: tuple[Shape, ...] = ()
    plausible: str | None = None


_LETTER = r"[^\W\d_]"
_LETTERS = rf"{_LETTER}(?:{_LETTER}|['’.\- ])*"

_KINDS = (
    Kind(
        "email",
        "e-mail address",
        (Shape(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}", 0.0, inside=True),),
    ),
    Kind(
        "phone",
        "telephone number",
        (
            Shape(r"\+[1-9][\d ().\-/]{6,20}\d(?: ?(?:x|ext\.?) ?\d{1,5})?", 0.05, inside=True),
            Shape(
                r"(?:\(\d{2,5}\) ?|0\d{1,4}[ /\-]|\d{3}[ .\-]\d{3}[ .\-])[\d .\-/]{3,12}\d"
                r"(?: ?(?:x|ext\.?) ?\d{1,5})?",
                0.3,
            ),
            Shape(r"\d{7,15}", 0.6, named=True),
        ),
    ),
    Kind(
        "credit_card",
        "payment card number",
        (
            Shape(r"\d{12,19}", 0.1, is_card),
            Shape(r"\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}", 0.1, is_card, inside=True),
            Shape(r"\d{4}[ -]\d{6}[ -]\d{4,5}", 0.1, is_card),
        ),
    ),
    Kind(
        "iban",
        "bank account (IBAN)",
        (
            Shape(
                r"[A-Za-z]{2}\d{2}[ ]?(?:[A-Za-z\d]{4}[ ]?){2,7}[A-Za-z\d]{1,4}",
                1 / 97,
                lazily("iban"),
                inside=True,
            ),
        ),
    ),
    Kind(
        "bic",
        "bank code (BIC)",
        (Shape(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", 0.3, lazily("bic"), named=True),),
    ),
    Kind(
        "ip_address",
        "IP address",
        (
            Shape(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:/\d{1,2})?", 0.1),
            Shape(
                r"(?i:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,7}(?::[0-9a-f]{1,4}){1,6}|::1)",
                0.0,
            ),
        ),
    ),
    Kind("mac_address", "MAC address", (Shape(r"(?i:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})", 0.0),)),
    Kind("imei", "device number (IMEI)", (Shape(r"\d{15}", 0.1, lazily("imei"), named=True),)),
    Kind(
        "us_ssn",
        "US social security number",
        (
            Shape(r"\d{3}-\d{2}-\d{4}", 0.2, lazily("us.ssn")),
            Shape(r"\d{9}", 0.6, lazily("us.ssn"), named=True),
        ),
    ),
    Kind("us_itin", "US taxpayer number", (Shape(r"9\d{2}-\d{2}-\d{4}", 0.2, lazily("us.itin")),)),
    Kind(
        "uk_nino",
        "UK national insurance number",
        (Shape(r"(?i:[abceghj-prstw-z][abceghj-nprstw-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d])", 0.05),),
    ),
    Kind(
        "uk_nhs",
        "UK NHS number",
        (
            Shape(r"\d{3}[ -]\d{3}[ -]\d{4}", 1 / 11, lazily("gb.nhs")),
            Shape(r"\d{10}", 1 / 11, lazily("gb.nhs")),
        ),
    ),
    Kind(
        "de_tax_id",
        "German tax identification number",
        (Shape(r"[1-9]\d(?: ?\d{3}){3}", 0.05, lazily("de.idnr")),),
    ),
    Kind(
        "fr_nir",
        "French social security number",
        (Shape(r"[12378] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", 1 / 97, lazily("fr.nir")),),
    ),
    Kind(
        "es_dni",
        "Spanish identity number",
        (
            Shape(r"\d{8}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]", 1 / 23, lazily("es.dni")),
            Shape(r"[XYZxyz][ -]?\d{7}[ -]?[A-Za-z]", 1 / 23, lazily("es.nie")),
        ),
    ),
    Kind(
        "it_fiscal_code",
        "Italian fiscal code",
        (Shape(r"(?i:[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z])", 1 / 26, lazily("it.codicefiscale")),),
    ),
    Kind(
        "nl_bsn",
        "Dutch citizen service number",
        (Shape(r"\d{9}|\d{4}\.\d{2}\.\d{3}", 1 / 11, lazily("nl.bsn")),),
    ),
    Kind(
        "be_national_number",
        "Belgian national number",
        (Shape(r"\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}", 1 / 97, lazily("be.nn")),),
    ),
    Kind("pl_pesel", "Polish PESEL number", (Shape(r"\d{11}", 0.04, lazily("pl.pesel")),)),
    Kind("pt_nif", "Portuguese tax number", (Shape(r"[1-35-9]\d{8}", 1 / 11, lazily("pt.nif"), named=True),)),
    Kind(
        "ch_ahv",
        "Swiss social security number",
        (Shape(r"756\.?\d{4}\.?\d{4}\.?\d{2}", 0.1, lazily("ch.ssn")),),
    ),
    Kind(
        "se_personal_number",
        "Swedish personal number",
        (Shape(r"(?:\d{2})?\d{6}[-+]\d{4}", 0.1, lazily("se.personnummer")),),
    ),
    Kind("dk_cpr", "Danish personal number", (Shape(r"\d{6}-\d{4}", 0.4, lazily("dk.cpr")),)),
    Kind(
        "no_birth_number",
        "Norwegian birth number",
        (Shape(r"\d{6} ?\d{5}", 0.01, lazily("no.fodselsnummer")),),
    ),
    Kind(
        "fi_personal_code",
        "Finnish personal code",
        (Shape(r"\d{6}[-+A-F]\d{3}[0-9A-Y]", 1 / 31, lazily("fi.hetu")),),
    ),
    Kind(
        "br_cpf",
        "Brazilian CPF number",
        (
            Shape(r"\d{3}\.\d{3}\.\d{3}-\d{2}", 1 / 100, lazily("br.cpf")),
            Shape(r"\d{11}", 1 / 100, lazily("br.cpf")),
        ),
    ),
    Kind(
        "ca_sin",
        "Canadian social insurance number",
        (
            Shape(r"\d{3}[ -]\d{3}[ -]\d{3}", 0.1, lazily("ca.sin")),
            Shape(r"\d{9}", 0.1, lazily("ca.sin"), named=True),
        ),
    ),
    Kind(
        "au_tfn",
        "Australian tax file number",
        (Shape(r"\d{3} ?\d{3} ?\d{2,3}", 1 / 11, lazily("au.tfn"), named=True),),
    ),
    Kind(
        "in_aadhaar",
        "Indian Aadhaar number",
        (Shape(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", 0.1, lazily("in_.aadhaar")),),
    ),
    Kind(
        "vehicle_number", "vehicle identification number", (Shape(r"[A-HJ-NPR-Z0-9]{17}", 0.3, named=True),)
    ),
    Kind(
        "secret",
        "key or token",
        (
            Shape(
                r"(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}|sk_live_\w{16,}"
                r"|xox[abprs]-[\w-]{10,}|AIza[\w-]{35}|dapi[0-9a-f]{32}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+"
                r"|-----BEGIN [A-Z ]*PRIVATE KEY-----",
                0.0,
                inside=True,
            ),
        ),
    ),
    Kind(
        "coordinates",
        "geographic coordinates",
        (Shape(r"[-+]?\d{1,2}\.\d{3,}, ?[-+]?\d{1,3}\.\d{3,}", 0.1),),
        plausible=r"[-+]?\d{1,3}(?:\.\d+)?(?:[eE][-+]?\d+)?",
    ),
    Kind("person_name", "name of a person", plausible=rf"{_LETTERS}|{_LETTERS}, ?{_LETTERS}"),
    Kind(
        "date_of_birth", "date of birth", plausible=r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?|\d{8}|\d{4}"
    ),
    Kind(
        "address",
        "postal address",
        (
            Shape(
                r"(?i:\d{1,5}[a-z]?,? (?:[^\W\d_][\w.'-]* ){1,4}"
                r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|square|place|pl)\b.*)",
                0.05,
            ),
            Shape(
                r"(?i:[^\W\d][\w.' -]*?(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|straat|laan|plein)"
                r" ?\d{1,4} ?[a-z]?(?:,.*)?)",
                0.05,
            ),
            Shape(
                r"(?i:(?:\d{1,4},? )?(?:rue|avenue|boulevard|chemin|calle|avenida|plaza|via|viale|piazza"
                r"|rua|praça|travessa|ulica|ul\.) [^\W\d_].*)",
                0.1,
            ),
        ),
        plausible=r".*[^\W\d_].*",
    ),
    Kind("postal_code", "postal code", plausible=r"(?i:[a-z\d][a-z\d -]{2,9})"),
    Kind("passport", "passport number", plausible=r"(?i:[a-z]{0,3}\d[a-z\d]{5,9})"),
    Kind("driving_licence", "driving licence number", plausible=r"(?i:[a-z\d][a-z\d -]{4,19})"),
    Kind("national_id", "national identity number", plausible=r"(?i:[a-z\d][a-z\d ./-]{4,24})"),
    Kind("bank_account", "bank account number", plausible=r"(?i:[a-z\d][a-z\d -]{4,33})"),
    Kind("user_name", "user name", plausible=r"[\w.@+-]{2,64}"),
    Kind("password", "password or its hash", plausible=r"\S{4,}"),
    Kind("gender", "gender", plausible=r"(?i:[a-zäöüéèñ/ -]{1,20}|[012349])"),
    Kind("health", "health data", plausible=r".*\S.*"),
    Kind("religion", "religion or belief", plausible=r".*[^\W\d_].*"),
    Kind("ethnicity", "ethnic origin", plausible=r".*[^\W\d_].*"),
    Kind("salary", "income of a person", plausible=r"[\W\d_]*\d[\W\d_]*(?:[A-Z]{3})?"),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})
