"""What each driver of the network can do, read off its capabilities: the sections of a reference page."""

from collections.abc import Iterator

from hub.markdown_tables import options_table, table
from provisioning.discovery import driver_capabilities
from provisioning.driver import DriverCapabilities
from provisioning.saga import SEQUENCES, STEPS


def driver_sections() -> Iterator[str]:
    """The matrix of all drivers, one section for each, and the sagas that use them."""
    drivers = driver_capabilities()
    yield _matrix(drivers)
    for kind, can in drivers.items():
        variants = f"\n\nVariants: {', '.join(f'`{each}`' for each in can.variants)}." if can.variants else ""
        logins = ", ".join(can.logins)
        yield f"## {kind}\n\n{can.protocol}. Logins: {logins}.{variants}\n\n{options_table(can.options)}\n"
    yield _sagas()


def _matrix(drivers: dict[str, DriverCapabilities]) -> str:
    headings = ("driver", "layer", "technologies", "sees new terminals", "all or nothing", "tests speed", "proves")
    rows = (
        (
            f"`{kind}`",
            can.layer,
            ", ".join(can.technologies).replace("_", " "),
            "yes" if can.discovers else "no",
            "yes" if can.atomic else "no",
            "yes" if can.tests_speed else "no",
            ", ".join(can.evidence).replace("_", " ") or "nothing by itself",
        )
        for kind, can in drivers.items()
    )
    return table(headings, rows) + "\n"


def _sagas() -> str:
    parts = ["## Sagas\n"]
    for kind, steps in SEQUENCES.items():
        meanings = ((step, STEPS[step]) for step in steps)
        rows = (
            (f"`{step}`", each.nature, each.meaning, str(each.patience or "none"), each.person.replace("_", " "))
            for step, each in meanings
        )
        parts.append(f"### {kind}\n\n{table(('step', '', 'until', 'waits', 'then asks'), rows)}\n")
    return "\n".join(parts)
