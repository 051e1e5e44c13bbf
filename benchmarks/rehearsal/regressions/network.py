"""Mistakes of the network, of its drivers and of those who work on it."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.rehearsal.elements import Meddling as ElementMeddling
from benchmarks.rehearsal.legacy import Legacy
from benchmarks.rehearsal.operator_folder import aaa_of, olt_of
from benchmarks.rehearsal.regressions.regression import (
    End,
    Regression,
    every_morning,
    in_elements,
    of_hub,
)
from benchmarks.rehearsal.year import Year
from handoffs.stages import Handoff
from provisioning.change import Change


def settings_changed(
    handoff: Handoff, figures: str, change: Callable[[dict[str, Any]], dict[str, Any] | None], layer: str = "olt"
) -> Regression:
    """An element holds something else than it was told."""

    def meddle(_year: Year, market: str) -> ElementMeddling:
        element = olt_of(market) if layer == "olt" else aaa_of(market)

        def changed(name: str, change_: Change, held: dict[str, Any] | None) -> dict[str, Any] | None:
            del change_
            return change(dict(held)) if name == element and held is not None else held

        return changed

    return Regression("driver writes other settings", handoff, in_elements(meddle), figures)


def misread_both_ways() -> Regression:
    """A driver swaps two tags when it writes, and again when it reads back."""

    def begin(year: Year, market: str) -> End:
        end = in_elements(
            lambda _year, own: lambda name, _change, held: swapped(held) if name == olt_of(own) and held else held
        )(year, market)
        year.network.misreading[olt_of(market)] = swapped

        def ended() -> None:
            end()
            year.network.misreading.pop(olt_of(market))

        return ended

    return Regression("driver swaps VLANs in both directions", "order_to_provisioning", begin)


def half_failed(after: int, error: type[Exception]) -> Regression:
    """An OLT takes some changes, and no more."""

    def meddle(_year: Year, market: str) -> ElementMeddling:
        left = [after]

        def failing(name: str, change: Change, held: dict[str, Any] | None) -> dict[str, Any] | None:
            del change
            if name == olt_of(market):
                left[0] -= 1
                if left[0] < 0:
                    raise error(f"{name}: line card 2 does not answer")
            return held

        return failing

    return Regression(
        "half-failed OLT", "order_to_provisioning", in_elements(meddle), f"{error.__name__} after {after}"
    )


def rewritten_behind(settings: Mapping[str, Any], a_day: int) -> Regression:
    """A script of legacy's rewrites lines that the hub has made."""

    def act(year: Year, legacy: Legacy) -> None:
        element = olt_of(legacy.town.market)
        mine = [
            each for each in of_hub(legacy, "provisioned_by") if each.done_at is not None and each.order not in done
        ]
        for work in mine[:a_day]:
            held = year.network.told[element].get(work.account)
            if held is not None:
                done.add(work.order)
                year.network.tell(element, year.network.lines[work.account], {**held, **settings}, "legacy")

    done: set[str] = set()
    return Regression(
        "legacy rewrites lines", "order_to_provisioning", every_morning(act), f"{dict(settings)}, {a_day} a day"
    )


def lines_crossed() -> Regression:
    """Two customers' terminals are bound to each other's lines, after both were proven."""

    def act(year: Year, legacy: Legacy) -> None:
        element = olt_of(legacy.town.market)
        mine = [
            each for each in of_hub(legacy, "provisioned_by") if each.done_at is not None and each.order not in done
        ]
        for one, other in zip(mine[::2], mine[1::2], strict=False):
            held = year.network.told[element]
            if one.account in held and other.account in held:
                done.update((one.order, other.order))
                first, second = held[one.account], held[other.account]
                lines = year.network.lines
                year.network.tell(element, lines[one.account], {**first, "serial": second["serial"]}, "legacy")
                year.network.tell(element, lines[other.account], {**second, "serial": first["serial"]}, "legacy")
                return

    done: set[str] = set()
    return Regression("two lines crossed", "order_to_provisioning", every_morning(act))


def swapped(held: dict[str, Any]) -> dict[str, Any]:
    return {**held, "outer_vlan": held.get("inner_vlan"), "inner_vlan": held.get("outer_vlan")}


def slower(held: dict[str, Any]) -> dict[str, Any]:
    return {**held, "down_mbps": int(held.get("down_mbps", 0)) // 10}
