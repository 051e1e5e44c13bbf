"""A command file as it is written."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from connectors.mapping.document import FieldSource, Name, SourceName
from handoffs.effect_states import Repeats, Unsure

Target = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
NONE = "none"
"""The word that says that a system cannot be looked at."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class SendPart(_Part):
    """One record that is written.

    Attributes:
        object: sObject, operation, path with ``{name}`` in it, media type; in the system's words.
        key: what identifies the record there, each value an expression.
        fields: field of the system -> where it comes from. What is missing is left out.
        options: what else this kind of system needs.
    """

    object: Target
    key: Mapping[SourceName, FieldSource] = Field(default_factory=dict)
    fields: Mapping[SourceName, FieldSource]
    options: Mapping[str, Any] = Field(default_factory=dict)


class ProgressPart(_Part):
    """A field of the system that tells how far it is, and what its words mean."""

    field: SourceName
    values: Mapping[str, Literal["applied", "in_progress", "refused"]] = Field(min_length=1)


class LookPart(_Part):
    """How the system is asked what it shows, or another one that knows.

    Attributes:
        system: the system that is asked, where it is another one.
        stream: a stream of that system: what was last read or heard of the record tells, and nobody is asked.
        news: of a stream: what was read or heard before the write went out shows nothing of it.
        object: as in ``SendPart``; none for a stream.
        key: as in ``SendPart``.
        fields: what is asked for: query parameters, elements of the request.
        expect: field of what it shows -> what it must be.
        progress: where it tells how far it is.
        reference: field that holds the system's own id of what was done.
        options: what else this kind of system needs.
    """

    system: Name | None = None
    stream: Name | None = None
    news: bool = True
    object: Target | None = None
    key: Mapping[SourceName, FieldSource] = Field(default_factory=dict)
    fields: Mapping[SourceName, FieldSource] = Field(default_factory=dict)
    expect: Mapping[SourceName, FieldSource] = Field(min_length=1)
    progress: ProgressPart | None = None
    reference: SourceName | None = None
    options: Mapping[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _asks_a_system_or_a_stream(self) -> Self:
        if (self.object is None) == (self.stream is None):
            raise ValueError("either object is expected, or stream")
        if self.stream is not None and (self.fields or self.options):
            raise ValueError("a stream is asked for nothing: it takes neither fields nor options")
        return self


class CommandDocument(_Part):
    """A whole command file; ``send`` and ``look`` are read by themselves, since either may be a list.

    Attributes:
        command: a command of ours.
        system: the system of operator.yaml that takes it.
        repeats: what a second sending would do; default: the first that this kind of system knows.
        unsure: what to do where nothing can tell whether it arrived; only with ``look: none``.
        send: one record, or a list of them that are written all or none.
        look: how to look, a list of looks, or ``none`` where the system's answer is all there is.
    """

    command: str
    system: Name
    repeats: Repeats | None = None
    unsure: Unsure = "ask"
    send: Any
    look: Any = None
