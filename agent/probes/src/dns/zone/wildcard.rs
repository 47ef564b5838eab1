//! Whether names that nobody wrote down resolve too.

use aws_lc_rs::digest::{SHA256, digest};
use hickory_proto::rr::{Name, RecordType};
use jiff::Timestamp;
use vedetta_checks::fact::Fact;

use crate::dns::answers::Answer;
use crate::dns::lookup::Dns;

/// Seconds of a day: the name that is asked for changes daily, so that no resolver remembers it, and is the same in one look.
const DAY_SECONDS: i64 = 86_400;
/// Bytes of the digest that the label shows.
const DIGEST_BYTES: usize = 8;
/// Types that a wildcard may hold when it has no address.
const FURTHER: [RecordType; 3] = [RecordType::AAAA, RecordType::MX, RecordType::TXT];

/// What a name that nobody wrote down says.
#[derive(Debug, Clone)]
pub(crate) struct Wildcard {
    /// Whether it resolves.
    pub(crate) resolves: Fact<bool>,
    /// Where it leads as an alias; none when it is no alias.
    pub(crate) alias: Option<Name>,
    /// Whether the target of the alias does not exist.
    pub(crate) alias_dangles: bool,
    /// Where the whole tree of names below the domain is led (DNAME, RFC 6672): each name there to the same name below this one.
    pub(crate) redirected_to: Option<Name>,
}

impl Wildcard {
    /// One of which nothing is known but whether it resolves.
    pub(crate) fn bare(resolves: Fact<bool>) -> Self {
        Self { resolves, alias: None, alias_dangles: false, redirected_to: None }
    }

    /// Whether a name leads to a target only because the whole tree is led elsewhere, where nobody promised that name.
    pub(crate) fn redirects(&self, domain: &Name, name: &Name, target: &Name) -> bool {
        let Some(elsewhere) = &self.redirected_to else { return false };
        if name == domain {
            return target == elsewhere;
        }
        target.base_name() == *elsewhere && starts_alike(name, target)
    }
}

fn starts_alike(one: &Name, other: &Name) -> bool {
    match (one.iter().next(), other.iter().next()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (None, _) | (_, None) => false,
    }
}

/// Asks for a name below the domain that nobody wrote down.
pub(crate) async fn look(dns: &Dns, domain: &Name, now: Timestamp) -> Wildcard {
    let Ok(name) = domain.prepend_label(label(domain, now)) else {
        // No name fits below one of full length.
        return Wildcard::bare(Fact::Known(false));
    };
    let lookup = dns.lookup(&name, RecordType::A).await;
    let first = lookup.aliases.first().filter(|first| starts_alike(&name, first));
    if let Some(first) = first {
        let redirected_to = Some(first.base_name());
        let resolves = match &lookup.answer {
            Answer::Failed(unknown) => Fact::Unknown(unknown.clone()),
            Answer::Records(_) | Answer::NoRecords | Answer::NoName => Fact::Known(!lookup.is_missing),
        };
        return Wildcard { redirected_to, ..Wildcard::bare(resolves) };
    }
    let alias = (lookup.canonical != name).then(|| lookup.canonical.clone());
    let resolves = match &lookup.answer {
        Answer::Records(_) => Fact::Known(true),
        Answer::NoName => Fact::Known(alias.is_some()),
        Answer::NoRecords if alias.is_some() => Fact::Known(true),
        // Some servers say of every name that it exists and has nothing.
        Answer::NoRecords => Fact::Known(has_further(dns, &name).await),
        Answer::Failed(unknown) => Fact::Unknown(unknown.clone()),
    };
    Wildcard { resolves, alias_dangles: alias.is_some() && lookup.is_missing, alias, redirected_to: None }
}

async fn has_further(dns: &Dns, name: &Name) -> bool {
    let [one, two, three] = FURTHER;
    let (one, two, three) = tokio::join!(dns.lookup(name, one), dns.lookup(name, two), dns.lookup(name, three));
    [one, two, three].iter().any(|lookup| matches!(lookup.answer, Answer::Records(_)))
}

/// A label that nobody would write down, the same for a domain all day.
fn label(domain: &Name, now: Timestamp) -> String {
    let day = now.as_second().div_euclid(DAY_SECONDS);
    let hashed = digest(&SHA256, format!("{} {day}", domain.to_lowercase()).as_bytes());
    let hexadecimal: String = hashed.as_ref().iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("vedetta-{hexadecimal}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_is_led_elsewhere_explains_the_same_name_there_and_no_other() {
        let name = |text: &str| Name::from_ascii(text).unwrap();
        let redirected_to = Some(name("new.example."));
        let wildcard = Wildcard { redirected_to, ..Wildcard::bare(Fact::Known(false)) };
        let domain = name("old.example.");
        for (from, target, expected) in [
            ("www.old.example.", "WWW.new.example.", true),
            ("old.example.", "new.example.", true),
            ("www.old.example.", "shop.new.example.", false),
            ("www.old.example.", "www.other.example.", false),
        ] {
            assert_eq!(wildcard.redirects(&domain, &name(from), &name(target)), expected, "{from} {target}");
        }
        assert!(!Wildcard::bare(Fact::Known(true)).redirects(&domain, &domain, &domain));
    }

    #[test]
    fn the_label_holds_for_a_day_and_a_domain() {
        let (one, other) = (Name::from_ascii("a.example.").unwrap(), Name::from_ascii("b.example.").unwrap());
        let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
        let morning = label(&one, at("2026-11-22T01:00:00Z"));
        assert_eq!(morning, label(&one, at("2026-11-22T23:00:00Z")));
        assert_ne!(morning, label(&one, at("2026-11-23T01:00:00Z")));
        assert_ne!(morning, label(&other, at("2026-11-22T01:00:00Z")));
    }
}
