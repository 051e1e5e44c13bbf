"""The whole estate on loopback: one call starts it, leaving the block stops it.

Addresses (``RunningEstate.addresses``)
    ``crm``            ``http://127.0.0.1:PORT``, the org's login and instance address
    ``billing``        ``http://127.0.0.1:PORT/billing``, the SOAP endpoint; ``?wsdl`` after it gives the WSDL
    ``field_service``  ``http://127.0.0.1:PORT``
    ``target_billing`` ``http://127.0.0.1:PORT``
    element names      ``127.0.0.1:PORT``, UDP
    access equipment   ``127.0.0.1:PORT``, UDP, for orders

Credentials (``RunningEstate.credentials``), the same in every estate since it lives on loopback only
    ``crm``            consumer_key, consumer_secret, username, password, security_token
    ``billing``        username, password
    ``field_service``  client_id, client_secret, api_key, webhook_secret
    ``target_billing`` api_key
    ``network``        community, write_community, v3_user, v3_writer, v3_auth_key (SHA-1), v3_priv_key (AES-128)
    ``access``         shared_secret
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from socket import socket
from typing import Any

from starlette.applications import Starlette

from simulated_estate.books import Books, Row, SessionRow
from simulated_estate.faults.http import HttpFaults, Wording
from simulated_estate.faults.point import FaultPoint
from simulated_estate.faults.spec import Faults, parse_faults
from simulated_estate.faults.wordings import billing_wording, crm_wording, field_service_wording
from simulated_estate.servers.access_server import AccessServer, AccessServers
from simulated_estate.servers.billing_soap import BillingSystem
from simulated_estate.servers.field_service_access import AccessTokens
from simulated_estate.servers.field_service_rest import FieldService
from simulated_estate.servers.field_service_webhook import Delivery, send_changes
from simulated_estate.servers.http_thread import HttpThread
from simulated_estate.servers.loop_thread import LoopThread
from simulated_estate.servers.loopback import port_of, tcp_socket, udp_socket
from simulated_estate.servers.network_events import NetworkEvents
from simulated_estate.servers.relay import IsWrite, Relay, orders_billing
from simulated_estate.servers.salesforce.org import SMALLEST_PAGE, SalesforceOrg
from simulated_estate.servers.salesforce.sessions import OrgCredentials
from simulated_estate.servers.snmp_agents import SnmpAgents, SnmpCredentials
from simulated_estate.servers.target_billing_rest import TargetBilling
from simulated_estate.servers.write_log import WriteLog

CREDENTIALS: dict[str, dict[str, str]] = {
    "crm": asdict(
        OrgCredentials(
            consumer_key="3MVG9.lumen-valley.hub",
            consumer_secret="crm-client-secret",
            username="hub@lumen-valley.example",
            password="crm-user-password",
            security_token="crmTOKEN",
        )
    ),
    "billing": {"username": "hub", "password": "billing-password"},
    "field_service": {
        "client_id": "hub",
        "client_secret": "field-service-secret",
        "api_key": "field-service-api-key",
        "webhook_secret": "field-service-webhook-secret",
    },
    "target_billing": {"api_key": "target-billing-api-key"},
    "network": asdict(
        SnmpCredentials(
            community="lumen-ro",
            write_community="lumen-rw",
            v3_user="hub",
            v3_writer="hub-writer",
            v3_auth_key="network-auth-key",
            v3_priv_key="network-priv-key",
        )
    ),
    "access": {"shared_secret": "access-shared-secret"},
}
_FAULT_NAMES = {"crm": "crm", "billing": "billing", "field_service": "fsm", "target_billing": "newbill"}
_WORDINGS: dict[str, Wording] = {
    "crm": crm_wording,
    "billing": billing_wording,
    "field_service": field_service_wording,
    "target_billing": field_service_wording,
}


def _wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Systems:
    """The systems that are reached over HTTP."""

    org: SalesforceOrg
    billing: BillingSystem
    field_service: FieldService
    target_billing: TargetBilling

    def applications(self) -> dict[str, Starlette]:
        """The web application of each, by the names of ``RunningEstate.addresses``."""
        return {
            "crm": self.org.application,
            "billing": self.billing.application,
            "field_service": self.field_service.application,
            "target_billing": self.target_billing.application,
        }


class RunningEstate:
    """All systems over one set of books; rows may be changed, added or removed while it runs.

    A changed row should get a later stamp (``SystemModstamp``, ``modified``, ``updated_at``), as real systems do it.

    Attributes:
        books: the rows, read anew for each request.
        addresses: where each system and element is reached.
        credentials: whom each system lets in.
        write_log: what was changed over the wire.
        access_servers: access equipment by its name.
        network_events: what happens to devices while the estate runs.
    """

    def __init__(
        self,
        books: Books,
        addresses: dict[str, str],
        points: dict[str, FaultPoint],
        systems: _Systems,
        relays: "_Relays",
        write_log: WriteLog,
        access: AccessServers,
        network_events: NetworkEvents,
    ) -> None:
        self.network_events = network_events
        self.books = books
        self.write_log = write_log
        self.access_servers: Mapping[str, AccessServer] = access.by_name
        self._access = access
        self.addresses = addresses
        self.credentials = {name: dict(known) for name, known in CREDENTIALS.items()}
        self._points = points
        self._systems = systems
        self._relays = relays

    def set_faults(self, spec: str) -> None:
        """Replace all faults by those of a fault string; an empty one mends everything.

        Raises:
            ValueError: the string is wrong; nothing has changed then.
        """
        plan = parse_faults(spec, tuple(self.books.network), tuple(self.books.sessions))
        for name, point in self._points.items():
            point.faults = plan.get(name, Faults())
        self._relays.apply()

    def send_changes(self, feed: str, rows: Iterable[Row], address: str, **options: Any) -> Delivery:
        """Let the field service send rows of a feed to a webhook (``field_service_webhook.send_changes``)."""
        secret = self.credentials["field_service"]["webhook_secret"]
        return send_changes(feed, rows, address, secret, self._points["fsm"], **options)

    def trust_certificate(self, certificate: str) -> None:
        """Let the CRM accept logins by JWT that are signed with the key of a certificate (public key, PEM)."""
        self._systems.org.sessions.trust(certificate)

    def account_for(self, name: str, status: str, session: SessionRow) -> None:
        """Let access equipment tell of a session by itself: Start, Interim-Update or Stop."""
        self._access.account_for(name, status, session)

    def expire_sessions(self) -> None:
        """End every session of the CRM and every token of the field service."""
        self._systems.org.sessions.expire_all()
        self._systems.field_service.access.expire_all()


class _Relays:
    """The relays before the HTTP servers, all in one thread."""

    def __init__(self) -> None:
        self._loop = LoopThread("estate-relay")
        self._relays: list[Relay] = []

    def start(self) -> None:
        self._loop.start()

    def add(self, bound: socket, server: HttpThread, point: FaultPoint, is_write: IsWrite | None) -> None:
        relay = Relay(bound, server.port, point, is_write)
        self._relays.append(relay)
        self._loop.run(relay.apply())

    def apply(self) -> None:
        """Let each relay look at its faults again."""
        for relay in self._relays:
            self._loop.run(relay.apply())

    def stop(self) -> None:
        for relay in self._relays:
            self._loop.run(relay.close())
        self._loop.stop()


@contextmanager
def serve_estate(
    books: Books,
    ports: Mapping[str, int] | None = None,
    faults: str = "",
    seed: int = 0,
    smallest_page: int = SMALLEST_PAGE,
    clock: Callable[[], datetime] = _wall_clock,
) -> Iterator[RunningEstate]:
    """Serve books as all their systems until the block is left.

    Args:
        books: the rows, read anew for each request.
        ports: wanted ports by the names of ``addresses``; 0 or no entry takes a free one.
        faults: a fault string (``simulated_estate.faults.spec``).
        seed: makes the faults repeatable.
        smallest_page: the smallest ``batchSize`` the org grants; 200 in a real one, less for small tests.
        clock: what the systems stamp changes with, and judge the age of a UsernameToken by.

    Raises:
        ValueError: the fault string is wrong, or an element's name tells no vendor.
        OSError: a wanted port is taken.
        RuntimeError: a server did not come up.
    """
    elements, wanted = tuple(books.network), ports or {}
    plan = parse_faults(faults, elements, tuple(books.sessions))
    targets = (*_FAULT_NAMES.values(), *elements, *books.sessions)
    points = {name: FaultPoint(name, plan.get(name), seed) for name in targets}
    with ExitStack() as stack:
        tcp = {name: stack.enter_context(tcp_socket(wanted.get(name, 0))) for name in _FAULT_NAMES}
        udp = {name: stack.enter_context(udp_socket(wanted.get(name, 0))) for name in (*elements, *books.sessions)}
        addresses = {name: f"http://127.0.0.1:{port_of(bound)}" for name, bound in tcp.items()}
        addresses |= {name: f"127.0.0.1:{port_of(bound)}" for name, bound in udp.items()}
        addresses["billing"] += "/billing"
        log = WriteLog()
        agents = SnmpAgents(
            books, SnmpCredentials(**CREDENTIALS["network"]), points, {name: udp[name] for name in elements}, log
        )
        stack.callback(agents.stop)
        agents.start()
        access = _access_servers(books, points, udp, clock, log)
        stack.callback(access.stop)
        access.start()
        systems = _systems(books, points, addresses, smallest_page, clock, log)
        relays = _Relays()
        servers = {
            name: HttpThread(name, HttpFaults(application, points[_FAULT_NAMES[name]], _WORDINGS[name]))
            for name, application in systems.applications().items()
        }
        for server in servers.values():
            stack.callback(server.stop)
            server.start()
        for server in servers.values():
            stack.callback(server.ask_to_stop)
        stack.callback(relays.stop)
        relays.start()
        for name, server in servers.items():
            relays.add(tcp[name], server, points[_FAULT_NAMES[name]], orders_billing if name == "billing" else None)
        happening = NetworkEvents(books, agents, CREDENTIALS["network"]["community"], clock, elements)
        yield RunningEstate(books, addresses, points, systems, relays, log, access, happening)


def _access_servers(
    books: Books,
    points: Mapping[str, FaultPoint],
    sockets: Mapping[str, socket],
    clock: Callable[[], datetime],
    log: WriteLog,
) -> AccessServers:
    known = CREDENTIALS["access"]["shared_secret"]
    servers = {
        name: AccessServer(name, sessions, known, points[name], clock, log)
        for name, sessions in books.sessions.items()
    }
    return AccessServers(servers, {name: sockets[name] for name in servers})


def _systems(
    books: Books,
    points: Mapping[str, FaultPoint],
    addresses: Mapping[str, str],
    smallest_page: int,
    clock: Callable[[], datetime],
    log: WriteLog,
) -> _Systems:
    org_users = OrgCredentials(**CREDENTIALS["crm"])
    billing_user = CREDENTIALS["billing"]
    field_users = {name: CREDENTIALS["field_service"][name] for name in ("client_id", "client_secret", "api_key")}
    access = AccessTokens(**field_users, lifetime=lambda: points["fsm"].faults.expire_session)
    return _Systems(
        SalesforceOrg(books.crm, org_users, points["crm"], addresses["crm"], smallest_page, clock, log),
        BillingSystem(
            books.billing, **billing_user, point=points["billing"], address=addresses["billing"], clock=clock, log=log
        ),
        FieldService(books.field_service, access, points["fsm"], clock, log),
        TargetBilling(books.target_billing, **CREDENTIALS["target_billing"], point=points["newbill"]),
    )
