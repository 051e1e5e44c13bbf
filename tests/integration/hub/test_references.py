"""Records that refer to what nobody knows: set aside, told or tolerated; and back once it has come."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.connecting import try_stream
from hub.decision import Decision
from hub.quarantine import retry_records
from hub.second_chances import retry_ripe
from hub.sync import streams_in_order, sync_stream
from storage.pulls import start_pull
from tests.fakes.books_operator import ACCOUNT_IS_KNOWN, NOW, Books, aside, known_lines, small_books

NAME = "the account is known"


@pytest.fixture
def books(tmp_path: Path, database_address: str) -> Iterator[Books]:
    with small_books(tmp_path, database=database_address, page_size=3) as opened:
        opened.quality(ACCOUNT_IS_KNOWN)
        yield opened


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def test_the_stream_that_is_referred_to_is_pulled_first(books: Books, work: Path) -> None:
    with books.hub(work) as hub:
        assert streams_in_order(hub, ["bills", "crm"]) == (("crm", "accounts"), ("bills", "lines"))
    books.quality()
    with books.hub(work) as hub:
        assert streams_in_order(hub, ["bills", "crm"]) == (("bills", "lines"), ("crm", "accounts"))


def test_a_line_of_an_unknown_account_is_set_aside_by_name_and_comes_back_with_the_account(
    books: Books, work: Path
) -> None:
    books.accounts(1, 2)
    books.lines(L1=1, L2=2, L3=3, L4=1, L5=4)
    outcome = books.pulled(work)["lines"]
    assert (outcome.counts.read, outcome.counts.rejected, outcome.recovered) == (5, 2, 0)
    with books.hub(work) as hub:
        assert known_lines(hub) == {"L1": "1", "L2": "2", "L4": "1"}
        held = aside(hub)
        assert {name: one.expectation for name, one in held.items()} == {"L3": NAME, "L5": NAME}
        assert held["L3"].reason == (
            "ChargeLine fails the quality check 'the account is known':"
            " its account_number is of no known BillingAccount"
        )
        assert [missing.key for missing in held["L3"].waits_for or ()] == [("3",)]
    books.accounts(3, minute=1)
    outcome = books.pulled(work, hours=1)["lines"]
    # both come again, as they lie within the overlap
    assert (outcome.counts.changed, outcome.counts.rejected, outcome.recovered) == (1, 1, 0)
    with books.hub(work) as hub:
        assert known_lines(hub) == {"L1": "1", "L2": "2", "L3": "3", "L4": "1"}
        assert set(aside(hub)) == {"L5"}


def test_what_waits_comes_back_though_its_source_sends_nothing(books: Books, work: Path) -> None:
    books.lines(L1=1, L2=2)
    books.pulled(work)
    books.bills.execute("DELETE FROM line")
    books.accounts(2)
    outcome = books.pulled(work, hours=1)["lines"]
    assert (outcome.counts.read, outcome.recovered) == (0, 1)
    with books.hub(work) as hub:
        assert known_lines(hub) == {"L2": "2"}
        assert set(aside(hub)) == {"L1"}


def test_a_person_may_try_them_too(books: Books, work: Path) -> None:
    books.lines(L1=1, L2=2)
    books.pulled(work)
    books.accounts(1)
    books.pulled(work, "crm", hours=1)
    with books.hub(work) as hub:
        retried = retry_records(hub, "bills", "lines", [], Decision("ana", NOW, "the account was made"))
        assert (retried.accepted, [name for name, _ in retried.refused]) == (["L1"], ["L2"])
        assert known_lines(hub) == {"L1": "1"}


def test_an_account_that_was_deleted_is_not_known(books: Books, work: Path) -> None:
    books.accounts(1, 2)
    books.pulled(work, "crm")
    books.accounts(1, minute=5, gone=True)
    books.lines(L1=1, L2=2)
    books.pulled(work, hours=1)
    with books.hub(work) as hub:
        assert known_lines(hub) == {"L2": "2"}
        assert set(aside(hub)) == {"L1"}


def test_a_line_that_names_no_account_refers_to_nothing(books: Books, work: Path) -> None:
    books.quality(
        ACCOUNT_IS_KNOWN.replace("account_number", "bill_id", 1).replace("}}", ", fields: account_number}}")
    )
    books.line("L1", 1)
    books.line("L2", 1, bill="77")
    books.pulled(work)
    with books.hub(work) as hub:
        assert known_lines(hub) == {"L1": "1"}
        assert set(aside(hub)) == {"L2"}


def test_a_warning_is_told_and_sets_nothing_aside(books: Books, work: Path) -> None:
    books.quality(ACCOUNT_IS_KNOWN.replace("among", "severity: warning, among"))
    books.accounts(1)
    books.lines(L1=1, L2=2, L3=3)
    outcome = books.pulled(work)["lines"]
    assert outcome.warnings == [f"expectation {NAME}: 2 of 3 rows"]
    assert outcome.counts.rejected == 0


def test_a_share_may_be_tolerated_and_more_of_them_stop_the_stream_without_loss(books: Books, work: Path) -> None:
    books.quality(ACCOUNT_IS_KNOWN.replace("among", "mostly: 0.6, among"))
    books.accounts(1)
    books.lines(L1=1, L2=1, L3=2, L4=1, L5=2, L6=2)  # pages of three: one stranger, then two
    with pytest.raises(UnsafeToContinue, match=r"'the account is known' \(3 of 6 rows\)"):
        books.pulled(work)
    with books.hub(work) as hub:
        assert known_lines(hub) == {"L1": "1", "L2": "1", "L3": "2"}  # nothing of the last page
        assert set(aside(hub)) == {"L5", "L6"}
    books.accounts(2, minute=1)
    books.pulled(work, hours=1)
    with books.hub(work) as hub:
        assert set(known_lines(hub)) == {"L1", "L2", "L3", "L4", "L5", "L6"}
        assert aside(hub) == {}


def test_too_many_strangers_stop_the_stream_as_other_unusable_records_do(books: Books, work: Path) -> None:
    books.limits(rejected_percent=20)
    books.lines(**{f"L{number}": 9 for number in range(8)})
    with pytest.raises(UnsafeToContinue, match="6 of 6 records cannot be used, more than 50 %"):
        books.pulled(work)
    books.accounts(9)
    books.pulled(work, hours=1)
    with books.hub(work) as hub:
        assert len(known_lines(hub)) == 8
        assert aside(hub) == {}


CORRECTED_IS_KNOWN = (
    "{name: what it corrects is known, expectation: expect_column_values_to_be_known, column: subscription_id,"
    " among: {entity: ChargeLine, fields: source_id}}"
)


def test_a_line_may_refer_to_one_of_its_own_stream_in_the_page_before_or_behind_it(books: Books, work: Path) -> None:
    books.quality(CORRECTED_IS_KNOWN)
    books.line("L1", 1, minute=1)
    books.line("L2", 1, minute=2, corrects="L3")  # within the page, behind it
    books.line("L3", 1, minute=3)
    books.line("L4", 1, minute=4, corrects="L1")  # in an earlier page
    books.line("L5", 1, minute=5, corrects="L7")  # in a later page
    books.line("L6", 1, minute=6, corrects="L5")  # of one that waits itself
    books.line("L7", 1, minute=7)
    books.line("L8", 1, minute=8, corrects="L9")  # never
    outcome = books.pulled(work)["lines"]
    assert (outcome.counts.rejected, outcome.recovered) == (3, 2)
    with books.hub(work) as hub:
        assert set(known_lines(hub)) == {"L1", "L2", "L3", "L4", "L5", "L6", "L7"}
        assert set(aside(hub)) == {"L8"}


def test_a_key_of_several_fields_must_stand_together(books: Books, work: Path) -> None:
    books.quality(
        "{name: it corrects a line of the same account, expectation: expect_compound_columns_to_be_known,"
        " column_list: [account_number, subscription_id],"
        " among: {entity: ChargeLine, fields: [account_number, source_id], systems: [bills], stream: lines}}"
    )
    books.line("L1", 1, minute=1)
    books.line("L2", 1, minute=2, corrects="L1")
    books.line("L3", 2, minute=3, corrects="L1")
    books.pulled(work)
    with books.hub(work) as hub:
        assert set(known_lines(hub)) == {"L1", "L2"}


def test_a_mapping_that_asks_no_more_lets_them_in_with_the_next_pull(books: Books, work: Path) -> None:
    books.lines(L1=1)
    books.pulled(work)
    books.bills.execute("DELETE FROM line")
    books.quality()
    assert books.pulled(work, hours=1)["lines"].recovered == 1
    with books.hub(work) as hub:
        assert known_lines(hub) == {"L1": "1"}


def test_what_is_mended_and_still_lacks_something_else_waits_for_that(books: Books, work: Path) -> None:
    books.quality(ACCOUNT_IS_KNOWN, CORRECTED_IS_KNOWN)
    books.line("L1", 1, corrects="L0")
    books.pulled(work)
    with books.hub(work) as hub:
        assert [missing.key for missing in aside(hub)["L1"].waits_for or ()] == [("1",), ("L0",)]
    books.bills.execute("DELETE FROM line")
    books.accounts(1)
    assert books.pulled(work, hours=1)["lines"].recovered == 0
    books.line("L0", 1, minute=1)
    assert books.pulled(work, hours=2)["lines"].recovered == 1


def test_trying_a_mapping_shows_what_it_would_refuse(books: Books, work: Path) -> None:
    books.accounts(1)
    books.lines(L1=1, L2=2)
    books.pulled(work, "crm")
    with books.hub(work) as hub:
        trial = try_stream(hub, "bills", "lines", NOW, 10)
        assert [raw.rejection is None for raw in trial.batch.raws] == [True, False]
        assert known_lines(hub) == {}


def test_many_that_wait_are_tried_in_parts_and_only_those_whose_account_has_come(books: Books, work: Path) -> None:
    (books.folder / "mappings" / "bills-lines.yaml").write_text(
        (books.folder / "mappings" / "bills-lines.yaml").read_text().replace("page_size: 3", "page_size: 1000")
    )
    when = "2026-11-05 01:00:00"
    rows = [(f"L{number:05}", str(1 + number % 7), None, None, "1.00", when) for number in range(2_500)]
    books.bills.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", rows)
    books.pulled(work)
    books.bills.execute("DELETE FROM line")
    books.accounts(3, 5)
    wanted = sum(account in ("3", "5") for _, account, *_ in rows)
    assert books.pulled(work, hours=1)["lines"].recovered == wanted
    with books.hub(work) as hub:
        assert len(known_lines(hub)) == wanted
        assert len(aside(hub)) == 2_500 - wanted


def test_a_pull_that_was_taken_over_lets_nothing_out_of_quarantine(books: Books, work: Path) -> None:
    books.lines(L1=1)
    books.pulled(work)
    books.accounts(1)
    books.pulled(work, "crm", hours=1)
    with books.hub(work) as hub:
        with hub.database.writing() as connection:
            older = start_pull(connection, "bills", "lines", NOW)
            start_pull(connection, "bills", "lines", NOW)
        (mapping,) = hub.operator.mappings["bills"]
        with pytest.raises(UnsafeToContinue, match="another pull has started"):
            retry_ripe(hub, mapping, "bills", older, NOW)
        assert set(aside(hub)) == {"L1"}
        sync_stream(hub, "bills", "lines", NOW)
        assert aside(hub) == {}
