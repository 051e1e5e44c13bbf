"""What httpx and httpcore write to their logs, without what may hold a key: query strings and headers of answers."""

import logging

import httpx


class WithoutQuery(logging.Filter):
    """Takes the query out of every URL among the arguments of a record; the record stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See ``logging.Filter``."""
        if isinstance(record.args, tuple):
            record.args = tuple(_bare(each) for each in record.args)
        return True


class WithoutHeaders(logging.Filter):
    """Keeps out the records that hold the headers of an answer: links, redirects and cookies."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See ``logging.Filter``."""
        return not record.getMessage().startswith("receive_response_headers.complete")


_FILTERS: tuple[tuple[str, type[logging.Filter]], ...] = (
    ("httpx", WithoutQuery),
    ("httpcore.http11", WithoutHeaders),
    ("httpcore.http2", WithoutHeaders),
)


def quiet_log() -> None:
    """Let the two log nothing of the kind in this process; calling it twice is harmless."""
    for name, kind in _FILTERS:
        log = logging.getLogger(name)
        if not any(isinstance(each, kind) for each in log.filters):
            log.addFilter(kind())


def _bare(value: object) -> object:
    return str(value.copy_with(query=None, fragment=None)) if isinstance(value, httpx.URL) else value
