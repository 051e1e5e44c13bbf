"""The paging styles of REST services, over a service in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.http.rest_service import RestAnswer
from connectors.ports import StreamRead, SystemSettings
from connectors.systems.rest import RestSource

ROWS = [{"id": number, "at": f"2026-01-{number:02d}"} for number in range(1, 8)]
SETTINGS = SystemSettings("fsm", "rest", "https://fsm.example")


@dataclass
class Service:
    """A service that holds rows and pages them in one style."""

    style: str
    shape: str = "data"
    rows: list[dict[str, Any]] = field(default_factory=lambda: list(ROWS))
    most: int = 1000
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get(self, path: str, parameters: Mapping[str, Any], what: str) -> RestAnswer:
        asked = dict(parameters) if "?" not in path else {"limit": 3, "from": int(path.rpartition("=")[2])}
        self.asked.append(asked)
        rows = [row for row in self.rows if row["at"] >= asked.get("since", "")]
        size = min(int(asked["limit"]), self.most)
        start = self._start(asked, size)
        taken, behind = rows[start : start + size], start + size
        more = behind < len(rows)
        body: Any = {"data": taken, "next": behind if more and self.style == "cursor" else None, "total": len(rows)}
        link = f"https://fsm.example/things?from={behind}" if more and self.style == "link" else None
        return RestAnswer(body if self.shape == "data" else taken, {"X-Total": str(len(rows))}, link)

    def _start(self, asked: dict[str, Any], size: int) -> int:
        if self.style == "page":
            return (int(asked["page"]) - 1) * size
        return int(asked.get({"cursor": "cursor", "offset": "offset", "link": "from"}.get(self.style, ""), 0))

    def close(self) -> None: ...


def read(**options: Any) -> StreamRead:
    return StreamRead("things", "things", ("id", "at"), ("id",), page_size=3, options={"rows": "data", **options})


def pulled(service: Service, wanted: StreamRead, resume: Any = None) -> list[int]:
    source = RestSource(SETTINGS, service)  # type: ignore[arg-type]
    return [record["id"] for page in source.pages(wanted, resume) for record in page.records]


@pytest.mark.parametrize("style", ["cursor", "page", "offset", "link"])
@pytest.mark.parametrize(
    "total", [{}, {"total": "total"}, {"total": "header:X-Total"}], ids=["none", "body", "header"]
)
def test_every_style_gives_every_row_once(style: str, total: dict[str, str]) -> None:
    service = Service(style)
    assert pulled(service, read(paging=style, **total)) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("style", ["page", "offset"])
@pytest.mark.parametrize("count", [0, 3, 6])
def test_a_last_page_that_is_full_is_an_end_too(style: str, count: int) -> None:
    service = Service(style, rows=ROWS[:count])
    assert len(pulled(service, read(paging=style, total="total"))) == count
    assert len(pulled(service, read(paging=style))) == count


def test_an_answer_may_be_the_list_itself() -> None:
    service = Service("none", shape="list", most=1000)
    wanted = replace(read(paging="none"), page_size=100, options={"paging": "none", "total": "header:X-Total"})
    assert pulled(service, wanted) == [1, 2, 3, 4, 5, 6, 7]


def test_a_service_that_gives_smaller_pages_than_asked_for_loses_nothing_by_offset() -> None:
    service = Service("offset", most=2)
    assert pulled(service, read(paging="offset", total="total")) == [1, 2, 3, 4, 5, 6, 7]


def test_smaller_numbered_pages_than_asked_for_are_told() -> None:
    service = Service("page", most=2)
    with pytest.raises(UnsafeToContinue, match="counts 7 records and gave"):
        pulled(service, read(paging="page", total="total"))


def test_changes_alone_are_asked_for_from_the_second_pull_on() -> None:
    service = Service("cursor")
    wanted = replace(read(since_parameter="since", total="total"), cursor_field="at", overlap=timedelta(0))
    source = RestSource(SETTINGS, service)  # type: ignore[arg-type]
    *_, last = source.pages(wanted, None)
    service.rows.append({"id": 9, "at": "2026-02-01"})
    pages = list(source.pages(wanted, last.resume))
    assert [record["id"] for page in pages for record in page.records] == [7, 9]
    assert {page.source_total for page in pages} == {8}  # the whole, asked for by a question of its own


def test_names_of_parameters_are_the_services_own() -> None:
    class Odd(Service):
        def get(self, path: str, parameters: Mapping[str, Any], what: str) -> RestAnswer:
            assert parameters["tenant"] == "lv"
            return super().get(path, {"limit": parameters["per_page"], "page": parameters["p"] + 1}, what)

    options = {
        "size_parameter": "per_page",
        "position_parameter": "p",
        "first_page": 0,
        "parameters": {"tenant": "lv"},
    }
    assert pulled(Odd("page"), read(paging="page", total="total", **options)) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"rows": "dat"}, "options: rows: the answer has no dat; did you mean data"),
        ({"rows": "total"}, "total is no list"),
        ({"total": "sum"}, "options: total: the answer has no sum"),
        ({"total": "header:X-Count"}, "X-Count holds no count"),
        ({"total": "data"}, "data holds no count"),
        ({"paging": "curser"}, "'curser' is unknown; did you mean cursor"),
        ({"total_counts": "half"}, "'half' is unknown"),
        ({"parameters": "x"}, "parameters is a table"),
    ],
)
def test_options_that_do_not_fit_the_answer_are_told(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        pulled(Service("cursor"), read(**options))


def test_a_stream_with_a_cursor_must_know_how_to_ask_for_changes() -> None:
    with pytest.raises(ConfigurationError, match="since_parameter is missing"):
        pulled(Service("cursor"), replace(read(), cursor_field="at"))


def test_rows_that_are_no_objects_are_refused() -> None:
    service = Service("none", rows=[])
    service.get = lambda *_: RestAnswer({"data": [1, 2]}, {}, None)  # type: ignore[method-assign]
    with pytest.raises(UnsafeToContinue, match="no objects"):
        pulled(service, read(paging="none"))
