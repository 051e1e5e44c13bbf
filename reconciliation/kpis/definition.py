"""A KPI as its file says it: what it means, of whom, how it is computed, and what is left out of it."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from canonical_model.entities import ENTITIES
from canonical_model.errors import Fault, configuration_error
from canonical_model.yaml_source import Place, YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from reconciliation.kpis.views import KPI_VIEWS
from rules.expressions import check_expression, render
from rules.types import Kind, Schema

Stage = Literal["order", "provisioning", "dispatch", "field", "billing"]
STAGES: tuple[Stage, ...] = ("order", "provisioning", "dispatch", "field", "billing")
Figure = Literal["median", "share", "mean", "sum"]
Unit = Literal["minutes", "days", "count", "share", "money"]

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Sql = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LeftOut(_Part):
    """Rows of the population that the KPI cannot be told of; the first reason that holds counts."""

    when: Sql
    why: Sentence


class Spread(_Part):
    """What median and 90th percentile are of, where that is not the value itself."""

    value: Sql
    unit: Unit
    of: Sentence


class Kpi(_Part):
    """One KPI.

    Attributes:
        stage: the part of the way of an order that it tells of.
        population: of whom, in words; ``where`` in SQL.
        over: the view whose rows it is computed of.
        figure: what the value is: the median of ``value``, or its sum; as ``share`` or ``mean`` its sum to that of
            ``per``.
        value: an integer of the unit, or money; of a share what is counted.
        good: which way is better.
        by: a column by which it is told apart as well.
        is_of_findings: findings or cases are in it, so that rules which could not judge are a gap in it.
        needs: entities without which nothing can be said; feeds that bring them have to be fresh and whole.
        max_age_hours: of those feeds.
    """

    id: Name
    title: Sentence
    stage: Stage
    definition: Sentence
    population: Sentence
    over: Name
    where: Sql = "TRUE"
    figure: Figure
    value: Sql
    per: Sql = "1"
    spread: Spread | None = None
    unit: Unit
    good: Literal["low", "high"]
    by: Name | None = None
    is_of_findings: bool = False
    needs: tuple[str, ...] = ()
    max_age_hours: Annotated[int, Field(gt=0)] = 72
    left_out: tuple[LeftOut, ...] = ()

    @property
    def spread_unit(self) -> Unit | None:
        """Unit of median and 90th percentile; None where there are none, as of shares of yes and no."""
        if self.spread is not None:
            return self.spread.unit
        return None if self.figure == "share" else self.unit

    @property
    def is_money(self) -> bool:
        """Whether money is in it, so that markets of different currencies cannot be put together."""
        return "_amount" in " ".join((self.value, self.per, self.spread.value if self.spread else ""))


@cache
def our_kpis() -> tuple[Kpi, ...]:
    """The KPIs that come with Splice, in the order of their files.

    Raises:
        ConfigurationError: a definition is wrong; every fault is listed.
    """
    pack = files("reconciliation").joinpath("kpis", "pack")
    texts = {each.name: each.read_text(encoding="utf-8") for each in pack.iterdir() if each.name.endswith(".yaml")}
    return read_kpis({f"kpis/pack/{name}": text for name, text in sorted(texts.items())})


def read_kpis(texts: Mapping[str, str]) -> tuple[Kpi, ...]:
    """KPIs out of YAML files by name, each a list.

    Raises:
        ConfigurationError: a definition is wrong; every fault is listed with file, line and key.
    """
    faults: list[Fault] = []
    kpis: dict[str, Kpi] = {}
    for name, text in texts.items():
        source = read_yaml(text, name, faults)
        for entry in source.items() if source is not None and source.data else ():
            kpi = validated(entry, Kpi, faults)
            if kpi is None:
                continue
            _check(kpi, entry, faults)
            if kpi.id in kpis:
                faults.append(entry.place("id").fault(f"there is another KPI {kpi.id}"))
            kpis[kpi.id] = kpi
    if faults:
        raise configuration_error(faults)
    return tuple(kpis.values())


def named_kpi(name: str) -> Kpi:
    """The KPI of that name.

    Raises:
        KeyError: there is none.
    """
    return {kpi.id: kpi for kpi in our_kpis()}[name]


def sql_of(kpi: Kpi, text: str) -> str:
    """An expression of a KPI as DuckDB SQL; it was checked when the KPI was read."""
    expression = check_expression(text, _schema(kpi), at=Place(f"kpi {kpi.id}"), faults=[])
    if expression is None:
        raise ValueError(f"{text!r} of KPI {kpi.id} was never checked")
    return render(expression, "duckdb")


def _schema(kpi: Kpi) -> Schema:
    return KPI_VIEWS[kpi.over].schema


def _check(kpi: Kpi, entry: YamlSource, faults: list[Fault]) -> None:
    if kpi.over not in KPI_VIEWS:
        known = nearest(kpi.over, list(KPI_VIEWS))
        faults.append(entry.place("over").fault(f"there is no view {kpi.over}{known}"))
        return
    schema = _schema(kpi)
    if kpi.by is not None and (kpi.by not in schema or schema[kpi.by].kind != "text"):
        faults.append(entry.place("by").fault(f"{kpi.over} has no column {kpi.by} of text"))
    faults.extend(
        entry.place("needs").fault(f"there is no entity {entity}{nearest(entity, list(ENTITIES))}")
        for entity in kpi.needs
        if entity not in ENTITIES
    )
    is_money = kpi.unit == "money" or (kpi.is_money and kpi.figure == "share")
    amount: Kind = "money" if is_money else "integer"
    wanted: list[tuple[tuple[str | int, ...], str, Kind]] = [(("where",), kpi.where, "boolean")]
    wanted.append((("value",), kpi.value, amount))
    if kpi.per != "1":
        wanted.append((("per",), kpi.per, amount))
    if kpi.spread is not None:
        kind: Kind = "money" if kpi.spread.unit == "money" else "integer"
        wanted.append((("spread", "value"), kpi.spread.value, kind))
    wanted += [(("left_out", number, "when"), each.when, "boolean") for number, each in enumerate(kpi.left_out)]
    for steps, text, expected in wanted:
        check_expression(text, schema, at=entry.place(*steps), faults=faults, expect=expected)
