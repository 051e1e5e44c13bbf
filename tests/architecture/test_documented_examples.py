"""The YAML files and commands that the how-to pages show are accepted as they stand there."""

import re
import shlex
import textwrap
from pathlib import Path

import click
import pytest
import typer
from source_tree import ROOT

HOW_TO = ROOT / "docs/how-to"
UNITS = sorted((HOW_TO / "production").glob("*.service"))
STARTED = re.compile(r"^ExecStart=.*exec \.venv/bin/(splice [^']*)'$", re.MULTILINE)
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
SHOWN_FILE = re.compile(r"^```yaml\n# (?P<name>[\w/.-]+\.yaml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_COMMAND = re.compile(r"(?:^    (?:\$ )?|`)(?:\.venv/bin/)?(?P<command>(?:splice|make) [^`\n#]*)", re.MULTILINE)
TARGETS = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture(scope="module")
def commands() -> click.Command:
    from console.main import app

    return typer.main.get_command(app)


def test_the_files_of_the_how_to_pages_make_an_operator_that_is_accepted(tmp_path: Path) -> None:
    from hub.operator_folder.load import load_operator

    shown = [match for page in sorted(HOW_TO.glob("*.md")) for match in SHOWN_FILE.finditer(page.read_text("utf-8"))]
    for match in shown:
        path = tmp_path / match["name"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(match["text"], encoding="utf-8")
    operator = load_operator(tmp_path)
    assert len(shown) >= 5
    assert {name: [mapping.stream for mapping in found] for name, found in operator.mappings.items()} == {
        "ledger": ["bills"],
        "crm": ["fiber-jobs"],
        "drop": ["done-jobs"],
    }
    assert "SF-D02" in {rule.id for rule in operator.rulebook.rules}


def problem_with(command: str, commands: click.Command) -> str | None:
    """What is wrong with a documented command: no such target, command or option."""
    program, *words = shlex.split(command)
    if program == "make":
        return next((f"no target {word}" for word in words if word not in TARGETS and "=" not in word), None)
    group = commands
    while words and not words[0].startswith("-") and (inner := getattr(group, "commands", {}).get(words[0])):
        group, words = inner, words[1:]
    if group is commands and words and not words[0].startswith("-"):
        return f"no command {words[0]}"
    known = {option for parameter in group.params for option in (*parameter.opts, *parameter.secondary_opts)}
    options = (word.split("=")[0] for word in words if word.startswith("-"))
    return next((f"no option {option}" for option in options if option not in known and option != "--help"), None)


@pytest.mark.parametrize("command", ["make tset", "splice recon", "splice reconcile --markt x"])
def test_a_command_that_does_not_exist_is_noticed(command: str, commands: click.Command) -> None:
    assert problem_with(command, commands)


def commands_in(page: Path) -> set[str]:
    text = FENCED.sub(lambda block: textwrap.indent(block[1], "    "), page.read_text(encoding="utf-8"))
    return {match["command"].strip() for match in SHOWN_COMMAND.finditer(text)}


def test_every_documented_command_exists(commands: click.Command) -> None:
    shown = {(page.relative_to(ROOT).as_posix(), command) for page in PAGES for command in commands_in(page)}
    assert len(shown) > 5
    assert {one: problem for one in sorted(shown) if (problem := problem_with(one[1], commands))} == {}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_unit_starts_a_command_that_exists(unit: Path, commands: click.Command) -> None:
    (started,) = STARTED.findall(unit.read_text(encoding="utf-8"))
    assert problem_with(started, commands) is None
