"""The reference page of operator.yaml is made of its models."""

from hub.operator_folder.operator_file import Limits, SystemBlock
from hub.operator_reference import PARTS, keys_of


def test_every_key_has_a_meaning() -> None:
    assert [(name, key.name) for name, part in PARTS.items() for key in keys_of(part) if not key.meaning] == []


def test_a_key_tells_what_it_takes_and_what_it_is_otherwise() -> None:
    keys = {key.name: key for part in (SystemBlock, Limits) for key in keys_of(part)}
    assert (keys["concurrency"].takes, keys["concurrency"].default) == ("whole number from 1 up to 64", "1")
    assert (keys["role"].takes, keys["role"].default) == ("crm, billing, field, network", "")
    assert (keys["shrink_percent"].takes, keys["shrink_percent"].default) == ("number from 0 up to 100", "20")
    assert (keys["market"].takes, keys["market"].default) == ("text", "none")
