"""The queries of a pull."""

from dataclasses import replace

import pytest

from canonical_model.errors import ConfigurationError
from connectors.ports import StreamRead
from connectors.salesforce import soql

READ = StreamRead("accounts", "Account", ("Name", "Owner.Name"), ("Id",), "SystemModstamp")
FIELDS = "Name, Owner.Name, Id, SystemModstamp, IsDeleted"


def test_the_first_pull_asks_for_everything_oldest_change_first() -> None:
    assert soql.select(READ, None, None) == f"SELECT {FIELDS} FROM Account ORDER BY SystemModstamp ASC, Id ASC"


def test_a_later_pull_asks_from_the_cursor_on() -> None:
    text = soql.select(READ, "2026-03-05T14:03:22.000+0000", None)
    assert " WHERE SystemModstamp >= 2026-03-05T14:03:22.000Z ORDER BY " in text


def test_a_pull_under_way_goes_on_behind_the_last_record() -> None:
    text = soql.select(READ, None, ("2026-03-05T14:03:22Z", "001A"))
    moment = "2026-03-05T14:03:22.000Z"
    assert f" WHERE (SystemModstamp > {moment} OR (SystemModstamp = {moment} AND Id > '001A')) " in text
    without = replace(READ, cursor_field=None)
    assert soql.select(without, None, (None, "001'A")).endswith(r" WHERE Id > '001\'A' ORDER BY Id ASC")


def test_the_count_is_of_the_whole_object_or_of_what_changed() -> None:
    assert soql.count(READ) == "SELECT COUNT() FROM Account"
    since = soql.count(READ, "2026-03-05T14:03:22Z")
    assert since == "SELECT COUNT() FROM Account WHERE SystemModstamp >= 2026-03-05T14:03:22.000Z"


def test_a_job_is_asked_without_an_order_which_would_keep_it_in_one_piece() -> None:
    assert soql.select_unordered(READ, None) == f"SELECT {FIELDS} FROM Account"
    since = soql.select_unordered(READ, "2026-03-05T14:03:22Z")
    assert since.endswith(" FROM Account WHERE SystemModstamp >= 2026-03-05T14:03:22.000Z")


def test_an_object_without_a_recycle_bin_is_not_asked_for_deletions() -> None:
    assert "IsDeleted" not in soql.select(READ, None, None, marks_deleted=False)
    assert "IsDeleted" not in soql.select_unordered(READ, None, marks_deleted=False)


def test_nested_lists_are_queries_in_parentheses() -> None:
    nested = replace(READ, fields=("Name", "Contacts"), lists={"Contacts": ("Email", "Id")})
    assert soql.select(nested, None, None) == (
        "SELECT Name, Id, SystemModstamp, IsDeleted, (SELECT Email, Id, IsDeleted FROM Contacts ORDER BY Id ASC) "
        "FROM Account ORDER BY SystemModstamp ASC, Id ASC"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        replace(READ, source_object="Account WHERE 1=1"),
        replace(READ, source_object="Account--"),
        replace(READ, fields=("Name, Secret__c",)),
        replace(READ, fields=("(SELECT Id FROM Contacts)",)),
        replace(READ, fields=("Naïve",)),
        replace(READ, cursor_field="SystemModstamp DESC"),
        replace(READ, fields=("Name", "Contacts)"), lists={"Contacts)": ("Id",)}),
        replace(READ, fields=("Name", "Contacts"), lists={"Contacts": ("Id FROM User",)}),
    ],
)
def test_names_that_are_none_never_reach_a_query(wrong: StreamRead) -> None:
    with pytest.raises(ConfigurationError, match="is no name of a Salesforce"):
        soql.select(wrong, None, None)


def test_a_cursor_that_is_no_moment_is_told() -> None:
    with pytest.raises(ConfigurationError, match="choose a date-time field"):
        soql.select(READ, "17", None)
