"""`splice service`: ask for something to be done to a service; workers carry it out."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from canonical_model.errors import ConfigurationError
from console.deciding import ActorOption, deciding
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.sagas import asking, asking_parts, asking_settings
from hub.sagas.known_services import known_service
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from provisioning.standing import Standing
from storage.sagas import Saga

MODES: tuple[Standing, ...] = ("walled", "throttled", "blocked")

ServiceArgument = Annotated[str, typer.Argument(help="The service, as orders name it.")]
OrderOption = Annotated[str | None, typer.Option("--order", help="Number of the order that asks for it.")]
WishOption = Annotated[
    str | None, typer.Option("--wish", help="What names it where no order does: a reminder's number, an event's id.")
]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why, for CRM, billing and the history.")]
JobOption = Annotated[str | None, typer.Option("--job", help="Work order that goes with it.")]
SubscriptionOption = Annotated[
    str | None, typer.Option("--subscription", help="Of the billing system, where the hub cannot tell it.")
]
ProductOption = Annotated[str, typer.Option("--product", help="The offering of the catalogue.")]
ModeOption = Annotated[str, typer.Option(help=f"One of {', '.join(MODES)}.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("suspend")(suspend)
    app.command("restore")(restore)
    app.command("hold")(hold)
    app.command("wake")(wake)
    app.command("change")(change)
    app.command("add")(add)
    app.command("end")(end)
    app.command("swap")(swap)
    app.command("move")(move)
    app.command("cease")(cease)
    app.command("reapply")(reapply)
    app.command("customize")(customize)


def say(saga: Saga) -> None:
    """One line about a saga."""
    told = f"saga {saga.id} ({saga.key}): {saga.state} at {saga.step}"
    screen.print(f"{told}: {saga.reason}" if saga.reason else told, markup=False)


def suspend(
    service: ServiceArgument,
    mode: ModeOption = "walled",
    wish: WishOption = None,
    reason: ReasonOption = None,
    subscription: SubscriptionOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Suspend a service for non-payment; the pay page stays reachable where it is walled."""
    asked = Wish(reason=reason, name=wish, subscription_id=subscription)
    _ask(
        operator,
        workspace,
        actor,
        asked,
        lambda hub, w, now: asking.suspend_service(hub, service, _mode(mode), now, w),
    )


def restore(
    service: ServiceArgument,
    wish: WishOption = None,
    reason: ReasonOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a suspended service work again."""
    asked = Wish(reason=reason, name=wish)
    _ask(operator, workspace, actor, asked, lambda hub, w, now: asking.restore_service(hub, service, now, w))


def hold(
    service: ServiceArgument,
    mode: ModeOption = "walled",
    until: Annotated[str | None, typer.Option("--until", help="Day on which it works again by itself.")] = None,
    wish: WishOption = None,
    reason: ReasonOption = None,
    subscription: SubscriptionOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a service rest for a season."""
    asked, last = Wish(reason=reason, name=wish, subscription_id=subscription), _day(until, "--until")
    _ask(
        operator,
        workspace,
        actor,
        asked,
        lambda hub, w, now: asking.hold_service(hub, service, now, w, _mode(mode), last),
    )


def wake(
    service: ServiceArgument,
    wish: WishOption = None,
    reason: ReasonOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a service work again that rests."""
    asked = Wish(reason=reason, name=wish)
    _ask(operator, workspace, actor, asked, lambda hub, w, now: asking.wake_service(hub, service, now, w))


def change(
    service: ServiceArgument,
    offering: Annotated[str, typer.Option("--to", help="The offering of the catalogue.")],
    order: OrderOption = None,
    wish: WishOption = None,
    reason: ReasonOption = None,
    job: JobOption = None,
    subscription: SubscriptionOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Give a service another tier, in the network and on the bill."""
    asked = Wish(reason=reason, order_number=order, name=wish, work_order_id=job, subscription_id=subscription)
    _ask(operator, workspace, actor, asked, lambda hub, w, now: asking.change_tier(hub, service, offering, now, w))


def add(
    service: ServiceArgument,
    product: ProductOption,
    order: OrderOption = None,
    wish: WishOption = None,
    reason: ReasonOption = None,
    job: JobOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Add a telephone, an address or a rental to a service that is there; a telephone is billed once it works."""
    asked = Wish(reason=reason, order_number=order, name=wish, work_order_id=job)
    _ask(operator, workspace, actor, asked, lambda hub, w, now: asking_parts.add_part(hub, service, product, now, w))


def end(
    service: ServiceArgument,
    product: ProductOption,
    order: OrderOption = None,
    wish: WishOption = None,
    reason: ReasonOption = None,
    subscription: SubscriptionOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """End what was sold beside a service, and its bill; the service itself goes on."""
    asked = Wish(reason=reason, order_number=order, name=wish, subscription_id=subscription)
    _ask(operator, workspace, actor, asked, lambda hub, w, now: asking_parts.end_part(hub, service, product, now, w))


def swap(
    service: ServiceArgument,
    serial: Annotated[str, typer.Option("--serial", help="Of the new terminal, as it was scanned.")],
    wish: WishOption = None,
    reason: ReasonOption = None,
    job: JobOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Put another terminal in the place of a service's; the old one goes back to the store room."""
    asked = Wish(reason=reason, name=wish or (f"WO-{job}" if job else None), work_order_id=job)
    _ask(operator, workspace, actor, asked, lambda hub, w, now: asking.swap_device(hub, service, serial, now, w))


def move(
    service: ServiceArgument,
    order: Annotated[str, typer.Option("--order", help="Number of the order.")],
    element: Annotated[str, typer.Option("--element", help="The OLT, switch or access point at the new premise.")],
    port: Annotated[str, typer.Option("--port", help="Its port.")],
    username: Annotated[str, typer.Option("--username", help="Of the subscriber in AAA on the new line.")],
    onu: Annotated[int | None, typer.Option("--onu", help="Number of the terminal on its PON.")] = None,
    serial: Annotated[str | None, typer.Option("--serial", help="Of another terminal; none is taken along.")] = None,
    reason: ReasonOption = None,
    job: JobOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring a service to another premise; the line before goes when the new one is proven."""
    asked = Wish(reason=reason, order_number=order, work_order_id=job)
    names = {"element": element, "port": port, "onu_id": onu, "username": username, "serial": None}

    def moved(hub: Hub, wish: Wish, now: datetime) -> Saga:
        there = known_service(hub, service).facts.line.model_copy(update=names)
        return asking.move_service(hub, service, there, now, wish, serial)

    _ask(operator, workspace, actor, asked, moved)


def cease(
    service: ServiceArgument,
    order: Annotated[str, typer.Option("--order", help="Number of the order.")],
    on: Annotated[
        str | None, typer.Option("--on", help="First day without service, if it is past (2026-11-30).")
    ] = None,
    reason: ReasonOption = None,
    job: JobOption = None,
    subscription: SubscriptionOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """End a service: the network first, then the bill; its terminal is collected."""
    asked = Wish(
        reason=reason, order_number=order, work_order_id=job, subscription_id=subscription, effective_on=_day(on)
    )
    _ask(operator, workspace, actor, asked, lambda hub, w, now: asking.cease_service(hub, service, now, w))


def reapply(
    service: ServiceArgument,
    wish: WishOption = None,
    reason: ReasonOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Give a router its settings again that was reset; nothing is billed for it."""
    asked = Wish(reason=reason, name=wish)
    _ask(operator, workspace, actor, asked, lambda hub, w, now: asking.reapply_service(hub, service, now, w))


def customize(
    service: ServiceArgument,
    setting: Annotated[
        list[str], typer.Option("--set", help="A setting, as wifi_name=Home; with nothing behind it the operator's.")
    ],
    wish: WishOption = None,
    reason: ReasonOption = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Give a router settings that its subscriber wants otherwise; they stay with the service from then on."""
    asked, settings = Wish(reason=reason, name=wish), asking_settings.settings_in(setting)
    _ask(
        operator,
        workspace,
        actor,
        asked,
        lambda hub, w, now: asking_settings.customize_service(hub, service, settings, now, w),
    )


def _ask(
    operator: Path,
    workspace: Path | None,
    actor: str | None,
    wish: Wish,
    ask: Callable[[Hub, Wish, datetime], Saga],
) -> None:
    by = deciding(actor)
    with opened(operator, workspace) as hub:
        say(ask(hub, wish.by(by.actor), by.at))


def _mode(given: str) -> Standing:
    for mode in MODES:
        if given == mode:
            return mode
    raise ConfigurationError(f"--mode {given}: one of {', '.join(MODES)} is expected")


def _day(given: str | None, option: str = "--on") -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ConfigurationError(f"{option} {given}: a day like 2026-11-30 is expected") from None
