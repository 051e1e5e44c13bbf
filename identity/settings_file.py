"""Files of settings: read, and every fault told with its place."""

from importlib.resources import files

from canonical_model.errors import Fault, configuration_error
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from identity.settings import MatchSettings, Subject


def default_text(subject: Subject) -> str:
    """The settings that come with Splice, as YAML."""
    return files("identity").joinpath("defaults").joinpath(f"{subject}.yaml").read_text(encoding="utf-8")


def default_settings(subject: Subject) -> MatchSettings:
    """The settings that come with Splice."""
    faults: list[Fault] = []
    settings = read_settings(default_text(subject), f"identity/defaults/{subject}.yaml", faults)
    if settings is None:
        raise configuration_error(faults)
    return settings


def read_settings(
    text: str, file: str, faults: list[Fault], columns: tuple[str, ...] | None = None
) -> MatchSettings | None:
    """Read one file of settings.

    Args:
        text: YAML.
        file: its name in faults.
        faults: whatever is wrong is added here, with file, line and key.
        columns: what the records have; None leaves names of columns unchecked.

    Returns:
        The settings; None where something is wrong.
    """
    before = len(faults)
    source = read_yaml(text, file, faults)
    settings = validated(source, MatchSettings, faults) if source is not None else None
    if source is None or settings is None:
        return None
    _check_levels(source, settings, faults)
    _check_comparisons(source, settings, faults)
    if columns is not None:
        _check_columns(source, settings, columns, faults)
    return settings if len(faults) == before else None


def _check_levels(source: YamlSource, settings: MatchSettings, faults: list[Fault]) -> None:
    for name, levels in settings.compare.items():
        place = source.place("compare", name)
        ends = [level.otherwise is not None for level in levels]
        if len(levels) < 2 or ends != [False] * (len(levels) - 1) + [True]:
            faults.append(place.fault("levels were expected that end with one that says otherwise: true"))


def _check_comparisons(source: YamlSource, settings: MatchSettings, faults: list[Fault]) -> None:
    named: list[tuple[tuple[str | int, ...], str]] = []
    for number, route in enumerate(settings.joins_itself):
        lists = route.model_dump(exclude={"called", "alone", "link"})
        named += [(("joins_itself", number, condition), name) for condition, names in lists.items() for name in names]
    for condition, names in settings.rivals or ():
        named += [(("rivals", condition), name) for name in names]
    for number, key in enumerate(settings.exact):
        named += [(("exact", number, "contradicted_by"), name) for names in key.contradicted_by for name in names]
    for number, pairs in enumerate(settings.not_shown):
        named += [(("not_shown", number, condition), name) for condition, names in pairs for name in names]
    named += [(("never_together",), name) for name in settings.never_together]
    named += [(("witness",), settings.witness)] if settings.witness is not None else []
    for steps, name in named:
        if name not in settings.compare:
            known = nearest(name, settings.compare)
            faults.append(source.place(*steps).fault(f"nothing is compared under {name!r}{known}"))


def _check_columns(
    source: YamlSource, settings: MatchSettings, columns: tuple[str, ...], faults: list[Fault]
) -> None:
    named: list[tuple[tuple[str | int, ...], str]] = [(("compare", name), name) for name in settings.compare]
    named += [(("block_on", n), name) for n, block in enumerate(settings.block_on) for name in block]
    named += [(("exact", n, "columns"), name) for n, key in enumerate(settings.exact) for name in key.columns]
    if settings.train is not None:
        for key, blocks in (("certain", settings.train.certain), ("blocks", settings.train.blocks)):
            named += [(("train", key, n), name) for n, block in enumerate(blocks) for name in block]
    named += [(("most_sharing", name), name) for name in settings.most_sharing]
    for name, levels in settings.compare.items():
        for level in levels:
            others = (level.swapped_with, level.shares, *level.where_equal)
            named += [(("compare", name), other) for other in others if other is not None]
    for steps, name in named:
        if name not in columns:
            faults.append(source.place(*steps).fault(f"there is no column {name!r}{nearest(name, list(columns))}"))
