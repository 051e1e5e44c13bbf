"""`splice service`: services on their way to a customer and at work."""

import typer

from console import service_readiness

app = typer.Typer(no_args_is_help=True, help="Services: whether an address can be served, and orders made ready.")
service_readiness.add_to(app)
