"""An operator that was bought, as its market of the simulated estate: one wave with five mistakes, and their mending.

The other mistakes of the estate's moved accounts are put on the list of a second wave. An account has a plan that
nobody sells, and a customer of the wave is one of another market, too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from simulated_estate.belief import Belief, FixedRate
from simulated_estate.bookkeeping.billing import billing_rows
from simulated_estate.bookkeeping.crm import crm_rows
from simulated_estate.bookkeeping.target_billing import take_over_rows, target_billing_rows
from simulated_estate.books import Row
from simulated_estate.catalogue import ACCESS
from simulated_estate.estate import slots
from simulated_estate.life.holders import holder_of
from simulated_estate.life.records import Life, PriceException
from simulated_estate.life.stage import Story
from simulated_estate.mistakes.edits import charge_access
from simulated_estate.mistakes.migration import of_biller
from simulated_estate.spelling import billing_account, crm_account, target_account, utc_z
from tests.fakes.lumen_valley import LumenValley

SUBSCRIBERS, MONTHS, SEED = 404, 5, 5
MARKET, WAVE, LATER = "mesa", "MS-W1", "MS-W2"
MISTAKES = ("another_device", "balance_differs", "dropped", "not_contiguous")
"""Roles of the estate that stay in the first wave; the fifth mistake is the plan that nobody sells."""
RIGHT = (
    "moved_quietly",
    "final_and_first_bill",
    "stub_billed_later",
    "payment_in_flight",
    "serial_spelled_otherwise",
    "left_before_the_cut",
)
OLD_PLAN, OLD_RATE = "HOME-240", Decimal("57.25")
_OF_AN_ACCOUNT = ("subscriptions", "charge_lines", "bills", "payments", "adjustments", "disputes")


@dataclass
class AcquiredEstate:
    """The running estate with the accounts of both waves.

    Attributes:
        by_role: the account that each role of the first wave is played by.
        later: the accounts of each role of the second wave.
        lives: by account.
    """

    valley: LumenValley
    by_role: dict[str, str] = field(default_factory=dict)
    later: dict[str, set[str]] = field(default_factory=dict)
    lives: dict[str, Life] = field(default_factory=dict)

    @property
    def own_plan(self) -> str:
        """The account whose plan nobody sells."""
        return self.by_role["final_and_first_bill"]

    @property
    def tier(self) -> str:
        """What is delivered to it."""
        return str(self.lives[self.own_plan].truth.subscriptions[-1].items[0].product)

    def elsewhere(self) -> str:
        """An account of another market, whose customer is a person."""
        rows = self.valley.estate.books.crm["Account"]
        row = next(row for row in rows if row["Market__c"] == "Riverbend" and row["Type"] == "residential")
        return str(row["AccountNumber"]).removeprefix("LV-").lstrip("0")

    def list_price_minor(self) -> int:
        """What the tier of the plan that nobody sells costs by the list, cents."""
        return int(ACCESS[self.tier].steps[-1][1].scaleb(2))

    def write_acquisition(self, plans: str, fresh_hours: int = 48) -> None:
        """State the acquisition with a plan map: lines of the block ``plans``."""
        head = f"""
acquisitions:
  {MARKET}:
    name: an operator that was bought
    systems: [billing]
    target: newbill
    owner: market-lead
    approvers: [ann]
    deputies: [bob]
    fresh_hours: {fresh_hours}
    waves: [{WAVE}, {LATER}]
    jobs:
      promotion_expiry: {{owner: billing-lead, until: 2099-01-01}}
      disconnection: {{owner: billing-lead, until: 2099-01-01}}
    plans:
"""
        lines = "".join(f"      - {line}\n" for line in plans.strip().splitlines())
        (self.valley.folder / "acquisitions.yaml").write_text(head + lines, encoding="utf-8")

    def mend(self, role: str, at: datetime) -> None:
        """Put right what is wrong with the account of a role, in both billing systems, as of a moment."""
        life = self.lives[self.by_role[role]]
        self._put(life, life.truth, at)
        cut = life.cut_over
        assert cut is not None
        right = replace(cut, found=cut.left, serial=life.devices[-1].serial)
        for feed, row in take_over_rows(life.truth, right):
            self._upsert(self.valley.running.books.target_billing[feed], row | {"updated_at": utc_z(at)})

    def agree_price(self, at: datetime) -> None:
        """Let the CRM hold the agreed price of the account whose plan nobody sells."""
        life = self.lives[self.own_plan]
        agreed = PriceException("price_override", self.tier, OLD_RATE, date(2022, 1, 1), None, "m.holm")
        rows = crm_rows(replace(life, exceptions=(*life.exceptions, agreed)), holder_of(life))
        row = [row for name, row in rows if name == "Price_Exception__c"][-1]
        self.valley.running.books.crm["Price_Exception__c"].append(row | {"SystemModstamp": at})

    def same_person(self, account: str, other: str) -> None:
        """Let the customers of two accounts be one, by name, birth date, mail and telephone."""
        rows = {row["AccountNumber"]: row for row in self.valley.running.books.crm["Account"]}
        mine, theirs = rows[crm_account(account)], rows[crm_account(other)]
        facts = {
            "Name": "Rosalind Achterberg",
            "Type": "residential",
            "PersonBirthdate": date(1971, 3, 9),
            "PersonEmail": "rosalind@achterberg.example",
            "Phone": "+1 303 555 0117",
        }
        mine.update(facts)
        theirs.update(facts)

    def pay_everything(self, account: str, at: datetime) -> None:
        """Let every bill of an account be paid in both systems."""
        books = self.valley.running.books
        for row in books.billing["bills"]:
            if row["accountNumber"] == billing_account(account):
                row.update({"status": "PAID", "modified": utc_z(at)})
        for row in books.target_billing["invoices"]:
            if row["account"] == target_account(account):
                row.update({"state": "paid", "updated_at": utc_z(at)})
        for row in books.target_billing["balances"]:
            if row["account"] == target_account(account) and row["kind"] == "receivable":
                row.update({"amount": "0.00", "updated_at": utc_z(at)})
        for row in books.billing["balances"]:
            if row["accountNumber"] == billing_account(account) and row["kind"] == "AR":
                row.update({"amount": "0.00", "modified": utc_z(at)})

    def plant_own_plan(self) -> None:
        """Give an account a plan of a code and a price that nobody sells, in both billing systems."""
        life = self.lives[self.own_plan]
        books = self.valley.running.books
        for feed in _OF_AN_ACCOUNT:
            mine = billing_account(life.account)
            books.billing[feed][:] = [row for row in books.billing[feed] if row["accountNumber"] != mine]
        for feed in ("subscriptions", "invoices", "payments"):
            mine = target_account(life.account)
            books.target_billing[feed][:] = [row for row in books.target_billing[feed] if row["account"] != mine]
        belief = life.truth
        for biller in ("legacy", "target"):
            belief = of_biller(biller, charge_access(FixedRate(OLD_RATE)))(belief)  # type: ignore[arg-type]
        self._put(life, belief, None, _renamed)

    def plant_a_cent(self) -> None:
        """Let the balance that differs do so by one cent: the harder mistake to see."""
        life = self.lives[self.by_role["balance_differs"]]
        assert life.cut_over is not None
        nearly = tuple((kind, cents - 1) for kind, cents in life.cut_over.left)
        for feed, row in take_over_rows(life.truth, replace(life.cut_over, found=nearly)):
            self._upsert(self.valley.running.books.target_billing[feed], row)

    def _put(
        self, life: Life, belief: Belief, at: datetime | None, named: Callable[[Row], Row] = lambda row: row
    ) -> None:
        books, window = self.valley.running.books, self.valley.estate.window
        for feed, row in billing_rows(belief, window, life.dealings):
            self._upsert(books.billing[feed], named(row) | ({"modified": utc_z(at)} if at else {}))
        for feed, row in target_billing_rows(belief, window):
            self._upsert(books.target_billing[feed], named(row) | ({"updated_at": utc_z(at)} if at else {}))

    def _upsert(self, rows: list[Row], row: Row) -> None:
        """Put a row in the place of the one with its key, its first column."""
        key = next(iter(row))
        stamp = "modified" if "modified" in row else "updated_at"
        for place, held in enumerate(rows):
            if held[key] == row[key]:
                if {**held, stamp: None} != {**row, stamp: None}:
                    rows[place] = row
                return
        rows.append(row)


def acquired_estate(valley: LumenValley, roles: tuple[str, ...] = (*MISTAKES, *RIGHT)) -> AcquiredEstate:
    """Sort the moved accounts of an estate into two waves.

    Args:
        valley: the running estate.
        roles: of the first wave. Where some are mistakes, an account gets a plan that nobody sells, too.
    """
    found = AcquiredEstate(valley)
    for role, story in _moved_stories(valley):
        found.lives[story.life.account] = story.life
        if role in roles and role not in found.by_role:
            found.by_role[role] = story.life.account
        else:
            found.later.setdefault(role, set()).add(story.life.account)
    first = {target_account(account) for account in found.by_role.values()}
    for row in valley.running.books.target_billing["cut_overs"]:
        row["wave"] = WAVE if row["account"] in first else LATER
    pauses = valley.running.books.target_billing["job_pauses"]
    pauses += [row | {"id": f"{LATER}-{row['job']}", "wave": LATER} for row in pauses]
    if set(roles) & set(MISTAKES):
        found.plant_own_plan()
        found.plant_a_cent()
    return found


def _moved_stories(valley: LumenValley) -> Iterator[tuple[str, Story]]:
    for slot in slots(SUBSCRIBERS, valley.estate.window, SEED):
        for story in slot.stories:
            if story.life.cut_over is not None:
                yield slot.role, story


def _renamed(row: Row) -> Row:
    """The row with the code of the plan that nobody sells in the place of any access plan."""
    changed = dict(row)
    for key in ("planCode", "billingCode", "plan"):
        if str(row.get(key, "")).upper().startswith("INT-"):
            changed[key] = OLD_PLAN if key != "plan" else OLD_PLAN.lower()
    if "lines" in row:
        changed["lines"] = [
            line | ({"product": OLD_PLAN.lower()} if line["product"].upper().startswith("INT-") else {})
            for line in row["lines"]
        ]
    return changed
