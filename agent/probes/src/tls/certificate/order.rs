//! Whether each certificate stands in its place, and whether one was sent that nobody needs.

use x509_parser::prelude::X509Certificate;

use super::anchors::Anchors;
use super::path::{End, Way};
use super::problem::{Problem, Problems};

/// `chain_order` and `root_in_chain`. A certificate is in its place when it certifies one before it, so that cross-signed
/// issuers may stand side by side (RFC 8446 section 4.4.2). Where the way breaks off, what was sent instead has no place:
/// only the order of what leads there is judged.
pub(super) fn faults(
    leaf: &X509Certificate<'_>,
    sent: &[&X509Certificate<'_>],
    way: &Way<'_, '_>,
    anchors: &Anchors<'_>,
) -> Problems {
    let mut problems = Problems::default();
    let is_whole = matches!(way.end, End::Anchor(_) | End::ForeignRoot);
    let mut before = vec![leaf];
    for one in sent {
        let is_repeated = before.iter().any(|earlier| earlier.as_raw() == one.as_raw());
        let certifies = before.iter().any(|earlier| earlier.issuer().as_raw() == one.subject().as_raw());
        let counts = is_whole || way.issuers.iter().any(|issuer| std::ptr::eq(*issuer, *one));
        problems.add_if(is_repeated || (counts && !certifies), Problem::ChainOrder);
        let is_own_root = one.subject().as_raw() == one.issuer().as_raw();
        problems.add_if(is_own_root && anchors.holds(one), Problem::RootInChain);
        before.push(one);
    }
    problems
}
