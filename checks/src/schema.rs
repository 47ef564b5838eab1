//! The JSON Schema of the check language, for completion and checking in an editor. A test keeps the file fresh.

use schemars::generate::SchemaSettings;

use crate::pack::raw::{RawCheck, RawPack};

/// The JSON Schema of every file of a pack: `pack.yaml`, or a list of checks.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let pack = generator.subschema_for::<RawPack>();
    let checks = generator.subschema_for::<Vec<RawCheck>>();
    let definitions = generator.take_definitions(true);
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Vedetta check language 1",
        "description": "A file of a pack of checks: pack.yaml, or a list of checks on one topic.",
        "anyOf": [pack, checks],
        "$defs": definitions,
    })
}

/// The schema as the text of its file `schema/pack.schema.json`.
#[must_use]
pub fn json_schema_text() -> String {
    format!("{:#}\n", json_schema())
}
