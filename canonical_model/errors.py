"""Every error of Splice says what to do next.

::

    SpliceError
    ├── ConfigurationError     a person must change a setting, mapping or rule file
    ├── RetryableError         safe and useful to try again
    ├── RejectedRecord         this one record is unusable; set it aside and go on
    └── UnsafeToContinue       a bound was crossed or a guard refused; stop and ask
        ├── OutcomeUnknown     a write may or may not have happened; observe, never retry blindly
        └── OnHold             somebody has stopped it for now; nothing was done, and later it may be

Anything else that is raised is a defect of ours. Where one thing among many meets it, that one is set aside
(``defect_of``) and the rest goes on. Every class takes one positional
message, so that an error survives the way between processes. A message says what was tried, on what, and
what to do; it never holds a payload or a secret.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class SpliceError(Exception):
    """Root of the tree; never raised itself."""


class ConfigurationError(SpliceError):
    """A person must change a setting, a mapping or a rule file."""


class RetryableError(SpliceError):
    """Safe and useful to try again, later."""


class RejectedRecord(SpliceError):  # noqa: N818 - the field speaks of a rejected record, not of its error
    """This record is unusable: quarantine it with its reason and go on until the bound."""


class UnsafeToContinue(SpliceError):  # noqa: N818 - reads as the sentence it is
    """A bound was crossed or a guard refused: stop, park the object and ask a person."""


class OutcomeUnknown(UnsafeToContinue):
    """A write may or may not have happened: observe the other system before anything else."""


class OnHold(UnsafeToContinue):
    """Somebody has stopped it for now: nothing was done or written down; the same may be tried later."""


def defect_of(error: Exception) -> UnsafeToContinue:
    """What a person reads of an error that nobody foresaw; its own words may hold a secret, and go to the log."""
    return UnsafeToContinue(f"a defect of Splice ({type(error).__name__}): the log of the worker tells more")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file of the operator's folder.

    Attributes:
        file: path as the person knows it, relative to the operator's folder where it lies in it.
        line: 1-based line, 0 where the fault has no line (a missing file).
        key: dotted path of the key, ``fields.account_number`` for instance; empty for the whole file.
        problem: what is wrong and what was expected, in one sentence.
    """

    file: str
    line: int
    key: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.problem}" if self.key else f"{place}: {self.problem}"


def configuration_error(faults: Iterable[Fault]) -> ConfigurationError:
    """One error that lists every fault, so that a person mends all of them in one go."""
    listed = sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.key, fault.problem))
    head = "1 fault found" if len(listed) == 1 else f"{len(listed)} faults found"
    return ConfigurationError("\n".join([head, *(f"  {fault}" for fault in listed)]))
