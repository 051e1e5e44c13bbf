"""Explain a finding, the services of an account or a device from the snapshot it was judged in."""

from dataclasses import dataclass
from pathlib import Path

from canonical_model.errors import ConfigurationError
from hub.workplace import Hub
from reconciliation.explain import Explanation, explain_device, explain_service, services_of
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest, read_manifest, verify_checksums
from storage.findings import findings_named
from storage.runs import latest_run, run_with


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation with where it comes from.

    Attributes:
        finding: the finding that was asked for; None for an account, a service or a device.
    """

    manifest: Manifest
    explanation: Explanation
    finding: Finding | None = None


def explain_finding(hub: Hub, fingerprint: str) -> Explained:
    """Explain a finding by its fingerprint, or by the beginning of it.

    Raises:
        ConfigurationError: no finding, or several, begin like this; or its snapshot is gone.
    """
    with hub.database.reading() as connection:
        found = findings_named(connection, fingerprint)
        if len(found) != 1:
            problem = "no finding begins" if not found else f"{len(found)} findings begin"
            raise ConfigurationError(f"{problem} with {fingerprint}")
        run = run_with(connection, found[0].last_seen_run)
    if run is None:
        raise ConfigurationError(f"the run that saw finding {fingerprint} is not known any more")
    folder, finding = Path(run.snapshot_path), found[0].finding
    manifest = read_manifest(folder)
    verify_checksums(folder, manifest)
    explain = explain_device if finding.subject_kind == "serial" else explain_service
    return Explained(manifest, explain(folder, manifest, finding.subject), finding)


def explain_subject(hub: Hub, subject: str, market_id: str) -> tuple[Explained, ...]:
    """Explain every service of an account, one service, or a device in the latest snapshot of a market.

    Args:
        hub: the operator's hub.
        subject: an account number, the name of a service (``ACCOUNT/ORDER``) or a serial.
        market_id: which market.

    Raises:
        ConfigurationError: the market was never reconciled, or knows no such account, service or device.
    """
    with hub.database.reading() as connection:
        run = latest_run(connection, market_id)
    if run is None:
        raise ConfigurationError(f"market {market_id} was never reconciled: run `splice reconcile {market_id}` first")
    folder = Path(run.snapshot_path)
    manifest = read_manifest(folder)
    verify_checksums(folder, manifest)
    try:
        services = services_of(folder, manifest, subject)
    except ConfigurationError as no_account:
        try:
            return (Explained(manifest, explain_device(folder, manifest, subject)),)
        except (ConfigurationError, ValueError):
            raise no_account from None
    return tuple(Explained(manifest, explain_service(folder, manifest, service)) for service in services)
