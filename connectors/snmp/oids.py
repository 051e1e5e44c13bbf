"""Object identifiers, and the index that stands behind the OID of a column."""

import re

Oid = tuple[int, ...]
_NUMBERS = re.compile(r"(0|[1-9][0-9]{0,9})(\.(0|[1-9][0-9]{0,9})){0,127}")


def dotted(oid: Oid) -> str:
    """An OID as people write it."""
    return ".".join(map(str, oid))


def numbers(written: str) -> Oid:
    """The numbers of a written OID or index, which are its order: 2 comes before 10."""
    return tuple(map(int, written.split(".")))


def is_oid(written: str, least: int) -> bool:
    """Whether a text is numbers with points between, so many at least."""
    return _NUMBERS.fullmatch(written) is not None and written.count(".") + 1 >= least
