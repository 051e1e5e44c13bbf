"""Salesforce: SOQL over the REST API, oldest change first, continuing behind the last record that was stored.

A query's locator is followed while it lives; where it has died, or in a later pull, the query is asked anew from the
last cursor and Id on, so that a break at any page loses nothing.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.paged_pull import Answer, Ask, paged
from connectors.patience import PATIENCE_OPTIONS
from connectors.ports import (
    Capabilities,
    Option,
    Page,
    RawRecord,
    ResumePoint,
    Sink,
    Source,
    StreamRead,
    SystemSettings,
    Writes,
)
from connectors.salesforce import soql
from connectors.salesforce.soql import QueryRefused
from connectors.settings import CA_BUNDLE, PLAIN_HTTP, checked, near

if TYPE_CHECKING:
    from connectors.salesforce.org import Org

CAPABILITIES = Capabilities(
    kind="salesforce",
    protocol="Salesforce REST API 59.0 (SOQL)",
    logins=("client_credentials", "jwt_bearer", "password"),
    incremental=True,
    deletes="soft",
    total=True,
    system_options=(
        Option("login", "client_credentials (default), jwt_bearer or password"),
        Option("client_id", "consumer key of the connected app; for client_credentials and jwt_bearer"),
        Option("username", "the integration user; for jwt_bearer and password"),
        Option("client_secret", "consumer secret; for client_credentials", secret=True),
        Option("private_key", "PEM text of the key whose certificate the connected app holds", secret=True),
        Option("password", "for login password", secret=True),
        Option("security_token", "for login password", secret=True),
        Option("api_version", "version of the REST API (default 59.0)"),
        CA_BUNDLE,
        PLAIN_HTTP,
        *PATIENCE_OPTIONS,
    ),
    writes=Writes(
        repeats=("harmless",),
        options=(Option("create", "true makes the record where no record has the external id (default false)"),),
        looks_at_what_it_wrote=True,
        key_is_field=True,
        most_records=25,
    ),
)


def open_source(settings: SystemSettings) -> Source:
    """A source over an org; the login happens with the first page.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.salesforce.org import Org  # noqa: PLC0415 - brings the library

    return SalesforceSource(Org(checked(settings, CAPABILITIES)))


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over an org; the login happens with the first write.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from connectors.salesforce.composite_upsert import CompositeUpsert  # noqa: PLC0415 - brings the library
    from connectors.salesforce.org import Org  # noqa: PLC0415 - as above

    return CompositeUpsert(settings, Org(checked(settings, CAPABILITIES), for_writes=True))


class SalesforceSource:
    """Reads one org."""

    def __init__(self, org: "Org") -> None:
        self._org = org

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages in the order of the cursor; see ``connectors.ports.Source``."""
        return paged(read, resume, _Pull(self._org, read), deleted_field="IsDeleted")

    def close(self) -> None:
        """Close the connection."""
        self._org.close()


class _Pull:
    """The questions of one pull; remembers the locator that is alive and what the org holds."""

    def __init__(self, org: "Org", read: StreamRead) -> None:
        self._org = org
        self._read = read
        self._doing = f"pull {read.source_object}"
        self._alive: tuple[Any, str] | None = None
        self._held: int | None = None

    def __call__(self, ask: Ask) -> Answer:
        """One page.

        Raises:
            ConfigurationError: the object or a field does not exist.
            UnsafeToContinue: the org says that more follows, but not behind which record.
        """
        try:
            if self._held is None:
                self._held = self._org.query(soql.count(self._read), self._doing, deleted_too=False, size=ask.size)[
                    "totalSize"
                ]
            told = self._more(ask) or self._anew(ask)
        except QueryRefused as refusal:
            raise self._explained(refusal) from refusal
        records = [_plain(record) for record in told["records"]]
        matching = ask.position["matching"] if ask.position else told["totalSize"]
        following = None if told["done"] else self._following(records, matching)
        self._alive = None if told["done"] else (following, str(told.get("nextRecordsUrl") or ""))
        return Answer(records, following, matching, self._held)

    def _more(self, ask: Ask) -> dict[str, Any] | None:
        if self._alive is None or not self._alive[1] or self._alive[0] != ask.position:
            return None
        try:
            return self._org.more(self._alive[1], self._doing)
        except QueryRefused as refusal:
            if refusal.code != "INVALID_QUERY_LOCATOR":
                raise
            return None

    def _anew(self, ask: Ask) -> dict[str, Any]:
        after = (ask.position["cursor"], ask.position["id"]) if ask.position else None
        text = soql.select(self._read, None if ask.since is None else str(ask.since), after)
        return self._org.query(text, self._doing, deleted_too=True, size=ask.size)

    def _following(self, records: list[RawRecord], matching: int) -> dict[str, Any]:
        if not records:
            raise UnsafeToContinue(
                f"{self._read.stream}: {self._read.source_object} gave an empty page in the middle"
            )
        cursor = records[-1].get(self._read.cursor_field) if self._read.cursor_field else None
        return {"cursor": cursor, "id": records[-1]["Id"], "matching": matching}

    def _explained(self, refusal: QueryRefused) -> ConfigurationError:
        name, stream = self._read.source_object, self._read.stream
        if refusal.code == "INVALID_TYPE":
            return ConfigurationError(f"{stream}: object {name} does not exist{near(name, self._org.objects())}")
        if refusal.code == "INVALID_FIELD":
            known = self._org.fields(name)
            if gone := [field for field in soql.selected(self._read) if field.split(".")[0] not in known]:
                wants = "; ".join(f"{field} does not exist{near(field.split('.')[0], known)}" for field in gone)
                return ConfigurationError(f"{stream}: fields of {name}: {wants}")
        return ConfigurationError(f"{stream}: {name}: {refusal.code}: {refusal.said}; check the mapping")


def _plain(record: RawRecord) -> RawRecord:
    """A record without the API's own ``attributes``, in parents too."""
    return {
        name: _plain(value) if isinstance(value, dict) else value
        for name, value in record.items()
        if name != "attributes"
    }
