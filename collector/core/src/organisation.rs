//! Organisations and their graph: a Comune can be in a Zona Sociale and in a Unione at once.

mod founding;
pub mod seed;

pub use founding::{CONTACTS_MAX, NAME_BYTES_MAX, OrganisationError, PERIMETER_MAX, declare, found};

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::OrganisationId;

/// Kind of organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganisationKind {
    /// A municipality.
    Comune,
    /// A union of municipalities.
    Unione,
    /// A social zone: the grouping that shares social and digital services.
    ZonaSociale,
    /// A province.
    Provincia,
    /// A region.
    Regione,
}

impl OrganisationKind {
    /// Every kind, smallest first.
    pub const ALL: [Self; 5] = [Self::Comune, Self::Unione, Self::ZonaSociale, Self::Provincia, Self::Regione];

    /// The kind of a word of the command line; `None`: no such kind.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind as the word of the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Comune => "comune",
            Self::Unione => "unione",
            Self::ZonaSociale => "zona-sociale",
            Self::Provincia => "provincia",
            Self::Regione => "regione",
        }
    }
}

/// How much there is to look at, as the organisation declared it. `None`: not declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Perimeter {
    /// Servers.
    pub servers: Option<u32>,
    /// Workstations.
    pub workstations: Option<u32>,
    /// Domains.
    pub domains: Option<u32>,
    /// Web sites.
    pub sites: Option<u32>,
}

/// A person or office to call, as the organisation declared it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// What for: `referente`, `dpo`, `fornitore`.
    pub role: String,
    /// Office or function; a name only if the organisation published it for this purpose.
    pub name: String,
    /// Telephone, mail or PEC.
    pub reach: String,
}

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its kind.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// ISTAT code, six digits (Comuni only); stored, never derived.
    pub istat_code: Option<String>,
    /// Cadastral code (Comuni only).
    pub cadastral_code: Option<String>,
    /// IPA code; stored, never derived.
    pub ipa_code: Option<String>,
    /// The organisations that it is a member of.
    pub parents: BTreeSet<OrganisationId>,
    /// Its declared perimeter.
    pub perimeter: Perimeter,
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// Whether it exists only to try Vedetta.
    pub is_demonstration: bool,
}

/// All organisations, for questions about the graph.
#[derive(Debug, Clone, Default)]
pub struct OrganisationGraph {
    nodes: BTreeMap<OrganisationId, Organisation>,
}

/// A change would break the graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// A parent does not exist.
    #[error("the organisation {0} does not exist")]
    Missing(OrganisationId),
    /// An organisation would contain itself.
    #[error("{0} would be a member of itself")]
    Cycle(String),
}

impl OrganisationGraph {
    /// The graph of the given organisations.
    #[must_use]
    pub fn new(organisations: impl IntoIterator<Item = Organisation>) -> Self {
        Self { nodes: organisations.into_iter().map(|node| (node.id, node)).collect() }
    }

    /// One organisation.
    #[must_use]
    pub fn get(&self, id: OrganisationId) -> Option<&Organisation> {
        self.nodes.get(&id)
    }

    /// All organisations, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Organisation> {
        self.nodes.values()
    }

    /// The organisation and all that lie beneath it.
    #[must_use]
    pub fn beneath(&self, top: OrganisationId) -> BTreeSet<OrganisationId> {
        let mut found = BTreeSet::from([top]);
        loop {
            let more: Vec<_> = self
                .nodes
                .values()
                .filter(|node| !found.contains(&node.id) && node.parents.iter().any(|parent| found.contains(parent)))
                .map(|node| node.id)
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }

    /// The Comuni beneath an organisation, itself included, by name.
    #[must_use]
    pub fn comuni_beneath(&self, top: OrganisationId) -> Vec<&Organisation> {
        let mut comuni: Vec<_> = self
            .beneath(top)
            .into_iter()
            .filter_map(|id| self.nodes.get(&id))
            .filter(|node| node.kind == OrganisationKind::Comune)
            .collect();
        comuni.sort_by(|one, other| one.name.cmp(&other.name));
        comuni
    }

    /// Whether the organisation may be put into the graph.
    ///
    /// # Errors
    /// [`GraphError`] when a parent is missing or the organisation would contain itself.
    pub fn check(&self, candidate: &Organisation) -> Result<(), GraphError> {
        let beneath = self.beneath(candidate.id);
        for parent in &candidate.parents {
            if !self.nodes.contains_key(parent) {
                return Err(GraphError::Missing(*parent));
            }
            if beneath.contains(parent) {
                return Err(GraphError::Cycle(candidate.name.clone()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
