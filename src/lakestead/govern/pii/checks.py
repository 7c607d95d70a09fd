"""Whether a value that has the shape of a number really is one: check digits, by python-stdnum.

Source of the formulas: the package's own documentation of each number, https://arthurdejong.org/python-stdnum/.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module

from lakestead.core.errors import MissingExtra

Check = Callable[[str], bool]


@cache
def check(module: str) -> Check:
    """Return the check of a kind of number.

    Args:
        module: of python-stdnum, such as `iban` or `de.idnr`.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        found: Check = import_module(f"stdnum.{module}").is_valid
    except ModuleNotFoundError as error:
        raise MissingExtra("looking for personal data", "govern") from error
    return found


def is_card(text: str) -> bool:
    """Return whether a number is one of a payment card: the check digit, and an issuer that has that length.

    Issuers: ISO/IEC 7812, the ranges that the networks publish.
    """
    digits = "".join(character for character in text if character.isdigit())
    first, two, three, four = (int(digits[:length] or 0) for length in (1, 2, 3, 4))
    size = len(digits)
    known = (
        (first == 4 and size in (13, 16, 19))  # Visa
        or (size == 16 and (51 <= two <= 55 or 2221 <= four <= 2720))  # Mastercard
        or (size == 15 and two in (34, 37))  # American Express
        or (size in (16, 19) and (four == 6011 or two == 65 or 644 <= three <= 649))  # Discover
        or (size == 14 and (300 <= three <= 305 or two in (36, 38)))  # Diners Club
        or (16 <= size <= 19 and 3528 <= four <= 3589)  # JCB
        or (12 <= size <= 19 and (two in (50, 62) or 56 <= two <= 58))  # Maestro, UnionPay
    )
    return known and len(set(digits)) > 1 and check("luhn")(digits)


@cache
def is_phone(regions: tuple[str, ...]) -> Check:
    """Return the check of telephone numbers, by Google's metadata of all countries' plans.

    Args:
        regions: the countries of numbers that have no country code; valid in one of them is valid.
    """
    try:
        import phonenumbers
    except ModuleNotFoundError as error:
        raise MissingExtra("looking for personal data", "govern") from error

    def valid(text: str) -> bool:
        for region in (None,) if text.lstrip().startswith("+") else regions:
            try:
                if phonenumbers.is_valid_number(phonenumbers.parse(text, region)):
                    return True
            except phonenumbers.NumberParseException:
                continue
        return False

    return valid


def lazily(module: str) -> Check:
    """Return the check of a kind of number, looked up when it is first needed."""
    return partial(_run, module)


def _run(module: str, text: str) -> bool:
    return check(module)(text)
