"""A digest of all that a finding says, by which a run knows that the database has it already."""

import hashlib

from reconciliation.findings import Finding

_FIELD, _LINE = "\x1f", "\x1e"


def digest_of(finding: Finding) -> str:
    """32 hex digits, the same for findings that are equal and for no others."""
    plain = (
        finding.fingerprint,
        finding.rule_id,
        finding.market,
        finding.subject_kind,
        finding.subject,
        finding.direction,
        finding.exposure_class,
        finding.exposure_minor,
        finding.run_rate_minor,
        finding.currency,
        finding.evidence_from,
        finding.evidence_to,
        finding.explained_by or "",
    )
    lines = [
        f"{line.period}{_FIELD}{line.charge}{_FIELD}{line.expected_minor}{_FIELD}{line.billed_minor}{_FIELD}"
        f"{line.exposure_minor}"
        for line in finding.lines
    ]
    said = (_FIELD.join(map(str, plain)), str(len(lines)), *lines, *finding.evidence)
    return hashlib.blake2b(_LINE.join(said).encode(), digest_size=16).hexdigest()
