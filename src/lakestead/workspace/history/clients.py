"""Names of client programs, from what they say of themselves in the User-Agent header."""

from __future__ import annotations

import re

# The first word of the header, or one inside it, in lower case.
_DRIVERS = {
    "pydatabrickssqlconnector": "Databricks SQL Connector for Python",
    "databricks-sdk-py": "Databricks SDK for Python",
    "databricks-sdk-go": "Databricks SDK for Go",
    "databricks-sdk-java": "Databricks SDK for Java",
    "databricksjdbcdriveross": "Databricks JDBC Driver",
    "nodejsdatabrickssqlconnector": "Databricks SQL Driver for Node.js",
    "godatabrickssqlconnector": "Databricks SQL Driver for Go",
}
_PRODUCT = re.compile(r"([A-Za-z][\w.-]*)/\S+")
_ENTRY = re.compile(r"\(([^)]+)\)")


def driver(user_agent: str) -> str:
    """Return the driver's name; empty when it is none of Databricks'."""
    products = (name.lower() for name in _PRODUCT.findall(user_agent))
    return next((_DRIVERS[name] for name in products if name in _DRIVERS), "")


def application(user_agent: str) -> str:
    """Return the program that uses the driver, as it names itself, else the driver's own name."""
    entry = _ENTRY.search(user_agent)
    product = _PRODUCT.match(user_agent)
    name = product[1] if product else ""
    if entry:
        return entry[1].split("/")[0]
    if not name or name == "unknown" or name.lower() in _DRIVERS:
        return driver(user_agent)
    return name
