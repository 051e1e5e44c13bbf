"""Where Spark computes and with what. Imports nothing of Spark, so that settings are checked without it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"

_MASTER = re.compile(r"local(\[(\*|[1-9]\d*)(,\s*\d+)?\])?|spark://\S+|yarn|k8s://\S+")
_NOT_TO_SET = (
    (re.compile(r"password|secret|token|credential|access[._]?key", re.IGNORECASE), "holds a secret"),
    (re.compile(r"spark\.jars|spark\.submit\.pyFiles|spark\.files|spark\.archives"), "fetches code"),
    (re.compile(r"spark\.sql\.(ansi|session\.timeZone|legacy|parquet|storeAssignmentPolicy)"), "may change a cent"),
    (re.compile(r"spark\.(master|app\.name|driver\.(host|bindAddress|memory)|ui\.enabled)$"), "is set by Splice"),
)
"""Properties that an operator's file may not set, and why."""


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """The engine ``spark`` and where its executors are.

    Attributes:
        master: ``local[2]``, ``spark://host:7077``, ``yarn`` or ``k8s://...``.
        driver_address: address of this machine that executors reach; it is also the one that is listened on.
        properties: further properties of Spark, as its own documentation has them.
    """

    master: str = "local[2]"
    driver_address: str = LOOPBACK
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Whether the executors are in this process's own Java machine."""
        return self.master.startswith("local")


def fault_of_master(master: str) -> str | None:
    """What is wrong with a master, None where nothing is."""
    if _MASTER.fullmatch(master):
        return None
    return f"{master!r} is no master of Spark: local[2], spark://HOST:PORT, yarn or k8s://ADDRESS is expected"


def faults_of_properties(properties: Mapping[str, str]) -> list[str]:
    """What may not be set, each with the reason."""
    strange = [name for name in properties if not name.startswith("spark.")]
    faults = [f"{name} is no property of Spark: spark.NAME is expected" for name in strange]
    for name in properties:
        faults += [f"{name} {why} and cannot be set here" for pattern, why in _NOT_TO_SET if pattern.search(name)]
    return faults
