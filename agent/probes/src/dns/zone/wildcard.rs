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
}

/// Asks for a name below the domain that nobody wrote down.
pub(crate) async fn look(dns: &Dns, domain: &Name, now: Timestamp) -> Wildcard {
    let Ok(name) = domain.prepend_label(label(domain, now)) else {
        // No name fits below one of full length.
        return Wildcard { resolves: Fact::Known(false), alias: None, alias_dangles: false };
    };
    let lookup = dns.lookup(&name, RecordType::A).await;
    let alias = (lookup.canonical != name).then(|| lookup.canonical.clone());
    let resolves = match &lookup.answer {
        Answer::Records(_) => Fact::Known(true),
        Answer::NoName => Fact::Known(alias.is_some()),
        Answer::NoRecords if alias.is_some() => Fact::Known(true),
        // Some servers say of every name that it exists and has nothing.
        Answer::NoRecords => Fact::Known(has_further(dns, &name).await),
        Answer::Failed(unknown) => Fact::Unknown(unknown.clone()),
    };
    Wildcard { resolves, alias_dangles: alias.is_some() && lookup.is_missing, alias }
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
    fn the_label_holds_for_a_day_and_a_domain() {
        let (one, other) = (Name::from_ascii("a.example.").unwrap(), Name::from_ascii("b.example.").unwrap());
        let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
        let morning = label(&one, at("2026-11-22T01:00:00Z"));
        assert_eq!(morning, label(&one, at("2026-11-22T23:00:00Z")));
        assert_ne!(morning, label(&one, at("2026-11-23T01:00:00Z")));
        assert_ne!(morning, label(&other, at("2026-11-22T01:00:00Z")));
    }
}
