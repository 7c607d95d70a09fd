"""Predict which flights arrive late, with a model that was trained on January to March.

The table `delay_predictions` has one row a flight: what the model said, and what came true. The model is
never trained again: as the seasons change, its inputs drift and its predictions get worse, as monitors show.
"""

from __future__ import annotations

import os

# Threads that wait would else keep busy processors that others need.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.ensemble import HistGradientBoostingClassifier

from lakestead.records import DatabricksConnector

SCHEMA = f"{os.environ['LAKESTEAD_CATALOG']}.{os.environ['LAKESTEAD_SCHEMA']}"
TABLE = f"{SCHEMA}.delay_predictions"
CATEGORIES = ("carrier", "origin", "dest")
NUMBERS = ("distance", "hour", "temp", "humid", "wind_speed", "precip", "pressure", "visib")
# A flight is late from here on, as the US Department of Transportation counts.
LATE_MINUTES = 15
THRESHOLD = 0.3

FLIGHTS = f"""
SELECT f.time_hour, f.carrier, f.flight, f.origin, f.dest, f.distance, f.hour,
       w.temp, w.humid, w.wind_speed, w.precip, w.pressure, w.visib,
       f.month <= 3 AS known, f.arr_delay > {LATE_MINUTES} AS late
FROM {SCHEMA}.flights AS f
LEFT JOIN {SCHEMA}.weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
"""


def main() -> None:
    """Write the predictions that are not there yet."""
    with DatabricksConnector() as connector:
        connector.execute(
            f"CREATE TABLE IF NOT EXISTS {TABLE} ("
            "time_hour TIMESTAMP NOT NULL, carrier STRING NOT NULL, flight INT NOT NULL, "
            "origin STRING, dest STRING, "
            "probability DOUBLE COMMENT 'That it arrives late, as the model sees it', "
            "prediction STRING COMMENT 'late or on time', "
            "actual STRING COMMENT 'The same, as it came; NULL if it never arrived', "
            "model_version STRING, PRIMARY KEY (time_hour, carrier, flight)) "
            "COMMENT 'Which flights a model expected to be late, and which were'"
        )
        predictions = predict(connector.read_arrow(FLIGHTS))
        connector.upsert_records(predictions, TABLE, mode="insert")


def predict(flights: pa.Table) -> pa.Table:
    """Train the model on the flights that it may know, and return its predictions for all of them."""
    inputs = features(flights)
    late = flights["late"]
    training = pc.and_(flights["known"], pc.is_valid(late)).to_numpy()
    model = HistGradientBoostingClassifier(
        max_iter=40, random_state=2013, categorical_features=range(len(CATEGORIES))
    )
    model.fit(inputs[training], late.filter(pa.array(training)).to_numpy())
    probability = model.predict_proba(inputs)[:, 1]

    return pa.table(
        {
            **{name: flights[name] for name in ("time_hour", "carrier", "flight", "origin", "dest")},
            "probability": probability,
            "prediction": in_words(pa.array(probability >= THRESHOLD)),
            "actual": in_words(late),
            "model_version": ["winter"] * len(flights),
        }
    )


def features(flights: pa.Table) -> np.ndarray:
    """Return the model's inputs; categories as numbers, what is missing as NaN."""
    codes = [pc.index_in(flights[name], pc.unique(flights[name]).sort()).to_numpy() for name in CATEGORIES]
    numbers = [pc.cast(flights[name], pa.float64()).to_numpy() for name in NUMBERS]
    return np.column_stack([*codes, *numbers])


def in_words(late: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return `late`, `on time`, or NULL."""
    return pc.if_else(late, "late", "on time")


if __name__ == "__main__":
    main()
