"""Compare two tables of cents with datacompy, in an environment of its own: ``with_datacompy.py FOLDER LIBRARY``.

It may import nothing of the project. Prints cells that differ, counting those on one side only, and the sum of cents.
"""

import sys
from pathlib import Path

import datacompy
import pandas as pd
import polars as pl

CELL = ["service_id", "charge_id", "period_id"]


def with_pandas(folder: Path) -> tuple[int, int]:
    """Cells that differ, and expected less billed over them."""
    sides = [pd.read_parquet(folder / f"{side}.parquet") for side in ("expected", "billed")]
    compared = datacompy.PandasCompare(*sides, join_columns=CELL)
    unequal = compared.intersect_rows[~compared.intersect_rows["cents_match"]]
    alone = compared.df1_unq_rows, compared.df2_unq_rows
    money = unequal["cents_df1"].sum() - unequal["cents_df2"].sum()
    return len(unequal) + sum(map(len, alone)), int(money + alone[0]["cents"].sum() - alone[1]["cents"].sum())


def with_polars(folder: Path) -> tuple[int, int]:
    """The same, with its comparison of polars' frames."""
    sides = [pl.read_parquet(folder / f"{side}.parquet") for side in ("expected", "billed")]
    compared = datacompy.PolarsCompare(*sides, join_columns=CELL)
    unequal = compared.intersect_rows.filter(~pl.col("cents_match"))
    alone = compared.df1_unq_rows, compared.df2_unq_rows
    money = unequal["cents_df1"].sum() - unequal["cents_df2"].sum()
    return len(unequal) + sum(map(len, alone)), int(money + alone[0]["cents"].sum() - alone[1]["cents"].sum())


if __name__ == "__main__":
    print(*{"pandas": with_pandas, "polars": with_polars}[sys.argv[2]](Path(sys.argv[1])))
