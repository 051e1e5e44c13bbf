"""What an exchange that may have changed something came to: certain that nothing happened, refused, or unknown.

A read that fails is tried again. A write that fails may have happened all the same, and only what can be proved not
to have left this machine, or was turned away at the door, counts as not done.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from canonical_model.errors import ConfigurationError, OutcomeUnknown, SpliceError
from connectors.http.bounded import BoundsError
from connectors.http.errors import come_back, http_errors, status_error
from connectors.importing import IMPORTING

StatusMeaning = Literal["did", "refused", "later", "mend", "unknown"]

_REFUSED = frozenset({400, 404, 410, 422})
_LATER = frozenset({412, 425, 429})
"""412: somebody else wrote in between; the next try reads anew. The others are turned away before any work."""
_MEND = frozenset({401, 402, 403, 405, 406, 407, 411, 413, 414, 415, 417, 421, 426, 428, 431, 501, 505})

_NEVER_SENT = frozenset(
    {
        *("ConnectTimeout", "ConnectError", "PoolTimeout", "UnsupportedProtocol", "LocalProtocolError", "ProxyError"),
        *("InvalidURL", "MissingSchema", "InvalidSchema", "URLRequired", "InvalidHeader", "NewConnectionError"),
        "NameResolutionError",
    }
)
"""Classes of httpx, requests and urllib3 that are raised before a request leaves."""


def meaning_of(status: int) -> StatusMeaning:
    """What a status says about a write; 408, 409 and every 5xx leave it open whether it happened."""
    if 200 <= status < 300:
        return "did"
    if status in _REFUSED:
        return "refused"
    if status in _LATER:
        return "later"
    return "mend" if status in _MEND or 300 <= status < 400 else "unknown"


def write_status_error(
    system: str, doing: str, status: int, headers: Mapping[str, str], said: str = ""
) -> SpliceError:
    """The error that a status stands for which is neither success nor refusal; see ``status_error``."""
    head = f"{system}: {doing}: HTTP {status}" + (f" ({said})" if said else "")
    meaning = meaning_of(status)
    if meaning == "later":
        return come_back(head, headers)
    if meaning == "unknown":
        return OutcomeUnknown(f"{head}: it may have happened all the same; look before anything else")
    told = status_error(system, doing, status, headers, said)
    return told if isinstance(told, ConfigurationError) else ConfigurationError(f"{head}: check the command file")


@contextmanager
def write_errors(system: str, doing: str) -> Iterator[None]:
    """Map every error of requests and httpx that leaves a block which sends a write; the cause is kept.

    Raises:
        RetryableError, ConfigurationError: the request never left.
        OutcomeUnknown: it left, and no whole answer came.
    """
    with IMPORTING:
        import httpx  # noqa: PLC0415 - heavy, and capabilities are read without it
        import requests  # noqa: PLC0415 - as above

        from connectors.http.session import StillRefused  # noqa: PLC0415 - as above

    try:
        yield
    except BoundsError as error:
        raise OutcomeUnknown(
            f"{system}: {doing}: the answer is beyond all bounds ({error}); it may have happened all the same"
        ) from error
    except StillRefused as error:
        refusal = error.answer
        if refusal.status_code < 500 and meaning_of(refusal.status_code) != "unknown":
            raise come_back(f"{system}: {doing}: HTTP {refusal.status_code}", refusal.headers) from error
        raise write_status_error(system, doing, refusal.status_code, refusal.headers) from error
    except (requests.RequestException, httpx.HTTPError, httpx.InvalidURL) as error:
        if _never_left(error):
            with http_errors(system, doing):
                raise
        raise OutcomeUnknown(
            f"{system}: {doing}: no whole answer came ({type(error).__name__}); it may have happened all the same"
        ) from error


def _never_left(error: BaseException) -> bool:
    """Whether the error, or what it came from, is raised before a request leaves."""
    chain: list[BaseException | None] = [error]
    while (link := chain[-1]) is not None and len(chain) < 12:
        if isinstance(link, ssl.SSLCertVerificationError):
            return True
        if _NEVER_SENT & {cls.__name__ for cls in type(link).__mro__}:
            return True
        reason = getattr(link, "reason", None)
        inner = reason if isinstance(reason, BaseException) else link.__cause__ or link.__context__
        first = link.args[0] if link.args else None
        chain.append(inner or (first if isinstance(first, BaseException) else None))
    return False
