//! Which versions are on offer for what is installed, from the lists that apt has fetched.
//!
//! The lists name tens of thousands of packages: they are read as a stream, unpacked on the way, and only versions of
//! installed packages are turned into text and kept.

use std::collections::HashMap;

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::deb822::{Stanza, StanzaError, Stanzas};
use super::installed::{DpkgState, Installed, source_of};
use super::unpack;
use crate::files::Root;

/// Most versions kept of one package; beyond it the others are left out.
const OFFERS_PER_PACKAGE_MAX: usize = 1_000;

/// One list of packages: of one source, component and architecture, and where it lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ListFile {
    /// Number of the source.
    pub(super) source: usize,
    /// Component of the list; empty for a source without components.
    pub(super) component: String,
    /// Architecture of the list; empty for a source without components.
    pub(super) architecture: String,
    /// Path on the host.
    pub(super) path: String,
    /// Its size by the release file of the source, unpacked, in bytes; none when that does not say it.
    pub(super) bytes: Option<u64>,
}

/// What the lists offer for what is installed.
#[derive(Debug)]
pub(super) struct Offered {
    /// The offers for every installed package, in the order of the installed packages.
    pub(super) offers: Vec<Vec<Offer>>,
    /// A list that is shorter than its release file says: it was cut between two packages, and reads well.
    pub(super) cut: Option<Unknown>,
}

/// One version on offer for an installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// Version.
    pub(super) version: String,
    /// Name of its source package.
    pub(super) source: String,
    /// Version of its source package.
    pub(super) source_version: String,
    /// To how many hundredths of the hosts it is handed out by now; none for all.
    pub(super) phase: Option<u8>,
    /// Numbers of the lists that offer it.
    pub(super) lists: Vec<usize>,
}

/// Reads what the lists offer.
///
/// # Errors
/// [`StanzaError`] names the list and the line; a list that cannot be read makes the whole answer doubtful.
pub(super) fn read(root: &Root, state: &DpkgState, lists: &[ListFile]) -> Result<Offered, StanzaError> {
    let (mut collecting, mut cut) = (Collecting::new(state), None);
    for (number, list) in lists.iter().enumerate() {
        let stanzas = Stanzas::new(&list.path, unpack::open(root, &list.path)?);
        let bytes = collecting.read_list(stanzas.written_by_a_program(), number)?;
        if let Some(named) = list.bytes.filter(|named| bytes < *named) {
            let path = &list.path;
            let sentence = format!("the list {path} was cut: it has {bytes} of {named} bytes, run `apt update`");
            cut.get_or_insert_with(|| Unknown::new(Reason::CORRUPT, sentence));
        }
    }
    Ok(Offered { offers: collecting.into_offers(), cut })
}

/// Offers on the way of being collected.
pub(super) struct Collecting<'a> {
    state: &'a DpkgState,
    /// Numbers of the installed packages of one name.
    by_name: HashMap<&'a [u8], Vec<usize>>,
    offers: Vec<Vec<Offer>>,
}

impl<'a> Collecting<'a> {
    /// Nothing is on offer yet.
    pub(super) fn new(state: &'a DpkgState) -> Self {
        let mut by_name: HashMap<&[u8], Vec<usize>> = HashMap::with_capacity(state.packages.len());
        for (number, package) in state.packages.iter().enumerate() {
            by_name.entry(package.name.as_bytes()).or_default().push(number);
        }
        Self { state, by_name, offers: vec![Vec::new(); state.packages.len()] }
    }

    /// The offers for every installed package, in the order of the installed packages.
    pub(super) fn into_offers(self) -> Vec<Vec<Offer>> {
        self.offers
    }

    /// Adds what one list offers, and tells how many bytes it has.
    pub(super) fn read_list(&mut self, mut stanzas: Stanzas<'_>, list: usize) -> Result<u64, StanzaError> {
        while let Some(stanza) = stanzas.read_next()? {
            let name = match stanza.leading("Package") {
                Some(name) => name,
                None => stanza.read(["package"])?[0].as_bytes(),
            };
            if name.is_empty() {
                return Err(stanza.problem("the stanza that begins here has no `Package` field"));
            }
            if let Some(numbers) = self.by_name.get(name) {
                add(self.state, numbers, &mut self.offers, &stanza, list)?;
            }
        }
        Ok(stanzas.bytes_read())
    }
}

/// Adds the version of one stanza to the installed packages of its name that it can follow.
fn add(
    state: &DpkgState,
    numbers: &[usize],
    offers: &mut [Vec<Offer>],
    stanza: &Stanza<'_>,
    list: usize,
) -> Result<(), StanzaError> {
    let [name, version, architecture, source, phase] =
        stanza.read(["package", "version", "architecture", "source", "phased-update-percentage"])?;
    if version.is_empty() {
        return Err(stanza.problem("the stanza that begins here has no `Version` field"));
    }
    for number in numbers {
        let (Some(package), Some(kept)) = (state.packages.get(*number), offers.get_mut(*number)) else { continue };
        if !is_for(package, architecture, &state.native) {
            continue;
        }
        if let Some(same) = kept.iter_mut().find(|offer| offer.version == version) {
            if same.lists.last() != Some(&list) {
                same.lists.push(list);
            }
        } else if kept.len() < OFFERS_PER_PACKAGE_MAX {
            let (source, source_version) = source_of(name, version, source);
            kept.push(Offer {
                version: version.to_owned(),
                source: source.to_owned(),
                source_version: source_version.to_owned(),
                phase: phase.parse::<u8>().ok().filter(|percentage| *percentage < 100),
                lists: vec![list],
            });
        }
    }
    Ok(())
}

/// Whether an offer of this architecture can follow the installed package; `all` stands for the system's own.
fn is_for(package: &Installed, offered: &str, native: &str) -> bool {
    let own = |architecture| if architecture == "all" { native } else { architecture };
    own(package.architecture.as_str()) == own(offered)
}
