"""Explain a finding, the services of an account or a device from the snapshot it was judged in, and that alone."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from canonical_model.errors import ConfigurationError
from hub.archive import Archive
from hub.runs import snapshot_of, standing_run
from reconciliation.explain import explain_device, explain_service, services_of
from reconciliation.explain_document import explain_document
from reconciliation.explanation import Explanation
from reconciliation.findings import DOCUMENTS, Finding, SubjectKind
from reconciliation.snapshot.manifest import Manifest, parts_of, read_manifest, verify_checksums
from storage.findings import findings_named
from storage.runs import Run, run_with

Part = tuple[Path, Manifest]
Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation with where it comes from.

    Attributes:
        finding: the finding that was asked for; None for an account, a service or a device.
    """

    manifest: Manifest
    explanation: Explanation
    finding: Finding | None = None


def explain_finding(archive: Archive, fingerprint: str) -> Explained:
    """Explain a finding by its fingerprint, or by the beginning of it.

    Raises:
        ConfigurationError: no finding, or several, begin like this; or its snapshot is gone.
        UnsafeToContinue: the snapshot is not what it was.
    """
    with archive.database.reading() as connection:
        found = findings_named(connection, fingerprint)
        if len(found) != 1:
            problem = "no finding begins" if not found else f"{len(found)} findings begin"
            raise ConfigurationError(f"{problem} with {fingerprint}")
        run = run_with(connection, found[0].last_seen_run)
    if run is None:
        raise ConfigurationError(f"the run that saw finding {fingerprint} is not known any more")
    finding = found[0].finding
    explain = _explain(finding.subject_kind)
    return _first_known(
        _verified(archive, run), lambda place, of: Explained(of, explain(place, of, finding.subject), finding)
    )


def _first_known(parts: Sequence[Part], explained: Callable[[Path, Manifest], Known]) -> Known:
    """The explanation of the first part that knows the subject: what changed comes before the whole snapshot."""
    for folder, manifest in parts[:-1]:
        with suppress(ConfigurationError):
            return explained(folder, manifest)
    return explained(*parts[-1])


def _explain(kind: SubjectKind) -> Callable[[Path, Manifest, str], Explanation]:
    if kind in DOCUMENTS:
        return explain_document
    return explain_device if kind == "serial" else explain_service


def explain_subject(archive: Archive, subject: str, market_id: str) -> tuple[Explained, ...]:
    """Explain every service of an account, one service, or a device in the snapshot its findings stand on.

    Args:
        archive: the workspace.
        subject: an account number, the name of a service (``ACCOUNT/ORDER``) or a serial.
        market_id: which market.

    Raises:
        ConfigurationError: the market was never reconciled, or knows no such account, service or device.
        UnsafeToContinue: the snapshot is not what it was.
    """
    run = standing_run(archive, market_id)
    return _first_known(
        _verified(archive, run), lambda folder, manifest: explained_subject(folder, manifest, subject)
    )


def explained_subject(folder: Path, manifest: Manifest, subject: str) -> tuple[Explained, ...]:
    """Every service of an account, one service, or a device, explained from a snapshot.

    Raises:
        ConfigurationError: the snapshot knows no such account, service or device.
    """
    try:
        services = services_of(folder, manifest, subject)
    except ConfigurationError as no_account:
        try:
            return (Explained(manifest, explain_device(folder, manifest, subject)),)
        except (ConfigurationError, ValueError):
            raise no_account from None
    return tuple(Explained(manifest, explain_service(folder, manifest, service)) for service in services)


def _verified(archive: Archive, run: Run) -> tuple[Part, ...]:
    folder, manifest = snapshot_of(archive, run)
    parts = tuple((place, read_manifest(place)) for place in parts_of(folder, manifest))
    for part in parts:
        verify_checksums(*part)
    return parts
