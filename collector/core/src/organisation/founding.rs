//! New organisations, and what they declare of themselves.

use super::{Contact, GraphError, Organisation, OrganisationGraph, Perimeter};
use crate::actor::Scope;
use crate::changes::Changes;
use crate::store::Stored;

/// Longest name, function or address, in bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// Most contacts of one organisation.
pub const CONTACTS_MAX: usize = 20;
/// Most hosts, domains or sites of one kind that can be declared.
pub const PERIMETER_MAX: u32 = 1_000_000;

/// Why an organisation is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationError {
    /// It does not exist, or the person may not change it: both answer the same.
    #[error("there is no such organisation")]
    NotFound,
    /// The graph would break.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A text is empty, too long or holds control characters.
    #[error("{0} must be one line of 1 to {NAME_BYTES_MAX} bytes")]
    Text(&'static str),
    /// Too many contacts.
    #[error("an organisation has at most {CONTACTS_MAX} contacts")]
    TooManyContacts,
    /// Too large a number.
    #[error("the number of {0} is larger than {PERIMETER_MAX}")]
    Perimeter(&'static str),
}

/// Adds an organisation to the graph. Under a parent it takes an administrator of that parent; without one, an
/// administrator of the whole graph.
///
/// # Errors
/// [`OrganisationError`] when the person may not, or the organisation breaks a rule.
pub fn found(
    scope: &Scope,
    graph: &OrganisationGraph,
    organisation: Organisation,
) -> Result<Changes, OrganisationError> {
    let may = if organisation.parents.is_empty() {
        graph.iter().all(|node| scope.administers(node.id))
    } else {
        organisation.parents.iter().all(|parent| scope.administers(*parent))
    };
    if !may {
        return Err(OrganisationError::NotFound);
    }
    one_line("the name", &organisation.name)?;
    check_contacts(&organisation.contacts)?;
    check_perimeter(organisation.perimeter)?;
    graph.check(&organisation)?;
    let mut changes = Changes::audited("organisation.found", organisation.id);
    changes.expect::<Organisation>(organisation.id, None);
    changes.put(organisation);
    Ok(changes)
}

/// Sets what an organisation declares: how much there is to look at, and whom to call.
///
/// # Errors
/// [`OrganisationError`] when the person may not, or a number or text is out of bounds.
pub fn declare(
    scope: &Scope,
    organisation: Option<&Stored<Organisation>>,
    perimeter: Perimeter,
    contacts: Vec<Contact>,
) -> Result<Changes, OrganisationError> {
    let stored = organisation.filter(|stored| scope.manages(stored.value.id)).ok_or(OrganisationError::NotFound)?;
    check_contacts(&contacts)?;
    check_perimeter(perimeter)?;
    let mut changes = Changes::audited("organisation.declare", stored.value.id);
    changes.expect::<Organisation>(stored.value.id, Some(stored.version));
    changes.put(Organisation { perimeter, contacts, ..stored.value.clone() });
    Ok(changes)
}

fn check_contacts(contacts: &[Contact]) -> Result<(), OrganisationError> {
    if contacts.len() > CONTACTS_MAX {
        return Err(OrganisationError::TooManyContacts);
    }
    contacts.iter().try_for_each(|contact| {
        one_line("the role of a contact", &contact.role)?;
        one_line("the name of a contact", &contact.name)?;
        one_line("the address of a contact", &contact.reach)
    })
}

fn check_perimeter(perimeter: Perimeter) -> Result<(), OrganisationError> {
    let Perimeter { servers, workstations, domains, sites } = perimeter;
    for (what, count) in [("servers", servers), ("workstations", workstations), ("domains", domains), ("sites", sites)]
    {
        if count.is_some_and(|count| count > PERIMETER_MAX) {
            return Err(OrganisationError::Perimeter(what));
        }
    }
    Ok(())
}

fn one_line(what: &'static str, text: &str) -> Result<(), OrganisationError> {
    let fits = !text.trim().is_empty() && text.len() <= NAME_BYTES_MAX && !text.contains(char::is_control);
    if fits { Ok(()) } else { Err(OrganisationError::Text(what)) }
}
