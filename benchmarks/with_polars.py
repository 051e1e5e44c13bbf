"""The same checks in polars, bucket by bucket in one process with all of its threads; money is integer cents."""

import hashlib
from datetime import date
from pathlib import Path

import polars as pl

CELL = ["service_id", "charge_id", "period_id"]
OVER = ("RL-A03", "RL-B02", "RL-B04", "RL-B05", "RL-B05-shared-device")
NEVER = date(9999, 12, 31)
Small = dict[str, pl.DataFrame]
col = pl.col


def judge_with_polars(snapshot: Path, output: Path) -> None:
    """Write ``finding.parquet`` of a snapshot into a folder."""
    small = {path.stem: pl.read_parquet(path) for path in (snapshot / "dimensions").glob("*.parquet")}
    for table in ("period", "rate"):  # as wide as in the bills, which some are numbered in by other calendars
        small[table] = small[table].with_columns(col("period_id").cast(pl.Int32))
    small["month"] = small["period"].select("period_id", mf="starts_on", mt="ends_on")
    small["price"] = small["rate"].join(small["month"], on="period_id")
    found = [_services(bucket, small) for bucket in sorted((snapshot / "by_service").iterdir())]
    found += [_devices(bucket, small) for bucket in sorted((snapshot / "by_serial").iterdir())]
    _conclude(pl.concat(found), small["period"]).write_parquet(output / "finding.parquet")


def _share(price: pl.Expr, factor: pl.Expr, f: pl.Expr, t: pl.Expr) -> pl.Expr:
    """Price times factor times days of the month, rounded half away from zero; 0 for no days."""
    cents = price.cast(pl.Int64) * factor.cast(pl.Int64) * (t - f).dt.total_days().clip(lower_bound=0)
    divisor = (col("mt") - col("mf")).dt.total_days() * 10_000
    return cents.sign() * ((2 * cents.abs() + divisor) // (2 * divisor))


def _later(*days: str | pl.Expr) -> pl.Expr:
    return pl.max_horizontal(*days)


def _earlier(*days: str | pl.Expr) -> pl.Expr:
    return pl.min_horizontal(*days)


def _cells(rows: pl.LazyFrame | pl.DataFrame, cents: pl.Expr, rule: str | pl.Expr) -> pl.DataFrame:
    named = pl.lit(rule) if isinstance(rule, str) else rule
    return rows.lazy().select(*CELL, rule_id=named, cents=cents.cast(pl.Int64)).collect()


def _pieces(delivered: pl.LazyFrame, small: Small) -> pl.LazyFrame:
    """Deliveries cut at the list's prices and at months."""
    listed = delivered.filter(col("unit_price").is_null()).drop("unit_price")
    own = delivered.filter(col("unit_price").is_not_null()).join(small["month"].lazy(), how="cross")
    own = own.with_columns(piece_from="mf", piece_to="mt")
    listed = listed.join(small["price"].lazy(), on="product_id")
    pieces = pl.concat([listed, own.select(listed.collect_schema().names())])
    pieces = pieces.with_columns(f=_later("starts_on", "piece_from"), t=_earlier("ends_on", "piece_to"))
    return pieces.filter(col("f") < col("t"))


def _services(bucket: Path, small: Small) -> pl.DataFrame:
    delivered = pl.scan_parquet(bucket / "delivered.parquet")
    billed = pl.scan_parquet(bucket / "billed.parquet")
    fees = pl.scan_parquet(bucket / "one_time.parquet")
    service = pl.read_parquet(bucket / "service.parquet")
    charged = _share(col("unit_price"), col("factor"), col("f"), col("t"))
    running = delivered.filter(~col("is_suspended"))
    signed = [
        _pieces(running, small).select(*CELL, cents=charged),
        fees.select(*CELL, cents=col("unit_price").cast(pl.Int64)),
        billed.select(*CELL, cents=-col("amount_minor")),
    ]
    wrong = pl.concat(signed).group_by(CELL).agg(col("cents").sum()).filter(col("cents") != 0).collect()
    suspects = wrong.select("service_id").unique().lazy()
    facts = service.lazy().select("service_id", "service_start", "service_end", "billing_from", "billing_to")
    lines = billed.join(suspects, on="service_id", how="semi").join(small["month"].lazy(), on="period_id")
    again = col("subscription_id") != col("subscription_id").sort_by("covers_from", "subscription_id").first()
    lines = lines.with_columns(is_again=again.over("service_id", "charge_id")).join(facts, on="service_id")
    known = lines.collect()
    pieces = _pieces(running.join(suspects, on="service_id", how="semi"), small).join(facts, on="service_id")
    cut = pieces.with_columns(cents=charged).collect()
    unbilled = fees.join(facts.filter(col("billing_from").is_null()), on="service_id", how="semi").collect()
    entitled = pl.read_parquet(bucket / "entitled.parquet")
    parts = pl.concat([*_delivered_parts(cut, unbilled, known, small), *_billed_parts(known, entitled, small)])
    parts = parts.filter(col("cents") != 0)
    months = [
        parts.select("service_id", "period_id", "rule_id", "cents"),
        _rest(wrong, parts, cut, known, small),
        _running(delivered, small),
        _pointers(cut, small),
    ]
    found = pl.concat(months).group_by("service_id", "period_id", "rule_id").agg(col("cents").sum())
    judged = service.filter("is_judged").select("service_id", subject="service", evidence="evidence")
    return found.join(judged, on="service_id").select("rule_id", "subject", "period_id", "cents", "evidence")


def _delivered_parts(
    p: pl.DataFrame, unbilled: pl.DataFrame, lines: pl.DataFrame, small: Small
) -> list[pl.DataFrame]:
    """Shares of what was delivered on days that billing did not know, and devices without a line."""
    price = (col("unit_price"), col("factor"))
    since = _later("f", col("billing_from").fill_null(NEVER))
    known = _share(*price, since, col("t"))
    within = _share(*price, since, _earlier("t", col("billing_to").fill_null(NEVER)))
    never = col("billing_from").is_null()
    device = small["product"].filter(col("delivered_by") == "device")
    rented = p.join(device, on="product_id", how="semi").filter(~never)
    rented = rented.join(lines, on=["service_id", "charge_id"], how="anti")
    rule = pl.when(never).then(pl.lit("RL-A01")).otherwise(pl.lit("RL-A02"))
    return [
        _cells(p, col("cents") - known, rule),
        _cells(unbilled, col("unit_price"), "RL-A01"),
        _cells(p, known - within, "RL-B03"),
        _cells(rented, within, "RL-E01"),
    ]


def _billed_parts(lines: pl.DataFrame, entitled: pl.DataFrame, small: Small) -> list[pl.DataFrame]:
    """Shares of lines before or after the service, of second subscriptions, and of discounts after their term."""
    again, once = lines.filter("is_again"), lines.filter(~col("is_again"))
    since, until = col("service_start").fill_null(NEVER), col("service_end").fill_null(NEVER)
    rate, whole = col("rate_minor"), pl.lit(10_000)
    early, late = once.filter(col("covers_from") < since), once.filter(col("covers_to") > until)
    before = _share(rate, whole, _later("covers_from", since), col("covers_to")) - col("amount_minor")
    after = _share(rate, whole, col("covers_from"), _earlier("covers_to", until)) - col("amount_minor")
    absent = pl.when(col("service_start").is_null()).then(pl.lit("RL-B02")).otherwise(pl.lit("RL-A03"))
    promotion = small["promotion"].select("charge_id", "applies_to", "factor", of_product="product_id")
    promised = once.join(promotion, on="charge_id").join(
        entitled.select("service_id", "charge_id", term="ends_on"), on=["service_id", "charge_id"]
    )
    promised = promised.filter(col("term") < col("covers_to")).with_row_index("number")
    access = once.select("service_id", "charge_id", a_from="covers_from", a_to="covers_to", a_rate="rate_minor")
    beside = promised.filter(col("of_product").is_null()).join(
        access, left_on=["service_id", "applies_to"], right_on=["service_id", "charge_id"]
    )
    beside = beside.filter(col("a_from") <= col("covers_from"), col("a_to") >= col("covers_to"))
    promised = promised.join(beside.select("number", "a_rate").unique("number"), on="number", how="left")
    factor = pl.when(col("a_rate").is_null()).then(pl.lit(10_000)).otherwise(col("factor"))
    owed = _share(pl.coalesce("a_rate", "rate_minor"), factor, col("covers_from"), _earlier("covers_to", "term"))
    return [
        _cells(early, before, absent),
        _cells(late, after, "RL-B04"),
        _cells(again, -col("amount_minor"), "RL-B05"),
        _cells(promised, owed - col("amount_minor"), "RL-D01"),
    ]


def _rest(
    wrong: pl.DataFrame, parts: pl.DataFrame, cut: pl.DataFrame, lines: pl.DataFrame, small: Small
) -> pl.DataFrame:
    """What no other share explains: tier where the products differ, price where they are the same."""
    told = parts.select(*CELL, cents=-col("cents"))
    rest = pl.concat([wrong, told]).group_by(CELL).agg(col("cents").sum()).filter(col("cents") != 0)
    access = small["product"].filter(col("delivered_by") == "access").select("product_id", "charge_id")
    cell = ["service_id", "period_id"]
    installed = cut.join(access, on=["product_id", "charge_id"], how="semi").sort("f")
    installed = installed.group_by(cell).agg(col("product_id").last(), col("basis").last())
    charged = lines.filter(~col("is_again")).join(access, on=["product_id", "charge_id"], how="semi")
    charged = charged.sort("covers_from").group_by(cell).agg(charged=col("product_id").last())
    rest = rest.join(installed, on=cell, how="left").join(charged, on=cell, how="left")
    same = (col("product_id") == col("charged")).fill_null(value=False)
    rule = (
        pl.when(same).then(pl.lit("RL-C05"))
        .when(col("basis") == "network").then(pl.lit("RL-C01"))
        .when(col("basis") == "field").then(pl.lit("RL-C03"))
        .otherwise(pl.lit("unexplained"))
    )  # fmt: skip
    return rest.select(*cell, rule_id=rule, cents="cents")


def _running(delivered: pl.LazyFrame, small: Small) -> pl.DataFrame:
    """What a suspension that the network ignores takes off the bill."""
    key = ["service_id", "charge_id", "product_id"]
    before = delivered.filter(~col("is_suspended")).select(*key, before="starts_on", starts_on="ends_on")
    stopped = delivered.filter("is_suspended").join(before, on=[*key, "starts_on"], how="left")
    price = (col("unit_price"), col("factor"))
    since = _later(col("before").fill_null(col("starts_on")), "piece_from")
    cents = _share(*price, since, col("t")) - _share(*price, since, _later(since, "f"))
    whole = col("starts_on") <= col("piece_from")
    cents = pl.when(whole).then(_share(*price, col("f"), col("t"))).otherwise(cents)
    return (
        _pieces(stopped, small)
        .select("service_id", "period_id", rule_id=pl.lit("RL-G01"), cents=cents.cast(pl.Int64))
        .collect()
    )


def _pointers(cut: pl.DataFrame, small: Small) -> pl.DataFrame:
    device = small["product"].filter(col("delivered_by") == "device")
    of = cut.filter(col("billing_from").is_null()).join(device, on="product_id", how="semi")
    return of.select("service_id", "period_id", rule_id=pl.lit("RL-E01"), cents=pl.lit(0, pl.Int64))


def _devices(bucket: Path, small: Small) -> pl.DataFrame:
    device = pl.read_parquet(bucket / "device_state.parquet")
    shared = pl.read_parquet(bucket / "shared_charge.parquet")
    ghost = device.filter("is_live", *(~col(name) for name in ("known_to_field", "is_awaited", "is_near_miss")))
    ghost = ghost.join(small["price"], left_on="profile_product", right_on="product_id")
    ghost = ghost.filter(col("piece_to") > col("registered_on"))
    since = _later("registered_on", "piece_from")
    cents = _share(col("unit_price"), pl.lit(10_000), since, col("piece_to"))
    shared = shared.join(device.select("serial", "observation_ref"), on="serial", how="left")
    return pl.concat(
        [
            ghost.select(
                rule_id=pl.lit("RL-B01"),
                subject="serial",
                period_id="period_id",
                cents=cents.cast(pl.Int64),
                evidence=pl.concat_list("observation_ref"),
            ),
            shared.select(
                rule_id=pl.lit("RL-B05-shared-device"),
                subject="service",
                period_id="period_id",
                cents=-col("billed_minor"),
                evidence=pl.concat_list("line_refs", "observation_ref"),
            ),
        ]
    )


def _conclude(found: pl.DataFrame, period: pl.DataFrame) -> pl.DataFrame:
    name = ["rule_id", "subject", "direction", "exposure_class"]
    over = col("rule_id").is_in(OVER) | (col("cents") < 0)
    exposure_class = (
        pl.when(col("rule_id").is_in(("RL-G01", "RL-B01"))).then(pl.lit("at_risk"))
        .when(over).then(pl.lit("refund_due"))
        .when("is_recoverable").then(pl.lit("recoverable"))
        .otherwise(pl.lit("lost"))
    )  # fmt: skip
    last = col("period_id") == period["period_id"].max()
    findings = (
        found.join(period.select("period_id", "is_recoverable"), on="period_id")
        .with_columns(
            direction=pl.when(over).then(pl.lit("over_billed")).otherwise(pl.lit("under_billed")),
            exposure_class=exposure_class,
        )
        .group_by(name)
        .agg(
            exposure_minor=col("cents").abs().sum(),
            run_rate_minor=col("cents").abs().filter(last).sum(),
            first_period=col("period_id").min(),
            last_period=col("period_id").max(),
            evidence=col("evidence").list.explode(keep_nulls=False, empty_as_null=False).unique().sort().head(24),
        )
    )
    named = [
        hashlib.sha256("\x1f".join((rule, "riverbend", *rest)).encode()).hexdigest()[:16]
        for rule, *rest in findings.select(name).iter_rows()
    ]
    return findings.with_columns(fingerprint=pl.Series(named))
