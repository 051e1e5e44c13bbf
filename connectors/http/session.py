"""A session of requests with what simple-salesforce and zeep leave out: time-outs and bounded retries.

Imported only when a system is opened, because requests is heavy.
"""

import ssl
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests
from requests.adapters import DEFAULT_POOLSIZE, HTTPAdapter
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError, SSLError

from connectors.http.bounded import gathered
from connectors.patience import Patience, patiently
from connectors.settings import is_loopback


class StillRefused(requests.RequestException):
    """The source kept refusing in a way that passes by itself; ``answer`` is its last word."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(f"HTTP {answer.status_code}", response=answer)
        self.answer = answer


class ConnectionCut(requests.ConnectionError):
    """The connection was refused or cut, and not by a time-out: asking again costs little."""


CUT = (requests.exceptions.ChunkedEncodingError, ConnectionCut)
"""Errors after which the same question may be asked again at once."""


PIECE_BYTES = 1 << 16
"""Octets of a download that are held at a time."""


class PatientSession(requests.Session):
    """Requests that end in bounded time.

    Args:
        host: the system's own address; a session to this machine heeds no proxy of the environment.
        timeout_s: seconds to wait for a connection, and for each piece of an answer.
        patience: bounds of the retries; one attempt where writes go through the session.
        passing: whether an answer is a refusal that passes by itself.
        only_host: send everything to ``host``, whatever host the library builds a URL for.
        ca_bundle: file of certificates to trust; wins over ``REQUESTS_CA_BUNDLE``.
        fresh: open a connection for each request, as a write needs it: one that lay idle may be cut by the other side
            just when it is used, and then nobody knows whether the request arrived.
        tls: what is shown and trusted; None for what the machine trusts.
        most_bytes: bound of an answer that is held in memory; None for no bound.
    """

    def __init__(
        self,
        host: SplitResult,
        *,
        timeout_s: float,
        patience: Patience,
        passing: Callable[[requests.Response], bool],
        only_host: bool = False,
        ca_bundle: str | None = None,
        fresh: bool = False,
        tls: ssl.SSLContext | None = None,
        most_bytes: int | None = None,
    ) -> None:
        super().__init__()
        self.auth = _as_it_is  # else requests puts a login of ~/.netrc over the one that was set
        self.trust_env = not is_loopback(host.hostname or "")
        self._host = host
        self._timeout_s = timeout_s
        self._patience = patience
        self._passing = passing
        self._only_host = only_host
        self._ca_bundle = ca_bundle
        self._fresh = fresh
        self._most_bytes = most_bytes
        places = 1 if fresh else DEFAULT_POOLSIZE  # a pool is made with each of its places, and here for each request
        self.mount("http://", HTTPAdapter(pool_maxsize=places))
        self.mount("https://", HTTPAdapter(pool_maxsize=places) if tls is None else _OwnTls(tls, places))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, patiently.

        Raises:
            StillRefused: the last answer still was a passing refusal.
            requests.RequestException: the exchange failed.
            TooLargeError, TooSlowError: the answer is beyond its bounds.
        """
        return self._patiently(method, url if isinstance(url, str) else url.decode(), *args, **kwargs)

    def download(self, url: str, into: BinaryIO, **kwargs: Any) -> requests.Response:
        """Get a body into an empty file, patiently and in pieces; a body that breaks off is fetched anew.

        Returns:
            The answer, its body in the file; that of a refusal is in the answer too.

        Raises:
            StillRefused: the last answer still was a passing refusal.
            requests.RequestException: the exchange failed.
        """
        return self._patiently("GET", url, into=into, stream=True, **kwargs)

    def _patiently(self, method: str | bytes, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        target = self._target(url)
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._timeout_s
        kwargs["allow_redirects"] = False  # a redirected POST would carry the login to wherever it points
        if self._ca_bundle is not None:
            kwargs["verify"] = self._ca_bundle  # only a request's own setting wins over the environment
        answer = patiently(
            lambda: self._once(method, target, *args, **kwargs),
            self._patience,
            passing=self._passing,
            broken=CUT,
        )
        if self._passing(answer):
            raise StillRefused(answer)
        return answer

    def _once(
        self, method: str | bytes, url: str, *args: Any, into: BinaryIO | None = None, **kwargs: Any
    ) -> requests.Response:
        if self._fresh:
            for adapter in self.adapters.values():
                adapter.close()
        is_held = into is None and self._most_bytes is not None
        try:
            answer = super().request(
                method, url, *args, **{**kwargs, "stream": is_held or kwargs.get("stream", False)}
            )
            if is_held:
                self._hold(answer)
            return answer if into is None else _filled(into, answer)
        except (requests.Timeout, requests.exceptions.SSLError, requests.exceptions.ProxyError):
            raise
        except requests.ConnectionError as error:
            if error.args and isinstance(error.args[0], ReadTimeoutError):
                raise requests.ReadTimeout("the body stalled") from error
            raise ConnectionCut("refused or cut") from error

    def _hold(self, answer: requests.Response) -> None:
        """Read the body to its bound, as ``content`` would do it without one."""
        try:
            body = gathered(_as_they_come(answer), self._most_bytes or 0, self._timeout_s)
            answer._content = body  # noqa: SLF001 - see above
        except BaseException:
            answer.close()
            raise

    def _target(self, url: str) -> str:
        if not self._only_host:
            return url
        asked = urlsplit(url)
        return urlunsplit((self._host.scheme, self._host.netloc, asked.path, asked.query, ""))


class _OwnTls(HTTPAdapter):
    """Connections with a TLS context of our own."""

    def __init__(self, context: ssl.SSLContext, places: int) -> None:
        self._context = context
        super().__init__(pool_maxsize=places)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, **kwargs, ssl_context=self._context)


def _as_they_come(answer: requests.Response) -> Iterator[bytes]:
    """The pieces of a body, unpacked, each when it has come; ``iter_content`` would wait until one is full."""
    try:
        while piece := answer.raw.read1(PIECE_BYTES, decode_content=True):
            yield piece
    except ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    except DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except ReadTimeoutError as error:
        raise requests.ReadTimeout("the body stalled") from error
    except SSLError as error:
        raise requests.exceptions.SSLError(error) from error


def _filled(file: BinaryIO, answer: requests.Response) -> requests.Response:
    file.seek(0)
    file.truncate()
    for piece in answer.iter_content(PIECE_BYTES) if answer.ok else (answer.content,):
        file.write(piece)
    return answer


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
