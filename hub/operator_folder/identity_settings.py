"""How customers and premises are matched: the operator's files, or ours where there is none."""

from collections.abc import Collection, Iterator, Mapping

from canonical_model.errors import Fault
from canonical_model.yaml_source import nearest
from identity.settings import SUBJECTS, MatchSettings, Subject
from identity.settings_file import default_settings, read_settings
from identity.standard_forms import CUSTOMER_COLUMNS, PREMISE_COLUMNS

COLUMNS: Mapping[Subject, tuple[str, ...]] = {"customer": CUSTOMER_COLUMNS, "premise": PREMISE_COLUMNS}


def matching_by_subject(
    texts: Mapping[str, str], systems: Collection[str], faults: list[Fault]
) -> dict[Subject, MatchSettings]:
    """The settings for each subject.

    Args:
        texts: files of the operator's folder ``identity`` by name.
        systems: names in operator.yaml.
        faults: whatever is wrong is added here.
    """
    found: dict[Subject, MatchSettings] = {subject: default_settings(subject) for subject in SUBJECTS}
    names: dict[str, Subject] = {f"identity/{subject}.yaml": subject for subject in SUBJECTS}
    for name, text in texts.items():
        subject = names.get(name)
        if subject is None:
            faults.append(Fault(name, 0, "", f"is not read{nearest(name, list(names))}"))
            continue
        settings = read_settings(text, name, faults, COLUMNS[subject])
        if settings is None:
            continue
        if settings.subject != subject:
            faults.append(Fault(name, 0, "subject", f"{subject} was expected in this file"))
        faults.extend(_unknown_systems(name, settings, systems))
        found[subject] = settings
    return found


def _unknown_systems(name: str, settings: MatchSettings, systems: Collection[str]) -> Iterator[Fault]:
    for number, key in enumerate(settings.exact):
        for system in (each for space in key.spaces for each in space):
            if system not in systems:
                known = nearest(system, list(systems))
                yield Fault(name, 0, f"exact.{number}.spaces", f"there is no system {system!r}{known}")
