"""Serve the report files on loopback, so that links in a browser open them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from socket import socket
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from canonical_model.errors import ConfigurationError, RetryableError

START_TIMEOUT_S = 30.0


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

    return Starlette(routes=[Route("/", contents), Mount("/", StaticFiles(directory=folder))])


def _contents(folder: Path) -> str:
    """A page of links to every report, by market."""
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Reports</title><h1>Reports</h1>"]
    for market in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted((path.name for path in market.iterdir() if path.is_file()), reverse=True)
        links = (f'<li><a href="{quote(market.name)}/{quote(file)}">{escape(file)}</a>' for file in files)
        parts += [f"<h2>{escape(market.name)}</h2><ul>", *links, "</ul>"]
    return "\n".join(parts if len(parts) > 1 else [*parts, "<p>None yet: reconcile a market first."])
