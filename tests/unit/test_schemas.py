import json

import pytest

from models.registry import EVENT_TYPES, FAMILIES
from models.schemas import asyncapi_document, event_schemas, write_schemas


def test_there_is_a_schema_for_each_type_and_a_channel_for_each_family():
    document = asyncapi_document()
    assert document["asyncapi"].startswith("3.")
    assert set(document["channels"]) == {*FAMILIES, "effects"}
    assert document["channels"]["employment"]["address"] == "kerneeffekt.employment"
    named = {name for channel in document["channels"].values() for name in channel["messages"]}
    assert named == {*EVENT_TYPES, "effect_changed"} == set(document["components"]["messages"])
    references = json.dumps(document)
    assert all(f"#/components/messages/{name}" in references for name in named)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_schema_says_what_the_model_says(name):
    schema, event_type = event_schemas()[name], EVENT_TYPES[name]
    data = schema["properties"]["data"]
    assert set(data["properties"]) == set(event_type.payload.model_fields)
    assert set(data.get("required", ())) == {field for field, info in event_type.payload.model_fields.items() if info.is_required()}
    assert schema["properties"]["type"] == {"const": event_type.wire}


def test_bounds_are_in_the_schema():
    data = event_schemas()["employment.placement_started"]["properties"]["data"]["properties"]
    number = next(option for option in data["hours_per_week"]["anyOf"] if option["type"] == "number")
    assert (number["minimum"], number["maximum"]) == (0, 80)
    assert {"type": "null"} in data["form"]["anyOf"]
    assert data["placement_id"]["maxLength"] == 64


def test_files_are_written(tmp_path):
    count = write_schemas(tmp_path / "new")
    assert count == len(EVENT_TYPES) + 1 == len(list((tmp_path / "new").iterdir()))
    assert json.loads((tmp_path / "new" / "asyncapi.json").read_text(encoding="utf-8"))["info"]["title"] == "Kerneeffekt"
