"""`splice check`: everything that is wrong in an operator's folder, at once, before anything runs."""

from rich.markup import escape

from console.workplace import EXAMPLE_OPERATOR, OperatorOption, screen
from hub.operator_folder.load import load_operator


def check(operator: OperatorOption = EXAMPLE_OPERATOR) -> None:
    """Validate markets, systems, catalogue, mappings, commands, rules; list every fault with file, line and key."""
    loaded = load_operator(operator)
    for warning in loaded.warnings:
        screen.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    streams = sum(len(mappings) for mappings in loaded.mappings.values())
    commands = sum(len(files) for files in loaded.commands.values())
    screen.print(
        f"{loaded.file.operator}: {len(loaded.markets)} markets, {len(loaded.file.systems)} systems,"
        f" {streams} streams, {commands} commands, {len(loaded.catalogue.offerings)} offerings,"
        f" {len(loaded.rulebook.rules)} rules, {len(loaded.gates.book.gates)} gates: all well",
        markup=False,
    )
