"""The options and secrets of a system's block, held against what its connector takes."""

from collections.abc import Iterator

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest
from connectors.ports import Capabilities
from hub.operator_folder.operator_file import SystemBlock


def wrong_options(place: YamlSource, block: SystemBlock, can: Capabilities) -> Iterator[Fault]:
    """Every option that its connector does not know, or that stands in the wrong part of the block.

    Args:
        place: the block in the file.
        block: what it says.
        can: what its kind takes.
    """
    every = (*can.system_options, *can.stream_options)
    secrets = [option.name for option in every if option.secret]
    taken = {
        "options": [option.name for option in can.system_options if not option.secret],
        "stream_options": [option.name for option in can.stream_options if not option.secret],
    }
    for key, given in (("options", block.options), ("stream_options", block.stream_options)):
        for name in given:
            if name not in taken[key]:
                proper = next((part for part, names in {**taken, "secrets": secrets}.items() if name in names), None)
                problem = f"belongs under {proper}" if proper else f"{can.kind} has no such option"
                near = "" if proper else nearest(name, taken[key])
                yield place.place(key, name).fault(f"{problem}{near}")
    for name in block.secrets:
        if name not in secrets:
            yield place.place("secrets", name).fault(f"is no secret of {can.kind}{nearest(name, secrets)}")
