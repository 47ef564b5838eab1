//! What stands in a YAML file, as a tree with the place of each value, read within limits.

use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{DuplicateKeyPolicy, Error, MergeKeyPolicy, Spanned};

/// Deepest nesting of one file.
const DEPTH_MAX: usize = 24;
/// Most values in one file.
const NODES_MAX: usize = 50_000;
/// Longest message of the parser that is passed on, in bytes.
const MESSAGE_BYTES_MAX: usize = 400;

/// One value of a YAML file with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// What stands there.
    pub kind: NodeKind,
}

/// What can stand in a pack. There are no fractions and no null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// Items in order.
    List(Vec<Node>),
    /// Entries in order.
    Map(Vec<Entry>),
}

/// One key of a map with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Line and column of the key, from 1.
    pub place: (u64, u64),
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The value of one key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            NodeKind::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Text(_) | NodeKind::List(_) => None,
        }
    }

    pub(super) fn item(&self, index: usize) -> Option<&Self> {
        match &self.kind {
            NodeKind::List(items) => items.get(index),
            NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Text(_) | NodeKind::Map(_) => None,
        }
    }
}

/// Reads the YAML of one file: one document, no duplicate key, no null, no fraction, no anchors.
pub(super) fn read(text: &str) -> Result<Node, Error> {
    serde_saphyr::from_str_with_options(text, options()).map(node)
}

pub(super) fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_aliases: 0,
            max_anchors: 0,
            max_documents: 1,
            max_merge_keys: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
    }
}

/// What the parser says, in the words of the check language and on one line.
pub(super) fn plain(error: &Error) -> String {
    let error = error.without_snippet();
    if let Error::DuplicateMappingKey { key: Some(key), .. } = error {
        return format!("the key `{}` stands twice", crate::fact::clean_text(key, MESSAGE_BYTES_MAX));
    }
    if let Error::SerdeInvalidType { unexpected, expected, .. } = error
        && unexpected == "unit value"
    {
        return format!("the value is missing; needed is {expected}");
    }
    if let Error::Budget { breach, .. } = error {
        if matches!(breach, BudgetBreach::Aliases { .. } | BudgetBreach::Anchors { .. }) {
            return "anchors and aliases of YAML are not part of the check language; write the value out".to_owned();
        }
        if matches!(breach, BudgetBreach::Documents { .. }) {
            return "a file holds one YAML document; take out the line `---`".to_owned();
        }
        if matches!(breach, BudgetBreach::Depth { .. }) {
            return format!("values are nested more than {DEPTH_MAX} deep");
        }
        return format!("the file is larger than allowed: {breach:?}");
    }
    let rendered = error.to_string();
    let first = rendered.lines().next().unwrap_or_default();
    let without_place = first.rsplit_once(" at line ").map_or(first, |(message, _)| message);
    crate::fact::clean_text(without_place, MESSAGE_BYTES_MAX)
}

fn node(spanned: Spanned<NodeKind>) -> Node {
    Node { line: spanned.referenced.line(), column: spanned.referenced.column(), kind: spanned.value }
}

impl<'de> serde::Deserialize<'de> for NodeKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = NodeKind;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("true or false, a whole number, a text, a list or a map (no null, no fraction)")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<NodeKind, E> {
        Ok(NodeKind::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<NodeKind, E> {
        Ok(NodeKind::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<NodeKind, E> {
        i64::try_from(value).map(NodeKind::Int).map_err(|_| E::custom("the number does not fit into 64 bits with sign"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<NodeKind, E> {
        Ok(NodeKind::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<NodeKind, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<NodeKind>>()? {
            list.push(node(item));
        }
        Ok(NodeKind::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<NodeKind, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Spanned<String>, Spanned<NodeKind>>()? {
            let place = (key.referenced.line(), key.referenced.column());
            map.push(Entry { key: key.value, place, value: node(value) });
        }
        Ok(NodeKind::Map(map))
    }
}
