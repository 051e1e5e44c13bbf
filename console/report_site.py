"""Serve the report files on loopback, so that links in a browser open them."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from os import PathLike
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from canonical_model.errors import ConfigurationError, RetryableError
from hub.acquisition.wave_report import WAVE_REPORT

START_TIMEOUT_S = 30.0
_DAY = len("2026-11-05")
"""The name of a report of a wave ends with its day."""


@contextmanager
def report_site(folder: Path, port: int = 0) -> Iterator[str]:
    """Serve a folder of reports until the block is left; gives the address.

    Args:
        folder: reports by market; made where it is missing.
        port: on loopback; 0 takes a free one.

    Raises:
        ConfigurationError: the port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with socket() as bound:
        try:
            bound.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigurationError(f"port {port} is taken: name another one, or 0 for any that is free") from error
        settings = uvicorn.Config(_application(folder), log_level="warning", access_log=False, lifespan="off")
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="report-site", daemon=True)
        thread.start()
        _wait_until_started(server, thread)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RetryableError("the server of the report files did not start")
        time.sleep(0.02)


def _application(folder: Path) -> Starlette:
    def contents(_: Request) -> HTMLResponse:
        return HTMLResponse(_contents(folder))

    return Starlette(routes=[Route("/", contents), Mount("/", _Files(directory=folder))])


class _Files(StaticFiles):
    """Files as they lie there; Markdown as text, which a browser shows instead of saving it."""

    def file_response(self, full_path: str | PathLike[str], *args: Any, **options: Any) -> Response:
        response = super().file_response(full_path, *args, **options)
        if str(full_path).endswith(".md") and "content-type" in response.headers:
            response.headers["content-type"] = "text/plain; charset=utf-8"
        return response


def _contents(folder: Path) -> str:
    """A page of links to every report, by market; those of waves by themselves, the newest first."""
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Reports</title><h1>Reports</h1>"]
    for market in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(
            (path for path in market.iterdir() if path.is_file()), key=lambda path: path.name, reverse=True
        )
        waves = [path for path in files if path.name.startswith(WAVE_REPORT)]
        waves.sort(key=lambda path: path.stem[-_DAY:], reverse=True)
        others = [path for path in files if path not in waves]
        parts += [f"<h2>{escape(market.name)}</h2>", *_links(others)]
        parts += ["<h3>Waves of the acquisition</h3>", *_links(waves)] if waves else []
    return "\n".join(parts if len(parts) > 1 else [*parts, "<p>None yet: reconcile a market first."])


def _links(files: Sequence[Path]) -> Iterator[str]:
    yield "<ul>"
    for path in files:
        yield f'<li><a href="{quote(path.parent.name)}/{quote(path.name)}">{escape(path.name)}</a>'
    yield "</ul>"
