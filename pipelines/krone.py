"""What effect per krone says of money beyond the ratio: net of refund, value of an effect, who pays, error of a sampled cost."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from models.catalogue import Catalogue, EffectValue
from outcomes.estimators import Z95, Floats, fieller_sets
from pipelines.organisation import make_table
from pipelines.prices import effective_price_year, find_value, index_of_value, indices_on, value_of
from pipelines.sql_texts import sql

Run = Callable[..., None]
COST_BEARERS = ("municipality", "state")
"""The municipality bears the cost net of refund, the state the refund: both stand in every split."""


def complete_krone(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, run: Run) -> None:
    """From `krone` to `effect_per_krone` and `effect_value_by_payer`. Needs `krone` and `cost_meeting`."""
    _load_values(connection, catalogue)
    run("mart_krone_cost", z=Z95)
    _limit_sampled(connection)
    run("mart_krone_money", z=Z95)
    run("mart_effect_value_by_payer")


def value_rows(catalogue: Catalogue, day: dt.date) -> list[dict[str, Any]]:
    """Rows of dim_value: each value as stated and as used."""
    price_year, discounting = effective_price_year(catalogue), catalogue.costs.discounting
    rows = []
    for value in catalogue.costs.values:
        index = index_of_value(catalogue, value, day) if price_year is not None else None
        rows.append(
            {
                "value_id": value.id, "version": value.version, "source": value.source, "note": value.note or None,
                "stated_ore": value.ore, "stated_price_year": value.price_year, "years": value.years, "first_year": value.first_year,
                "drop_off": value.drop_off, "value_per_effect_ore": value_of(catalogue, value.id, day), "price_year": price_year,
                "price_index": index.name if index else None,
                "discounting": _tiers(catalogue) if discounting and value.is_later else None,
                "discounting_source": discounting.source if discounting and value.is_later else None,
                "payers": json.dumps(value.payers, sort_keys=True) if value.payers else None,
            }
        )  # fmt: skip
    return rows


def index_rows(catalogue: Catalogue, day: dt.date) -> list[dict[str, Any]]:
    """Rows of dim_price_index: every version of every series, year by year."""
    return [
        {
            "index_id": used.series.id, "version": version.version, "status": version.status, "published_on": version.published_on,
            "source": version.source, "covers": ", ".join(used.series.covers),
            "is_used": version is used.version, "year": year, "rise": rise,
        }
        for used in indices_on(catalogue, day)
        for version in used.series.versions
        for year, rise in sorted(version.rises.items())
    ]  # fmt: skip


def _tiers(catalogue: Catalogue) -> str:
    tiers = catalogue.costs.discounting.tiers if catalogue.costs.discounting else ()
    return ", ".join(f"{tier.rate:.2%}" + (f" through year {tier.through}" if tier.through else " after that") for tier in tiers)


def _load_values(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    valued = [
        (indicator.id, indicator.version, value.id, value.version)
        for _, indicator in catalogue.indicators()
        if (value := find_value(catalogue, indicator.effect.value))
    ]
    make_table(
        connection, "indicator_value", valued,
        [("indicator_id", pa.string()), ("indicator_version", pa.int32()), ("value_id", pa.string()), ("value_version", pa.string())],
    )  # fmt: skip
    make_table(
        connection, "payer_share", [row for value in catalogue.costs.values if value.payers for row in _split(value)],
        [("value_id", pa.string()), ("payer", pa.string()), ("share_from", pa.float64()), ("share_to", pa.float64())],
    )  # fmt: skip


def _split(value: EffectValue) -> list[tuple[str, str, float, float]]:
    """Where each payer's share begins and ends; the last one ends at exactly 1, so nothing is lost to rounding."""
    payers = sorted(set(value.payers) | set(COST_BEARERS), key=lambda payer: (payer not in value.payers, payer))
    ends = np.cumsum([value.payers.get(payer, 0.0) for payer in payers])
    ends[len(value.payers) - 1 :] = 1.0
    starts = [0.0, *ends[:-1]]
    return [(value.id, payer, float(start), float(end)) for payer, start, end in zip(payers, starts, ends, strict=True)]


def _limit_sampled(connection: duckdb.DuckDBPyConnection) -> None:
    """`krone_limit`: Fieller's sets where the cost has a sampling error (a key that comes from a sample)."""
    rows = connection.execute(sql("mart_krone_sampled")).fetchnumpy()
    effect, cost = _plain(rows["effect"]), _plain(rows["cost"])
    effect_variance, cost_variance = _plain(rows["effect_se"]) ** 2, _plain(rows["cost_se"]) ** 2
    bounded, low, high = fieller_sets(cost, effect, cost_variance, effect_variance)
    epm_bounded, epm_low, epm_high = fieller_sets(effect, cost, effect_variance, cost_variance)
    columns = {
        "row_no": pa.array(rows["row_no"], pa.int64()),
        "kpe_bounded": pa.array(bounded, pa.bool_()),
        "kpe_low": _shown(low, bounded),
        "kpe_high": _shown(high, bounded),
        "epm_low": _shown(np.maximum(epm_low * 1e6, 0.0), epm_bounded),
        "epm_high": _shown(epm_high * 1e6, epm_bounded),
    }
    connection.register("incoming", pa.table(columns))
    connection.execute("CREATE TABLE krone_limit AS FROM incoming")
    connection.unregister("incoming")


def _plain(column: Any) -> Floats:
    return np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)


def _shown(limits: Floats, is_bounded: Any) -> pa.Array:
    """Limits of bounded sets; nothing for the others, whose numbers bound from outside."""
    return pa.array(np.where(is_bounded, limits, np.nan), pa.float64(), from_pandas=True)
