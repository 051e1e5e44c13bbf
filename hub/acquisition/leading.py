"""Lead an acquisition wave by wave: judge what the open wave lacks, and ask persons where it lacks nothing."""

import json
from dataclasses import dataclass
from datetime import datetime

from handoffs.acquisition.readiness import judge_wave
from handoffs.acquisition.steps import Phase, Readiness, WaveEvidence
from handoffs.acquisition.waves import WaveQuestion, WaveStanding, open_wave, standings, wave_before
from handoffs.questions import may_be_asked
from hub.acquisition.bought import acquisition_of
from hub.acquisition.evidence import seen_market, wave_evidence
from hub.workplace import Hub
from storage.wave_questions import ask_about_wave, end_wave_question, wave_questions


@dataclass(frozen=True, slots=True)
class JudgedWave:
    """A wave with what it was judged by."""

    evidence: WaveEvidence
    readiness: Readiness


@dataclass(frozen=True, slots=True)
class AcquisitionLook:
    """How an acquisition stands.

    Attributes:
        said: in a sentence, for whoever looks at the run.
        judged: the open wave; None where every wave is signed.
        question: that waits for a person.
    """

    market: str
    said: str
    waves: tuple[WaveStanding, ...]
    judged: JudgedWave | None = None
    question: WaveQuestion | None = None


def wave_standings(hub: Hub, market: str) -> tuple[WaveStanding, ...]:
    """Where each wave of an acquisition stands.

    Raises:
        ConfigurationError: there is no such acquisition.
        RetryableError: the database is out of reach.
    """
    block = acquisition_of(hub, market)
    with hub.database.reading() as connection:
        return standings(block.waves, wave_questions(connection, market))


def readiness_of(hub: Hub, market: str, wave: str, now: datetime, phase: Phase | None = None) -> Readiness:
    """As ``judged_wave``, without what it was judged by."""
    return judged_wave(hub, market, wave, now, phase).readiness


def judged_wave(hub: Hub, market: str, wave: str, now: datetime, phase: Phase | None = None) -> JudgedWave:
    """Judge a wave; nothing is asked and nothing changes.

    Args:
        hub: the operator's hub.
        market: as which the operator is brought in.
        wave: of the acquisition.
        now: this moment.
        phase: for which; None for the next one, which is the last of a wave that is signed.

    Raises:
        ConfigurationError: there is no such acquisition or wave, or a snapshot is gone.
        UnsafeToContinue: a snapshot is not what it was.
        RetryableError: the database is out of reach.
    """
    found = wave_standings(hub, market)
    own = next((each for each in found if each.wave == wave), None)
    wanted = phase or (None if own is None else own.phase) or "sign_off"
    evidence = wave_evidence(hub, market, wave, wanted, wave_before(found, wave), now)
    return JudgedWave(evidence, judge_wave(evidence))


def look_on_acquisition(hub: Hub, market: str, now: datetime) -> AcquisitionLook:
    """Judge the wave that is at work, and ask about it where every step is shown.

    A question that rests on less than what is so now is void: what lacks is told instead.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``readiness_of``.
    """
    found = wave_standings(hub, market)
    standing = open_wave(found)
    if standing is None or standing.phase is None:
        return AcquisitionLook(market, f"every wave is signed{_left_behind(hub, market)}", found)
    judged = judged_wave(hub, market, standing.wave, now, standing.phase)
    readiness = judged.readiness
    step = "begin" if standing.phase == "begin" else "sign"
    about = f"wave {standing.wave}"
    if not readiness.may_go_on or readiness.as_of is None:
        _let_lapse(hub, market, now, f"{about} lacks something by now")
        first, *more = readiness.lacking
        tail = f" (and {len(more)} more)" if more else ""
        return AcquisitionLook(market, f"{about}: {first.name.replace('_', ' ')}: {first.said}{tail}", found, judged)
    question = _ask(hub, readiness, readiness.as_of)
    if question is None:
        return AcquisitionLook(market, f"{about} waits: a person said so a short while ago", found, judged)
    return AcquisitionLook(market, f"every step is shown: {step} {about}?", found, judged, question)


def _left_behind(hub: Hub, market: str) -> str:
    """Accounts that the old systems bill when the last wave is signed; nobody is forgotten silently."""
    seen = seen_market(hub, market, acquisition_of(hub, market))
    unlisted = 0 if seen is None else len(seen.facts.unlisted)
    return f"; {unlisted} accounts are still billed by the old systems and on no list" if unlisted else ""


def steps_text(readiness: Readiness) -> str:
    """What every step came to, as the ledger keeps it."""
    return json.dumps(
        [
            {"step": each.name, "state": each.state, "said": each.said, "figures": dict(each.figures)}
            for each in readiness.steps
        ]
    )


def _ask(hub: Hub, readiness: Readiness, as_of: datetime) -> WaveQuestion | None:
    """The open question about a wave, or a new one; None where a person has said to stay a short while ago."""
    now, wave, phase = readiness.judged_at, readiness.wave, readiness.phase
    with hub.database.journaling() as connection:
        earlier = wave_questions(connection, readiness.market)
        held = next((each for each in earlier if each.state == "open"), None)
        if held is not None and (held.wave, held.phase) == (wave, phase):
            return held
        if held is not None:
            end_wave_question(connection, held.id, "lapsed", now, "hub", "another wave is open by now")
        same = [each for each in earlier if (each.wave, each.phase) == (wave, phase) and each is not held]
        if not may_be_asked(same, now):
            return None
        asked = WaveQuestion(0, readiness.market, wave, phase, as_of, steps_text(readiness), now)
        return ask_about_wave(connection, asked)


def _let_lapse(hub: Hub, market: str, now: datetime, why: str) -> None:
    with hub.database.journaling() as connection:
        for each in wave_questions(connection, market, "open"):
            end_wave_question(connection, each.id, "lapsed", now, "hub", why)
