"""Salesforce: SOQL over the REST API or as jobs of the Bulk API 2.0, whichever suits what has changed.

REST gives the oldest change first and continues behind the last record that was stored; a job's result is read page
by page. Between pulls a stream remembers the object's fields, so that a change of them is told, and when all keys
were last seen: records that are gone without a mark are found by a sweep.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.importing import IMPORTING
from connectors.paged_pull import key_of, paged
from connectors.patience import PATIENCE_OPTIONS
from connectors.ports import (
    Capabilities,
    Option,
    Page,
    ResumePoint,
    Sink,
    Source,
    StreamRead,
    SystemSettings,
    Writes,
)
from connectors.probing import Probe
from connectors.salesforce import memory, soql
from connectors.salesforce.memory import Memory
from connectors.salesforce.object_description import changes
from connectors.salesforce.pull import Pull
from connectors.salesforce.stream_options import STREAM_OPTIONS, StreamOptions, read_options
from connectors.settings import CA_BUNDLE, PLAIN_HTTP, checked, stream_options

if TYPE_CHECKING:
    from connectors.salesforce.org import Org

CAPABILITIES = Capabilities(
    kind="salesforce",
    protocol="Salesforce REST API and Bulk API 2.0, version 59.0 (SOQL)",
    logins=("client_credentials", "jwt_bearer", "password", "oauth_password", "trusted_address", "session_id"),
    incremental=True,
    deletes="soft",
    total=True,
    system_options=(
        Option(
            "login",
            "client_credentials (default), jwt_bearer, password (with its security token), oauth_password (password "
            "through a connected app), trusted_address (password, from an address that the org trusts) or session_id",
        ),
        Option("client_id", "consumer key of the connected app; for client_credentials, jwt_bearer, oauth_password"),
        Option("username", "the integration user; for all logins but client_credentials and session_id"),
        Option("organization_id", "Id of the org; for trusted_address"),
        Option("client_secret", "consumer secret; for client_credentials and oauth_password", secret=True),
        Option("private_key", "PEM text of the key whose certificate the connected app holds", secret=True),
        Option("password", "for password, oauth_password and trusted_address", secret=True),
        Option("security_token", "for login password", secret=True),
        Option("session_id", "a session that somebody opened; it cannot be renewed", secret=True),
        Option("api_version", "version of the REST API (default 59.0)"),
        Option("reserve_percent", "share of the org's daily API calls that is left to others (default 10)"),
        CA_BUNDLE,
        PLAIN_HTTP,
        *PATIENCE_OPTIONS,
    ),
    stream_options=STREAM_OPTIONS,
    writes=Writes(
        repeats=("harmless",),
        options=(Option("create", "true makes the record where no record has the external id (default false)"),),
        looks_at_what_it_wrote=True,
        key="field",
        most_records=25,
    ),
)
SWEEP_PAGE = 10_000
"""Keys in a page of a sweep."""


def open_source(settings: SystemSettings) -> Source:
    """A source over an org; the login happens with the first page.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.salesforce.org import Org  # noqa: PLC0415 - brings the library

    return SalesforceSource(settings, Org(checked(settings, CAPABILITIES)))


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over an org; the login happens with the first write.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.salesforce.composite_upsert import CompositeUpsert  # noqa: PLC0415 - brings the library
        from connectors.salesforce.org import Org  # noqa: PLC0415 - as above

    return CompositeUpsert(settings, Org(checked(settings, CAPABILITIES), for_writes=True))


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in an org; the login happens with the first question.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.salesforce.org import Org  # noqa: PLC0415 - brings the library
        from connectors.salesforce.probe import SalesforceProbe  # noqa: PLC0415 - as above

    return SalesforceProbe(open_source(settings), Org(checked(settings, CAPABILITIES)))


class SalesforceSource:
    """Reads one org."""

    def __init__(self, settings: SystemSettings, org: "Org") -> None:
        self._settings = settings
        self._org = org

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages in the order of the cursor, or of a job's result; see ``connectors.ports.Source``."""
        options = read_options(read, stream_options(self._settings, read, CAPABILITIES))
        position, before = memory.split(resume)
        pull = Pull(self._org, read, options)
        is_first = True
        with closing(pull):
            for page in paged(read, position, pull, deleted_field=soql.DELETED):
                known = self._org.described(read.source_object)
                now = replace(before, fields=known.fields) if known else before
                if is_first:
                    pull.warnings += changes(read.source_object, before.fields, now.fields)
                told = replace(page, warnings=tuple(pull.warnings), resume=memory.joined(page.resume, now))
                pull.warnings.clear()
                is_first = False
                if page.last and read.cursor_field and options.sweep_hours is not None:
                    yield from self._last(told, page.resume, now, read, options)
                else:
                    yield told
            pull.end()

    def close(self) -> None:
        """Close the connection."""
        self._org.close()

    def _last(
        self, page: Page, position: ResumePoint, now: Memory, read: StreamRead, options: StreamOptions
    ) -> Iterator[Page]:
        """The last page of the changes, and behind it a sweep if one is due; the first pull has seen every key."""
        hours = options.sweep_hours or 0.0
        if now.swept and now.is_sweep_due(self._org.clock, hours):
            yield replace(page, last=False)
            yield from self._sweep(position, now, read, options)
        else:
            seen = replace(now, swept=now.swept or self._org.clock)
            yield replace(page, resume=memory.joined(position, seen))

    def _sweep(self, position: ResumePoint, now: Memory, read: StreamRead, options: StreamOptions) -> Iterator[Page]:
        """All keys that the org holds, without their records."""
        keys = replace(read, fields=read.key, cursor_field=None, lists={}, page_size=SWEEP_PAGE)
        pull = Pull(self._org, keys, options)
        with closing(pull):
            for page in paged(keys, None, pull, deleted_field=soql.DELETED):
                after = replace(now, swept=self._org.clock) if page.last else now
                yield Page(
                    records=[],
                    resume=memory.joined(position, after),
                    last=page.last,
                    held=[key_of(record, read) for record in page.records],
                    swept=page.last,
                    warnings=tuple(pull.warnings),
                )
                pull.warnings.clear()
            pull.end()
