//! One file of a pack with the place of each of its fields, so that every error can name line, column and field.

use std::fmt;

use serde::de::DeserializeSeed;

use super::error::{PackError, Place};
use super::node::{self, Entry, Node, NodeKind};

/// Longest field path that an error shows, in bytes.
const FIELD_BYTES_MAX: usize = 200;

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
        match node::read(text) {
            Ok(top) => Ok(Self { file: file.to_owned(), text: text.to_owned(), top }),
            Err(error) => {
                let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
                Err(refuse(line, column, node::plain(&error)))
            }
        }
    }

    /// The file's values as one of the language's own types, which the seed knows.
    pub(crate) fn typed<S, T>(&self, seed: S) -> Result<T, PackError>
    where
        S: for<'de> DeserializeSeed<'de, Value = T>,
    {
        let read = serde_saphyr::with_deserializer_from_str_with_options(&self.text, node::options(), |yaml| {
            seed.deserialize(yaml)
        });
        read.map_err(|error| {
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
            PackError::Content { place, field, problem: node::plain(error) }
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
        let (found, _) = path.nearest(&self.top);
        Place { file: self.file.clone(), line: found.line, column: found.column }
    }

    /// The value at one field.
    pub(crate) fn node(&self, path: &Path<'_>) -> Option<&Node> {
        let (found, exact) = path.nearest(&self.top);
        exact.then_some(found)
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
