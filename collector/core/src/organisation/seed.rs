//! The organisations that a new collector starts with: a versioned data file with its source, read by code that knows
//! no place by name.
//!
//! One line an organisation, parents first: `kind;name;istat;cadastral;ipa;member of`. A code that nobody verified stays
//! empty; none is derived from another. Lines that start with `#` carry the source and its date.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Organisation, OrganisationGraph, OrganisationKind, Perimeter};
use crate::changes::Changes;
use crate::ids::OrganisationId;

/// The data files that come with the program: name and content.
pub const FILES: &[(&str, &str)] = &[("perugia.csv", include_str!("../../data/perugia.csv"))];

/// Name of the organisation that exists only to try Vedetta.
pub const DEMONSTRATION_NAME: &str = "Comune dimostrativo";

/// A line of a data file is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {why}")]
pub struct SeedError {
    /// The file.
    pub file: String,
    /// The line; counts from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// The organisations of one data file that the graph does not have yet.
///
/// # Errors
/// [`SeedError`] names file and line.
pub fn read(
    file: &str,
    text: &str,
    graph: &OrganisationGraph,
    new_ids: &mut dyn FnMut() -> Uuid,
) -> Result<Vec<Organisation>, SeedError> {
    let mut by_name: BTreeMap<String, OrganisationId> = graph.iter().map(|node| (node.name.clone(), node.id)).collect();
    let mut found = Vec::new();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    for (index, line) in lines {
        let wrong = |why: String| SeedError { file: file.to_owned(), line: index + 1, why };
        let organisation = parse(line, &by_name, OrganisationId::new(new_ids())).map_err(wrong)?;
        if by_name.contains_key(&organisation.name) {
            continue;
        }
        by_name.insert(organisation.name.clone(), organisation.id);
        found.push(organisation);
    }
    Ok(found)
}

/// Everything a new collector starts with: the data files, and the demonstration Comune beside them, under no province,
/// so that it never counts in a figure. What exists already is left alone.
///
/// # Errors
/// [`SeedError`] names file and line.
pub fn seed(graph: &OrganisationGraph, new_ids: &mut dyn FnMut() -> Uuid) -> Result<Option<Changes>, SeedError> {
    let mut changes = Changes::audited("organisation.seed", "data files");
    for (file, text) in FILES {
        for organisation in read(file, text, graph, new_ids)? {
            changes.expect::<Organisation>(organisation.id, None);
            changes.put(organisation);
        }
    }
    if !graph.iter().any(|node| node.is_demonstration) {
        let id = OrganisationId::new(new_ids());
        let blank = blank(OrganisationKind::Comune, DEMONSTRATION_NAME, id);
        changes.put(Organisation { is_demonstration: true, ..blank });
    }
    Ok((!changes.puts.is_empty()).then_some(changes))
}

fn parse(line: &str, by_name: &BTreeMap<String, OrganisationId>, id: OrganisationId) -> Result<Organisation, String> {
    let fields: Vec<&str> = line.split(';').map(str::trim).collect();
    let [kind, name, istat, cadastral, ipa, parents] = fields.as_slice() else {
        return Err(format!("{} fields, not 6 (kind;name;istat;cadastral;ipa;member of)", fields.len()));
    };
    let kind = OrganisationKind::of_word(kind).ok_or_else(|| format!("`{kind}` is no kind of organisation"))?;
    if name.is_empty() {
        return Err("the name is empty".to_owned());
    }
    if !istat.is_empty() && (istat.len() != 6 || !istat.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(format!("`{istat}` is no ISTAT code of six digits"));
    }
    let parents: BTreeSet<_> = parents
        .split(',')
        .map(str::trim)
        .filter(|parent| !parent.is_empty())
        .map(|parent| by_name.get(parent).copied().ok_or_else(|| format!("`{parent}` does not stand above")))
        .collect::<Result<_, _>>()?;
    let stored = |code: &str| (!code.is_empty()).then(|| code.to_owned());
    Ok(Organisation {
        istat_code: stored(istat),
        cadastral_code: stored(cadastral),
        ipa_code: stored(ipa),
        parents,
        ..blank(kind, name, id)
    })
}

fn blank(kind: OrganisationKind, name: &str, id: OrganisationId) -> Organisation {
    Organisation {
        id,
        kind,
        name: name.to_owned(),
        istat_code: None,
        cadastral_code: None,
        ipa_code: None,
        parents: BTreeSet::new(),
        perimeter: Perimeter::default(),
        contacts: Vec::new(),
        is_demonstration: false,
    }
}

#[cfg(test)]
mod tests;
