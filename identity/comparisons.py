"""Levels of the settings as SQL conditions in DuckDB's dialect, and as the settings that Splink takes.

The conditions are ours, so that keys and scores judge a pair by the same words; Splink learns the shares, applies
them and adds the weights up. Columns of the two records carry the suffixes ``_l`` and ``_r``.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from identity.settings import Level, MatchSettings

UNKNOWN = -1
"""The degree of a comparison of which one record says nothing."""


def conditions(column: str, levels: tuple[Level, ...]) -> Iterator[tuple[int, str, str]]:
    """Degree, label and SQL condition of each level, strongest first, ``otherwise`` left out (its degree is 0)."""
    for number, level in enumerate(levels[:-1]):
        yield len(levels) - 1 - number, label_of(level), _condition(column, level)


def degree_sql(column: str, levels: tuple[Level, ...]) -> str:
    """An SQL expression that gives the degree of a pair, -1 where one of the two says nothing."""
    cases = " ".join(f"WHEN {sql} THEN {degree}" for degree, _, sql in conditions(column, levels))
    return f"CASE WHEN {_unknown(column, levels)} THEN {UNKNOWN} {cases} ELSE 0 END"


def label_of(level: Level) -> str:
    """What a level means, in a few words."""
    said = {
        "equal": "equal",
        "similar": f"similar (at least {level.similar})",
        "edits": f"at most {level.edits} characters off",
        "initial": "initial",
        "swapped_with": f"swapped with {level.swapped_with}",
        "shares": f"one of {level.shares} in common",
        "slipped_years": f"mistyped (at most {level.slipped_years} years apart)",
        "both_empty": "both none",
        "one_empty": "none against one",
        "within_m": f"within {level.within_m} m",
        "otherwise": "different",
    }
    return next(text for key, text in said.items() if getattr(level, key) is not None)


def agrees(levels: tuple[Level, ...], degree: int) -> bool:
    """Whether a degree counts as agreement: known, not the last, and not said to be too weak."""
    return degree > 0 and levels[len(levels) - 1 - degree].agrees


def is_alike(levels: tuple[Level, ...], degree: int) -> bool:
    """Whether a degree counts as likeness: agreement, or a level that says so."""
    return degree > 0 and (levels[len(levels) - 1 - degree].agrees or levels[len(levels) - 1 - degree].alike)


def idle_sql(settings: MatchSettings) -> str:
    """A condition for pairs that can neither become a link or a question nor stand in the way of one.

    It speaks of columns that are named as the comparisons and hold degrees.
    """
    plainly_two = [
        " AND ".join(
            [
                *(f'"{name}" = 0' for name in pairs.differ),
                *(f"NOT {_agrees_sql(name, settings.compare[name])}" for name in pairs.unless_agree),
            ]
        )
        for pairs in settings.not_shown
    ]
    if not plainly_two:
        return "false"
    no_rival = [f'"{name}" = 0' for name in settings.rivals.none_differ] if settings.rivals is not None else ["true"]
    not_apart = [f'"{name}" <> 0' for name in settings.never_together]
    both = [f"({' OR '.join(f'({each})' for each in plainly_two)})", f"({' OR '.join(no_rival or ['false'])})"]
    return " AND ".join([*both, *not_apart])


def _agrees_sql(name: str, levels: tuple[Level, ...]) -> str:
    agreeing = [str(degree) for degree in range(1, len(levels)) if agrees(levels, degree)]
    return f'"{name}" IN ({", ".join(agreeing)})' if agreeing else "false"


def splink_settings(
    settings: MatchSettings,
    prior: float | None = None,
    shares: Mapping[str, Sequence[tuple[float, float]]] = {},
    *,
    by_rarity: bool = False,
) -> dict[str, Any]:
    """The settings as Splink reads them; one table of all systems, so that pairs within one are pairs as others.

    Args:
        settings: what is compared.
        prior: learnt; the settings' own where None.
        shares: learnt ones by comparison and level; the settings' own where there are none.
        by_rarity: whether rare values weigh more, where a level says so: only where it was learnt what is rare.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record",
        "probability_two_random_records_match": float(settings.prior) if prior is None else prior,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": block_sql(block, settings), "sql_dialect": "duckdb"} for block in settings.block_on
        ],
        "comparisons": [
            _comparison(name, levels, shares.get(name), by_rarity=by_rarity)
            for name, levels in settings.compare.items()
        ],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "em_convergence": 0.0005,
    }


def block_sql(columns: tuple[str, ...], settings: MatchSettings) -> str:
    """Pairs that share all of these columns, of two systems where one system does not repeat itself."""
    alike = [f'l."{column}" = r."{column}"' for column in columns]
    return " AND ".join(alike if settings.within_systems else [*alike, 'l."system" <> r."system"'])


def _comparison(
    column: str, levels: tuple[Level, ...], learnt: Sequence[tuple[float, float]] | None, *, by_rarity: bool
) -> dict[str, Any]:
    unknown = {
        "sql_condition": _unknown(column, levels),
        "label_for_charts": "unknown",
        "is_null_level": True,
    }
    told = [*(sql for _, _, sql in conditions(column, levels)), "ELSE"]
    shares = learnt or [(float(level.m), float(level.u)) for level in levels]
    known = [
        {
            "sql_condition": sql,
            "label_for_charts": label_of(level),
            "m_probability": m,
            "u_probability": u,
            **({"tf_adjustment_column": column} if by_rarity and level.rare_counts_more else {}),
        }
        for level, sql, (m, u) in zip(levels, told, shares, strict=True)
    ]
    return {"output_column_name": column, "comparison_levels": [unknown, *known]}


def _unknown(column: str, levels: tuple[Level, ...]) -> str:
    if any(level.within_m is not None for level in levels):
        return " OR ".join(f'"{name}_{side}" IS NULL' for name in ("latitude", "longitude") for side in "lr")
    return f'"{column}_l" IS NULL OR "{column}_r" IS NULL'


def _condition(column: str, level: Level) -> str:
    also = [f'"{name}_l" = "{name}_r"' for name in level.where_equal]
    return " AND ".join([_own_condition(column, level), *also])


def _own_condition(column: str, level: Level) -> str:
    left, right = f'"{column}_l"', f'"{column}_r"'
    if level.equal:
        return f"{left} = {right}"
    if level.similar is not None:
        return f"jaro_winkler_similarity({left}, {right}) >= {level.similar}"
    if level.edits is not None:
        return f"damerau_levenshtein({left}, {right}) <= {level.edits}"
    if level.initial:
        return (
            f"((length({left}) = 1 OR length({right}) = 1) AND length({left}) <> length({right})"
            f" AND left({left}, 1) = left({right}, 1))"
        )
    if level.swapped_with is not None:
        other = level.swapped_with
        return f'({left} = "{other}_r" AND "{other}_l" = {right})'
    if level.shares is not None:
        return f'list_has_any("{level.shares}_l", "{level.shares}_r")'
    if level.both_empty:
        return f"({left} = '' AND {right} = '')"
    if level.one_empty:
        return f"({left} = '') <> ({right} = '')"
    if level.slipped_years is not None:
        return _slipped(left, right, level.slipped_years)
    return _near(Decimal(level.within_m or 0))


def _slipped(left: str, right: str, years: int) -> str:
    """Dates as YYYY-MM-DD, one slip apart: one character, one day (another zone), or day and month exchanged."""
    exchanged = f"{left} = concat(left({right}, 5), substr({right}, 9, 2), '-', substr({right}, 6, 2))"
    one_day = f"abs(date_diff('day', CAST({left} AS DATE), CAST({right} AS DATE))) <= 1"
    apart = f"abs(CAST(left({left}, 4) AS INTEGER) - CAST(left({right}, 4) AS INTEGER))"
    return f"((damerau_levenshtein({left}, {right}) <= 1 OR {exchanged} OR {one_day}) AND {apart} <= {years})"


def _near(metres: Decimal) -> str:
    """Great-circle distance by the haversine formula on a sphere of 6,371 km."""
    half = 'pow(sin(radians("latitude_r" - "latitude_l") / 2), 2)'
    rest = (
        'cos(radians("latitude_l")) * cos(radians("latitude_r"))'
        ' * pow(sin(radians("longitude_r" - "longitude_l") / 2), 2)'
    )
    return f"2 * 6371000 * asin(sqrt(least(1, {half} + {rest}))) <= {metres}"
