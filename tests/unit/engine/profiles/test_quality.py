from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from lakestead.engine.profiles import Definition, Inference, Problem, Slice, TableSource, profile

CLASSES = ["cat", "dog", "eel"]


def quality(table: pa.Table, inference: Inference, **more: Any) -> list[dict[str, Any]]:
    definition = Definition(inference=inference, columns=(), **more)
    rows: list[dict[str, Any]] = profile(TableSource(table), definition).metrics.to_pylist()
    return rows


def predictions(classes: list[str], rows: int = 400) -> pa.Table:
    random = np.random.default_rng(len(classes))
    label = random.integers(0, len(classes), rows)
    # Rounded, so that there are ties.
    chances = np.round(random.dirichlet(np.ones(len(classes)), rows) + 0.5 * np.eye(len(classes))[label], 1)
    chances = (chances + 0.05) / (chances + 0.05).sum(axis=1, keepdims=True)
    names = np.array(classes)
    return pa.table(
        {
            "label": pa.array(names[label], mask=random.random(rows) < 0.1),
            "said": names[chances.argmax(axis=1)],
            "proba": pa.array(
                [list(zip(classes, one, strict=True)) for one in chances.tolist()],
                pa.map_(pa.string(), pa.float64()),
            ),
            "young": random.random(rows) < 0.4,
            "model": random.choice(["a", "b"], rows),
        }
    )


@pytest.mark.parametrize("classes", [CLASSES[:2], CLASSES])
def test_classification_agrees_with_scikit_learn(classes: list[str]) -> None:
    table = predictions(classes)
    [row] = quality(table, Inference(Problem.CLASSIFICATION, "said", "label", "proba"))
    known = table.filter(table["label"].is_valid())
    label, said = known["label"].to_numpy(zero_copy_only=False), known["said"].to_numpy(zero_copy_only=False)
    chances = np.array([[value for _, value in one] for one in known["proba"].to_pylist()])
    assert row["accuracy_score"] == pytest.approx(metrics.accuracy_score(label, said))
    for name, score in (
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
        ("f1_score", metrics.f1_score),
    ):
        assert row[name]["macro"] == pytest.approx(score(label, said, average="macro"))
        assert row[name]["weighted"] == pytest.approx(score(label, said, average="weighted"))
        assert [one for _, one in row[name]["one_vs_all"]] == pytest.approx(score(label, said, average=None))
    matrix = metrics.confusion_matrix(label, said, labels=classes)
    assert {(one["label"], one["prediction"]): one["count"] for one in row["confusion_matrix"]} == {
        (true, other): matrix[i, j]
        for i, true in enumerate(classes)
        for j, other in enumerate(classes)
        if matrix[i, j]
    }
    assert row["log_loss"] == pytest.approx(metrics.log_loss(label, chances, labels=classes))
    for ours, theirs in (("one_vs_one", "ovo"), ("one_vs_all", "ovr")):
        for average in ("macro", "weighted"):
            scores = chances if len(classes) > 2 else chances[:, 1]
            expected = metrics.roc_auc_score(
                label, scores, labels=classes, multi_class=theirs, average=average
            )
            assert row["roc_auc_score"][ours][average] == pytest.approx(expected)


def test_models_are_measured_each_and_together() -> None:
    table = predictions(CLASSES)
    rows = quality(table, Inference(Problem.CLASSIFICATION, "said", "label"), model_id="model")
    found = {row["model"]: row["accuracy_score"] for row in rows}
    assert found.keys() == {"*", "a", "b"}
    frame = table.to_pandas().dropna()
    for name in ("a", "b"):
        some = frame[frame["model"] == name]
        assert found[name] == pytest.approx((some["said"] == some["label"]).mean())


def test_fairness_compares_those_a_predicate_is_true_of_with_the_others() -> None:
    table = predictions(CLASSES[:2])
    rows = quality(
        table, Inference(Problem.CLASSIFICATION, "said", "label"), slices=(Slice("age < 25", "young"),)
    )
    measured = {row["slice_value"]: row for row in rows}
    assert measured[None]["predictive_parity"] is None
    assert measured["false"]["predictive_parity"] is None
    frame = table.to_pandas().dropna()
    rates = {}
    for young, some in frame.groupby("young"):
        is_, says = some["label"] == "dog", some["said"] == "dog"
        rates[young] = {
            "predictive_parity": is_[says].mean(),
            "predictive_equality": says[~is_].mean(),
            "equal_opportunity": says[is_].mean(),
            "statistical_parity": says.mean(),
        }
    for name, rate in rates[True].items():
        assert dict(measured["true"][name])["dog"] == pytest.approx(rate - rates[False][name])


def test_regression_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(1)
    true = random.normal(10, 3, 300)
    said = true + random.normal(0, 1, 300)
    mask = random.random(300) < 0.1
    table = pa.table({"y": pa.array(true, mask=mask), "said": said})
    [row] = quality(table, Inference(Problem.REGRESSION, "said", "y"))
    true, said = true[~mask], said[~mask]
    for name, expected in (
        ("mean_squared_error", metrics.mean_squared_error(true, said)),
        ("root_mean_squared_error", metrics.root_mean_squared_error(true, said)),
        ("mean_average_error", metrics.mean_absolute_error(true, said)),
        ("mean_absolute_percentage_error", metrics.mean_absolute_percentage_error(true, said)),
        ("r2_score", metrics.r2_score(true, said)),
    ):
        assert row[name] == pytest.approx(expected), name


def test_classes_are_the_same_however_they_are_stored() -> None:
    table = pa.table({"y": pa.array([0, 1, 1, None]), "said": [0.0, 1.0, 0.0, 1.0]})
    [row] = quality(table, Inference(Problem.CLASSIFICATION, "said", "y"))
    assert row["accuracy_score"] == pytest.approx(2 / 3)
    assert [name for name, _ in row["recall"]["one_vs_all"]] == ["0", "1"]


def test_without_labels_there_is_no_quality() -> None:
    table = pa.table({"y": pa.nulls(2, pa.string()), "said": ["a", "b"]})
    [row] = quality(table, Inference(Problem.CLASSIFICATION, "said", "y"))
    assert row["accuracy_score"] is None
    assert row["confusion_matrix"] is None
