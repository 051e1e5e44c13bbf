"""What is learnt for matching: when nothing was, or when a person says so; never anew by every run."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from hub.identity.records import Compared, compared_records
from hub.workplace import Hub
from identity.learning import NothingToLearnError, learn, may_learn
from identity.settings import MatchSettings, Subject
from identity.weights import Change, changes
from storage.audit import note
from storage.identity_weights import StoredWeights, choose_weights, store_weights, weights_of

logger = logging.getLogger(__name__)

_AS_THEY_STAND = "the shares in the settings are used as they stand"

RUN = "run"
"""The actor of what nobody said."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """A new version.

    Attributes:
        before: the version that was in use; None where nothing was learnt of what is compared now.
        changes: what is different from it, the largest first.
    """

    stored: StoredWeights
    before: StoredWeights | None
    changes: Sequence[Change]


def learn_anew(hub: Hub, subject: Subject, now: datetime, actor: str, why: str) -> Learnt:
    """Learn from the records of now, store it as a version and take it into use.

    Raises:
        ConfigurationError: there are too few records, or too few of one subject, the settings say not how, no reason
            is given, or the extra is not installed.
    """
    if not why.strip():
        raise ConfigurationError("learning anew changes the scores of all pairs: say why, for whoever asks later")
    settings = hub.operator.matching[subject]
    with hub.database.reading() as connection:
        records = compared_records(connection, subject)
    if not may_learn(settings, len(records.rows)):
        raise ConfigurationError(_too_few(settings, len(records.rows)))
    try:
        weights = learn(records.table(), settings)
    except NothingToLearnError as error:
        raise ConfigurationError(f"{subject}: nothing can be learnt: {error}; {_AS_THEY_STAND}") from error
    with hub.database.writing() as connection:
        before = _fitting(weights_of(connection, subject), settings)
        stored = store_weights(connection, subject, weights, now, actor, why)
        _note(connection, stored, now, actor, "identity.learn", why)
    return Learnt(stored, before, () if before is None else changes(before.weights, weights))


def weights_for(hub: Hub, subject: Subject, records: Compared, now: datetime) -> tuple[StoredWeights | None, bool]:
    """The version that a run uses, and whether it had to be learnt; None where there is too little to learn from.

    What was chosen last of what fits the settings is in use, and stays. It is learnt where nothing fits.
    """
    settings = hub.operator.matching[subject]
    with hub.database.reading() as connection:
        stored_before = weights_of(connection, subject)
    if (in_use := _fitting(stored_before, settings)) is not None:
        return in_use, False
    if not may_learn(settings, len(records.rows)):
        return None, False
    why = "the settings compare other things" if stored_before else "nothing was learnt before"
    try:
        weights = learn(records.table(), settings)
    except NothingToLearnError as error:
        logger.warning("nothing can be learnt: %s; %s", error, _AS_THEY_STAND, extra={"subject": subject})
        return None, False
    with hub.database.writing() as connection:
        stored = store_weights(connection, subject, weights, now, RUN, why)
        _note(connection, stored, now, RUN, "identity.learn", why)
    logger.info("matching is learnt", extra={"subject": subject, "version": stored.version, "why": why})
    return stored, True


def use_version(hub: Hub, subject: Subject, version: int, now: datetime, actor: str, why: str) -> StoredWeights:
    """Take a version into use that was learnt before.

    Raises:
        ConfigurationError: there is none of that number, or it is of other comparisons.
    """
    settings = hub.operator.matching[subject]
    with hub.database.writing() as connection:
        chosen = choose_weights(connection, subject, version, now)
        if chosen is None:
            raise ConfigurationError(f"{subject}: there is no version {version}; `splice identity weights` lists all")
        if not chosen.weights.fits(settings):
            raise ConfigurationError(
                f"{subject}: version {version} was learnt for other comparisons than there are now; learn anew"
            )
        _note(connection, chosen, now, actor, "identity.use_weights", why)
    return chosen


def _fitting(stored: Sequence[StoredWeights], settings: MatchSettings) -> StoredWeights | None:
    """The version in use: of those that fit the settings the one that was chosen last."""
    return next((each for each in stored if each.weights.fits(settings)), None)


def _note(connection: Connection, stored: StoredWeights, now: datetime, actor: str, action: str, why: str) -> None:
    detail = {"version": stored.version, "records": stored.weights.records, "why": why}
    note(connection, now, actor, action, f"identity_weights/{stored.subject}", detail)


def _too_few(settings: MatchSettings, count: int) -> str:
    if settings.train is None:
        return f"the settings for {settings.subject} say not how to learn: {_AS_THEY_STAND}"
    return (
        f"{count:,} records of {settings.subject} are too few to learn from ({settings.train.at_least:,} needed): "
        "the shares in the settings are used"
    )
