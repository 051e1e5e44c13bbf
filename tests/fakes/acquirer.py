"""Somebody who leads the bringing in of an operator that was bought, hour by hour."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

from console.main import app
from handoffs.acquisition.steps import StepVerdict
from hub.acquisition.answering import answer_wave
from hub.acquisition.leading import AcquisitionLook, JudgedWave, look_on_acquisition
from hub.acquisition.overlapping import OverlapShown, overlaps_of
from hub.decision import Decision
from hub.identity.answering import answer, identities
from hub.identity.match import match
from hub.reconcile import reconcile_market
from hub.sync import sync_system, systems_of
from identity.settings import SUBJECTS
from simulated_estate.spelling import crm_account
from tests.fakes.acquired_estate import MARKET, WAVE, AcquiredEstate

HOUR = timedelta(hours=1)


@dataclass
class Acquirer:
    """Somebody who brings the operator in, hour by hour."""

    bought: AcquiredEstate
    workspace: Path
    now: datetime
    plans: list[str] = field(default_factory=list)

    def pull(self) -> None:
        """An hour later: pull every system of the market, compare customers, reconcile."""
        self.now += HOUR
        with self.bought.valley.hub(self.workspace) as hub:
            for system in systems_of(hub, MARKET):
                sync_system(hub, system, self.now)
            for subject in SUBJECTS:
                match(hub, subject, self.now)
            reconcile_market(hub, MARKET, self.now, self.now)

    def look(self) -> AcquisitionLook:
        with self.bought.valley.hub(self.workspace) as hub:
            return look_on_acquisition(hub, MARKET, self.now)

    def look_at(self) -> JudgedWave:
        """The wave at work, with what it was judged by."""
        judged = self.look().judged
        assert judged is not None
        return judged

    def lacking(self) -> dict[str, StepVerdict]:
        look = self.look()
        assert look.question is None
        assert look.judged is not None
        return {each.name: each for each in look.judged.readiness.lacking}

    def map(self, *plans: str) -> None:
        self.plans += plans
        self.bought.write_acquisition("\n".join(self.plans))

    def approve(self, number: int, who: str = "ann", later: timedelta = timedelta()) -> None:
        with self.bought.valley.hub(self.workspace) as hub:
            answer_wave(hub, number, Decision(who, self.now + later, "all steps are shown"), approves=True)

    def told(self, *words: str) -> str:
        """What the command line says of the acquisition."""
        valley = self.bought.valley
        where = ["--operator", str(valley.folder), "--workspace", str(self.workspace)]
        runner = CliRunner(env={**valley.environment, "COLUMNS": "200"})
        done = runner.invoke(app, ["acquisition", *words, *where])
        assert done.exception is None, done.exception
        return done.output

    def overlaps(self) -> list[OverlapShown]:
        with self.bought.valley.hub(self.workspace) as hub:
            return list(overlaps_of(hub, MARKET, WAVE))

    def say(self, link: int, what: str) -> None:
        with self.bought.valley.hub(self.workspace) as hub:
            answer(hub, link, what, Decision("rosa", self.now, "same passport"))  # type: ignore[arg-type]

    def together(self) -> bool:
        """Whether the customers of the overlapping accounts are one, each with its own record and number."""
        with self.bought.valley.hub(self.workspace) as hub:
            groups = identities(hub, "customer")
        return any(len(group) > 1 and self.records() <= set(group) for group in groups)

    def records(self) -> set[str]:
        rows = self.bought.valley.running.books.crm["Account"]
        names = {crm_account(account) for account in self.pair}
        return {f"crm/Account/{row['Id']}" for row in rows if row["AccountNumber"] in names}

    @property
    def pair(self) -> tuple[str, str]:
        """A customer of the wave, and of another market."""
        return self.bought.by_role["moved_quietly"], self.bought.elsewhere()
