//! Signed zones: our verdict beside delv's, and the reason of each that is refused.

use vedetta_tests::network;
use vedetta_tests::rig::dns::Tree;
use vedetta_tests::rig::dns::zone::{Status, Zone};
use vedetta_tests::rig::dns::zones::{HOSTS, dnssec};

use crate::look::{Seen, Way, every};
use crate::truth::{Verdict, delv};

/// One zone in both eyes.
struct Row {
    zone: &'static str,
    delv: Verdict,
    seen: Seen,
    expected: Status,
    differences: Vec<String>,
}

fn look(tree: &Tree, zone: &Zone) -> Row {
    let expected = zone.signing.expect("only signed zones are looked at here").status;
    let seen = Seen::of(tree, "dns", zone, Way::Resolver);
    let mut differences = match expected {
        // What cannot be checked cannot be right or wrong besides.
        Status::Bogus(_) => Vec::new(),
        Status::Secure | Status::Insecure | Status::NoDs => seen.differences(zone),
    };
    let (status, reason) = (seen.text("dnssec.status"), seen.text("dnssec.reason"));
    let (wanted, why) = match expected {
        Status::Secure => ("secure", ""),
        Status::Insecure => ("unsigned", ""),
        Status::NoDs => ("no_ds", ""),
        Status::Bogus(reason) => ("bogus", reason),
    };
    if (status.as_str(), reason.as_str()) != (wanted, why) {
        let dnssec = seen.field("dnssec");
        differences.push(format!("{}: {status} {reason} instead of {wanted} {why}: {dnssec}", zone.name));
    }
    Row { zone: zone.name, delv: of_zone(tree, zone.name), seen, expected, differences }
}

/// What delv makes of a zone: of a record that is there, and of one that is not, since a zone that cannot prove absence fails
/// for everybody who asks for the AAAA of an IPv4 host. No zone of the tree has an SRV record at its apex.
fn of_zone(tree: &Tree, zone: &str) -> Verdict {
    match delv(tree, zone, "SOA") {
        Verdict::Secure => delv(tree, zone, "SRV"),
        other @ (Verdict::Insecure | Verdict::Bogus(_)) => other,
    }
}

impl Row {
    /// Whether delv makes of it what the zone was made for, and so do we.
    fn agree(&self) -> bool {
        let ours = self.seen.text("dnssec.status");
        match &self.delv {
            Verdict::Secure => ours == "secure" && self.expected == Status::Secure,
            Verdict::Insecure => ours != "secure" && ours != "bogus" && !matches!(self.expected, Status::Bogus(_)),
            Verdict::Bogus(_) => ours == "bogus" && matches!(self.expected, Status::Bogus(_)),
        }
    }

    fn print(&self) {
        let delv = match &self.delv {
            Verdict::Secure => "secure",
            Verdict::Insecure => "insecure",
            Verdict::Bogus(_) => "bogus",
        };
        let (status, reason) = (self.seen.text("dnssec.status"), self.seen.text("dnssec.reason"));
        let words: Vec<String> = self.seen.words().into_iter().collect();
        let words = if reason.is_empty() { words.join(" ") } else { reason };
        let mark = if self.agree() && self.differences.is_empty() { "" } else { "  <-- differs" };
        println!("  {:<24} {delv:<9} {status:<9} {words}{mark}", self.zone);
    }
}

#[test]
fn verdicts_equal_those_of_delv_and_every_refusal_has_its_reason() {
    network::alone("dnssec::verdicts_equal_those_of_delv_and_every_refusal_has_its_reason", || {
        let tree = Tree::grow(&[dnssec::ZONES, &[HOSTS]].concat());
        let rows = every(dnssec::ZONES, |zone| look(&tree, zone));
        println!("  {:<24} {:<9} {:<9} reason or problems", "zone", "delv", "vedetta");
        rows.iter().for_each(Row::print);
        let wrong: Vec<String> = rows
            .iter()
            .flat_map(|row| {
                let apart = (!row.agree()).then(|| format!("{}: delv says {:?}", row.zone, row.delv));
                apart.into_iter().chain(row.differences.iter().cloned())
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// Names of which delv must think what the zone was made for, so that the zones test what they say.
#[test]
fn single_names_are_what_they_were_made_for() {
    network::alone("dnssec::single_names_are_what_they_were_made_for", || {
        let zones: Vec<Zone> = dnssec::ZONES.to_vec();
        let tree = Tree::grow(&zones);
        let bogus = |name: &str, kind: &str| matches!(delv(&tree, name, kind), Verdict::Bogus(_));
        for (name, kind) in [
            ("www.nosigname.test", "A"),
            ("www.badname.test", "A"),
            ("nothing.nonsec.test", "A"),
            ("nothing.nonsec3.test", "A"),
            ("nothing.badnsec.test", "A"),
        ] {
            assert!(bogus(name, kind), "{name} {kind}");
        }
        for (name, kind) in [
            ("nosigname.test", "A"),
            ("badname.test", "A"),
            ("nothing.ecdsa.test", "A"),
            ("nothing.nsec3.test", "A"),
            ("anything.wildsigned.test", "A"),
            ("anything.wildnsec3.test", "A"),
            ("www.alias.test", "A"),
        ] {
            assert_eq!(delv(&tree, name, kind), Verdict::Secure, "{name} {kind}");
        }
    });
}
