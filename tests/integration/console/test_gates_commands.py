"""Gates at the terminal: listed, shown as they hold for a crew, tried, and every fault of an operator's own told."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError, SpliceError
from console.main import app
from tests.fakes.lumen_valley import FOLDER

OWN = """\
id: LV-G1
title: Nobody measured upstream
why: Customers with cameras complain about the upstream first.
when: speed_up_mbps < least
outcome: hold
person: technician
say: "{speed_up_mbps} Mbit/s upstream, {least} are asked for."
owner: field_operations
parameters:
  least: {type: number, value: 50.0}
examples:
  - given: {speed_up_mbps: 20}
    expect: hold
  - given: {speed_up_mbps: 80}
    expect: pass
"""
CREW = """\
- override: GT-06
  crews: [Northern Fiber Ltd]
  parameters: {least_photos: 5}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "operator"
    shutil.copytree(FOLDER, copied)
    (copied / "gates").mkdir(exist_ok=True)
    return copied


def gates(folder: Path, text: str) -> Path:
    file = folder / "gates" / "own.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def run(*arguments: str) -> str:
    told = CliRunner().invoke(app, list(arguments))
    assert told.exit_code == 0, told.exception
    return told.output


def refused(*arguments: str) -> SpliceError:
    told = CliRunner().invoke(app, list(arguments))
    assert isinstance(told.exception, SpliceError), told.output
    return told.exception


def test_gates_stand_beside_leakage_rules() -> None:
    listed = run("rules", "list", "--operator", str(FOLDER))
    assert "GT-06" in listed
    assert "RL-A01" in listed
    told = json.loads(run("rules", "list", "--json", "--operator", str(FOLDER)))
    assert {each["kind"] for each in told} == {"gate", "leakage"}


def test_a_gate_is_shown_as_it_holds_for_a_crew(folder: Path) -> None:
    gates(folder, CREW)
    show = ("rules", "show", "GT-06", "--json", "--operator", str(folder), "--market", "mesa")
    assert json.loads(run(*show))["parameters"]["least_photos"]["value"] == 2
    theirs = json.loads(run(*show, "--crew", "Northern Fiber Ltd"))
    assert theirs["parameters"]["least_photos"]["value"] == 5
    shown = run("rules", "show", "GT-06", "--operator", str(folder))
    assert "rules/packs/gates/too-few-photos.yaml:1" in shown


def test_what_is_not_there_is_named() -> None:
    where = ("--operator", str(FOLDER))
    assert "there is no rule GT-6; nearest: GT-" in str(refused("rules", "show", "GT-6", *where))
    assert "known: riverbend, mesa, northshore" in str(refused("rules", "list", "--market", "nowhere", *where))
    assert "name it with --market" in str(refused("rules", "list", "--crew", "Crew 1", *where))
    assert "--snapshot" in str(refused("rules", "test", "RL-A01", *where))


def test_the_examples_of_a_gate_are_run(folder: Path) -> None:
    assert "GT-06 Photos are missing: 4 examples hold" in run("rules", "test", "GT-06", "--operator", str(folder))
    own = gates(folder, OWN)
    assert "LV-G1 Nobody measured upstream: 2 examples hold" in run(
        "rules", "test", str(own), "--operator", str(folder)
    )
    own.write_text(OWN.replace("expect: pass", "expect: inconclusive"), encoding="utf-8")
    told = refused("rules", "test", str(own), "--operator", str(folder))
    assert str(told) == "LV-G1, example 2: said pass, not inconclusive"


def test_an_override_that_is_tried_is_checked_beside_all_gates(folder: Path, tmp_path: Path) -> None:
    tried = tmp_path / "tried.yaml"
    tried.write_text(CREW, encoding="utf-8")
    assert "GT-06 Photos are missing" in run("rules", "test", str(tried), "--operator", str(folder))
    gates(folder, CREW)
    told = refused("rules", "test", str(tried), "--operator", str(folder))
    assert "gates/own.yaml:1 sets it for GT-06 too" in str(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            CREW.replace("least_photos", "least_photo"),
            "gates/own.yaml:3: 0.parameters.least_photo: GT-06 has no parameter",
        ),
        (CREW.replace("5", "many"), "gates/own.yaml:3: 0.parameters.least_photos: many is not of type integer"),
        (CREW.replace("GT-06", "GT-60"), "gates/own.yaml:1: 0.override: there is no rule GT-60"),
        (CREW + CREW, "gates/own.yaml:6: 1.parameters.least_photos: gates/own.yaml:1 sets it for GT-06 too"),
        ("- {override: GT-01, waivable: true}", "gates/own.yaml:1: 0.waivable: GT-01 refuses"),
        (
            "- {override: GT-05, markets: [mesaa]}",
            "gates/own.yaml:1: 0.markets.0: there is no market mesaa; nearest: mesa",
        ),
        (OWN.replace("speed_up_mbps <", "speed_upp <"), "gates/own.yaml:4: when: there is no column speed_upp"),
        (
            OWN.replace("{least} are", "{leest} are"),
            "gates/own.yaml:7: say: {leest} is no column, parameter or value",
        ),
        (OWN.replace("LV-G1", "GT-01"), "is defined already in"),
        (OWN.replace("person: technician", "person: janitor"), "gates/own.yaml:6: person:"),
        (OWN.replace("outcome: hold", "outcome: refuse\nwaivable: true"), "what is refused cannot be waived"),
    ],
)
def test_a_wrong_gate_is_told_with_file_and_line(folder: Path, text: str, told: str) -> None:
    gates(folder, text)
    error = refused("check", "--operator", str(folder))
    assert isinstance(error, ConfigurationError)
    assert told in str(error)
