"""Real client libraries pointed at a running estate."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import requests
import zeep
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from simulated_estate.servers.serve import RunningEstate

WAIT_S = 60
_opened: list[Callable[[], None]] = []


def close_clients() -> None:
    """Close every connection that a test opened."""
    while _opened:
        _opened.pop()()


class Loopback(HTTPAdapter):
    """Sends what is meant for https://*.salesforce.com to the simulated org."""

    def __init__(self, address: str) -> None:
        self._target = urlsplit(address)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        request.url = urlunsplit((self._target.scheme, self._target.netloc, url.path, url.query, ""))
        options["timeout"] = options.get("timeout") or WAIT_S
        return super().send(request, *args, **options)


def plain_session(address: str = "") -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    _opened.append(session.close)
    if address:
        session.mount("https://", Loopback(address))
    return session


def org(estate: RunningEstate) -> Salesforce:
    known = estate.credentials["crm"]
    return Salesforce(
        consumer_key=known["consumer_key"],
        consumer_secret=known["consumer_secret"],
        domain="lumen-valley.my",
        session=plain_session(estate.addresses["crm"]),
    )


def billing(estate: RunningEstate, *, digest: bool = False, password: str | None = None) -> Any:
    known = estate.credentials["billing"]
    return zeep.Client(
        estate.addresses["billing"] + "?wsdl",
        wsse=UsernameToken(known["username"], password or known["password"], use_digest=digest),
        transport=Transport(session=plain_session(), operation_timeout=WAIT_S),
    )


def billing_rows(client: Any, operation: str, row: str, size: int, **arguments: Any) -> list[Any]:
    """All rows of a list operation, page by page."""
    rows: list[Any] = []
    token: str | None = None
    while True:
        paging = {"pageToken": token} if token else {}
        page = client.service[operation](pageSize=size, **paging, **arguments)
        rows += page[row]
        token = page.nextPageToken
        if not token:
            return rows


def fault_of(client: Any, operation: str, **arguments: Any) -> tuple[str, str, list[Any]]:
    """Code, message and decoded details of the fault that a call ends in."""
    try:
        client.service[operation](**arguments)
    except zeep.exceptions.Fault as fault:
        details = [] if fault.detail is None else [client.wsdl.types.deserialize(node) for node in fault.detail]
        return fault.code, fault.message, details
    raise AssertionError(f"{operation} did not end in a fault")


def field_service(estate: RunningEstate) -> httpx.Client:
    client = stranger(estate)
    client.headers["X-Api-Key"] = estate.credentials["field_service"]["api_key"]
    return client


def stranger(estate: RunningEstate) -> httpx.Client:
    """A client of the field service that nobody has let in."""
    client = httpx.Client(base_url=estate.addresses["field_service"], trust_env=False, timeout=WAIT_S)
    _opened.append(client.close)
    return client


def field_pages(client: httpx.Client, path: str, **parameters: Any) -> Iterator[list[dict[str, Any]]]:
    cursor: str | None = None
    while True:
        paging = {"cursor": cursor} if cursor else {}
        answer = client.get(f"/api/v2/{path}", params={**parameters, **paging}).raise_for_status().json()
        yield answer["data"]
        cursor = answer["next"]
        if cursor is None:
            return


def field_rows(client: httpx.Client, path: str, **parameters: Any) -> list[dict[str, Any]]:
    return [row for page in field_pages(client, path, **parameters) for row in page]


def walk(
    estate: RunningEstate,
    element: str,
    root: str = "1.3.6.1",
    *,
    v3: bool = False,
    timeout: float = 2.0,
    retries: int = 3,
    repetitions: int = 25,
    **login: str,
) -> dict[str, Any]:
    """Everything under an OID by pysnmp's GETBULK: OID -> value; an empty v3 key asks without it.

    Raises:
        TimeoutError: the agent is silent.
        PermissionError: it refuses the user.
    """
    known = {**estate.credentials["network"], **login}
    return asyncio.run(_walk(estate.addresses[element], root, known, v3, (timeout, retries, repetitions)))


async def _walk(
    address: str, root: str, known: dict[str, str], v3: bool, patience: tuple[float, int, int]
) -> dict[str, Any]:
    from pysnmp.hlapi.v3arch import asyncio as snmp

    timeout, retries, repetitions = patience
    host, port = address.split(":")
    target = await snmp.UdpTransportTarget.create((host, int(port)), timeout=timeout, retries=retries)
    auth = (
        snmp.UsmUserData(
            known["v3_user"],
            known["v3_auth_key"] or None,
            known["v3_priv_key"] or None,
            authProtocol=snmp.usmHMACSHAAuthProtocol if known["v3_auth_key"] else snmp.usmNoAuthProtocol,
            privProtocol=snmp.usmAesCfb128Protocol if known["v3_priv_key"] else snmp.usmNoPrivProtocol,
        )
        if v3
        else snmp.CommunityData(known["community"], mpModel=1)  # noqa: S508 - elements of this age speak v2c
    )
    engine = snmp.SnmpEngine()
    found: dict[str, Any] = {}
    try:
        walking = snmp.bulk_walk_cmd(
            engine,
            auth,
            target,
            snmp.ContextData(),
            0,
            repetitions,
            snmp.ObjectType(snmp.ObjectIdentity(root)),
            lookupMib=False,
            lexicographicMode=False,
        )
        async for error, status, _, bindings in walking:
            if error or status:
                refused = type(error).__name__ != "RequestTimedOut"
                raise (PermissionError if refused else TimeoutError)(str(error or status.prettyPrint()))
            found |= {str(oid): value for oid, value in bindings}
    finally:
        engine.close_dispatcher()
    return found
