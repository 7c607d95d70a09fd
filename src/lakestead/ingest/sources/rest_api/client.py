"""Asks an API for its pages, and says what went wrong without saying a secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from dlt.common import jsonpath
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests.retry import Client
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.helpers.rest_client.exceptions import PaginatorNotFound

from lakestead.core.errors import ConnectionFailed, LakesteadError, SourceError
from lakestead.ingest.secrets.redaction import Redactor

from .options import ApiRequest, AuthType, Settings
from .paging import login, paginator

_SHOWN = 200
_REMEDIES = {
    400: "check params and page_size",
    403: "the log-in is right but may not read this: ask for the permission or scope",
    404: "check base_url and api_endpoint",
    429: "the API asks for fewer requests: raise max_attempts or backoff in the source's secrets",
}


class Api:
    """An API.

    Args:
        settings: where it is, and what lets in.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._redactor = Redactor()
        for secret in settings.secrets:
            self._redactor.add(secret)

    def pages(self, request: ApiRequest, params: dict[str, Any], kind: AuthType) -> Iterator[list[Any]]:
        """Yield the pages of a resource.

        Args:
            request: the resource.
            params: its query string.
            kind: how to log in.

        Raises:
            ConnectionFailed: when the API cannot be reached or refuses the log-in.
            SourceError: when it answers with an error, or with something else than pages of rows.
        """
        path = (request.api_endpoint or "").lstrip("/")
        pager, sizes = paginator(request)
        session = self._session(self._settings.max_attempts)
        with session, self._errors(path):
            client = _Client(
                self._settings.base_url,
                headers={name: value.get_secret_value() for name, value in self._settings.headers.items()},
                auth=login(self._settings, kind, session),
                session=session,
                config=RuntimeConfiguration(),
            )
            before = None
            for page in client.paginate(
                path,
                params=sizes | params,
                paginator=pager,
                data_selector=request.data_selector,
                hooks={"response": [_raise]},
            ):
                now = _digest(page) if page else None
                if now is not None and now == before:
                    raise SourceError(
                        f"/{path} gives the same page again: check pagination_type and what belongs to it"
                        " (such as base_page: 1 where pages are counted from 1)"
                    )
                self._same_host(str(page.request.url), path)
                before = now
                yield list(page)

    def check(self, kind: AuthType) -> None:
        """Find out whether the API answers, and does not refuse the log-in."""
        session = self._session(1)
        with session, self._errors(""):
            headers = {name: value.get_secret_value() for name, value in self._settings.headers.items()}
            answer = session.get(
                self._settings.base_url, auth=login(self._settings, kind, session), headers=headers
            )
            if answer.status_code == 401:
                raise self._refused("", answer.status_code, "")

    def _session(self, attempts: int) -> requests.Session:
        return Client(
            request_timeout=self._settings.timeout,
            raise_for_status=False,
            request_max_attempts=attempts,
            request_backoff_factor=self._settings.backoff,
        ).session

    def _same_host(self, url: str, path: str) -> None:
        """The log-in is not sent to whatever host an answer names."""
        here, there = urlsplit(self._settings.base_url), urlsplit(url)
        if there.netloc and (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise SourceError(
                f"/{path}: the next page is at {there.scheme}://{there.netloc}, another place than base_url"
                f" ({here.scheme}://{here.netloc}): set base_url to it if it may have the log-in"
            )

    @contextmanager
    def _errors(self, path: str) -> Iterator[None]:
        try:
            yield
        except requests.HTTPError as error:
            if error.response is None:
                raise
            raise self._answered(error.response) from None
        except requests.JSONDecodeError as error:
            raise SourceError(f"/{path}: the answer is no JSON ({error.msg}); check api_endpoint") from None
        except requests.RequestException as error:
            host = urlsplit(self._settings.base_url).netloc
            raise ConnectionFailed(
                f"{host} cannot be reached ({type(error).__name__}): check base_url and the network"
            ) from None
        except (PaginatorNotFound, ValueError) as error:
            said = self._redactor.redact(str(error).partition(" .Expected")[0])[:_SHOWN]
            raise SourceError(
                f"/{path}: the pages cannot be followed: {said}; check pagination_type"
            ) from None

    def _answered(self, answer: requests.Response) -> LakesteadError:
        where = urlsplit(answer.url).path
        body = " ".join(self._redactor.redact(answer.text).split())[:_SHOWN]
        if answer.status_code == 401:
            return self._refused(where, answer.status_code, body)
        remedy = _REMEDIES.get(
            answer.status_code, "the API fails: try again later" if answer.status_code >= 500 else ""
        )
        said = f"{where} answered {answer.status_code} {answer.reason}" + (f": {body}" if body else "")
        fault = SourceError if answer.status_code != 403 else ConnectionFailed
        return fault(f"{said}; {remedy}" if remedy else said)

    def _refused(self, where: str, status: int, body: str) -> ConnectionFailed:
        return ConnectionFailed(
            f"{where or self._settings.base_url} answered {status}: the log-in is refused; check auth_type"
            f" and what belongs to it in the source's secrets{f' ({body})' if body else ''}"
        )


class _Client(RESTClient):
    """dlt's client; an answer without what the selector selects is a fault, and not an empty page."""

    def extract_response(self, response: requests.Response, data_selector: jsonpath.TJsonPath) -> list[Any]:
        found = jsonpath.find_values(data_selector, response.json())
        if not found:
            answer = response.json()
            there = (
                f"the answer has: {', '.join(map(str, answer))}"
                if isinstance(answer, dict)
                else "it is a list"
            )
            raise SourceError(
                f"{urlsplit(response.url).path}: data_selector '{data_selector}' selects nothing; {there}"[
                    : _SHOWN * 2
                ]
            )
        rows: list[Any] = super().extract_response(response, data_selector)
        if not all(isinstance(row, dict) for row in rows):
            raise SourceError(
                f"{urlsplit(response.url).path}: '{data_selector}' selects values that are no objects;"
                " set data_selector to where the rows are"
            )
        return rows


def _raise(answer: requests.Response, *_: Any, **__: Any) -> None:
    """Raise on any error, so that the session tries again what may go better then."""
    if answer.status_code >= 400:
        raise requests.HTTPError(str(answer.status_code), response=answer)


def _digest(page: list[Any]) -> bytes:
    return hashlib.blake2b(json.dumps(page, sort_keys=True).encode()).digest()
