"""`splice estate serve`: legacy systems on loopback, with faults on demand."""

import json
import signal
import sys
import threading
from dataclasses import asdict
from typing import Annotated

import typer

from canonical_model.errors import ConfigurationError
from console.workplace import screen
from simulated_estate.estate import Estate, build_estate
from simulated_estate.servers.serve import RunningEstate, serve_estate

app = typer.Typer(no_args_is_help=True, help="A simulated operator whose systems speak their real protocols.")

SubscribersOption = Annotated[int, typer.Option(min=20, max=100_000, help="How many subscribers live in it.")]
MonthsOption = Annotated[int, typer.Option(min=2, max=60, help="How many months were billed.")]
SeedOption = Annotated[int, typer.Option(help="Another seed is another world.")]
FaultsOption = Annotated[str, typer.Option(help="Faults, such as crm:latency=0.2,billing:http_503=0.05.")]


@app.callback()
def estate() -> None:
    """Keep `serve` a command of its own."""


@app.command()
def serve(
    subscribers: SubscribersOption = 1500,
    months: MonthsOption = 12,
    seed: SeedOption = 1,
    faults: FaultsOption = "",
    dialogue: Annotated[bool, typer.Option(hidden=True, help="Speak JSON with a parent process.")] = False,
) -> None:
    """Serve the estate until Ctrl-C, and print the variables by which the example operator finds it."""
    built = build_estate(subscribers, months, seed)
    try:
        with serve_estate(built.books, faults=faults, seed=seed) as running:
            if dialogue:
                _speak(built, running)
            else:
                _wait(built, running)
    except ValueError as error:
        raise ConfigurationError(f"--faults: {error}") from error


def variables(running: RunningEstate) -> dict[str, str]:
    """The environment variables by which examples/lumen_valley finds its systems."""
    addresses, known = running.addresses, running.credentials
    systems = {
        "CRM": addresses["crm"],
        "CRM_CLIENT_ID": known["crm"]["consumer_key"],
        "CRM_SECRET": known["crm"]["consumer_secret"],
        "BILLING": addresses["billing"],
        "BILLING_PASSWORD": known["billing"]["password"],
        "FSM": addresses["field_service"],
        "FSM_KEY": known["field_service"]["api_key"],
        "FSM_WEBHOOK": known["field_service"]["webhook_secret"],
        "NEWBILL": addresses["target_billing"],
        "NEWBILL_KEY": known["target_billing"]["api_key"],
        "SNMP_COMMUNITY": known["network"]["community"],
    }
    elements = {element.upper().replace("-", "_"): addresses[element] for element in running.books.network}
    return {f"LUMEN_VALLEY_{name}": value for name, value in (systems | elements).items()}


def _wait(built: Estate, running: RunningEstate) -> None:
    for name, value in variables(running).items():
        screen.print(f"export {name}={value}", highlight=False, soft_wrap=True)
    screen.print(f"\n# as of {built.as_of.isoformat()}; Ctrl-C ends it", highlight=False)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()


def _speak(built: Estate, running: RunningEstate) -> None:
    """Tell a parent process where the systems are; give the ledger out only when it asks, at the very end."""
    _say({"as_of": built.as_of.isoformat(), "variables": variables(running)})
    for line in sys.stdin:
        if line.strip() == "ledger":
            _say([asdict(entry) for entry in built.ledger])


def _say(message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
