"""One flat row of all that is known of a completed job, and what gates together come to."""

from datetime import timedelta

from canonical_model.customers import BillingAccount
from canonical_model.field_work import (
    CompletionMaterial,
    CompletionPhoto,
    CompletionTest,
    FieldCompletion,
    WorkOrder,
    WorkOrderVisit,
)
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from provisioning.completion import COMPLETION_SCHEMA, CompletionRecords, CompletionRow, completion_row, fingerprint
from provisioning.facts import Evidence, SagaFacts
from provisioning.gates import judgement, waived
from provisioning.saga import Person
from rules.gate_result import GateResult, Waiver
from rules.gate_rule import Asked
from tests.fakes.completions import DONE, HOME, good_job, known
from tests.fakes.effects import START
from tests.fakes.lines import ONT, facts, line, profile

OFFERINGS = frozenset({"fiber-500", "fiber-1000"})
PROVEN = SagaFacts.model_validate(
    facts(
        line=line(serial=ONT),
        work_order_id="wo-1",
        evidence=(
            Evidence(kind="aaa_session", seen_at=DONE, said="in session"),
            Evidence(kind="ont_ranged", seen_at=DONE - timedelta(minutes=5), said="registered"),
        ),
    )
)


def records(**changes: object) -> CompletionRecords:
    """A job that was done as it should be."""
    known_of: dict[str, object] = {}
    job = good_job(PROVEN)

    def each(entity: type) -> list[object]:
        return [record for record in job if type(record) is entity]

    known_of |= {"completion": each(FieldCompletion)[0], "order": each(WorkOrder)[0], "premise": each(Premise)[0]}
    known_of |= {"visits": each(WorkOrderVisit), "materials": each(CompletionMaterial)}
    known_of |= {"photos": each(CompletionPhoto), "tests": each(CompletionTest), "account": each(BillingAccount)}
    known_of |= {"asked": each(ProductOrder)[0]}
    return CompletionRecords(**(known_of | changes))  # type: ignore[arg-type]


def row(**changes: object) -> CompletionRow:
    return completion_row(records(**changes), PROVEN, OFFERINGS, START)


def test_a_row_has_every_column_once() -> None:
    assert row().keys() == COMPLETION_SCHEMA.keys()


def test_what_was_reported_stands_beside_what_the_network_shows() -> None:
    told = row()
    assert (told["network_serial"], told["scanned_serials"]) == (ONT, ONT)
    assert (told["network_offering"], told["installed_offering"], told["installed_is_sold"]) == (
        "fiber-500",
        "fiber-500",
        True,
    )
    assert told["proven_at"] == DONE - timedelta(minutes=5)
    assert (told["photos"], told["photo_subjects"]) == (3, "device label,drop,terminal")
    assert (told["speed_down_mbps"], told["sold_down_mbps"], told["optical_dbm"]) == (488.0, 500.0, None)
    assert (told["tests"], told["failed_tests"]) == ("speed_down", "")
    assert (told["premise_latitude"], told["latitude"]) == (HOME[0], HOME[0])
    assert told["credit_hold"] is False
    assert told["order_state"] == "inProgress"


def test_no_photos_is_not_the_same_as_nobody_telling_of_photos() -> None:
    assert row(photos=())["photos"] is None
    told = row(photos=(), brought=frozenset({CompletionPhoto}))
    assert (told["photos"], told["photo_subjects"]) == (0, "")


def test_what_nobody_knows_is_missing() -> None:
    told = row(order=None, visits=(), materials=(), tests=(), premise=None, account=(), asked=None)
    names = ("work_type", "work_state", "visit_outcome", "on_site_at", "scanned_serials", "tests", "failed_tests")
    assert [told[name] for name in (*names, "premise_latitude", "credit_hold", "order_state", "visits")] == [
        None
    ] * 11


def test_the_last_visit_counts_and_only_devices_that_end_the_line() -> None:
    visits = [
        known(WorkOrderVisit, number, work_order_id="wo-1", visit_number=number, outcome=outcome)
        for number, outcome in ((2, "done"), (1, "no_access"))
    ]
    router = known(CompletionMaterial, work_order_id="wo-1", kind="router", serial="AABBCCDDEEFF")
    told = row(visits=visits, materials=[router])
    assert (told["visits"], told["visit_outcome"], told["scanned_serials"]) == (2, "done", None)


def test_one_account_on_hold_is_enough() -> None:
    accounts = [known(BillingAccount, n, account_number="1", credit_hold=held) for n, held in ((1, None), (2, True))]
    assert row(account=accounts)["credit_hold"] is True


def test_a_word_of_a_list_has_no_comma() -> None:
    photo = known(CompletionPhoto, work_order_id="wo-1", subject="drop, at the wall")
    assert row(photos=[photo])["photo_subjects"] == "drop  at the wall"


def test_a_fingerprint_tells_everything_but_the_time_of_judging() -> None:
    first = fingerprint(row())
    assert first == fingerprint(completion_row(records(), PROVEN, OFFERINGS, START + timedelta(days=2)))
    assert first != fingerprint(row(photos=()))
    assert first != fingerprint(completion_row(records(), facts(profile=profile()), OFFERINGS, START))


def result(rule: str, person: str, verdict: str = "hold", **more: object) -> GateResult:
    given = {"rule": rule, "verdict": verdict, "said": f"{rule} said", "person": person, "holds": True, **more}
    return GateResult.model_validate(given)


def test_every_gate_that_holds_is_named_and_who_is_nearest_is_asked() -> None:
    judged = judgement(
        [
            result("GT-03", "finance"),
            GateResult(rule="GT-04", verdict="pass"),
            result("GT-06", "technician"),
            result("GT-09", "dispatcher", "refuse"),
        ]
    )
    assert judged.said == "GT-09: GT-09 said / GT-03: GT-03 said / GT-06: GT-06 said"
    assert judged.person == "technician"
    assert len(judged.results) == 4
    assert judgement([GateResult(rule="GT-04", verdict="pass")]).person is None


def test_a_waiver_opens_a_gate_that_may_be_waived_and_says_the_same() -> None:
    def word(rule: str, said: str) -> Waiver:
        return Waiver(rule=rule, said=said, actor="dora", why="seen", at=START)

    results = [
        result("GT-05", "dispatcher", waivable=True),
        result("GT-06", "technician", waivable=True),
        result("GT-02", "technician"),
    ]
    words = [word("GT-05", "GT-05 said"), word("GT-06", "something else"), word("GT-02", "GT-02 said")]
    left = waived(results, words)
    assert [(each.rule, each.holds, each.waived_by) for each in left] == [
        ("GT-05", False, "dora"),
        ("GT-06", True, None),
        ("GT-02", True, None),
    ]
    assert left[0].verdict == "hold"


def test_gates_ask_those_whom_sagas_ask() -> None:
    assert Asked == Person
