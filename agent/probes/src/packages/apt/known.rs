//! The configured sources with what they say of themselves, and the lists that are on the host.

use super::apt_conf::AptConf;
use super::deb822::StanzaError;
use super::installed::DpkgState;
use super::offers::ListFile;
use super::release::Release;
use super::sources::{self, Place, Source};
use super::unpack::find_list;
use crate::files::Root;

/// File in which dpkg notes the architectures whose packages it allows, one a line.
const ARCHITECTURES: &str = "/var/lib/dpkg/arch";
/// Largest such file, in bytes.
const ARCHITECTURES_BYTES_MAX: u64 = 4 * 1024;

/// One configured source with what it says of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownSource {
    /// Host of its address; empty for a folder.
    pub(super) site: String,
    /// Suite as configured.
    pub(super) suite: String,
    /// Its release file; empty when it has none.
    pub(super) release: Release,
    /// Whether its release file was read.
    pub(super) has_release: bool,
    /// Whether it brings security updates.
    pub(super) security: bool,
    /// Whether at least one list of packages of it is on the host.
    pub(super) has_list: bool,
    /// A list that it should have on the host and has not: its name in the release file, or its component.
    pub(super) missing_list: Option<String>,
    /// Whether its configuration lets it bring packages for the architecture of the system.
    pub(super) is_for_native: bool,
    /// Components as configured; none for a source whose suite is an exact path.
    pub(super) components: Vec<String>,
}

impl KnownSource {
    /// Short name of its pocket.
    pub(super) fn pocket(&self) -> &str {
        let said = self.release.pocket();
        if said.is_empty() { &self.suite } else { said }
    }

    /// Whether it brings updates under a further contract: Ubuntu Pro, or the extended support of Debian by Freexian.
    pub(super) fn is_extended(&self) -> bool {
        self.release.origin.starts_with("UbuntuESM")
            || self.site == "esm.ubuntu.com"
            || (self.site.ends_with("freexian.com") && self.has_release)
    }

    /// Its name for people: pocket and host.
    pub(super) fn title(&self) -> String {
        if self.site.is_empty() { self.pocket().to_owned() } else { format!("{} at {}", self.pocket(), self.site) }
    }
}

/// The configured sources with their release files, and the lists of packages that are on the host.
///
/// # Errors
/// [`StanzaError`] names the file and the line.
pub(super) fn read(
    root: &Root,
    conf: &AptConf,
    state: &DpkgState,
) -> Result<(Vec<KnownSource>, Vec<ListFile>), StanzaError> {
    let architectures = architectures(root, conf, &state.native)?;
    let folder = conf.path("dir::state::lists", "/var/lib/apt/", "lists/");
    let folder = format!("{}/", folder.trim_end_matches('/'));
    let place = Place { lists: &folder, native: &state.native };
    let (mut known, mut lists) = (Vec::new(), Vec::new());
    for source in sources::read(root, conf, place)? {
        let release = Release::read(root, &source.base)?;
        if source.is_disc && release.is_none() {
            // A disc that nobody laid in again after the installation offers nothing, and is missed by nobody.
            continue;
        }
        let (found, missing_list) = find_lists(root, &source, release.as_ref(), &architectures, &state.native);
        let has_list = !found.is_empty();
        for list in found {
            let list = ListFile { source: known.len(), ..list };
            if !lists.iter().any(|other: &ListFile| other.path == list.path) {
                lists.push(list);
            }
        }
        known.push(KnownSource {
            has_release: release.is_some(),
            security: release.as_ref().map_or_else(|| source.looks_like_security(), Release::is_security),
            release: release.unwrap_or_default(),
            has_list,
            missing_list,
            is_for_native: source.is_for(&state.native),
            components: source.components,
            site: source.site,
            suite: source.suite,
        });
    }
    Ok((known, lists))
}

/// The lists of a source that are on the host, and the name of one that should be and is not.
fn find_lists(
    root: &Root,
    source: &Source,
    release: Option<&Release>,
    architectures: &[String],
    native: &str,
) -> (Vec<ListFile>, Option<String>) {
    let (mut found, mut missing) = (Vec::new(), None);
    for list in source.list_paths(architectures, native) {
        let bytes = release.and_then(|release| release.list_bytes(&list.name));
        // An empty file in the place of a list that has something in it is no list.
        let path = find_list(root, &list.path).filter(|path| bytes.unwrap_or(0) == 0 || !is_empty(root, path));
        if let Some(path) = path {
            let component = list.component.to_owned();
            found.push(ListFile { source: 0, component, architecture: list.architecture, path, bytes });
        } else if release.is_some_and(|release| release.has_packages(&list.name) == Some(true))
            // Lists for every architecture are fetched only where a source does not repeat them in the others.
            && list.architecture != "all"
        {
            missing.get_or_insert(list.name);
        }
    }
    // A source without a list may be empty, if its release file does not say otherwise; one that was never fetched, or
    // that should bring security updates, is not believed to be empty.
    let says_empty = release.is_some_and(Release::names_lists);
    let security = release.map_or_else(|| source.looks_like_security(), Release::is_security);
    if found.is_empty() && !says_empty && (security || release.is_none()) {
        missing.get_or_insert_with(|| "Packages".to_owned());
    }
    (found, missing)
}

fn is_empty(root: &Root, path: &str) -> bool {
    root.open(path).ok().and_then(|file| file.metadata().ok()).is_some_and(|metadata| metadata.len() == 0)
}

/// The architectures of the host: as set for apt, else the system's own and those that dpkg was told to allow.
fn architectures(root: &Root, conf: &AptConf, native: &str) -> Result<Vec<String>, StanzaError> {
    let set = conf.list("apt::architectures");
    let text = match root.read_text(ARCHITECTURES, ARCHITECTURES_BYTES_MAX) {
        Err(error) if !error.is_not_found() => return Err(error.into()),
        text => text.unwrap_or_default(),
    };
    let told = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
    let mut architectures = vec![native.to_owned()];
    let others: Vec<String> = if set.is_empty() { told.collect() } else { set.to_vec() };
    for architecture in others {
        if !architectures.contains(&architecture) {
            architectures.push(architecture);
        }
    }
    Ok(architectures)
}
