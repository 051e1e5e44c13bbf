"""`splice service`: what is done to a customer's service in the network, and on the bill."""

import typer

from console import service_changes, service_decisions

app = typer.Typer(no_args_is_help=True, help="Services in the network: suspend, restore, change, swap, move, end.")
service_changes.add_to(app)
service_decisions.add_to(app)
