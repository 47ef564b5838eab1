//! The readers of foreign bytes in this folder, each behind one function, for the fuzzer.

use super::candidate::Policy;
use super::deb822::Stanzas;
use super::dependencies;
use super::installed::{self, DpkgState};
use super::known::KnownSource;
use super::offers::{Collecting, ListFile};
use super::pending;
use super::phasing::Phasing;
use super::preferences::Preferences;
use super::release::Release;

/// Reads any bytes as dpkg's status, and checks whether what it names fits together.
pub fn status(bytes: &[u8]) {
    if let Ok(state) = installed::read_status(Stanzas::new("status", Box::new(bytes))) {
        let _ = dependencies::problems(&state);
    }
}

/// Reads any bytes as a list of packages for a host with a few packages, and chooses what to install.
pub fn list(bytes: &[u8]) {
    const STATUS: &[u8] = b"Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.21.22\n\n\
        Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1:2.0~rc1-3+deb12u4\n\n";
    let state =
        installed::read_status(Stanzas::new("status", Box::new(STATUS))).unwrap_or_else(|_| DpkgState::default());
    let mut collecting = Collecting::new(&state);
    if collecting.read_list(Stanzas::new("list", Box::new(bytes)), 0).is_ok() {
        let offers = collecting.into_offers();
        let policy = Policy {
            preferences: &Preferences::default(),
            sources: &[KnownSource::default()],
            lists: &[ListFile::default()],
            native: &state.native,
            phasing: &Phasing::default(),
        };
        let _ = pending::pending(&state, &offers, &policy);
    }
}

/// Reads any bytes as preferences of apt.
pub fn preferences(bytes: &[u8]) {
    let _ = Preferences::default().parse("preferences", &String::from_utf8_lossy(bytes));
}

/// Reads any bytes as a release file.
pub fn release(bytes: &[u8]) {
    let _ = Release::parse(&String::from_utf8_lossy(bytes));
}
