"""A person mends all faults of a folder in one go, so one error lists them all."""

from canonical_model.errors import Fault, OutcomeUnknown, UnsafeToContinue, configuration_error


def test_a_fault_names_file_line_key_and_problem() -> None:
    assert (
        str(Fault("rules/a.yaml", 7, "when", "there is no column x")) == "rules/a.yaml:7: when: there is no column x"
    )


def test_a_fault_of_a_whole_file_has_neither_line_nor_key() -> None:
    assert str(Fault("operator.yaml", 0, "", "is missing")) == "operator.yaml: is missing"


def test_faults_are_listed_once_in_the_order_of_the_files() -> None:
    second, first = Fault("b.yaml", 1, "x", "wrong"), Fault("a.yaml", 12, "", "wrong")
    third = Fault("b.yaml", 11, "x", "wrong")

    assert str(configuration_error([third, second, first, second])).splitlines() == [
        "3 faults found",
        "  a.yaml:12: wrong",
        "  b.yaml:1: x: wrong",
        "  b.yaml:11: x: wrong",
    ]


def test_one_fault_is_one_fault() -> None:
    assert str(configuration_error([Fault("a.yaml", 1, "k", "wrong")])).startswith("1 fault found\n")


def test_an_unknown_outcome_stops_like_anything_unsafe() -> None:
    assert issubclass(OutcomeUnknown, UnsafeToContinue)
