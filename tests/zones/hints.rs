//! No resolver at all: from the root's servers alone.

use vedetta_tests::network;
use vedetta_tests::rig::dns::Tree;
use vedetta_tests::rig::dns::zone::Zone;
use vedetta_tests::rig::dns::zones::{HOSTS, delegation, dnssec, exchangers};

use crate::look::{Seen, Way, every};

/// Of every family some, with each kind of answer.
const NAMES: [&str; 8] = [
    "good.test",
    "child.good.test",
    "nsalias.test",
    "deadns.test",
    "ecdsa.test",
    "expired.test",
    "wildnsec3.test",
    "noglue.test",
];

#[test]
fn a_look_needs_no_resolver() {
    network::alone("hints::a_look_needs_no_resolver", || {
        let zones = [delegation::SERVERS, dnssec::ZONES, &[HOSTS, exchangers::ZONES[0]]].concat();
        let tree = Tree::grow(&zones);
        let named: Vec<Zone> = zones.iter().filter(|zone| NAMES.contains(&zone.name)).copied().collect();
        assert_eq!(named.len(), NAMES.len());
        let both = every(&named, |zone| {
            let [with, without] = [Way::Resolver, Way::HintsAlone].map(|way| Seen::of(&tree, "dns", zone, way));
            (zone.name, with, without)
        });
        for (name, with, without) in both {
            for field in ["exists", "a", "ns", "zone", "parent", "wildcard"] {
                assert_eq!(with.field(field), without.field(field), "{field} of {name}");
            }
            assert_eq!(with.words(), without.words(), "words of {name}");
            for field in ["dnssec.status", "dnssec.reason"] {
                assert_eq!(with.text(field), without.text(field), "{field} of {name}");
            }
        }
        let mail = Seen::of(&tree, "mail", &exchangers::ZONES[0], Way::HintsAlone);
        assert_eq!(mail.differences(&exchangers::ZONES[0]), Vec::<String>::new());
    });
}
