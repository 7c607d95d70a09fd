"""What clients of the Workspace API send."""

from __future__ import annotations

import base64
from email.parser import BytesParser
from email.policy import HTTP
from typing import Annotated, Literal

from pydantic import Base64Bytes, Field, ValidationError

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Body, Call, explain

# As on Databricks.
MAX_FILE_BYTES = 10 * 1024 * 1024
Format = Literal["AUTO", "SOURCE", "RAW", "HTML", "JUPYTER", "DBC", "R_MARKDOWN"]


class AtPath(Body):
    """Something of the tree."""

    path: str


class Listed(AtPath):
    """A folder whose contents are asked for; notebooks, which the workspace has not, could be left out."""

    notebooks_modified_after: int | None = None


class Delete(AtPath):
    """What is to go: a folder that is not empty only with ``recursive``."""

    recursive: bool = False


class Import(AtPath):
    """A file, in base64."""

    content: Annotated[Base64Bytes, Field(max_length=MAX_FILE_BYTES)]
    format: Format = "SOURCE"
    language: str | None = None
    overwrite: bool = False


def imported(call: Call) -> Import:
    """Return what a client sends to be kept: as JSON, or as a form with the file as it is.

    Raises:
        ApiError: INVALID_REQUEST naming the field that is wrong.
    """
    kind = call.request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return call.parse(Import)
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1")
    form: dict[str, bytes] = {}
    for part in BytesParser(policy=HTTP).parsebytes(head + call.body).iter_parts():
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        form[str(name)] = content if isinstance(content, bytes) else b""
    file = base64.b64encode(form.pop("content", b""))
    try:
        return Import.model_validate(
            {**{name: text.decode() for name, text in form.items()}, "content": file}
        )
    except ValidationError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None


class Export(AtPath):
    """A file that is asked for, in base64 or as it is."""

    format: Format = "SOURCE"
    direct_download: bool = False
