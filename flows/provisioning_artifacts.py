"""What people open after services were brought to life or changed: what needs them, and each service's history."""

from collections.abc import Mapping, Sequence

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from canonical_model.errors import SpliceError
from flows.artifact_keys import artifact_key
from hub.readiness.beginning import ReadyOutcome
from hub.service_history.history import service_history
from hub.service_history.markdown import history_markdown
from hub.workplace import Hub
from storage.sagas import Saga

MOST_ROWS = 500
MOST_HISTORIES = 10
"""An artifact for each service that moved would bury what needs a person; `splice service show` has all."""


def show_orders(market: str, outcomes: Sequence[ReadyOutcome]) -> None:
    """A table of the orders that cannot be made ready, with the reasons; none where there are none."""
    rows = [
        {
            "order": each.order_number,
            "what stands in its way": each.said,
        }
        for outcome in outcomes
        for each in outcome.told
    ]
    if rows:
        create_table_artifact(
            key=artifact_key("orders", market),
            table=rows[:MOST_ROWS],
            description=f"{len(rows)} orders of {market} cannot be made ready",
        )


def show_left(market: str, left: Mapping[str, str]) -> None:
    """A table of the services that are not adopted, with the reasons; none where there are none."""
    rows = [{"account": account, "why it is left": why} for account, why in left.items()]
    if rows:
        create_table_artifact(
            key=artifact_key("left", market),
            table=rows[:MOST_ROWS],
            description=f"{len(rows)} services of {market} are not adopted",
        )


def show_sagas(market: str, held: Sequence[Saga]) -> None:
    """A table of the sagas that need a person; none where there are none."""
    rows = [
        {
            "saga": each.id,
            "service": each.service_id,
            "what": each.kind.replace("_", " "),
            "stands at": each.step.replace("_", " "),
            "why": each.reason,
            "who is asked": (each.person or "").replace("_", " "),
        }
        for each in held
    ]
    if rows:
        create_table_artifact(
            key=artifact_key("held", market),
            table=rows[:MOST_ROWS],
            description=f"{len(rows)} sagas of {market} are held",
        )


def show_histories(hub: Hub, moved: Sequence[Saga]) -> None:
    """The history of the services that moved last, one page each: order, job, evidence, effects with receipts."""
    services = dict.fromkeys((each.market, each.service_id) for each in reversed(moved))
    for market, service in list(services)[:MOST_HISTORIES]:
        try:
            history = service_history(hub, service, market)
        except SpliceError:
            continue  # two accounts know the number: the command line asks which
        create_markdown_artifact(
            key=artifact_key("service", market, service),
            markdown=history_markdown(history),
            description="; ".join(history.stands)[:300],
        )
