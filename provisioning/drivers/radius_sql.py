"""AAA servers that keep subscribers in the SQL tables of FreeRADIUS (radusergroup, radreply, radacct).

A subscriber is a member of one group, which carries the attributes of a tier, and may have attributes of its own.
What changes counts from the next login on; a session that is open is told by an order to the access equipment
(RFC 5176), and what became of it shows in the accounting.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from connectors.ports import Option, Part, SystemSettings, Write
from connectors.radius.order_sink import RadiusSink
from provisioning.change import Change
from provisioning.driver import DriverCapabilities, ElementSettings, NetworkDriver
from provisioning.line import Condition, FoundDevice, Line, Observation, Setting
from storage.faults import driver_faults

CAPABILITIES = DriverCapabilities(
    kind="radius_sql",
    protocol="SQL tables of FreeRADIUS on SQLite or PostgreSQL; Disconnect (RFC 5176) for sessions that are open",
    layer="aaa",
    technologies=("pon", "active_ethernet", "fixed_wireless"),
    evidence=("aaa_session",),
    options=(
        Option("orders_to", "host:port of the access equipment that ends open sessions; none are ended without it"),
        Option("shared_secret", "that orders are signed with", secret=True),
        Option("password", "of the database, where its address has none", secret=True),
    ),
)

GROUP = "group"
_LONGEST = 253
_NO_SUCH_SESSION = "503"
"""Error-Cause Session-Context-Not-Found (RFC 5176, 3.5): it had ended already."""
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def open_driver(settings: ElementSettings) -> NetworkDriver:
    """Open the tables; no connection is made yet.

    Raises:
        ConfigurationError: the address is no SQLite or PostgreSQL database, or a setting is missing.
    """
    return RadiusTables(settings)


class RadiusTables:
    """The tables of one AAA server, and the access equipment that its sessions are on."""

    def __init__(self, settings: ElementSettings) -> None:
        self._name = settings.name
        self._engine = _engine(settings)
        self._orders = _orders(settings)

    def discover(self) -> Sequence[FoundDevice]:
        """AAA sees no terminals."""
        return ()

    def observe(self, line: Line) -> Observation:
        """Group and attributes of a subscriber, and since when a session is open."""
        with self._transaction() as connection:
            settings, since = _held(connection, line.username), _in_session_since(connection, line.username)
        return Observation(settings, Condition(session_since=since, session_tells=True))

    def apply(self, change: Change) -> None:
        """Write group and attributes in one transaction, then end a session that is open."""
        user, after = change.line.username, change.after
        with self._transaction() as connection:
            self._refuse_several(connection, user, after)
            if after is None:
                _forget(connection, user)
            else:
                self._check(connection, after)
                _write(connection, user, after)
            is_open = _in_session_since(connection, user) is not None
        if is_open and self._orders is not None:
            self._end_session(self._orders, user)

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    def _refuse_several(self, connection: Connection, user: str, after: dict[str, Setting | None] | None) -> None:
        """What somebody has written in several rows could not be brought back as one."""
        query = text("SELECT attribute FROM radreply WHERE username = :user GROUP BY attribute HAVING count(*) > 1")
        several = connection.execute(query, {"user": user}).scalars().all()
        touched = sorted(name for name in several if after is None or name in after)
        if touched:
            raise UnsafeToContinue(
                f"{self._name}: {user} has several rows of {', '.join(touched)} in radreply, which are not ours: "
                "take them away, or put them into a group"
            )

    def _check(self, connection: Connection, after: dict[str, Setting | None]) -> None:
        group = after.get(GROUP)
        tables = ("radgroupreply", "radgroupcheck")
        known = any(
            connection.execute(text(f"SELECT 1 FROM {table} WHERE groupname = :group"), {"group": group}).first()  # noqa: S608
            for table in tables
        )
        if not known:
            raise UnsafeToContinue(f"{self._name} has no group {group}: add it, or mend aaa_group in network.yaml")
        long = [name for name, value in after.items() if len(str(value)) > _LONGEST]
        if long:
            raise UnsafeToContinue(f"{self._name} holds {_LONGEST} characters of an attribute: {', '.join(long)}")

    def _end_session(self, orders: RadiusSink, user: str) -> None:
        part = Part("disconnect", {"User-Name": user}, {})
        write = Write("end_session", user, "harmless", (part,))
        left = f"{self._name}: the tables are written, an open session was not ended"
        try:
            receipt = orders.send(write)
        except (RetryableError, ConfigurationError, OutcomeUnknown) as error:
            raise OutcomeUnknown(f"{left}: {error}") from error
        if receipt.is_refusal and _NO_SUCH_SESSION not in receipt.said:
            raise OutcomeUnknown(f"{left}: {receipt.said}")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with driver_faults(self._name), self._engine.begin() as connection:
            yield connection


def _engine(settings: ElementSettings) -> Engine:
    try:
        url = make_url(settings.address)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"{settings.name}: sqlite:///FILE or postgresql://USER@HOST/NAME is expected"
        ) from None
    name = url.get_backend_name()
    if name not in _DRIVERS:
        raise ConfigurationError(f"{settings.name}: radius_sql knows SQLite and PostgreSQL, not {name}")
    if "password" in settings.secrets:
        url = url.set(password=settings.secrets["password"].get_secret_value())
    seconds = settings.timeout_s
    waits = f"-c lock_timeout={int(seconds * 1000)}"  # a table that somebody holds would be waited for without end
    known: dict[str, dict[str, Any]] = {
        "sqlite": {"timeout": seconds},
        "postgresql": {"connect_timeout": max(2, int(seconds)), "options": waits},
    }
    return create_engine(url.set(drivername=_DRIVERS[name]), connect_args=known[name], hide_parameters=True)


def _orders(settings: ElementSettings) -> RadiusSink | None:
    if "orders_to" not in settings.options:
        return None
    if "shared_secret" not in settings.secrets:
        raise ConfigurationError(f"{settings.name}: orders_to goes with the secret shared_secret")
    equipment = SystemSettings(
        name=settings.name,
        kind="radius",
        address=settings.options["orders_to"],
        secrets={"shared_secret": settings.secrets["shared_secret"]},
        timeout_s=settings.timeout_s,
    )
    return RadiusSink(equipment, ())


def _held(connection: Connection, user: str) -> dict[str, Setting] | None:
    named = {"user": user}
    groups = text("SELECT groupname FROM radusergroup WHERE username = :user ORDER BY priority, id")
    group = connection.execute(groups, named).scalars().first()
    if group is None:
        return None
    replies = text("SELECT attribute, value FROM radreply WHERE username = :user ORDER BY id")
    own = {row.attribute: row.value for row in connection.execute(replies, named)}
    return {**own, GROUP: group}


def _write(connection: Connection, user: str, after: dict[str, Setting | None]) -> None:
    named = {"user": user}
    _write_group(connection, {**named, "group": after[GROUP]})
    for attribute, value in after.items():
        if attribute == GROUP:
            continue
        given = {**named, "attribute": attribute}
        connection.execute(text("DELETE FROM radreply WHERE username = :user AND attribute = :attribute"), given)
        if value is not None:
            connection.execute(
                text(
                    "INSERT INTO radreply (username, attribute, op, value) VALUES (:user, :attribute, ':=', :value)"
                ),
                {**given, "value": str(value)},
            )


def _write_group(connection: Connection, named: dict[str, Any]) -> None:
    """Give the first group another name; those behind it are somebody else's and stay."""
    first = text("SELECT id, groupname FROM radusergroup WHERE username = :user ORDER BY priority, id LIMIT 1")
    held = connection.execute(first, named).one_or_none()
    if held is None:
        add = "INSERT INTO radusergroup (username, groupname, priority) VALUES (:user, :group, 1)"
        connection.execute(text(add), named)
    elif held.groupname != named["group"]:
        rename = "UPDATE radusergroup SET groupname = :group WHERE id = :id"
        connection.execute(text(rename), {**named, "id": held.id})


def _forget(connection: Connection, user: str) -> None:
    for table in ("radusergroup", "radreply"):
        connection.execute(text(f"DELETE FROM {table} WHERE username = :user"), {"user": user})  # noqa: S608


def _in_session_since(connection: Connection, user: str) -> datetime | None:
    query = text("SELECT max(acctstarttime) FROM radacct WHERE username = :user AND acctstoptime IS NULL")
    return _moment(connection.execute(query, {"user": user}).scalar_one())


def _moment(told: Any) -> datetime | None:
    """A moment as the server keeps it: seconds since 1970 or ISO text in SQLite, with a zone in PostgreSQL."""
    if told is None:
        return None
    if isinstance(told, int | float) or str(told).isdigit():
        return datetime.fromtimestamp(int(told), UTC)
    moment = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
