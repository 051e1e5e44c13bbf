"""What errors of databases mean, in the same words whatever the driver."""

from dataclasses import dataclass

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue


@dataclass(frozen=True, slots=True)
class Told:
    """What an error of a driver means.

    Attributes:
        error: our class of it.
        sentence: what happened and what to do, without payload or secret.
        is_missing_object: there is no such table or view.
    """

    error: type[SpliceError]
    sentence: str
    is_missing_object: bool = False


CUT = Told(RetryableError, "cannot be reached, is restarting, or has cut the connection; try again later")
LOCKED = Told(RetryableError, "is locked by a writer; try again later")
TOO_SLOW = Told(
    RetryableError, "the statement took too long; try again later, and raise statement_timeout_s if it stays so"
)
REFUSED = Told(ConfigurationError, "access is refused; check user, password, database and rights")
WOULD_WRITE = Told(ConfigurationError, "refused, as it would write; only reading is allowed")
NO_TLS = Told(ConfigurationError, "no TLS, or no trusted certificate; check ssl_mode and ca_bundle")
NO_TEXT = Told(ConfigurationError, "holds text that is in another encoding than the database tells; set encoding")
NO_TABLE = Told(ConfigurationError, "there is no such table or view", is_missing_object=True)


def wrong_statement(said: str) -> Told:
    """A statement that the database does not understand; ``said`` tells of names and syntax, never of data."""
    return Told(ConfigurationError, f"{said}; check the mapping's object and query")


def other(code: str) -> Told:
    """Anything that nobody has foreseen."""
    return Told(UnsafeToContinue, f"the database refuses with {code}; ask its owner")
