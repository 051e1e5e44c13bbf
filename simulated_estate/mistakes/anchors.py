"""What goes wrong with the days between an old bill cycle and a new one."""

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.billed_by import another_cycle
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.edits import charge_stub

MISCOUNTED = Mistake("RL-C07", "a day too many between two bill cycles", charge_stub("a day too many"))
WHOLE = Mistake("RL-C07", "days between two bill cycles billed as a whole period", charge_stub("a whole period"))
FORGOTTEN = Mistake("RL-J05", "days between two bill cycles on no bill", charge_stub("nothing"))


def stub_miscounted(stage: Stage) -> Slot:
    """RL-C07: the last day before the new cycle and its first one are both charged."""
    return _changed(stage, "stub_miscounted", MISCOUNTED)


def stub_billed_whole(stage: Stage) -> Slot:
    """RL-C07: the days before the new cycle cost as much as a whole period."""
    return _changed(stage, "stub_billed_whole", WHOLE)


def stub_forgotten(stage: Stage) -> Slot:
    """RL-J05: the old cycle had its last bill, the new one its first, and the days between are on neither."""
    author = Author(stage)
    mistake = FORGOTTEN
    cycles = another_cycle(stage, has_bill_before=True)
    if cycles is None:  # too few months to know what came before
        mistake, cycles = WHOLE, another_cycle(stage)
    author.cycles = cycles or ()
    events.install(author, stage.tenured_day(), plain_wish(stage))
    return Slot("stub_forgotten", [Story(author.finish(), (mistake,))])


def _changed(stage: Stage, role: str, mistake: Mistake) -> Slot:
    author = Author(stage, cycles=another_cycle(stage) or ())
    events.install(author, stage.tenured_day(), plain_wish(stage))
    return Slot(role, [Story(author.finish(), (mistake,))])
