"""Paging by counting: where the next page begins, and what a total says of a question."""

from connectors.paged_pull import Ask


def counted_position(paging: str, ask: Ask, received: int, total: int | None, first_page: int) -> int | None:
    """Where the next page begins; it ends at the total, or at an empty page where there is none.

    Args:
        paging: ``offset`` counts rows from 0, ``page`` counts pages.
        ask: the question that was answered.
        received: rows of the answer.
        total: rows of this very question over all pages; None where nobody tells.
        first_page: number of the first page.
    """
    if not received:
        return None
    if paging == "offset":
        # By the rows received and not by the size asked for: a page cut short then loses nothing.
        reached = int(ask.position or 0) + received
        return None if total is not None and reached >= total else reached
    page = first_page if ask.position is None else int(ask.position)
    past = (page - first_page + 1) * ask.size
    return None if total is not None and past >= total else page + 1


def matching_total(ask: Ask, total: int | None, *, counts_whole: bool) -> int | None:
    """The total as far as it counts the rows of this very question; ``counts_whole``: it counts all that is held."""
    return total if ask.since is None or not counts_whole else None
