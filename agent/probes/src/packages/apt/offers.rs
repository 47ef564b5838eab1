//! Which versions are on offer for what is installed, from the lists that apt has fetched.
//!
//! The lists name tens of thousands of packages: they are read as a stream, unpacked on the way, and only versions of
//! installed packages are kept.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

use super::deb822::{StanzaError, Stanzas};
use super::installed::{DpkgState, Installed};
use crate::files::{FileError, Root};

/// Most bytes of one list, unpacked; that of Debian sid has some 60 MB.
const LIST_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// How much of an unpacked list is held at once, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;
/// Most versions kept of one package; beyond it the others are left out.
const OFFERS_PER_PACKAGE_MAX: usize = 1_000;

/// One list of packages: of one source and component, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListFile {
    /// Number of the source.
    pub(super) source: usize,
    /// Component of the list.
    pub(super) component: String,
    /// Path on the host.
    pub(super) path: String,
}

/// One version on offer for an installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// Version.
    pub(super) version: String,
    /// Name of its source package.
    pub(super) source_package: String,
    /// Whether only a part of the hosts is to get it yet.
    pub(super) phased: bool,
    /// Numbers of the lists that offer it.
    pub(super) lists: Vec<usize>,
}

/// Every way in which apt may pack a list.
const PACKINGS: &[(&str, Packing)] = &[
    ("", Packing::Plain),
    (".lz4", Packing::Lz4),
    (".gz", Packing::Gzip),
    (".xz", Packing::Unread("xz")),
    (".zst", Packing::Unread("zstd")),
    (".bz2", Packing::Unread("bzip2")),
    (".lzma", Packing::Unread("lzma")),
];

#[derive(Debug, Clone, Copy)]
enum Packing {
    Plain,
    Lz4,
    Gzip,
    Unread(&'static str),
}

/// The path of a list as it lies there, with the ending of its packer; none when there is no such list.
pub(super) fn find_list(root: &Root, path: &str) -> Option<String> {
    PACKINGS.iter().map(|(ending, _)| format!("{path}{ending}")).find(|path| root.exists(path))
}

fn open(root: &Root, path: &str) -> Result<Box<dyn BufRead>, FileError> {
    let packing = PACKINGS.iter().rev().find(|(ending, _)| path.ends_with(ending)).map_or(Packing::Plain, |row| row.1);
    let file = root.open(path)?;
    let unpacked: Box<dyn Read> = match packing {
        Packing::Plain => Box::new(file),
        Packing::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(file)),
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Packing::Unread(name) => {
            let source =
                io::Error::new(io::ErrorKind::Unsupported, format!("lists packed with {name} are not read yet"));
            return Err(FileError::Io { path: path.to_owned(), source });
        }
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked.take(LIST_BYTES_MAX))))
}

/// The offers for every installed package, in the order of the installed packages.
///
/// # Errors
/// [`StanzaError`] names the list and the line; a list that cannot be read makes the whole answer doubtful.
pub(super) fn read(root: &Root, state: &DpkgState, lists: &[ListFile]) -> Result<Vec<Vec<Offer>>, StanzaError> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::with_capacity(state.packages.len());
    for (number, package) in state.packages.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(number);
    }
    let mut offers = vec![Vec::new(); state.packages.len()];
    for (list_number, list) in lists.iter().enumerate() {
        let mut stanzas = Stanzas::new(&list.path, open(root, &list.path)?, WANTED).written_by_a_program();
        while let Some(stanza) = stanzas.read_next()? {
            let Some(numbers) = by_name.get(stanza.get("package")) else { continue };
            for number in numbers {
                let (Some(package), Some(kept)) = (state.packages.get(*number), offers.get_mut(*number)) else {
                    continue;
                };
                let architecture = stanza.get("architecture");
                if is_for(package, architecture, &state.native) {
                    keep(kept, &stanza, list_number);
                }
            }
        }
    }
    Ok(offers)
}

const WANTED: &[&str] = &["package", "version", "architecture", "source", "phased-update-percentage"];

/// Whether an offer of this architecture can follow the installed package; `all` stands for the system's own.
fn is_for(package: &Installed, offered: &str, native: &str) -> bool {
    let own = |architecture: &str| if architecture == "all" { native.to_owned() } else { architecture.to_owned() };
    own(&package.architecture) == own(offered)
}

fn keep(kept: &mut Vec<Offer>, stanza: &super::deb822::Stanza<'_>, list: usize) {
    let version = stanza.get("version");
    if let Some(same) = kept.iter_mut().find(|offer| offer.version == version) {
        if same.lists.last() != Some(&list) {
            same.lists.push(list);
        }
        return;
    }
    if kept.len() == OFFERS_PER_PACKAGE_MAX || version.is_empty() {
        return;
    }
    let source = stanza.get("source").split_ascii_whitespace().next().unwrap_or_else(|| stanza.get("package"));
    let phased = stanza.get("phased-update-percentage").parse::<u8>().is_ok_and(|percent| percent < 100);
    kept.push(Offer { version: version.to_owned(), source_package: source.to_owned(), phased, lists: vec![list] });
}
