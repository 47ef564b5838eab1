//! How an endpoint stands to published policies. Pure: facts and dated tables in, levels and deviations out.
//!
//! The policies are data, `profiles.csv` (id, date, source) and `rules.csv` (parameter, value, level): a new edition is new
//! lines under a new id. What could not be seen never conforms: the level is then unknown, unless the worst was met anyway.
//!
//! Read in this order: [`Profile`], [`Seen`], [`judge`].

mod profile;
mod seen;
#[cfg(test)]
mod tests;

use vedetta_checks::fact::{Fact, Unknown, clean_text};

use super::facts::ProfileFacts;

pub use profile::{Profile, profiles};
pub use seen::{Seen, SeenCertificate, suite_names};

/// Longest summary of the deviations, in bytes.
const SUMMARY_BYTES_MAX: usize = 240;
/// How many values of one parameter a summary names.
const SUMMARY_VALUES_MAX: usize = 3;

/// How an endpoint stands to every policy.
#[must_use]
pub fn judge(seen: &Seen) -> Vec<ProfileFacts> {
    profiles().iter().map(|profile| Judging::new(profile).judge(seen)).collect()
}

/// One policy over one endpoint.
struct Judging {
    profile: &'static Profile,
    /// Worst level that was met.
    worst: usize,
    /// Why something could not be judged, the first.
    unknown: Option<Unknown>,
    /// Parameter and value of what does not conform.
    deviations: Vec<(&'static str, String)>,
}

impl Judging {
    const fn new(profile: &'static Profile) -> Self {
        Self { profile, worst: 0, unknown: None, deviations: Vec::new() }
    }

    fn judge(mut self, seen: &Seen) -> ProfileFacts {
        self.versions_and_suites(seen);
        self.key_exchange(seen);
        self.certificates(seen);
        self.features(seen);
        self.facts()
    }

    fn versions_and_suites(&mut self, seen: &Seen) {
        for (version, suites) in &seen.suites {
            match suites {
                Fact::Known(suites) if suites.is_empty() => {}
                Fact::Known(_) => self.exact("version", version),
                Fact::Unknown(why) => self.missed(why),
            }
        }
        for name in seen.suites.iter().filter_map(|(_, suites)| suites.known()).flatten() {
            self.pattern("suite", name);
        }
    }

    fn key_exchange(&mut self, seen: &Seen) {
        let may_use_groups = ["TLSv1.2", "TLSv1.3"].iter().any(|version| seen.may_accept(version));
        if may_use_groups && self.profile.judges("group") {
            self.each(&seen.groups, |judging, name| judging.exact("group", name));
        }
        if seen.may_use_finite_field() && self.profile.judges("dh_bits") {
            self.one(&seen.dh_bits, |judging, bits| {
                judging.met("dh_bits", &bits.to_string(), |least| at_least(*bits, least));
            });
        }
        if self.profile.judges("handshake_signature") {
            self.each(&seen.handshake_signatures, |judging, name| judging.pattern("handshake_signature", name));
        }
    }

    fn certificates(&mut self, seen: &Seen) {
        let judged = ["certificate_key", "certificate_signature", "validity_days"];
        if !judged.iter().any(|parameter| self.profile.judges(parameter)) {
            return;
        }
        self.each(&seen.certificates, Self::certificate);
    }

    fn certificate(&mut self, certificate: &SeenCertificate) {
        if self.profile.judges("certificate_key") {
            self.one(&certificate.key_kind, |judging, kind| {
                judging.one(&certificate.key_bits, |judging, bits| {
                    let fits = |rule: &str| {
                        rule.split_once(' ').is_some_and(|(own, least)| own == kind && at_least(*bits, least))
                    };
                    judging.met("certificate_key", &format!("{kind} {bits}"), fits);
                });
            });
        }
        if self.profile.judges("certificate_signature") {
            self.one(&certificate.signature, |judging, word| judging.pattern("certificate_signature", word));
        }
        if self.profile.judges("validity_days") {
            self.one(&certificate.validity_days, |judging, days| {
                let fits = |most: &str| most.parse().is_ok_and(|most: i64| *days <= most);
                judging.met("validity_days", &days.to_string(), fits);
            });
        }
    }

    fn features(&mut self, seen: &Seen) {
        let below_1_3 = ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"].iter().any(|version| seen.may_accept(version));
        if below_1_3 {
            self.feature("extended_master_secret", &seen.extended_master_secret);
        }
        if seen.may_accept("TLSv1.3") {
            self.feature("early_data", &seen.early_data);
        }
        let (known, unknown): (Vec<_>, Vec<_>) =
            seen.server_preference.iter().partition(|preference| preference.known().is_some());
        for preference in known.into_iter().chain(unknown) {
            self.feature("server_preference", preference);
        }
    }

    fn feature(&mut self, parameter: &'static str, fact: &Fact<bool>) {
        if self.profile.judges(parameter) {
            self.one(fact, |judging, is_so| judging.exact(parameter, if *is_so { "yes" } else { "no" }));
        }
    }

    fn each<T>(&mut self, list: &Fact<Vec<T>>, judge: impl Fn(&mut Self, &T)) {
        self.one(list, |judging, items| items.iter().for_each(|item| judge(judging, item)));
    }

    fn one<T>(&mut self, fact: &Fact<T>, judge: impl FnOnce(&mut Self, &T)) {
        match fact {
            Fact::Known(value) => judge(self, value),
            Fact::Unknown(why) => self.missed(why),
        }
    }

    fn exact(&mut self, parameter: &'static str, value: &str) {
        self.met(parameter, value, |rule| rule == value);
    }

    fn pattern(&mut self, parameter: &'static str, value: &str) {
        self.met(parameter, value, |rule| matches(rule, value));
    }

    fn met(&mut self, parameter: &'static str, value: &str, fits: impl Fn(&str) -> bool) {
        let level = self.profile.level(parameter, fits);
        self.worst = self.worst.max(level);
        let deviation = (parameter, value.to_owned());
        if level >= self.profile.conforming && !self.deviations.contains(&deviation) {
            self.deviations.push(deviation);
        }
    }

    fn missed(&mut self, why: &Unknown) {
        self.unknown.get_or_insert_with(|| why.clone());
    }

    fn facts(self) -> ProfileFacts {
        let summary = summary(&self.deviations);
        let word = self.profile.levels.get(self.worst).copied().unwrap_or_default().to_owned();
        let is_decided = self.worst == self.profile.worst();
        let (level, conforms) = match self.unknown {
            None => (Fact::Known(word), Fact::Known(self.deviations.is_empty())),
            Some(_) if is_decided => (Fact::Known(word), Fact::Known(false)),
            Some(why) if self.deviations.is_empty() => (Fact::Unknown(why.clone()), Fact::Unknown(why)),
            Some(why) => (Fact::Unknown(why), Fact::Known(false)),
        };
        ProfileFacts {
            id: self.profile.id.to_owned(),
            date: self.profile.date.to_owned(),
            level,
            conforms,
            deviations: self.deviations.iter().map(|(word, value)| format!("{word}: {value}")).collect(),
            summary,
        }
    }
}

fn at_least(value: i64, least: &str) -> bool {
    least.parse().is_ok_and(|least: i64| value >= least)
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    true
}

/// The first deviations of each parameter, and how many more there are.
fn summary(deviations: &[(&'static str, String)]) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (word, value) in deviations {
        match groups.iter_mut().find(|(own, _)| own == word) {
            Some((_, values)) => values.push(value),
            None => groups.push((word, vec![value])),
        }
    }
    let told = |(word, values): &(&str, Vec<&str>)| {
        let first: Vec<&str> = values.iter().take(SUMMARY_VALUES_MAX).copied().collect();
        let more = values.len().saturating_sub(SUMMARY_VALUES_MAX);
        let more = if more == 0 { String::new() } else { format!(" (+{more})") };
        format!("{word}: {}{more}", first.join(", "))
    };
    clean_text(&groups.iter().map(told).collect::<Vec<_>>().join("; "), SUMMARY_BYTES_MAX)
}
