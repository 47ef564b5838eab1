//! The openspf suite for RFC 7208: scenarios, each with a world of names and the cases in it.

use std::collections::BTreeSet;
use std::path::Path;

use hickory_proto::rr::RecordType;
use serde_json::{Map, Value};

/// One world of names.
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// The names as one zone file of the root.
    pub(crate) zone: String,
    /// Questions that stay without an answer.
    pub(crate) silent: Silent,
    pub(crate) cases: Vec<Case>,
}

/// One message and what must come of it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) ip: String,
    pub(crate) helo: String,
    pub(crate) sender: String,
    /// Results of which one must come; the first is preferred.
    pub(crate) results: Vec<String>,
    /// The explanation that must come; `DEFAULT` stands for none of the domain's.
    pub(crate) explanation: Option<String>,
}

/// Names that are answered only for the types that they have.
#[derive(Clone, Default)]
pub(crate) struct Silent {
    names: BTreeSet<String>,
    answered: BTreeSet<(String, u16)>,
}

impl Silent {
    /// Every question at one name.
    pub(crate) fn of(name: &str) -> Self {
        Self { names: BTreeSet::from([name.to_owned()]), answered: BTreeSet::new() }
    }

    pub(crate) fn holds(&self, name: &str, kind: u16) -> bool {
        self.names.contains(name) && !self.answered.contains(&(name.to_owned(), kind))
    }
}

/// Reads the suite where `make setup-test` laid it.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.setup/openspf/rfc7208-tests.yml");
    let text = std::fs::read_to_string(&file).expect("the openspf suite is needed: run `make setup-test`");
    let documents = text.split("\n---\n").filter(|document| document.contains("zonedata:"));
    documents.map(|document| scenario(&serde_saphyr::from_str(document).expect("a scenario"))).collect()
}

fn scenario(document: &Value) -> Scenario {
    let mut zone = "$TTL 60\n. SOA ns. postmaster. 1 60 60 60 60\n. NS ns.\nns. A 127.0.0.1\n".to_owned();
    let mut silent = Silent::default();
    for (name, entries) in map(document, "zonedata") {
        let name = name.to_lowercase();
        for (kind, data) in
            entries.as_array().into_iter().flatten().filter_map(Value::as_object).flat_map(of_records(entries))
        {
            silent.answered.insert((name.clone(), type_number(&kind)));
            zone.push_str(&format!("{} {kind} {}\n", escaped_name(&name), zone_data(&kind, &data)));
        }
        if entries.as_array().is_some_and(|entries| entries.contains(&Value::from("TIMEOUT"))) {
            silent.names.insert(name);
        }
    }
    let cases = map(document, "tests").iter().map(|(name, case)| self::case(name, case)).collect();
    Scenario { name: text(document, "description"), zone, silent, cases }
}

/// Records of one entry. A record of the old type SPF is served as a text record too, unless the name has text records of its own.
fn of_records(entries: &Value) -> impl Fn(&Map<String, Value>) -> Vec<(String, Value)> {
    let objects = entries.as_array().into_iter().flatten().filter_map(Value::as_object);
    let has_text = objects.into_iter().any(|entry| entry.contains_key("TXT"));
    move |entry| {
        let own = entry.iter().filter(|(_, data)| **data != "NONE");
        let twice = own.flat_map(|(kind, data)| {
            let copy = (kind == "SPF" && !has_text).then(|| ("TXT".to_owned(), data.clone()));
            [Some((kind.clone(), data.clone())), copy].into_iter().flatten()
        });
        twice.collect()
    }
}

fn case(name: &str, case: &Value) -> Case {
    let results = match &case["result"] {
        Value::Array(results) => results.iter().map(plain).collect(),
        one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![plain(one)]
        }
    };
    Case {
        name: name.to_owned(),
        ip: text(case, "host"),
        helo: text(case, "helo"),
        sender: text(case, "mailfrom"),
        results,
        explanation: case.get("explanation").map(plain),
    }
}

fn map<'a>(value: &'a Value, key: &str) -> &'a Map<String, Value> {
    value[key].as_object().unwrap_or_else(|| panic!("{key}: {value}"))
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).map(plain).unwrap_or_else(|| panic!("{key}: {value}"))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn type_number(kind: &str) -> u16 {
    kind.parse::<RecordType>().map_or(99, u16::from)
}

fn zone_data(kind: &str, data: &Value) -> String {
    match (kind, data) {
        ("TXT" | "SPF", Value::Array(parts)) if parts.is_empty() => "\"\"".to_owned(),
        ("TXT" | "SPF", Value::Array(parts)) => parts.iter().map(|part| strings(&plain(part))).collect(),
        ("TXT" | "SPF", one) => strings(&plain(one)),
        ("MX", Value::Array(parts)) => format!("{} {}", parts[0], escaped_name(&plain(&parts[1]))),
        ("CNAME" | "PTR", name) => escaped_name(&plain(name)),
        (_, one) => plain(one),
    }
}

/// A text as quoted strings of at most 255 bytes.
fn strings(text: &str) -> String {
    let parts = text.as_bytes().chunks(255).map(|part| format!("\"{}\" ", escaped(part)));
    if text.is_empty() { "\"\" ".to_owned() } else { parts.collect() }
}

fn escaped_name(name: &str) -> String {
    let labels = name.strip_suffix('.').unwrap_or(name).split('.');
    let labels: Vec<String> = labels.map(|label| escaped(label.as_bytes())).collect();
    format!("{}.", labels.join("."))
}

fn escaped(bytes: &[u8]) -> String {
    let escape = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b' ' => {
            char::from(*byte).to_string().replace(' ', "\\032")
        }
        other => format!("\\{other:03}"),
    };
    bytes.iter().map(escape).collect()
}
