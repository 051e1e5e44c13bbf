"""What a sample proves of a share: intervals and bounds, exact where a decision hangs on them.

A share of clean work is a sample of the work to come. Whether it proves a bound is decided in whole numbers and
fractions; only what is shown to a person is rounded. Nothing here is a float.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction

_EXACT = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Sixty digits: the sum of a tail of any sample that we could have differs from the true one behind the fortieth."""

_SHOWN_STEPS = 40
"""Halvings until a bound is shown: closer than one in a million millions."""

CONFIDENCES: dict[Decimal, tuple[Fraction, Fraction]] = {
    Decimal(80): (Fraction(841621, 1_000_000), Fraction(1281552, 1_000_000)),
    Decimal(90): (Fraction(1281552, 1_000_000), Fraction(1644854, 1_000_000)),
    Decimal(95): (Fraction(1644854, 1_000_000), Fraction(1959964, 1_000_000)),
    Decimal(99): (Fraction(2326348, 1_000_000), Fraction(2575829, 1_000_000)),
    Decimal("99.9"): (Fraction(3090232, 1_000_000), Fraction(3290527, 1_000_000)),
}
"""Quantiles of the normal distribution by confidence in percent: of one side, and of both."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many good ones of so many; what was counted, and no estimate.

    Raises:
        ValueError: more are good than there are, or a number is negative.
    """

    good: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.good <= self.of:
            raise ValueError(f"{self.good} of {self.of} is no share")

    @property
    def bad(self) -> int:
        """Those that are not good."""
        return self.of - self.good

    @property
    def ratio(self) -> Fraction:
        """Between 0 and 1.

        Raises:
            ZeroDivisionError: nothing was counted.
        """
        return Fraction(self.good, self.of)

    def __add__(self, other: "Share") -> "Share":
        return Share(self.good + other.good, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a true share lies with some confidence, both ends included; between 0 and 1."""

    low: Fraction
    high: Fraction


def wilson(share: Share, confidence: Decimal) -> Interval:
    """The score interval of Wilson (1927), for showing; of nothing counted it is everything.

    Args:
        share: what was counted.
        confidence: in percent, of both sides together: a key of `CONFIDENCES`.
    """
    return _score(share, CONFIDENCES[confidence][1])


def _score(share: Share, z: Fraction) -> Interval:
    """Wilson's interval for a quantile of the normal distribution."""
    if share.of == 0:
        return Interval(Fraction(0), Fraction(1))
    n, p = share.of, share.ratio
    spread = _root(z * z * (p * (1 - p) / n + z * z / (4 * n * n)))
    middle, scale = p + z * z / (2 * n), 1 + z * z / n
    low, high = min(p, (middle - spread) / scale), max(p, (middle + spread) / scale)  # p itself, to the last digit
    return Interval(max(Fraction(0), low), min(Fraction(1), high))


def proves_at_least(share: Share, bound: Fraction, confidence: Decimal) -> bool:
    """Whether a sample proves that the true share is no smaller than a bound (Clopper and Pearson, 1934).

    So few bad ones would be seen with at most the remaining probability if the true share were smaller. Without a bad
    one this is the rule of three, exactly: 299 clean ones prove 99 %, 2,995 prove 99.9 %, at a confidence of 95 %.

    Args:
        share: what was counted.
        bound: between 0 and 1.
        confidence: in percent, of this one side.
    """
    if bound <= 0:
        return True
    return share.of > 0 and _at_most(share.bad, share.of, 1 - bound) <= 1 - confidence / 100


def proves_below(share: Share, bound: Fraction, confidence: Decimal) -> bool:
    """Whether a sample proves that the true share is smaller than a bound; arguments as for `proves_at_least`."""
    if bound <= 0:
        return False
    return share.of > 0 and _at_most(share.good, share.of, bound) <= 1 - confidence / 100


def proven_share(share: Share, confidence: Decimal) -> Decimal:
    """The greatest share that a sample proves, for showing; 0 where nothing was counted."""
    if share.of == 0:
        return Decimal(0)
    return Decimal(1) - _halved(lambda bad: _at_most(share.bad, share.of, bad) <= 1 - confidence / 100)


def least_clean_sample(bound: Fraction, confidence: Decimal) -> int:
    """How many clean ones without a bad one prove a share.

    Raises:
        ValueError: no sample proves it: the bound is the whole, or the confidence is.
    """
    if not 0 < bound < 1 or not 0 < confidence < 100:
        raise ValueError(f"no sample proves a share of {bound} at {confidence} %")
    most = 1
    while not proves_at_least(Share(most, most), bound, confidence):
        most *= 2
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        proven = proves_at_least(Share(middle, middle), bound, confidence)
        least, most = (least, middle) if proven else (middle, most)
    return most


def difference(ours: Share, theirs: Share, confidence: Decimal) -> Interval:
    """Where the true difference of two shares lies, ours less theirs (Newcombe's hybrid of Wilson's, 1998).

    Args:
        ours: of one path.
        theirs: of the other.
        confidence: in percent, of both sides together.

    Returns:
        Between -1 and 1; all of it where one of them counted nothing.
    """
    return _gap(ours, theirs, CONFIDENCES[confidence][1])


def bounds_of_difference(ours: Share, theirs: Share, confidence: Decimal) -> Interval:
    """Where the true difference of two shares lies, each bound by itself proven with a confidence; as `difference`.

    Of two paths that are as good as each other the upper bound is below nought, or the lower one above it, with about
    the remaining probability.

    Args:
        ours: of one path.
        theirs: of the other.
        confidence: in percent, of each side.
    """
    return _gap(ours, theirs, CONFIDENCES[confidence][0])


def _gap(ours: Share, theirs: Share, z: Fraction) -> Interval:
    """Newcombe's interval for a quantile of the normal distribution."""
    if not ours.of or not theirs.of:
        return Interval(Fraction(-1), Fraction(1))
    mine, other = _score(ours, z), _score(theirs, z)
    gap = ours.ratio - theirs.ratio
    down = _root((ours.ratio - mine.low) ** 2 + (other.high - theirs.ratio) ** 2)
    up = _root((mine.high - ours.ratio) ** 2 + (theirs.ratio - other.low) ** 2)
    return Interval(max(Fraction(-1), gap - down), min(Fraction(1), gap + up))


def _at_most(seen: int, of: int, probability: Fraction) -> Decimal:
    """Probability that of so many at most so many are of a kind that comes with this probability."""
    if seen >= of or probability <= 0:
        return Decimal(1)
    if probability >= 1:
        return Decimal(0)
    chance = _EXACT.divide(Decimal(probability.numerator), Decimal(probability.denominator))
    other = _EXACT.subtract(Decimal(1), chance)
    odds = _EXACT.divide(chance, other)
    term = _EXACT.power(other, of)
    total = term
    for number in range(seen):
        term = _EXACT.multiply(term, _EXACT.multiply(odds, _EXACT.divide(Decimal(of - number), Decimal(number + 1))))
        total = _EXACT.add(total, term)
    return total


def _halved(holds: Callable[[Fraction], bool]) -> Decimal:
    """The smallest share of which something holds that holds of every greater one."""
    low, high = Fraction(0), Fraction(1)
    for _ in range(_SHOWN_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return _EXACT.divide(Decimal(high.numerator), Decimal(high.denominator))


def _root(square: Fraction) -> Fraction:
    """The square root to sixty digits."""
    value = _EXACT.divide(Decimal(square.numerator), Decimal(square.denominator))
    return Fraction(_EXACT.sqrt(value))
