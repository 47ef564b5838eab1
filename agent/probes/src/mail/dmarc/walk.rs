//! The walk up the tree of names (RFC 9989 section 4.10): which records apply to a domain, and whose domain it belongs to.
//!
//! All names of the walk are asked for at once, eight at most; what a walk in steps would not have asked for is left out of
//! account afterwards.

use vedetta_checks::fact::{Fact, Unknown};

use super::record::{PublicSuffix, Record, Selection, parse, select};
use crate::dns::lookup::Dns;
use crate::mail::ask::{Texts, all_texts};
use crate::public_suffix::is_public_suffix;

/// Labels of the first name above a long one: with the long one itself, the walk asks eight questions at most.
const LABELS_MAX: usize = 7;

/// One name of the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The name, without `_dmarc.`.
    pub(super) domain: String,
    /// What was meant to be a record there.
    pub(super) selection: Selection,
    /// The record, when exactly one counts.
    pub(super) record: Option<Record>,
    /// Why nobody could tell what stands there.
    pub(super) failure: Option<Unknown>,
}

/// The names of a walk with what stands there, from the longest name up, as far as the walk goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Walk(pub(super) Vec<Place>);

/// Names that a walk from `domain` asks for, the longest first.
pub(super) fn names(domain: &str) -> Vec<&str> {
    let starts = domain.match_indices('.').filter_map(|(dot, _)| domain.get(dot + 1..));
    let labels = domain.split('.').count();
    let above = starts.enumerate().filter(|(place, _)| labels - place - 1 <= LABELS_MAX);
    std::iter::once(domain).chain(above.map(|(_, name)| name)).collect()
}

/// Walks up from a domain, which is in lower case without its last dot.
pub(super) async fn walk(dns: &Dns, domain: &str) -> Walk {
    let names = names(domain);
    let questions: Vec<String> = names.iter().map(|name| format!("_dmarc.{name}")).collect();
    let answers = all_texts(dns, &questions).await;
    Walk::of(names.into_iter().zip(answers).map(|(name, texts)| Place::of(name, &texts)).collect())
}

impl Place {
    pub(super) fn of(domain: &str, texts: &Texts) -> Self {
        let selection = select(texts.records());
        let record = match selection.records.as_slice() {
            [only] => parse(only).filter(|record| !record.is_void),
            [] | [_, ..] => None,
        };
        let failure = match texts {
            // Hardly any public suffix has a record, and one that gives no answer must not hide a domain's own policy.
            Texts::Failed(_) if is_public_suffix(domain) => None,
            Texts::Failed(unknown) => Some(unknown.clone()),
            Texts::Found(_) | Texts::NoRecords | Texts::NoName => None,
        };
        Self { domain: domain.to_owned(), selection, record, failure }
    }

    fn public_suffix(&self) -> PublicSuffix {
        self.record.as_ref().map_or(PublicSuffix::Unsaid, |record| record.public_suffix)
    }
}

impl Walk {
    /// Keeps what a walk in steps would have seen: it ends at the first record with `psd=y` or `psd=n`.
    pub(super) fn of(mut places: Vec<Place>) -> Self {
        let end = places.iter().position(|place| place.public_suffix() != PublicSuffix::Unsaid);
        places.truncate(end.map_or(places.len(), |end| end + 1));
        Self(places)
    }

    /// The domain that the walk began at.
    pub(super) fn start(&self) -> Option<&Place> {
        self.0.first()
    }

    /// The organisational domain (section 4.10.2): unknown when a name on the way could not be asked for.
    pub(super) fn organisational(&self) -> Fact<String> {
        if let Some(unknown) = self.0.iter().find_map(|place| place.failure.clone()) {
            return Fact::Unknown(unknown);
        }
        let known = |place: &Place| Fact::Known(place.domain.clone());
        let start = self.start().map_or("", |place| place.domain.as_str());
        if let [_, .., last] = self.0.as_slice()
            && last.public_suffix() == PublicSuffix::Yes
            && let Some(above_suffix) = start.strip_suffix(last.domain.as_str()).and_then(|rest| rest.strip_suffix('.'))
        {
            let label = above_suffix.rsplit('.').next().unwrap_or_default();
            return Fact::Known(format!("{label}.{}", last.domain));
        }
        let shortest = self.0.iter().rev().find(|place| place.record.is_some());
        shortest.or(self.start()).map_or_else(|| Fact::Known(String::new()), known)
    }

    /// The record that applies to names below the start: of the organisational domain, else of the public suffix.
    pub(super) fn above(&self) -> Fact<Option<&Place>> {
        self.organisational().map(|organisational| {
            let own = self.0.iter().find(|place| place.domain == organisational && place.record.is_some());
            own.or_else(|| self.0.iter().rev().find(|place| place.record.is_some()))
        })
    }

    /// The place of the record that applies to the start itself: its own, else the one above.
    pub(super) fn applied(&self) -> Fact<Option<&Place>> {
        match self.start() {
            Some(place) if place.record.is_some() => Fact::Known(Some(place)),
            Some(Place { failure: Some(unknown), .. }) => Fact::Unknown(unknown.clone()),
            Some(_) | None => self.above(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A walk from a domain with records at some names.
    fn walked(domain: &str, records: &[(&str, &str)]) -> Walk {
        let texts = |name: &str| {
            let found: Vec<String> =
                records.iter().filter(|(at, _)| *at == name).map(|(_, text)| (*text).to_owned()).collect();
            if found.is_empty() { Texts::NoName } else { Texts::Found(found) }
        };
        Walk::of(names(domain).into_iter().map(|name| Place::of(name, &texts(name))).collect())
    }

    #[test]
    fn a_walk_asks_for_eight_names_at_most() {
        assert_eq!(names("a.mail.example.com"), ["a.mail.example.com", "mail.example.com", "example.com", "com"]);
        assert_eq!(names("com"), ["com"]);
        assert_eq!(
            names("a.b.c.d.e.f.g.h.i.j.mail.example.com"),
            [
                "a.b.c.d.e.f.g.h.i.j.mail.example.com",
                "g.h.i.j.mail.example.com",
                "h.i.j.mail.example.com",
                "i.j.mail.example.com",
                "j.mail.example.com",
                "mail.example.com",
                "example.com",
                "com"
            ]
        );
        assert_eq!(names("1.2.3.4.5.6.7.8").len(), 8);
        assert_eq!(names("1.2.3.4.5.6.7.8.9").len(), 8);
    }

    #[test]
    fn the_organisational_domain_and_the_applied_record_are_found() {
        const P: &str = "v=DMARC1; p=reject";
        const N: &str = "v=DMARC1; p=reject; psd=n";
        const Y: &str = "v=DMARC1; p=reject; psd=y";
        for (domain, records, organisational, applied) in [
            ("a.mail.example.com", &[("mail.example.com", P), ("example.com", P)][..], "example.com", "example.com"),
            (
                "a.mail.example.com",
                &[("mail.example.com", N), ("example.com", P)],
                "mail.example.com",
                "mail.example.com",
            ),
            ("a.mail.example.com", &[("mail.example.com", P), ("com", Y)], "example.com", "com"),
            ("a.mail.example.com", &[("example.com", P), ("com", Y)], "example.com", "example.com"),
            ("a.mail.example.com", &[], "a.mail.example.com", ""),
            ("mail.example.com", &[("mail.example.com", P), ("example.com", P)], "example.com", "mail.example.com"),
            (
                "mail.example.com",
                &[("mail.example.com", N), ("example.com", P)],
                "mail.example.com",
                "mail.example.com",
            ),
            ("example.com", &[("example.com", P)], "example.com", "example.com"),
            ("example.com", &[("example.com", Y)], "example.com", "example.com"),
            ("example.com", &[("com", Y)], "example.com", "com"),
            ("example.com", &[("com", P)], "com", "com"),
            ("example.com", &[("example.com", P), ("example.com", P)], "example.com", ""),
            (
                "a.example.com",
                &[("a.example.com", P), ("a.example.com", N), ("example.com", P)],
                "example.com",
                "example.com",
            ),
            (
                "a.example.com",
                &[("a.example.com", "v=DMARC1; p=none; p=none"), ("example.com", P)],
                "example.com",
                "example.com",
            ),
        ] {
            let walk = walked(domain, records);
            assert_eq!(walk.organisational(), Fact::Known(organisational.to_owned()), "{domain} {records:?}");
            let place = walk.applied().map(|place| place.map_or("", |place| place.domain.as_str()).to_owned());
            assert_eq!(place, Fact::Known(applied.to_owned()), "{domain} {records:?}");
        }
    }

    #[test]
    fn a_name_without_an_answer_leaves_only_what_depends_on_it_unknown() {
        let silent = Unknown::new(vedetta_checks::word::Reason::TIMEOUT, "");
        let record = Texts::Found(vec!["v=DMARC1; p=reject".to_owned()]);
        let own = Walk::of(vec![
            Place::of("a.example.com", &record),
            Place::of("example.com", &Texts::Failed(silent.clone())),
            Place::of("com", &Texts::NoName),
        ]);
        assert_eq!(own.organisational(), Fact::Unknown(silent.clone()));
        assert!(own.applied().known().is_some());
        let below = Walk::of(vec![
            Place::of("a.example.com", &Texts::Failed(silent.clone())),
            Place::of("example.com", &record),
        ]);
        assert!(below.applied().known().is_none());
        let suffix = Walk::of(vec![Place::of("example.com", &record), Place::of("com", &Texts::Failed(silent))]);
        assert_eq!(suffix.organisational(), Fact::Known("example.com".to_owned()));
    }
}
