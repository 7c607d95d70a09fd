"""Declarations in YAML: each mistake is named with its file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from lakestead.core.config import Declaration, load_yaml
from lakestead.core.errors import ConfigError


class Wheel(Declaration):
    size: int
    colour: str | None = None


class Car(Declaration):
    name: str
    wheels: dict[str, Wheel] = Field(default_factory=dict)
    spare: Wheel | None = None
    trips: tuple[Wheel, ...] = ()


def mistake(tmp_path: Path, text: str) -> str:
    path = tmp_path / "car.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_yaml(path, Car)
    return str(caught.value).replace(str(path), "car.yaml")


def test_a_good_file_becomes_a_frozen_model(tmp_path: Path) -> None:
    path = tmp_path / "car.yaml"
    path.write_text("name: mini\nwheels:\n  left: {size: 3}\n", encoding="utf-8")
    car = load_yaml(path, Car)
    assert car == Car(name="mini", wheels={"left": Wheel(size=3)})
    with pytest.raises(ValueError, match="frozen"):
        car.name = "maxi"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: mini\nwheel: {}\n", "car.yaml:2:1: unknown key 'wheel'; did you mean 'wheels'?"),
        ("name: mini\nzzz: {}\n", "car.yaml:2:1: unknown key 'zzz'; known here: name, spare, trips, wheels"),
        (
            "name: mini\nwheels:\n  left:\n    size: 3\n    color: red\n",
            "car.yaml:5:5: unknown key 'color'; did you mean 'colour'?",
        ),
        ("name: mini\nspare: {sise: 3}\n", "car.yaml:2:9: unknown key 'sise'; did you mean 'size'?"),
        (
            "name: mini\ntrips:\n- size: 1\n- sizes: 2\n",
            "car.yaml:4:3: unknown key 'sizes'; did you mean 'size'?",
        ),
        ("wheels: {}\n", "car.yaml:1:1: the key 'name' is missing"),
        (
            "name: mini\nwheels:\n  left: {size: big}\n",
            "car.yaml:3:16: wheels.left.size: input should be a valid integer",
        ),
        ("name: [mini\n", "car.yaml:2:1: is not valid YAML"),
        ("name: mini\nname: maxi\n", "car.yaml:2:1: the key 'name' is given twice"),
        ("- mini\n", "car.yaml:1:1: the document: input should be a valid dictionary"),
        ("", "the key 'name' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    assert message in mistake(tmp_path, text)


def test_every_mistake_is_named(tmp_path: Path) -> None:
    lines = mistake(tmp_path, "nam: mini\nwheels:\n  left: {size: big}\n").splitlines()
    assert sorted(line.split(":")[1] for line in lines) == ["1", "1", "3"]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read"):
        load_yaml(tmp_path / "nowhere.yaml", Car)
