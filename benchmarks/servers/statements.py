"""A client of the Statement Execution API that reads results as Arrow, as Databricks' own drivers do."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import urllib3
from databricks.sdk.service.sql import (
    Disposition,
    ExternalLink,
    Format,
    StatementResponse,
    StatementState,
)

from lakestead.client import Profile

# As many as the SQL connector has by default.
_DOWNLOADS = 10


class StatementFailed(Exception):
    """The server's words on why a statement failed."""


class Statements:
    """Runs statements through `databricks.sdk`, and downloads what large results link to.

    Args:
        profile: the workspace.
        catalog: the statements' catalog.
        schema: the statements' schema.
    """

    def __init__(self, profile: Profile, catalog: str | None = None, schema: str | None = None) -> None:
        self._profile = profile
        self._client = profile.workspace_client()
        self._catalog = catalog
        self._schema = schema
        self._http = urllib3.PoolManager(maxsize=_DOWNLOADS)

    def __call__(self, sql: str) -> list[list[str]]:
        """Run a statement and return its rows as text.

        Raises:
            StatementFailed: it did not succeed.
        """
        response = self._execute(sql, Disposition.INLINE, Format.JSON_ARRAY)
        return (response.result and response.result.data_array) or []

    def arrow(self, sql: str) -> pa.Table:
        """Run a statement and download its result.

        Raises:
            StatementFailed: it did not succeed.
        """
        response = self._execute(sql, Disposition.EXTERNAL_LINKS, Format.ARROW_STREAM)
        with ThreadPoolExecutor(_DOWNLOADS) as pool:
            downloads = [pool.submit(self._download, link) for link in self._links(response)]
            return pa.concat_tables(download.result() for download in downloads)

    def _execute(self, sql: str, disposition: Disposition, form: Format) -> StatementResponse:
        response = self._client.statement_execution.execute_statement(
            sql,
            str(self._client.config.warehouse_id),
            disposition=disposition,
            format=form,
            wait_timeout="50s",
            catalog=self._catalog,
            schema=self._schema,
        )
        while response.status and response.status.state in (StatementState.PENDING, StatementState.RUNNING):
            response = self._client.statement_execution.get_statement(str(response.statement_id))
        if response.status is None or response.status.state is not StatementState.SUCCEEDED:
            error = response.status and response.status.error
            raise StatementFailed(f"{sql[:80]} …: {error and error.message}")
        return response

    def _links(self, response: StatementResponse) -> Iterator[ExternalLink]:
        result = response.result
        while result is not None and result.external_links:
            yield from result.external_links
            following = result.external_links[-1].next_chunk_index
            if following is None:
                return
            result = self._client.statement_execution.get_statement_result_chunk_n(
                str(response.statement_id), following
            )

    def _download(self, link: ExternalLink) -> pa.Table:
        answer = self._http.request("GET", str(link.external_link))
        if answer.status != 200:
            raise StatementFailed(f"chunk {link.chunk_index}: HTTP status {answer.status}")
        return pa.ipc.open_stream(answer.data).read_all()
