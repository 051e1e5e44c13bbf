"""What a customer is told, and only once it is true: after every system shows it, or when it was given up; pure."""

from dataclasses import dataclass
from datetime import date

from provisioning.saga import SagaKind
from provisioning.standing import Standing


@dataclass(frozen=True, slots=True)
class Notice:
    """A message; ``{offering}``, ``{day}``, ``{missing}`` and ``{standing}`` are filled in."""

    title: str
    body: str

    def filled(self, offering: str, day: date, missing: str, standing: Standing) -> "Notice":
        """The same with what it is about."""
        said = {"missing": missing, "standing": STANDING.get(standing, "")}
        values = {"offering": offering, "day": day.isoformat(), **said}
        return Notice(self.title.format(**values), self.body.format(**values).strip())


_WELCOME = Notice("Welcome", "Your service {offering} works since {day}.{missing}")

AFTER: dict[SagaKind, Notice] = {
    "activate": _WELCOME,
    "take_on": _WELCOME,
    "activate_voice": Notice("Your telephone works", "Your telephone works since {day}."),
    "change_tier": Notice("Your service was changed", "You have {offering} since {day}."),
    "add_part": Notice("Your service was changed", "What you have ordered is there since {day}.{missing}"),
    "end_part": Notice("Your service was changed", "What you have given up ended on {day}, and is charged no more."),
    "suspend": Notice("Your service is suspended", "Your service is suspended since {day}.{standing}"),
    "restore": Notice("Your service works again", "Your service {offering} works again since {day}."),
    "hold": Notice("Your service is on hold", "Your service rests since {day}, as you asked."),
    "wake": Notice("Your service works again", "Your service {offering} works again since {day}."),
    "move": Notice("Your service has moved", "Your service {offering} works at your address since {day}.{missing}"),
    "cease": Notice("Your service has ended", "Your service ended on {day}. Nothing is charged from that day on."),
}
"""When it is done. Of a repair the technician tells, and of a router that was set again nobody has to."""

GIVEN_UP: dict[SagaKind, Notice] = {
    "activate": Notice(
        "Your installation is delayed",
        "Your service does not work yet. Nothing is charged. We will call you about a new appointment.",
    ),
    "move": Notice(
        "Your move is delayed",
        "Your service does not work at your new address yet. It goes on at the old one. We will call you.",
    ),
    "change_tier": Notice("Your change is delayed", "Your service is as it was, and so is its price."),
}
"""When it was brought back."""

SILENT: frozenset[SagaKind] = frozenset({"adopt"})
"""When these are given up, nobody is told one by one: there are thousands, and nothing is broken."""

STANDING: dict[Standing, str] = {
    "walled": " You can still reach us and pay.",
    "throttled": " It works slowly until you have paid.",
    "blocked": " Call us to pay; it does not work until then.",
}
"""What a customer can still do."""

MISSING = " Your telephone does not work yet and is not charged; we are at it."
