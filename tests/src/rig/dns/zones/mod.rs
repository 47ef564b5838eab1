//! Every zone, in families. A zone says what a look must find in it: words from the standards, not from our code.

pub mod delegation;
pub mod dkim;
pub mod dmarc;
pub mod dnssec;
pub mod exchangers;
pub mod spf;
pub mod transport;

use super::place::Place;
use super::zone::{Key, Zone, server, zone};

/// The root.
pub(super) const ROOT: Zone = zone("", "").at(&[server("ns1", Place::Root)]).signed(Key::EcdsaP256);
/// The zone above every family.
pub(super) const TOP: Zone = zone("test", "").at(&[server("ns1", Place::Top)]).signed(Key::EcdsaP256);
/// Reverse names: of the web server, which leads back, and of a mail server, which leads elsewhere.
pub(super) const ARPA: Zone = zone(
    "arpa",
    "80.196.31.192.in-addr PTR web.hosts.test.\n25.196.31.192.in-addr PTR web.hosts.test.\n\
     1.196.31.192.in-addr PTR ns.hosts.test.",
)
.at(&[server("ns1", Place::Top)])
.signed(Key::EcdsaP256);

/// Names that zones of every family point to.
pub const HOSTS: Zone = zone(
    "hosts.test",
    "web A {Web}\n@ MX 10 mail\nns A {B}\nns AAAA {B6}\nalias CNAME ns\n*._report._dmarc TXT \"v=DMARC1\"\n\
     mail A {Mail}\nmail AAAA {Mail6}",
);

/// Zones of e-mail, of all families.
pub fn mail() -> Vec<Zone> {
    [spf::ZONES, dmarc::ZONES, dkim::ZONES, transport::ZONES, exchangers::ZONES].concat()
}
