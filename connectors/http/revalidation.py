"""A collection that is read whole each time is not read again while the service says that it is what it was.

The resume point of a whole pull keeps the entity tag of every page (RFC 9110 section 8.8.3). The next pull asks
for each page on condition (``If-None-Match``) and spares itself reading only if all of them are unchanged: the first
page alone says nothing about the others. Where a page has changed, everything is read, because only that tells what
is gone.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from canonical_model.errors import ConfigurationError
from connectors.http.rest_pull import RestPull
from connectors.ports import Page, ResumePoint

LONGEST = timedelta(days=1)
"""After so long everything is read again, whatever the tags say."""

MOST_PAGES = 200
"""Of a collection with more pages no tags are kept; asking for each would cost as much as it spares."""


def spared(pull: RestPull, resume: ResumePoint | None) -> Page | None:
    """The one page of a pull that reads nothing, because nothing has changed; None where it must read.

    Raises:
        RetryableError: the service cannot be asked now.
    """
    known = (resume or {}).get("unchanged_since")
    if not isinstance(known, dict) or known.get("question") != _question(pull) or _is_old(known, pull):
        return None
    try:
        if not all(pull.is_unchanged(position, tag) for position, tag in known["tags"]):
            return None
    except ConfigurationError:  # a cursor may have worn out; what else is wrong shows where the pull begins anew
        return None
    return Page([], resume or {}, last=True, source_total=known["total"], unchanged=True)


def remembering(pull: RestPull, pages: Iterator[Page]) -> Iterator[Page]:
    """The pages of a pull of everything, with the tags in the resume point of the last one."""
    for page in pages:
        yield _with_tags(page, pull) if page.last else page


def _with_tags(page: Page, pull: RestPull) -> Page:
    is_tagged = all(tag for _, tag in pull.tags) and len(pull.tags) <= MOST_PAGES
    # A full last page may look the same once another follows it, if only a header tells that there is one.
    if not is_tagged or not (pull.ends_short or pull.plan.paging in {"cursor", "none"}):
        return page
    known = {
        "question": _question(pull),
        "tags": [list(tag) for tag in pull.tags],
        "total": page.source_total,
        "read_at": None if pull.read.hub_clock is None else pull.read.hub_clock.isoformat(),
    }
    return replace(page, resume={**page.resume, "unchanged_since": known})


def _question(pull: RestPull) -> str:
    """A digest of everything that the answers, and what is made of them, depend on."""
    read = pull.read
    asked: list[Any] = [
        asdict(pull.plan),
        read.source_object,
        read.revision,
        [*read.fields],
        [*read.key],
        {path: [*names] for path, names in read.lists.items()},
        read.page_size,
    ]
    return sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _is_old(known: dict[str, Any], pull: RestPull) -> bool:
    """Whether everything is due to be read again; time runs by the pulls' own moments."""
    read_at, now = known.get("read_at"), pull.read.hub_clock
    if not isinstance(read_at, str) or now is None:
        return now is not None or read_at is not None
    return not timedelta(0) <= now - datetime.fromisoformat(read_at) < LONGEST
