"""CSV files as text columns, whatever the size of the pieces in which they are read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lakestead.engine.files import FilesError, FilesErrorKind, Options, SourceFile, csv

Row = list[str | None]


def read(folder: Path, content: str | bytes, name: str = "file.csv", **options: str) -> list[Row]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    file = SourceFile(path, name, path.stat().st_size, 0.0)
    parsed = Options.of("CSV", options.items())
    return [list(row.values()) for batch in csv.batches(file, parsed) for row in batch.to_pylist()]


def columns(folder: Path, content: str, **options: str) -> list[str]:
    path = folder / "file.csv"
    path.write_text(content)
    return csv.names(SourceFile(path, "file.csv", 0, 0.0), Options.of("CSV", options.items()))


def test_quotes_newlines_and_escapes(tmp_path: Path) -> None:
    content = (
        '1,"a, b"\n'
        '2,"say ""hi"""\n'
        '3,"two\nlines"\n'
        '4,"an \\"escaped\\" quote"\n'
        '5,"C:\\dir"\n'
        "6,C:\\dir\n"
        '7,"ends with \\\\"\n'
        '8,not "quoted"\n'
    )
    assert [row[1] for row in read(tmp_path, content)] == [
        "a, b",
        'say "hi"',
        "two\nlines",
        'an "escaped" quote',
        "C:\\dir",
        "C:\\dir",
        "ends with \\",
        'not "quoted"',
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_escapes_that_lie_across_pieces(size: int) -> None:
    content = b'1,"a \\" b"\n2,c:\\\\d\n"\\\\","\\"\\""\n"x""y",z\n'
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    dialect = csv.Dialect.of(Options.of("CSV", ()))
    found = b"".join(csv.standard(pieces, dialect))
    assert found == b'1,"a "" b"\n2,c:\\\\d\n"\\",""""""\n"x""y",z\n'


def test_nulls_and_empty_values(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,,""\n') == [["a", None, None]]
    assert read(tmp_path, 'a,,"",NA,"NA"\n', nullValue="NA") == [["a", None, "", None, "NA"]]


def test_uneven_records(tmp_path: Path) -> None:
    content = 'a,b,c\n1,2\n3,4,5,6\n7,8,9\n"x,y",\n'
    expected = [["1", "2", None], ["3", "4", "5"], ["7", "8", "9"], ["x,y", None, None]]
    assert sorted(read(tmp_path, content, header="true"), key=str) == sorted(expected, key=str)
    assert read(tmp_path, content, header="true", mode="DROPMALFORMED") == [["7", "8", "9"]]
    with pytest.raises(FilesError) as error:
        read(tmp_path, content, header="true", mode="FAILFAST")
    assert error.value.kind is FilesErrorKind.MALFORMED


def test_headers(tmp_path: Path) -> None:
    assert columns(tmp_path, "x,y\n") == ["_c0", "_c1"]
    assert columns(tmp_path, 'x,"two\nlines",,X\n1\n', header="true") == ["x0", "two\nlines", "_c2", "X3"]
    assert columns(tmp_path, "", header="true") == []
    assert read(tmp_path, "", header="true") == []
    assert read(tmp_path, "a,b\n", header="true") == []
    assert read(tmp_path, "junk\nmore\na,b\n1,2\n", header="true", skipRows="2") == [["1", "2"]]


def test_separators_comments_and_line_ends(tmp_path: Path) -> None:
    assert read(tmp_path, "a\tb\r\nc\td\r\n", sep="\\t") == [["a", "b"], ["c", "d"]]
    assert read(tmp_path, "# first\na|'b|c'\n#x\nd|e\n", delimiter="|", quote="'", comment="#") == [
        ["a", "b|c"],
        ["d", "e"],
    ]
    assert read(tmp_path, 'a,"b\n', quote="") == [["a", '"b']]
    assert read(tmp_path, "\n\na,b\n\nc,d\n") == [["a", "b"], ["c", "d"]]


def test_encodings_and_compression(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfa,b\n") == [["a", "b"]]
    assert read(tmp_path, "café,x\n".encode("latin-1"), encoding="ISO-8859-1") == [["café", "x"]]
    assert read(tmp_path, "é,x\n".encode("utf-16"), charset="UTF-16") == [["é", "x"]]
    assert read(tmp_path, gzip.compress(b"a,b\n"), "file.csv.gz") == [["a", "b"]]
    assert read(tmp_path, gzip.compress(b"a,b\n"), "file.dat", compression="gzip") == [["a", "b"]]
    for content, options in [(b"\xff\xfe,x\n", {}), (b"no gzip", {"compression": "gzip"})]:
        with pytest.raises(FilesError, match=r"file\.csv") as error:
            read(tmp_path, content, **options)
        assert error.value.kind is FilesErrorKind.MALFORMED


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"headr": "true"}, FilesErrorKind.OPTION),
        ({"header": "yes"}, FilesErrorKind.OPTION),
        ({"mode": "LENIENT"}, FilesErrorKind.OPTION),
        ({"sep": "::"}, FilesErrorKind.UNSUPPORTED),
        ({"lineSep": ";"}, FilesErrorKind.UNSUPPORTED),
        ({"encoding": "klingon"}, FilesErrorKind.OPTION),
        ({"compression": "snappy"}, FilesErrorKind.UNSUPPORTED),
        ({"samplingRatio": "0.5"}, FilesErrorKind.UNSUPPORTED),
    ],
)
def test_options_that_are_refused(tmp_path: Path, options: dict[str, str], kind: FilesErrorKind) -> None:
    with pytest.raises(FilesError) as error:
        read(tmp_path, "a,b\n", **options)
    assert error.value.kind is kind
