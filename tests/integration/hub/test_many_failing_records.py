"""However many records fail an expectation, every one of them lies in quarantine, and comes back from it."""

from pathlib import Path

from sqlalchemy import func, select

from hub.stream_quality import quality_of
from storage.schema.synchronisation import QUARANTINE
from tests.fakes.books_operator import NOW, known_lines, small_books, stamp

MANY = 100_000
BELOW_100 = (
    "{name: below 100.00, expectation: expect_column_values_to_be_between, column: amount_minor, max_value: 10000}"
)
CODED = (
    "{name: coded, expectation: expect_column_values_to_match_regex, column: bill_id, regex: '^B', mostly: 0.000001,"
    " severity: warning}"
)


def test_a_hundred_thousand_failing_records_lie_in_quarantine_to_the_last(tmp_path: Path) -> None:
    with small_books(tmp_path, page_size=50_000) as books:
        books.quality(BELOW_100, CODED)
        rows = ((f"L{number:06}", "1", "B1", None, "100.01", stamp(0)) for number in range(MANY))
        books.bills.execute("BEGIN")
        books.bills.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", rows)
        books.bills.execute("COMMIT")
        books.line("sound", 1, bill="B1", amount="1.00")
        outcome = books.pulled(tmp_path / "work", "bills")["lines"]
        assert (outcome.counts.read, outcome.counts.rejected, outcome.counts.changed) == (MANY + 1, MANY, 1)
        with books.hub(tmp_path / "work") as hub:
            assert known_lines(hub) == {"sound": "1"}
            with hub.database.reading() as connection:
                apart = select(func.count(), func.count(QUARANTINE.c.landed_id.distinct())).where(
                    QUARANTINE.c.released_at.is_(None), QUARANTINE.c.expectation == "below 100.00"
                )
                assert tuple(connection.execute(apart).one()) == (MANY, MANY)
            (stream,) = quality_of(hub, "bills", NOW).streams
            below = stream.checks[0].results[0].judgement
            assert (below.evaluated, below.failed, len(below.sample)) == (MANY + 1, MANY, 20)
            assert stream.checks[0].held_back == MANY
