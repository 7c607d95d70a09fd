"""Microsoft Presidio over columns; runs in an environment of its own.

Its language model cannot be had from a package registry: it has the recognisers of patterns and check digits,
and the words of a column's name as context, but finds no names of persons.

Reads `[[name, [value, …]], …]` from a file; prints `{"seconds": s, "kinds": [kind or null, …]}`.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter

import spacy
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

# A value counts from this score on, and a column if so many of its values do.
SCORE, SHARE = 0.4, 0.5
KINDS = {
    "CREDIT_CARD": "credit_card",
    "EMAIL_ADDRESS": "email",
    "ES_NIF": "es_dni",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip_address",
    "MAC_ADDRESS": "mac_address",
    "PHONE_NUMBER": "phone",
    "UK_NHS": "uk_nhs",
    "US_SSN": "us_ssn",
}
# Not personal by themselves, so that finding them is no mistake.
IGNORED = {"DATE_TIME", "URL"}


class Blank(SpacyNlpEngine):  # type: ignore[misc]
    """Words without a model of the language."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])

    def load(self) -> None:
        self.nlp = {"en": spacy.blank("en")}


def main() -> None:
    engine = Blank()
    engine.load()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    with open(sys.argv[1], encoding="utf-8") as file:
        columns = json.load(file)
    analyzer.analyze("ann@example.org", language="en")
    start = time.perf_counter()
    kinds = [kind(analyzer, name, values) for name, values in columns]
    print(json.dumps({"seconds": time.perf_counter() - start, "kinds": kinds}))


def kind(analyzer: AnalyzerEngine, name: str, values: list[str]) -> str | None:
    found: Counter[str] = Counter()
    for value in values:
        results = analyzer.analyze(value, language="en", score_threshold=SCORE, context=name.split("_"))
        results = [one for one in results if one.entity_type not in IGNORED]
        if results:
            best = max(results, key=lambda one: one.score).entity_type
            found[KINDS.get(best, best)] += 1
    if not found:
        return None
    best, count = found.most_common(1)[0]
    return best if count >= SHARE * len(values) else None


main()
