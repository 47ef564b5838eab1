//! What a server accepts.

use std::collections::{BTreeMap, BTreeSet};

/// Accepted suites by version, under the names of the probe's contract.
pub(crate) type Suites = BTreeMap<&'static str, BTreeSet<String>>;

/// The versions of the contract.
pub(crate) const VERSIONS: [&str; 6] = ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/// Suites of TLS 1.3 that OpenSSL, nginx and Node.js have on without being asked.
pub(crate) const USUAL_1_3: [&str; 3] = ["0x1301", "0x1302", "0x1303"];

/// A server with these versions only.
pub(crate) fn only<const N: usize>(accepted: [(&'static str, BTreeSet<String>); N]) -> Suites {
    let mut suites: Suites = VERSIONS.into_iter().map(|version| (version, BTreeSet::new())).collect();
    suites.extend(accepted);
    assert_eq!(suites.len(), VERSIONS.len(), "a version that the contract does not know");
    suites
}

/// Ids as a set.
pub(crate) fn ids(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// How many suites there are in all.
pub(crate) fn count(suites: &Suites) -> usize {
    suites.values().map(BTreeSet::len).sum()
}
