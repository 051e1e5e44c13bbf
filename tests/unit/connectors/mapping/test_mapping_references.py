"""References between streams: what `splice check` refuses, and the order in which streams are pulled."""

from collections.abc import Mapping

import pytest
from small_mapping import LEDGER, MARKETS

from canonical_model.errors import Fault
from connectors.mapping import MappedSystem, StreamMapping, pull_order, read_mappings

SYSTEMS = {name: MappedSystem(name, LEDGER.capabilities) for name in ("crm", "billing", "old")}
FIELDS = {
    "BillingAccount": "{account_number: id}",
    "Subscription": (
        "{subscription_id: id, account_number: id, billing_code: \"'SLV'\", state: \"'active'\","
        " starts_on: DATE '2026-01-01'}"
    ),
    "SuspensionPeriod": "{subscription_id: id, starts_on: DATE '2026-01-01'}",
}


def mapping(stream: str, entity: str, systems: str = "crm", *references: str) -> str:
    """A mapping that gives one entity."""
    suite = "".join(f"    - {{{one}}}\n" for one in references)
    quality = f"quality:\n  {entity}:\n{suite}" if references else ""
    return f"""
systems: [{systems}]
stream: {stream}
market: "'oldtown'"
read:
  object: Thing
  key: [id]
  options: {{drawer: top}}
  fields: {{id: text}}
records:
  - entity: {entity}
    fields: {FIELDS[entity]}
{quality}"""


def refers(column: str, among: str, name: str = "known") -> str:
    return f"name: {name}, expectation: expect_column_values_to_be_known, column: {column}, among: {{{among}}}"


def read(files: Mapping[str, str]) -> tuple[tuple[StreamMapping, ...], list[str]]:
    faults: list[Fault] = []
    mappings = read_mappings(files, faults, systems=SYSTEMS, markets=MARKETS)
    return mappings, [str(fault) for fault in faults]


def order(files: Mapping[str, str]) -> list[str]:
    mappings, faults = read(files)
    assert faults == []
    streams = [(system, one.stream) for one in mappings for system in one.systems]
    return [".".join(name) for name in pull_order(mappings, streams)]


def test_what_is_referred_to_is_pulled_first_and_all_else_as_it_stands() -> None:
    files = {
        "a.yaml": mapping("pauses", "SuspensionPeriod", "billing", refers("subscription_id", "entity: Subscription")),
        "b.yaml": mapping(
            "subscriptions", "Subscription", "billing", refers("account_number", "entity: BillingAccount")
        ),
        "c.yaml": mapping("accounts", "BillingAccount"),
        "d.yaml": mapping("others", "BillingAccount", "old"),
    }
    assert order(files) == ["crm.accounts", "old.others", "billing.subscriptions", "billing.pauses"]
    narrowed = files | {
        "b.yaml": files["b.yaml"].replace("entity: BillingAccount", "entity: BillingAccount, systems: [crm]")
    }
    assert order(narrowed) == ["crm.accounts", "billing.subscriptions", "billing.pauses", "old.others"]
    of_a_stream = files | {
        "b.yaml": files["b.yaml"].replace("entity: BillingAccount", "entity: BillingAccount, stream: others")
    }
    assert order(of_a_stream) == ["crm.accounts", "old.others", "billing.subscriptions", "billing.pauses"]
    assert order({name: files[name] for name in ("c.yaml", "d.yaml")}) == ["crm.accounts", "old.others"]


def test_a_stream_that_is_not_asked_for_is_not_waited_for() -> None:
    mappings, _ = read(
        {
            "a.yaml": mapping("lines", "Subscription", "billing", refers("account_number", "entity: BillingAccount")),
            "b.yaml": mapping("accounts", "BillingAccount"),
        }
    )
    assert pull_order(mappings, [("billing", "lines")]) == (("billing", "lines"),)


def test_a_stream_may_refer_to_itself_and_to_its_like_in_other_systems() -> None:
    files = {
        "a.yaml": mapping("accounts", "BillingAccount", "crm, old", refers("source_id", "entity: BillingAccount"))
    }
    assert order(files) == ["crm.accounts", "old.accounts"]


def test_references_in_a_circle_are_refused_with_the_way_round() -> None:
    _, faults = read(
        {
            "a.yaml": mapping("lines", "Subscription", "billing", refers("account_number", "entity: BillingAccount")),
            "b.yaml": mapping(
                "accounts",
                "BillingAccount",
                "crm",
                refers("account_number", "entity: SuspensionPeriod, fields: subscription_id"),
            ),
            "c.yaml": mapping("pauses", "SuspensionPeriod", "old", refers("subscription_id", "entity: Subscription")),
        }
    )
    (fault,) = faults
    assert fault == (
        "a.yaml:15: quality.Subscription.0: references go in a circle, so that no stream can be pulled first:"
        " billing.lines needs crm.accounts (a.yaml:15), crm.accounts needs old.pauses (b.yaml:15), old.pauses needs"
        " billing.lines (c.yaml:15); leave one of them out, or narrow it by among.systems or among.stream"
    )


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        (
            refers("account_number", "entity: Account"),
            "quality.Subscription.0.among.entity: there is no entity Account; nearest",
        ),
        (
            refers("account_number", "entity: Premise, fields: source_id"),
            "no mapping gives a Premise: nothing would ever be known",
        ),
        (
            refers("account_number", "entity: BillingAccount, systems: [old]"),
            "no mapping gives a BillingAccount of old: nothing would ever be known; given by crm.accounts",
        ),
        (
            refers("account_number", "entity: BillingAccount, stream: acounts"),
            "no mapping gives a BillingAccount of stream acounts: nothing would ever be known; given by crm.accounts",
        ),
        (
            refers("account_number", "entity: BillingAccount, systems: [cmr]"),
            "there is no system cmr in operator.yaml; nearest: crm",
        ),
        (refers("account_number", "entity: BillingAccount, fields: number"), "BillingAccount has no field number"),
        (
            refers("account_number", "entity: BillingAccount, fields: [a, b]"),
            "as many fields are expected as there are columns: 1",
        ),
        (
            refers("starts_on", "entity: BillingAccount, fields: account_number"),
            "Subscription.starts_on is date and BillingAccount.account_number is text",
        ),
        (
            refers("account_number", "entity: BillingAccount, system: crm"),
            "quality.Subscription.0.among.system: unknown key; nearest: systems",
        ),
        (refers("account_number", "entity: BillingAccount, systems: crm"), "a list of systems is expected"),
        (refers("account", "entity: BillingAccount"), "there is no column account; nearest: account_number"),
        (
            "expectation: expect_column_values_to_be_known, column: account_number",
            "among: keys and values were expected here",
        ),
        (
            (
                "expectation: expect_compound_columns_to_be_known, column_list: [account_number, source_system],"
                " among: {entity: BillingAccount, fields: account_number}"
            ),
            "as many fields are expected as there are columns: 2",
        ),
        (
            refers("account_number", "entity: BillingAccount") + ", mostly: 1.5",
            "a share above 0 is expected, and at most 1",
        ),
        (refers("account_number", "entity: BillingAccount") + ", max_value: 5", "unknown key"),
        (
            "expectation: expect_column_values_to_be_unique, column: account_number, among: {entity: BillingAccount}",
            "quality.Subscription.0.among: unknown key",
        ),
    ],
)
def test_a_wrong_reference_is_told_where_it_stands(reference: str, told: str) -> None:
    _, faults = read(
        {
            "a.yaml": mapping("subscriptions", "Subscription", "billing", reference),
            "b.yaml": mapping("accounts", "BillingAccount"),
        }
    )
    assert any(told in fault and fault.startswith("a.yaml:15") for fault in faults), faults


def test_a_file_that_cannot_be_read_may_give_what_is_missed() -> None:
    _, faults = read(
        {
            "a.yaml": mapping(
                "subscriptions", "Subscription", "billing", refers("account_number", "entity: BillingAccount")
            ),
            "b.yaml": "systems: [",
        }
    )
    assert [fault.partition(":")[0] for fault in faults] == ["b.yaml"]
