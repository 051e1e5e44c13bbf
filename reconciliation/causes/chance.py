"""How likely it is that so many of a group are hit although the group has nothing to do with it."""

from decimal import Context, Decimal, localcontext

_DIGITS = 40
_NEGLIGIBLE = Decimal(10) ** -30
"""Of the largest term: smaller ones are left out, so that a market of any size is computed in moments."""


def chance_of_at_least(hit: int, group: int, all_hit: int, everybody: int) -> Decimal:
    """Probability that at least ``hit`` of a group are among those hit, were it drawn blindly from everybody.

    The upper tail of the hypergeometric distribution, which is Fisher's exact test to one side; right to 20 digits.

    Args:
        hit: of the group.
        group: how many are in it.
        all_hit: how many of everybody are hit, those of the group included.
        everybody: the group included.

    Raises:
        ValueError: the numbers cannot be those of a group.
    """
    lowest, highest = max(0, group + all_hit - everybody), min(group, all_hit)
    if not (0 <= group <= everybody and 0 <= all_hit <= everybody and lowest <= hit <= highest):
        raise ValueError(f"{hit} of {group} cannot be hit where {all_hit} of {everybody} are")
    if hit == lowest:
        return Decimal(1)
    with localcontext(Context(prec=_DIGITS)):
        # every term stands in a whole ratio to the next one: it is enough to begin at the largest with one
        likeliest = (group + 1) * (all_hit + 1) // (everybody + 2)
        likeliest = min(max(likeliest, lowest), highest)
        below, above = Decimal(0), Decimal(0)
        term = Decimal(1)
        for number in range(likeliest, lowest - 1, -1):
            if number >= hit:
                above += term
            else:
                below += term
                if term < _NEGLIGIBLE:
                    break
            if number > lowest:
                term = term * number * (everybody - all_hit - group + number)
                term /= (all_hit - number + 1) * (group - number + 1)
        term = Decimal(1)
        for number in range(likeliest + 1, highest + 1):
            term = term * (all_hit - number + 1) * (group - number + 1)
            term /= number * (everybody - all_hit - group + number)
            if number >= hit:
                above += term
                if term < above * _NEGLIGIBLE:
                    break
            else:
                below += term
        return +min(above / (above + below), Decimal(1))
