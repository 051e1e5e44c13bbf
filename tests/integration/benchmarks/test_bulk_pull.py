"""Both ways of the pull benchmark read what the org holds, and a wrong record is seen."""

from benchmarks.bulk_pull import Pull, account, measured, targets
from benchmarks.bulk_puller import FIELDS, PULLERS


def test_both_ways_get_every_record_and_every_cent() -> None:
    pulls = measured(rows=2_500, runs=1)

    assert [pull.puller for pull in pulls] == list(PULLERS)
    assert all(pull.is_right and pull.rows == 2_500 for pull in pulls)
    assert all(pull.cpu_s > 0 < pull.wall_s and pull.peak_mb > 10 for pull in pulls)


def test_the_accounts_are_awkward_enough_to_be_read_wrongly() -> None:
    accounts = [account(number) for number in range(100)]

    assert {field for row in accounts for field in row} == {*FIELDS, "IsDeleted"}
    assert any("\n" in row["Name"] for row in accounts)
    assert any('"' in row["Name"] for row in accounts)
    assert any(row["Note__c"] is None for row in accounts)


def test_a_target_that_is_missed_is_said_to_be() -> None:
    def pull(puller: str, rows: int, wall_s: float, peak_mb: float) -> Pull:
        return Pull(puller, rows, wall_s, wall_s / 2, peak_mb, is_right=True)

    pulls = [pull("bare", 4, 1.0, 30), pull("bare", 4, 9.0, 30), pull("splice", 4, 1.4, 40), pull("splice", 1, 1, 39)]
    held = targets(pulls, (1, 4))
    assert "wall of splice / bare 1.40; [green]within" in held[0]
    assert "[green]within" in held[1]
    missed = targets([*pulls[:1], pull("splice", 4, 1.6, 90), pulls[3]], (1, 4))
    assert "[red]above" in missed[0]
    assert "[red]above" in missed[1]
