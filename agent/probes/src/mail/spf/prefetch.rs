//! Asks beforehand, and at once, for whatever the terms of one record will need.

use hickory_proto::rr::{RData, RecordType};
use tokio::task::JoinSet;

use super::evaluate::Evaluator;
use super::macros::{Letter, MacroString};
use super::record::Record;
use super::term::Mechanism;
use super::{NAMES_MAX, names};
use crate::dns::answers::Answer;

/// Terms of one record whose answers are fetched beforehand; no more than that count.
const PREFETCHES_MAX: usize = 10;

impl Evaluator<'_> {
    /// Asks for whatever the terms of one record will need. Names that need the reverse name wait for their turn.
    pub(super) fn prefetch(&mut self, record: &Record, domain: &str) {
        let asking = record.reachable().iter().filter(|directive| directive.mechanism.asks());
        for directive in asking.take(PREFETCHES_MAX) {
            let (kind, follows) = match directive.mechanism {
                Mechanism::Include(_) => (RecordType::TXT, None),
                Mechanism::A(..) => (self.address_kind(), None),
                Mechanism::Mx(..) => (RecordType::MX, Some(self.address_kind())),
                Mechanism::Exists(_) => (RecordType::A, None),
                Mechanism::Ptr(_) | Mechanism::All | Mechanism::Ip4(..) | Mechanism::Ip6(..) => continue,
            };
            self.ask_ahead(directive.mechanism.domain(), domain, kind, follows);
        }
        if let Some(redirect) = record.redirect_in_force() {
            self.ask_ahead(Some(&redirect.domain), domain, RecordType::TXT, None);
        }
    }

    fn ask_ahead(&mut self, spec: Option<&MacroString>, domain: &str, kind: RecordType, follows: Option<RecordType>) {
        if spec.is_some_and(|spec| spec.uses(Letter::Validated)) {
            return;
        }
        let name = match spec {
            Some(spec) => spec.name(|letter| Some(self.value(letter, domain))).unwrap_or_default(),
            None => domain.to_owned(),
        };
        let Some(question) = names::question(&name) else { return };
        let dns = self.dns.clone();
        self.prefetches.spawn(async move {
            let lookup = dns.lookup(&question, kind).await;
            let (Answer::Records(found), Some(follows)) = (&lookup.answer, follows) else { return };
            let mut addresses = JoinSet::new();
            for record in found.iter().take(NAMES_MAX) {
                if let RData::MX(mx) = record {
                    let (dns, name) = (dns.clone(), mx.exchange.clone());
                    addresses.spawn(async move { dns.lookup(&name, follows).await });
                }
            }
            addresses.join_all().await;
        });
    }
}
