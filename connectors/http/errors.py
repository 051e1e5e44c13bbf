"""What requests and httpx raise, and what a status means, told in our error tree.

Messages name the system and what was tried. They never hold a query string, a header or a body, because those
may hold secrets.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue
from connectors.http.bounded import TooLargeError, TooSlowError
from connectors.importing import IMPORTING
from connectors.patience import PASSING_STATUSES, retry_after_s

_BY_CLASS: tuple[tuple[frozenset[str], type[SpliceError], str], ...] = (
    (frozenset({"Timeout", "TimeoutException"}), RetryableError, "no answer in time; try again later"),
    (frozenset({"TooManyRedirects"}), ConfigurationError, "redirected in a circle; check the address"),
    (
        frozenset({"InvalidURL", "MissingSchema", "InvalidSchema", "URLRequired", "UnsupportedProtocol"}),
        ConfigurationError,
        "no usable URL; check the address",
    ),
    (
        frozenset({"InvalidHeader", "LocalProtocolError"}),
        ConfigurationError,
        "a setting cannot be sent as a header; check the login's settings for line breaks",
    ),
    (frozenset({"ProxyError"}), RetryableError, "the proxy did not let the request through; try again later"),
    (
        frozenset({"InvalidJSONError"}),
        RetryableError,
        "the answer is no JSON; try again later, and check the address if it stays so",
    ),
    (
        frozenset({"ChunkedEncodingError", "ContentDecodingError", "RemoteProtocolError", "DecodingError"}),
        RetryableError,
        "the answer broke off or is garbled; try again later",
    ),
    (
        frozenset({"ConnectionError", "NetworkError", "TransportError"}),
        RetryableError,
        "cannot be reached, or the connection was cut; check address and network, then try again",
    ),
)


@contextmanager
def http_errors(system: str, doing: str) -> Iterator[None]:
    """Map every error of requests and httpx that leaves the block; the cause is kept.

    Args:
        system: name of the system, for the message.
        doing: what was tried, as in ``pull Account``.

    Raises:
        RetryableError: time-out, reset, refusal to connect, an answer that broke off, drips in or is unreadable.
        ConfigurationError: a wrong address, certificate, login or setting.
        UnsafeToContinue: an answer beyond its bound.
    """
    with IMPORTING:
        import httpx  # noqa: PLC0415 - heavy, and capabilities are read without it
        import requests  # noqa: PLC0415 - as above

        from connectors.http.session import StillRefused  # noqa: PLC0415 - as above

    try:
        yield
    except TooLargeError as error:
        raise UnsafeToContinue(
            f"{system}: {doing}: the answer holds {error}; ask for smaller pages, or raise largest_answer_mb"
        ) from error
    except TooSlowError as error:
        raise RetryableError(f"{system}: {doing}: the answer is {error}; try again later") from error
    except StillRefused as error:
        refusal = error.answer
        raise come_back(f"{system}: {doing}: HTTP {refusal.status_code}", refusal.headers) from error
    except (requests.HTTPError, httpx.HTTPStatusError) as error:
        answer = error.response
        raise status_error(system, doing, answer.status_code, answer.headers) from error
    except (requests.RequestException, httpx.HTTPError, httpx.InvalidURL) as error:
        mapped = _transport_error(system, doing, error)
        if mapped is None:
            raise
        raise mapped from error


def status_error(system: str, doing: str, status: int, headers: Mapping[str, str], said: str = "") -> SpliceError:
    """The error that an HTTP status stands for.

    Args:
        system: name of the system.
        doing: what was tried.
        status: a status that is no success.
        headers: of the answer, for ``Retry-After``.
        said: what the source adds in words that are fit for a message, if anything.
    """
    head = f"{system}: {doing}: HTTP {status}" + (f" ({said})" if said else "")
    if status in PASSING_STATUSES or status > 500:
        return come_back(head, headers)
    if status in {401, 403, 407}:
        return ConfigurationError(f"{head}: refused; check the login and the rights of its user")
    if status in {404, 405, 410}:
        return ConfigurationError(f"{head}: nothing is there; check the address and the source object")
    if status < 400:
        return ConfigurationError(f"{head}: the source points elsewhere; check the address")
    return ConfigurationError(
        f"{head}: the source does not accept the request; check the mapping's source and options"
    )


def come_back(head: str, headers: Mapping[str, str]) -> RetryableError:
    """The error for a refusal that passes by itself, with the wait that the source asks for."""
    wait = retry_after_s(headers)
    asked = f"; the source asks to wait {wait:g} s" if wait else ""
    return RetryableError(f"{head}{asked}; try again later")


def _transport_error(system: str, doing: str, error: Exception) -> SpliceError | None:
    """The error for a failed exchange, None where the fault is ours (a stream read twice, say)."""
    if _speaks_no_trusted_tls(error):
        return ConfigurationError(
            f"{system}: {doing}: no TLS, or no trusted certificate; check the address, or set ca_bundle"
        )
    names = {cls.__name__ for cls in type(error).__mro__}
    for classes, kind, sentence in _BY_CLASS:
        if names & classes:
            return kind(f"{system}: {doing}: {sentence}")
    return None


def _speaks_no_trusted_tls(error: BaseException) -> bool:
    cut = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    chain: list[BaseException | None] = [error]
    while (link := chain[-1]) is not None and len(chain) < 10:
        if isinstance(link, ssl.SSLError):
            return not isinstance(link, cut)
        reason = getattr(link, "reason", None)
        chain.append(reason if isinstance(reason, BaseException) else link.__cause__ or link.__context__)
    return False
