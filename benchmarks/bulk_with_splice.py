"""All accounts of an org by the connector, page by page, as ``splice sync`` asks it."""

from collections.abc import Iterator

from pydantic import SecretStr

from connectors.discovery import open_source
from connectors.ports import RawRecord, StreamRead, SystemSettings


def pull_with_splice(address: str, key: str, secret: str, fields: tuple[str, ...]) -> Iterator[RawRecord]:
    """Log in and give every record."""
    settings = SystemSettings(
        "crm", "salesforce", address, {"client_id": key}, {"client_secret": SecretStr(secret)}, timeout_s=60
    )
    read = StreamRead("accounts", "Account", fields, ("Id",), "SystemModstamp", options={"mode": "bulk"})
    source = open_source(settings)
    try:
        for page in source.pages(read, None):
            yield from page.records
    finally:
        source.close()
