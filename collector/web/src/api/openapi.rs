//! The OpenAPI document of the API. A test compares its paths with the list of pages.

use serde_json::{Value, json};

/// The document (OpenAPI 3.1).
pub(super) fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Vedetta",
            "version": "1",
            "description": "Posture of Italian municipalities. Read-only. What one may not see answers 404.",
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "security": [{ "session": [] }],
        "paths": paths(),
        "components": {
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": crate::guard::SESSION_COOKIE },
            },
            "schemas": schemas(),
        },
    })
}

fn paths() -> Value {
    json!({
        "/api/v1/openapi.json": { "get": {
            "summary": "This document",
            "security": [],
            "responses": { "200": { "description": "The document" } },
        }},
        "/api/v1/organisations": { "get": {
            "summary": "Every organisation that the person may see, with its posture",
            "responses": answers("OrganisationList"),
        }},
        "/api/v1/organisations/{organisation}": { "get": {
            "summary": "One organisation with its posture",
            "parameters": [organisation_parameter()],
            "responses": answers("Organisation"),
        }},
        "/api/v1/organisations/{organisation}/results": { "get": {
            "summary": "The current results of one organisation; takes the right to see evidence",
            "parameters": [
                organisation_parameter(),
                { "name": "asset", "in": "query", "schema": { "type": "string", "format": "uuid" } },
                { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 1000 } },
                { "name": "offset", "in": "query", "schema": { "type": "integer", "minimum": 0 } },
            ],
            "responses": answers("ResultList"),
        }},
    })
}

fn organisation_parameter() -> Value {
    json!({ "name": "organisation", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } })
}

fn answers(schema: &str) -> Value {
    let content = |name: &str| json!({ "application/json": { "schema": reference(name) } });
    json!({
        "200": { "description": "Found", "content": content(schema) },
        "401": { "description": "Nobody is logged in", "content": content("Error") },
        "404": { "description": "It does not exist, or may not be seen", "content": content("Error") },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn schemas() -> Value {
    let (text, time) = (json!({ "type": "string" }), json!({ "type": "string", "format": "date-time" }));
    let maybe = |kind: &str| json!({ "type": [kind, "null"] });
    json!({
        "Error": object(&json!({ "error": text })),
        "OrganisationList": object(&json!({
            "schema": text, "organisations": { "type": "array", "items": reference("Organisation") },
        })),
        "Organisation": object(&json!({
            "id": text, "kind": text, "name": text, "istat_code": maybe("string"),
            "cadastral_code": maybe("string"), "ipa_code": maybe("string"), "demonstration": { "type": "boolean" },
            "parents": { "type": "array", "items": text }, "inside": reference("Figure"), "outside": reference("Figure"),
            "complete": { "type": "boolean" },
            "open_findings": { "type": "integer" }, "left_with_open_failures": { "type": "integer" }, "last_received": maybe("string"), "rules": text,
        })),
        "Figure": object(&json!({
            "state": { "enum": ["scored", "too_few_categories", "coverage_too_low", "never_measured"] },
            "score_hundredths": maybe("integer"), "grade": maybe("string"),
            "caps": { "type": "array", "items": { "type": "object" } },
            "coverage": { "type": "object" }, "categories": { "type": "array", "items": { "type": "object" } },
        })),
        "ResultList": object(&json!({
            "schema": text, "organisation": text, "total": { "type": "integer" }, "offset": { "type": "integer" },
            "results": { "type": "array", "items": reference("Result") },
        })),
        "Result": object(&json!({
            "asset": text, "check": text, "target": text, "vantage": { "enum": ["inside", "outside"] },
            "verdict": { "enum": ["pass", "warn", "fail", "not_applicable", "error", "not_tested"] },
            "reason": maybe("object"), "clause": maybe("string"), "evidence": { "type": "object" }, "pack": text,
            "since": time, "observed_at": time, "confirmed_at": time, "received_at": time,
        })),
    })
}

/// An object whose properties are all there.
fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}
