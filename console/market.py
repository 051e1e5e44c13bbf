"""`splice market`: where the take-over of a market's hand-offs stands, and how it is moved on and back."""

import typer

from console import (
    market_foreign,
    market_gates,
    market_moves,
    market_report,
    market_shadow,
    market_shown,
    market_steps,
)

app = typer.Typer(
    no_args_is_help=True, help="The take-over of a market's hand-offs: where it stands, on, and back again."
)
market_shown.add_to(app)
market_steps.add_to(app)
market_moves.add_to(app)
market_gates.add_to(app)
market_report.add_to(app)
market_foreign.add_to(app)
market_shadow.add_to(app)
