"""Expectations that tolerate a share of failures, held against the whole pull while its pages are stored one by one.

While no more fail than are tolerated of what has come so far, failing records are stored like all others. Where more
do, those of the page wait in quarantine until the end, which nobody knows before. Then either the pull is within what
is tolerated, and they are let in, or it is stopped and its stream goes back to where the pull began, so that the next
one reads, and judges, all of it again.

What was counted is kept with each page and ends with the verdict: a pull that breaks off is judged with the next.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from canonical_model.errors import UnsafeToContinue
from connectors.mapping import MappedBatch, StreamMapping
from connectors.mapping.quality_gate import refused_by
from connectors.ports import ResumePoint
from rules.judgements import Judgement
from rules.shares import Counted, PageShare, ShareKey, concluded, version_of
from storage.streams import StreamState
from storage.undecided import Undecided

MOST_WAITING = 10_000
"""Records that wait for the end of a pull at most; where more would, the pull ends here, by what has come so far."""


@dataclass(slots=True)
class PullShares:
    """What was counted since the last verdict.

    Attributes:
        resume: where the pull goes on.
        since: where what was counted began; the stream goes back there if the verdict is bad.
        counts: records judged and failed, by expectation.
        waiting: records that were set aside until the end.
        is_carried: whether some of it was stored by a pull that broke off.
        is_within: the verdict; None before there is one.
    """

    mapping: StreamMapping
    resume: ResumePoint | None
    since: ResumePoint | None
    counts: defaultdict[ShareKey, Counted] = field(default_factory=lambda: defaultdict(Counted))
    waiting: int = 0
    is_carried: bool = False
    is_within: bool | None = None

    @classmethod
    def of(cls, mapping: StreamMapping, state: StreamState) -> "PullShares":
        """As the pull before left it; from its begin again where the suites have changed since."""
        left = state.undecided
        if left is None:
            return cls(mapping, state.resume, state.resume)
        if left.version != version_of(mapping.quality):
            return cls(mapping, left.since, left.since, is_carried=True)
        return cls(mapping, state.resume, left.since, defaultdict(Counted, left.counts), left.waiting, True)

    @property
    def is_asked(self) -> bool:
        """Whether any expectation is held against the whole pull."""
        return any(one.is_of_the_pull for suite in self.mapping.quality.values() for one in suite.expectations)

    def begin_anew(self) -> None:
        """Forget what was counted: the pull reads all that the source holds."""
        self.counts.clear()
        self.waiting = 0

    def hold(self, batch: MappedBatch) -> MappedBatch:
        """Count the shares of a page; records that may be too many wait, refused by name."""
        refused: dict[int, PageShare] = {}
        for share in batch.shares:
            counted = self.counts[share.key] = self.counts[share.key].plus(share)
            if share.expectation.severity == "critical" and counted.exceeds(share.expectation):
                refused |= {
                    row: share for row in share.rows if batch.raws[row].rejection is None and row not in refused
                }
        if not refused:
            return batch
        self.waiting += len(refused)
        raws = list(batch.raws)
        for row, share in refused.items():
            because = ", of which the whole pull decides"
            raw = refused_by(raws[row], share.entity, share.expectation.name, because)
            raws[row] = raw._replace(rejection=raw.rejection and replace(raw.rejection, waits_for=()))
        batch = replace(batch, raws=tuple(raws))
        return self._stopped(batch) if self.waiting > MOST_WAITING else batch

    def hold_last(self, batch: MappedBatch) -> MappedBatch:
        """The last page of a pull, counted: nothing of it may be stored where the pull fails."""
        return self._stopped(batch) if self._failing() else batch

    def _stopped(self, batch: MappedBatch) -> MappedBatch:
        if batch.unsafe is not None:
            return batch  # it will be read again
        self.is_within = False
        return replace(batch, unsafe=self._told())

    @property
    def judged(self) -> list[Judgement]:
        """What follows from all that was counted, once there is a verdict."""
        return [] if self.is_within is None else concluded(self.mapping.quality, self.counts)

    def decide(self) -> list[str]:
        """The verdict at the end of a pull; gives what is only told.

        Raises:
            UnsafeToContinue: more failed than is tolerated.
        """
        self.is_within = not self._failing()
        if not self.is_within:
            raise UnsafeToContinue(self._told())
        return [f"expectation {one.name}: {one.observed}" for one in self.judged if one.verdict == "told"]

    def left(self) -> Undecided:
        """What a pull that breaks off after this page leaves to the next."""
        return Undecided(self.since, version_of(self.mapping.quality), dict(self.counts), self.waiting)

    def _failing(self) -> list[Judgement]:
        return [one for one in concluded(self.mapping.quality, self.counts) if one.verdict == "stopped"]

    def _told(self) -> str:
        failed = ", ".join(f"{one.name!r} ({one.observed})" for one in self._failing())
        return (
            f"{self.mapping.stream}: the pull fails its quality suite: {failed}; look at the source, or change the"
            " expectation. The stream counts as not read, and the next pull begins where this one began"
        )
