"""`splice service`: one service of a customer, what happened to it, and what is done to it."""

import typer

from console import service_adoption, service_changes, service_decisions, service_readiness, service_shown

app = typer.Typer(
    no_args_is_help=True, help="One service of a customer, from the address to its end, and its history."
)
service_readiness.add_to(app)
service_shown.add_to(app)
service_changes.add_to(app)
service_adoption.add_to(app)
service_decisions.add_to(app)
