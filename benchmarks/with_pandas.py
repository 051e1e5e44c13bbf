"""The same checks in pandas, bucket by bucket in one process; dates are day numbers and money is integer cents."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

NEVER = 2_932_896
"""9999-12-31 as a day number."""
CELL = ["service_id", "charge_id", "period_id"]
OVER = {"RL-A03", "RL-B02", "RL-B04", "RL-B05", "RL-B05-shared-device"}
Frame = pd.DataFrame
Tables = dict[str, Frame]


def judge_with_pandas(snapshot: Path, output: Path) -> None:
    """Write ``finding.parquet`` of a snapshot into a folder."""
    small = {path.stem: _read(path) for path in (snapshot / "dimensions").glob("*.parquet")}
    price = small["rate"].merge(small["period"].rename(columns={"starts_on": "mf", "ends_on": "mt"}), on="period_id")
    small["price"] = price[["product_id", "period_id", "piece_from", "piece_to", "unit_price", "mf", "mt"]]
    found = [_services(bucket, small) for bucket in sorted((snapshot / "by_service").iterdir())]
    found += [_devices(bucket, small) for bucket in sorted((snapshot / "by_serial").iterdir())]
    _conclude(pd.concat(found), small["period"]).to_parquet(output / "finding.parquet", index=False)


def _read(path: Path, columns: list[str] | None = None) -> Frame:
    table = pq.read_table(path, columns=columns)
    days = [pa.field(f.name, pa.int32()) if pa.types.is_date(f.type) else f for f in table.schema]
    return table.cast(pa.schema(days)).to_pandas()


def _share(price: pd.Series, factor: pd.Series | int, f: pd.Series, t: pd.Series, of: Frame) -> pd.Series:
    """Price times factor times days of the month, rounded half away from zero; 0 for no days."""
    cents = price.astype("int64") * factor * (t - f).clip(lower=0)
    divisor = (of["mt"] - of["mf"]).astype("int64") * 10_000
    return np.sign(cents) * ((2 * cents.abs() + divisor) // (2 * divisor))


def _pieces(delivered: Frame, small: Tables) -> Frame:
    """Deliveries cut at the list's prices and at months."""
    listed = delivered[delivered["unit_price"].isna()].drop(columns="unit_price")
    listed = listed.merge(small["price"], on="product_id")
    own = delivered[delivered["unit_price"].notna()].merge(
        small["period"].rename(columns={"starts_on": "mf", "ends_on": "mt"})[["period_id", "mf", "mt"]], how="cross"
    )
    pieces = pd.concat([listed, own.assign(piece_from=own["mf"], piece_to=own["mt"])], ignore_index=True)
    pieces["f"] = np.maximum(pieces["starts_on"], pieces["piece_from"])
    pieces["t"] = np.minimum(pieces["ends_on"], pieces["piece_to"])
    return pieces[pieces["f"] < pieces["t"]].astype({"unit_price": "int64"})


def _cells(rows: Frame, cents: pd.Series, rule: str | pd.Series) -> Frame:
    return rows[CELL].assign(rule_id=rule, cents=cents)


def _services(bucket: Path, small: Tables) -> Frame:
    delivered = _read(bucket / "delivered.parquet")
    billed = _read(bucket / "billed.parquet", [*CELL, "amount_minor"])
    fees = _read(bucket / "one_time.parquet")
    pieces = _pieces(delivered[~delivered["is_suspended"]], small)
    pieces["cents"] = _share(pieces["unit_price"], pieces["factor"], pieces["f"], pieces["t"], pieces)
    signed = pd.concat(
        [
            pieces[[*CELL, "cents"]],
            fees[CELL].assign(cents=fees["unit_price"]),
            billed[CELL].assign(cents=-billed["amount_minor"]),
        ]
    )
    wrong = signed.groupby(CELL, sort=False)["cents"].sum()
    wrong = wrong[wrong != 0]
    suspects = wrong.index.get_level_values("service_id").unique()
    service = _read(bucket / "service.parquet")
    lines = _read(bucket / "billed.parquet")
    lines = lines[lines["service_id"].isin(suspects)].merge(
        small["period"].rename(columns={"starts_on": "mf", "ends_on": "mt"})[["period_id", "mf", "mt"]],
        on="period_id",
    )
    facts = service[["service_id", "service_start", "service_end", "billing_from", "billing_to"]].fillna(
        {"service_start": NEVER, "service_end": NEVER, "billing_from": NEVER, "billing_to": NEVER}
    )
    facts = facts.astype(dict.fromkeys(facts.columns, "int64"))
    lines = lines.merge(facts, on="service_id")
    lines["is_again"] = _is_again(lines)
    pieces = pieces[pieces["service_id"].isin(suspects)].merge(facts, on="service_id")
    fees = fees[fees["service_id"].isin(suspects)].merge(facts, on="service_id")
    entitled = _read(bucket / "entitled.parquet")
    parts = pd.concat([_delivered_parts(pieces, fees, lines, small), _billed_parts(lines, entitled, small)])
    months = [parts[parts["cents"] != 0], _rest(wrong, parts, pieces, lines, small)]
    months += [_running(delivered, small), _pointers(pieces, small)]
    found = pd.concat(months).groupby(["service_id", "period_id", "rule_id"], as_index=False)["cents"].sum()
    found = found.merge(service[["service_id", "service", "evidence", "is_judged"]], on="service_id")
    return found[found["is_judged"]].rename(columns={"service": "subject"})


def _is_again(lines: Frame) -> pd.Series:
    first = lines.sort_values(["covers_from", "subscription_id"]).drop_duplicates(["service_id", "charge_id"])
    known = lines[["service_id", "charge_id"]].merge(
        first[["service_id", "charge_id", "subscription_id"]], on=["service_id", "charge_id"], how="left"
    )
    return lines["subscription_id"] != known["subscription_id"].set_axis(lines.index)


def _delivered_parts(pieces: Frame, fees: Frame, lines: Frame, small: Tables) -> Frame:
    """Shares of what was delivered on days that billing did not know, and devices without a line."""
    p = pieces
    price = (p["unit_price"], p["factor"])
    since = np.maximum(p["f"], p["billing_from"])
    known = _share(*price, since, p["t"], p)
    within = _share(*price, since, np.minimum(p["t"], p["billing_to"]), p)
    never = p["billing_from"] == NEVER
    device = small["product"].query("delivered_by == 'device'")["product_id"]
    charged = pd.MultiIndex.from_frame(lines[["service_id", "charge_id"]])
    is_device = (
        p["product_id"].isin(device)
        & ~never
        & ~pd.MultiIndex.from_frame(p[["service_id", "charge_id"]]).isin(charged)
    )
    unknown = fees[fees["billing_from"] == NEVER]
    return pd.concat(
        [
            _cells(p, p["cents"] - known, pd.Series(np.where(never, "RL-A01", "RL-A02"), index=p.index)),
            _cells(unknown, unknown["unit_price"], "RL-A01"),
            _cells(p, known - within, "RL-B03"),
            _cells(p[is_device], within[is_device], "RL-E01"),
        ]
    )


def _billed_parts(lines: Frame, entitled: Frame, small: Tables) -> Frame:
    """Shares of lines before or after the service, of second subscriptions, and of discounts after their term."""
    again, once = lines[lines["is_again"]], lines[~lines["is_again"]]
    early = once[once["covers_from"] < once["service_start"]]
    late = once[once["covers_to"] > once["service_end"]]
    start = np.maximum(early["covers_from"], early["service_start"])
    end = np.minimum(late["covers_to"], late["service_end"])
    before = _share(early["rate_minor"], 10_000, start, early["covers_to"], early) - early["amount_minor"]
    after = _share(late["rate_minor"], 10_000, late["covers_from"], end, late) - late["amount_minor"]
    absent = pd.Series(np.where(early["service_start"] == NEVER, "RL-B02", "RL-A03"), index=early.index)
    parts = [
        _cells(early, before, absent),
        _cells(late, after, "RL-B04"),
        _cells(again, -again["amount_minor"], "RL-B05"),
    ]

    promised = once.merge(small["promotion"][["charge_id", "applies_to", "product_id", "factor"]], on="charge_id")
    promised = promised.merge(entitled[["service_id", "charge_id", "ends_on"]], on=["service_id", "charge_id"])
    promised = promised[promised["ends_on"] < promised["covers_to"]].reset_index(names="number")
    beside = promised[promised["product_id_y"].isna()].merge(
        once, left_on=["service_id", "applies_to"], right_on=["service_id", "charge_id"], suffixes=("", "_access")
    )
    holds = (beside["covers_from_access"] <= beside["covers_from"]) & (
        beside["covers_to_access"] >= beside["covers_to"]
    )
    beside = beside[holds].drop_duplicates(["number", "line_ref"]).set_index("line_ref")["rate_minor_access"]
    rate = promised["line_ref"].map(beside)
    factor = pd.Series(np.where(rate.isna(), 10_000, promised["factor"]), index=promised.index)
    rate = rate.fillna(promised["rate_minor"]).astype("int64")
    until = np.minimum(promised["covers_to"], promised["ends_on"])
    cents = _share(rate, factor, promised["covers_from"], until, promised) - promised["amount_minor"]
    return pd.concat([*parts, _cells(promised, cents, "RL-D01")])


def _rest(wrong: pd.Series, parts: Frame, pieces: Frame, lines: Frame, small: Tables) -> Frame:
    """What no other share explains: tier where the products differ, price where they are the same."""
    rest = wrong.sub(parts.groupby(CELL)["cents"].sum(), fill_value=0).astype("int64")
    rest = rest[rest != 0].rename("cents").reset_index()
    access = small["product"].query("delivered_by == 'access'")[["product_id", "charge_id"]]
    installed = pieces.merge(access, on=["product_id", "charge_id"]).sort_values("f")
    installed = installed.groupby(["service_id", "period_id"])[["product_id", "basis"]].last()
    charged = lines[~lines["is_again"]].merge(access, on=["product_id", "charge_id"]).sort_values("covers_from")
    charged = charged.groupby(["service_id", "period_id"])["product_id"].last().rename("charged")
    rest = rest.merge(installed.join(charged), on=["service_id", "period_id"], how="left")
    same, basis = rest["product_id"] == rest["charged"], rest["basis"]
    rule = np.select([same, basis == "network", basis == "field"], ["RL-C05", "RL-C01", "RL-C03"], "unexplained")
    return rest.assign(rule_id=rule)[["service_id", "period_id", "rule_id", "cents"]]


def _running(delivered: Frame, small: Tables) -> Frame:
    """What a suspension that the network ignores takes off the bill."""
    stopped = delivered[delivered["is_suspended"]]
    key = ["service_id", "charge_id", "product_id"]
    before = delivered[~delivered["is_suspended"]][[*key, "starts_on", "ends_on"]]
    stopped = stopped.merge(
        before, left_on=[*key, "starts_on"], right_on=[*key, "ends_on"], how="left", suffixes=("", "_before")
    )
    p = _pieces(stopped, small)
    since = np.maximum(p["starts_on_before"].fillna(p["starts_on"]), p["piece_from"]).astype("int64")
    price = (p["unit_price"], p["factor"])
    cents = _share(*price, since, p["t"], p) - _share(*price, since, np.maximum(since, p["f"]), p)
    whole = p["starts_on"] <= p["piece_from"]
    cents = cents.where(~whole, _share(*price, p["f"], p["t"], p))
    return p[["service_id", "period_id"]].assign(rule_id="RL-G01", cents=cents)


def _pointers(pieces: Frame, small: Tables) -> Frame:
    device = small["product"].query("delivered_by == 'device'")["product_id"]
    of = pieces[(pieces["billing_from"] == NEVER) & pieces["product_id"].isin(device)]
    return of[["service_id", "period_id"]].assign(rule_id="RL-E01", cents=0)


def _devices(bucket: Path, small: Tables) -> Frame:
    device = _read(bucket / "device_state.parquet")
    shared = _read(bucket / "shared_charge.parquet").merge(
        device[["serial", "observation_ref"]], on="serial", how="left"
    )
    ghost = device[~device["known_to_field"] & device["is_live"] & ~device["is_awaited"] & ~device["is_near_miss"]]
    ghost = ghost.merge(small["price"], left_on="profile_product", right_on="product_id")
    ghost = ghost[ghost["piece_to"] > ghost["registered_on"]]
    since = np.maximum(ghost["registered_on"], ghost["piece_from"])
    ghost["cents"] = _share(ghost["unit_price"], 10_000, since, ghost["piece_to"], ghost)
    ghost["evidence"] = ghost["observation_ref"].map(lambda ref: [ref])
    ghost = ghost.assign(rule_id="RL-B01", subject=ghost["serial"])
    refs = [[*lines, ref] for lines, ref in zip(shared["line_refs"], shared["observation_ref"], strict=True)]
    shared = shared.assign(
        rule_id="RL-B05-shared-device", subject=shared["service"], cents=-shared["billed_minor"], evidence=refs
    )
    columns = ["rule_id", "subject", "period_id", "cents", "evidence"]
    return pd.concat([ghost[columns], shared[columns]])


def _conclude(found: Frame, period: Frame) -> Frame:
    found = found.merge(period[["period_id", "is_recoverable"]], on="period_id")
    over = found["rule_id"].isin(OVER) | (found["cents"] < 0)
    found["direction"] = np.where(over, "over_billed", "under_billed")
    found["exposure_class"] = np.select(
        [found["rule_id"].isin(["RL-G01", "RL-B01"]), over, found["is_recoverable"]],
        ["at_risk", "refund_due", "recoverable"],
        "lost",
    )
    found["exposure_minor"] = found["cents"].abs()
    found["run_rate_minor"] = found["exposure_minor"].where(found["period_id"] == period["period_id"].max(), 0)
    name = ["rule_id", "subject", "direction", "exposure_class"]
    grouped = found.groupby(name, as_index=False)
    findings = grouped.agg(
        exposure_minor=("exposure_minor", "sum"),
        run_rate_minor=("run_rate_minor", "sum"),
        first_period=("period_id", "min"),
        last_period=("period_id", "max"),
        evidence=("evidence", lambda lists: sorted({ref for refs in lists for ref in refs})[:24]),
    )
    named = [
        hashlib.sha256("\x1f".join((rule, "riverbend", *rest)).encode()).hexdigest()[:16]
        for rule, *rest in findings[name].itertuples(index=False)
    ]
    return findings.assign(fingerprint=named)
