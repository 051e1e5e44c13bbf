"""Object identifiers, and the index that stands behind the OID of a column."""

Oid = tuple[int, ...]


def dotted(oid: Oid) -> str:
    """An OID as people write it."""
    return ".".join(map(str, oid))


def numbers(written: str) -> Oid:
    """The numbers of a written OID or index, which are its order: 2 comes before 10."""
    return tuple(map(int, written.split(".")))
