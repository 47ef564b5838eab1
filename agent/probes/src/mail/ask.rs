//! Text records of a name, as every record of mail policy is looked for.

use hickory_proto::rr::{Name, RecordType};
use tokio::task::JoinSet;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::dns::answers::Answer;
use crate::dns::lookup::Dns;
use crate::dns::records;

/// What stands at a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Texts {
    /// Text records, each with its strings joined, sorted; never empty.
    Found(Vec<String>),
    /// The name exists and has no text record.
    NoRecords,
    /// The name does not exist.
    NoName,
    /// Nobody could tell.
    Failed(Unknown),
}

impl Texts {
    /// The records; none where there are none.
    pub(crate) fn records(&self) -> &[String] {
        match self {
            Self::Found(records) => records,
            Self::NoRecords | Self::NoName | Self::Failed(_) => &[],
        }
    }
}

/// The text records of a name, aliases followed. A name that the DNS cannot hold does not exist.
pub(crate) async fn texts(dns: &Dns, name: &str) -> Texts {
    let Some(name) = question(name) else { return Texts::NoName };
    let lookup = dns.lookup(&name, RecordType::TXT).await;
    match &lookup.answer {
        Answer::Records(found) => {
            let mut found: Vec<String> = found.iter().filter_map(records::text).collect();
            found.sort_unstable();
            if found.is_empty() { Texts::NoRecords } else { Texts::Found(found) }
        }
        Answer::NoRecords => Texts::NoRecords,
        Answer::NoName => Texts::NoName,
        Answer::Failed(unknown) => Texts::Failed(unknown.clone()),
    }
}

/// The text records of several names, asked for at once; in the order of the names. The caller bounds their number.
pub(crate) async fn all_texts(dns: &Dns, names: &[String]) -> Vec<Texts> {
    let mut asked = JoinSet::new();
    for (place, name) in names.iter().cloned().enumerate() {
        let dns = dns.clone();
        asked.spawn(async move { (place, texts(&dns, &name).await) });
    }
    let broke_off = Unknown::new(Reason::PROBE_FAILED, "the question was not asked to its end");
    let mut answers = vec![Texts::Failed(broke_off); names.len()];
    while let Some(answered) = asked.join_next().await {
        if let Ok((place, answer)) = answered
            && let Some(slot) = answers.get_mut(place)
        {
            *slot = answer;
        }
    }
    answers
}

/// A complete name as a question; none when the DNS cannot hold it.
pub(crate) fn question(name: &str) -> Option<Name> {
    let mut name = Name::from_ascii(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}
