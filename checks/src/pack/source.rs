//! One YAML file with the place of each of its values, so that every error can name line, column and field.

use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};

use super::error::{PackError, Place};

/// Deepest nesting of one file.
const DEPTH_MAX: usize = 24;
/// Most values in one file.
const NODES_MAX: usize = 50_000;
/// Longest field path that an error shows, in bytes.
const FIELD_BYTES_MAX: usize = 200;

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

    fn item(&self, index: usize) -> Option<&Self> {
        match &self.kind {
            NodeKind::List(items) => items.get(index),
            NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Text(_) | NodeKind::Map(_) => None,
        }
    }
}

/// A field as a path from the top of its file: keys and positions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path<'a> {
    /// The file as a whole.
    Top,
    /// A key of a map.
    Key(&'a Path<'a>, &'a str),
    /// A position in a list.
    Item(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    pub(crate) const fn key(&'a self, key: &'a str) -> Self {
        Path::Key(self, key)
    }

    pub(crate) const fn item(&'a self, index: usize) -> Self {
        Path::Item(self, index)
    }

    /// The value that the path leads to, or the nearest value above it.
    fn nearest<'n>(&self, top: &'n Node) -> (&'n Node, bool) {
        let (parent, step): (&Path<'_>, &dyn Fn(&'n Node) -> Option<&'n Node>) = match self {
            Path::Top => return (top, true),
            Path::Key(parent, key) => (parent, &|node: &'n Node| node.get(key)),
            Path::Item(parent, index) => (parent, &|node: &'n Node| node.item(*index)),
        };
        let (above, exact) = parent.nearest(top);
        match step(above).filter(|_| exact) {
            Some(found) => (found, true),
            None => (above, false),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Top => Ok(()),
            Path::Key(Path::Top, key) => formatter.write_str(key),
            Path::Key(parent, key) => write!(formatter, "{parent}.{key}"),
            Path::Item(parent, index) => write!(formatter, "{parent}[{index}]"),
        }
    }
}

/// One file, read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    file: String,
    text: String,
    top: Node,
}

impl Source {
    /// Reads the YAML of one file: one document, no duplicate key, no null, no fraction, within the limits.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Self, PackError> {
        let refuse = |line, column, problem: String| PackError::Content {
            place: Place { file: file.to_owned(), line, column },
            field: "(text)".to_owned(),
            problem,
        };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            refuse(line, 1, "the text is not UTF-8".to_owned())
        })?;
        match serde_saphyr::from_str_with_options::<Spanned<NodeKind>>(text, options()) {
            Ok(top) => Ok(Self { file: file.to_owned(), text: text.to_owned(), top: node(top) }),
            Err(error) => {
                let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
                Err(refuse(line, column, plain(&error)))
            }
        }
    }

    /// The file's values as one of the language's own types.
    pub(crate) fn typed<T: DeserializeOwned>(&self) -> Result<T, PackError> {
        serde_saphyr::from_str_with_options(&self.text, options()).map_err(|error| {
            let at = error.location().map_or((self.top.line, self.top.column), |at| (at.line(), at.column()));
            let error = error.without_snippet();
            // The parser points at a key of the map that lacks the field, or at the key that is unknown.
            let (place, field) = if let serde_saphyr::Error::SerdeMissingField { field, .. } = error {
                self.in_map_of(at, field, true)
            } else if let serde_saphyr::Error::SerdeUnknownField { field, .. } = error {
                self.in_map_of(at, field, false)
            } else {
                (at, self.field_at(at))
            };
            let place = Place { file: self.file.clone(), line: place.0, column: place.1 };
            PackError::Content { place, field, problem: plain(error) }
        })
    }

    /// The field of the map that has a key at a place; with `at_map`, the place of the map instead.
    fn in_map_of(&self, at: (u64, u64), field: &str, at_map: bool) -> ((u64, u64), String) {
        match map_with_key_at(&self.top, "", at) {
            Some((map, path)) => {
                let place = if at_map { (map.line, map.column) } else { at };
                (place, if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") })
            }
            None => (at, field.to_owned()),
        }
    }

    /// An error at one field.
    pub(crate) fn error(&self, path: &Path<'_>, problem: impl Into<String>) -> PackError {
        let mut field = path.to_string();
        if field.is_empty() {
            "(file)".clone_into(&mut field);
        }
        PackError::Content { place: self.place(path), field, problem: problem.into() }
    }

    /// Where a field stands; the nearest value above it when it is missing.
    pub(crate) fn place(&self, path: &Path<'_>) -> Place {
        let (node, _) = path.nearest(&self.top);
        Place { file: self.file.clone(), line: node.line, column: node.column }
    }

    /// The value at one field.
    pub(crate) fn node(&self, path: &Path<'_>) -> Option<&Node> {
        let (node, exact) = path.nearest(&self.top);
        exact.then_some(node)
    }

    /// The path of the last value that starts at or before a place.
    fn field_at(&self, place: (u64, u64)) -> String {
        let mut best = String::new();
        deepest(&self.top, "", place, &mut best);
        if best.is_empty() { "(file)".to_owned() } else { crate::fact::clean_text(&best, FIELD_BYTES_MAX) }
    }
}

fn deepest(node: &Node, path: &str, place: (u64, u64), best: &mut String) {
    if (node.line, node.column) > place {
        return;
    }
    path.clone_into(best);
    match &node.kind {
        NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Text(_) => {}
        NodeKind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                deepest(item, &format!("{path}[{index}]"), place, best);
            }
        }
        NodeKind::Map(entries) => {
            for Entry { key, value, .. } in entries {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                deepest(value, &below, place, best);
            }
        }
    }
}

/// The map, and its path, that has a key at exactly this place.
fn map_with_key_at<'n>(node: &'n Node, path: &str, place: (u64, u64)) -> Option<(&'n Node, String)> {
    match &node.kind {
        NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Text(_) => None,
        NodeKind::List(items) => {
            items.iter().enumerate().find_map(|(index, item)| map_with_key_at(item, &format!("{path}[{index}]"), place))
        }
        NodeKind::Map(entries) if entries.iter().any(|entry| entry.place == place) => Some((node, path.to_owned())),
        NodeKind::Map(entries) => entries.iter().find_map(|Entry { key, value, .. }| {
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            map_with_key_at(value, &below, place)
        }),
    }
}

fn options() -> serde_saphyr::Options {
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
fn plain(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;
    let error = error.without_snippet();
    if let Error::DuplicateMappingKey { key: Some(key), .. } = error {
        return format!("the key `{}` stands twice", crate::fact::clean_text(key, FIELD_BYTES_MAX));
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
    crate::fact::clean_text(without_place, FIELD_BYTES_MAX * 2)
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
