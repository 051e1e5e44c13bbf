"""An API key as a query parameter, for services that know no other way.

The parameter is put on below the client: the requests in its log and on its exceptions, and the URLs that links are
joined to, never held it. Links that a service gives back with the key in them lose it
(``link_header.without_parameter``).

Imported only when a system is opened, because httpx is heavy.
"""

import ssl
from urllib.parse import SplitResult, urlencode
from urllib.request import getproxies, proxy_bypass

import httpx


class KeyInQuery(httpx.BaseTransport):
    """Sends requests on with one more query parameter."""

    def __init__(self, inner: httpx.BaseTransport, parameter: str, key: str) -> None:
        self._inner = inner
        self._added = urlencode({parameter: key}).encode()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See ``httpx.BaseTransport``; the request itself stays as it was."""
        query = b"&".join(filter(None, (request.url.query, self._added)))
        keyed = httpx.Request(
            request.method,
            request.url.copy_with(query=query),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._inner.handle_request(keyed)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def keyed_transport(
    address: SplitResult, key: tuple[str, str], verify: ssl.SSLContext | bool, limits: httpx.Limits, trust_env: bool
) -> KeyInQuery:
    """A transport to one address with a key in the query; it heeds a proxy of the environment as a client does.

    Args:
        address: of the system.
        key: the parameter and its value.
        verify: as of ``httpx.Client``.
        limits: likewise.
        trust_env: likewise.
    """
    proxy = None
    if trust_env and not proxy_bypass(address.hostname or ""):
        known = getproxies()
        proxy = known.get(address.scheme) or known.get("all")
    return KeyInQuery(httpx.HTTPTransport(verify=verify, limits=limits, proxy=proxy, trust_env=trust_env), *key)
