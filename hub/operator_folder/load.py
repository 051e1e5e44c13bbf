"""Read an operator's folder whole, and list everything that is wrong with it at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from canonical_model.catalogue import Catalogue
from canonical_model.errors import ConfigurationError, Fault, configuration_error
from canonical_model.intervals import DateInterval
from canonical_model.markets import Market
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from connectors.commands import CommandFile, read_command_files
from connectors.discovery import capabilities_by_kind
from connectors.mapping import MappedSystem, StreamMapping, read_mappings
from hub.operator_folder.operator_file import OperatorFile
from reconciliation.analysis_views import VIEWS
from reconciliation.price_book import build_price_book
from rules.compiled import compile_rules
from rules.rulebook import Rulebook, read_folder, read_rulebook

OPERATOR_FILE = "operator.yaml"
_URL_WITH_PASSWORD = re.compile(r"://[^/@:\s]*:[^/@\s]+@")
CATALOGUE_FILE = "catalogue.yaml"


@dataclass(frozen=True, slots=True)
class Operator:
    """Everything an operator's folder says, checked.

    Attributes:
        folder: where it was read from.
        file: ``operator.yaml``.
        mappings: by system, in the order in which they are pulled.
        commands: how systems take commands of ours, by the command's name.
        sources: content of every file by name, for snapshots.
        warnings: what is allowed and probably not meant.
    """

    folder: Path
    file: OperatorFile
    markets: Mapping[str, Market]
    catalogue: Catalogue
    rulebook: Rulebook
    mappings: Mapping[str, tuple[StreamMapping, ...]]
    mapped_systems: Mapping[str, MappedSystem]
    sources: Mapping[str, str] = field(repr=False)
    commands: Mapping[str, tuple[CommandFile, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def load_operator(folder: Path) -> Operator:
    """Read and check every file of an operator's folder.

    Raises:
        ConfigurationError: anything is wrong; all faults are listed, each with file, line, key and expectation.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"there is no folder {folder}: name the operator's folder with --operator")
    faults: list[Fault] = []
    operator_source = _source(folder, OPERATOR_FILE, faults)
    file = validated(operator_source, OperatorFile, faults) if operator_source else None
    catalogue_source = _source(folder, CATALOGUE_FILE, faults)
    catalogue = validated(catalogue_source, Catalogue, faults) if catalogue_source else None
    if operator_source is None or file is None or catalogue_source is None or catalogue is None:
        raise configuration_error(faults)

    _check_no_passwords(operator_source, file, faults)
    markets = _markets(operator_source, file, faults)
    systems = dict(_systems(operator_source, file, faults))
    _check_catalogue(catalogue_source, catalogue, markets, faults)
    texts = read_folder(folder / "mappings", "mappings", faults)
    mappings = read_mappings(texts, faults, systems=systems, markets=list(markets))
    commands = read_command_files(read_folder(folder / "commands", "commands", faults), faults, systems=systems)
    _check_handoffs(operator_source, file, faults)
    rule_texts = read_folder(folder / "rules", "rules", faults)
    rulebook = _rulebook(rule_texts, file, faults)
    if faults:
        raise configuration_error(faults)
    return Operator(
        folder=folder,
        file=file,
        markets=markets,
        catalogue=catalogue,
        rulebook=rulebook,
        mappings=_by_system(mappings),
        mapped_systems=systems,
        sources=texts | rule_texts | {name: _text(folder, name) for name in (OPERATOR_FILE, CATALOGUE_FILE)},
        commands=_by_command(commands),
        warnings=tuple(
            [warning for mapping in mappings for warning in mapping.warnings]
            + [warning for command in commands for warning in command.warnings]
        ),
    )


def our_rules(faults: list[Fault]) -> dict[str, str]:
    """The rule packs that come with Splice, by file name."""
    return read_folder(Path(str(files("rules").joinpath("packs"))), "rules/packs", faults)


def _source(folder: Path, name: str, faults: list[Fault]) -> YamlSource | None:
    try:
        return read_yaml(_text(folder, name), name, faults)
    except OSError:
        faults.append(Fault(name, 0, "", f"is missing in {folder}"))
    except UnicodeDecodeError as error:
        faults.append(Fault(name, 0, "", f"is not UTF-8 text: {error.reason} at byte {error.start}"))
    return None


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def _markets(source: YamlSource, file: OperatorFile, faults: list[Fault]) -> dict[str, Market]:
    markets = {}
    for market_id, block in file.markets.items():
        try:
            markets[market_id] = Market(id=market_id, **block.model_dump())
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                place = source.place("markets", market_id, *detail["loc"])
                faults.append(place.fault(detail["msg"].removeprefix("Value error, ")))
    return markets


def _systems(source: YamlSource, file: OperatorFile, faults: list[Fault]) -> Iterator[tuple[str, MappedSystem]]:
    kinds = capabilities_by_kind()
    for name, block in file.systems.items():
        place = source.part("systems", name)
        capabilities = kinds.get(block.kind)
        if capabilities is None:
            faults.append(
                place.place("kind").fault(f"there is no connector {block.kind}{nearest(block.kind, kinds)}")
            )
            continue
        if block.market is not None and block.market not in file.markets:
            known = nearest(block.market, file.markets)
            faults.append(place.place("market").fault(f"there is no market {block.market}{known}"))
        options = {option.name: option for option in (*capabilities.system_options, *capabilities.stream_options)}
        for option in block.options:
            if option not in options:
                problem = f"{block.kind} has no such option{nearest(option, options)}"
                faults.append(place.place("options", option).fault(problem))
        for secret in block.secrets:
            if secret not in options or not options[secret].secret:
                secrets = [known for known, option in options.items() if option.secret]
                problem = f"is no secret of {block.kind}{nearest(secret, secrets)}"
                faults.append(place.place("secrets", secret).fault(problem))
        yield name, MappedSystem(name, capabilities, block.market, block.options)


def _check_no_passwords(source: YamlSource, file: OperatorFile, faults: list[Fault]) -> None:
    """The file is copied into every snapshot, so that no password may stand in it."""
    places: list[tuple[tuple[str, ...], object]] = [(("database",), file.database)]
    for name, block in file.systems.items():
        places.append((("systems", name, "address"), block.address))
        places += [(("systems", name, "options", option), value) for option, value in block.options.items()]
    for steps, value in places:
        if isinstance(value, str) and _URL_WITH_PASSWORD.search(value):
            faults.append(source.place(*steps).fault("holds a password: name a variable instead, as in env:NAME"))


def _check_catalogue(
    source: YamlSource, catalogue: Catalogue, markets: Mapping[str, Market], faults: list[Fault]
) -> None:
    for market_id, market in markets.items():
        if market_id not in catalogue.proration:
            faults.append(source.place("proration").fault(f"states no convention for market {market_id}"))
        try:
            build_price_book(catalogue, market, [DateInterval(date(2000, 1, 1), date(2000, 2, 1))], date(2000, 1, 1))
        except ConfigurationError as error:
            faults.append(source.place().fault(str(error).removeprefix("catalogue: ")))


def _rulebook(own: Mapping[str, str], file: OperatorFile, faults: list[Fault]) -> Rulebook:
    rulebook = read_rulebook(our_rules(faults) | dict(own), faults, markets=list(file.markets))
    schemas = {name: view.schema for name, view in VIEWS.items()}
    compile_rules(rulebook.rules, schemas, faults, sources=rulebook.sources)
    return rulebook


def _check_handoffs(source: YamlSource, file: OperatorFile, faults: list[Fault]) -> None:
    for market in file.handoffs:
        if market not in file.markets:
            known = nearest(market, file.markets)
            faults.append(source.place("handoffs", market).fault(f"there is no market {market}{known}"))


def _by_command(commands: tuple[CommandFile, ...]) -> dict[str, tuple[CommandFile, ...]]:
    by_command: dict[str, tuple[CommandFile, ...]] = {}
    for command in commands:
        by_command[command.command] = (*by_command.get(command.command, ()), command)
    return by_command


def _by_system(mappings: tuple[StreamMapping, ...]) -> dict[str, tuple[StreamMapping, ...]]:
    by_system: dict[str, tuple[StreamMapping, ...]] = {}
    for mapping in mappings:
        for system in mapping.systems:
            by_system[system] = (*by_system.get(system, ()), mapping)
    return by_system
