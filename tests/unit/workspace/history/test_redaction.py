"""What records keep of statements with secrets."""

from __future__ import annotations

import pytest

from lakestead.workspace.history.redaction import redacted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("SELECT credential (1) FROM t", "SELECT credential ([REDACTED]) FROM t"),
        (
            "COPY INTO t FROM 's3://b' WITH (CREDENTIAL (AWS_SECRET_KEY = 'hu)sh', K = \"hush\") "
            "ENCRYPTION(TYPE = 'AWS_SSE_C', MASTER_KEY = 'hu''sh')) FILEFORMAT = CSV",
            "COPY INTO t FROM 's3://b' WITH (CREDENTIAL ([REDACTED]) "
            "ENCRYPTION([REDACTED])) FILEFORMAT = CSV",
        ),
        (
            "COPY INTO t FROM 'x' WITH (credential\n(A = 'hush",
            "COPY INTO t FROM 'x' WITH (credential\n([REDACTED])",
        ),
        (
            "COPY INTO t FROM 'x' WITH (CREDENTIAL /* ( */ (A='x' -- i's\n, B = r'hush\\') ) FILEFORMAT=CSV",
            "COPY INTO t FROM 'x' WITH (CREDENTIAL /* ( */ ([REDACTED]) ) FILEFORMAT=CSV",
        ),
        (
            "/* COPY … WITH (CREDENTIAL (A = 'hush')) */ SELECT 1",
            "/* COPY … WITH (CREDENTIAL ([REDACTED])) */ SELECT 1",
        ),
        (
            "SELECT # COPY INTO t FROM 'x' WITH (CREDENTIAL (A = 'hush'))",
            "SELECT # COPY INTO t FROM 'x' WITH (CREDENTIAL[REDACTED])",
        ),
        (
            "COPY INTO t FROM 'abfss://c@a.dfs.core.windows.net/?sv=2024&sig=hush%3D&se=1' FILEFORMAT=CSV",
            "COPY INTO t FROM 'abfss://c@a.dfs.core.windows.net/?sv=2024&sig=[REDACTED]&se=1' FILEFORMAT=CSV",
        ),
        ("COPY INTO t FROM 'x' WITH (CREDENTIAL name)", "COPY INTO t FROM 'x' WITH (CREDENTIAL name)"),
    ],
)
def test_secrets_are_taken_out(text: str, kept: str) -> None:
    assert redacted(text) == kept
    assert "hush" not in redacted(text)
