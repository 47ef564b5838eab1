//! Where reports on failed encryption go (SMTP TLS Reporting, RFC 8460 section 3).

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::DomainName;

use super::ask::{Texts, texts};
use super::facts::TlsRptFacts;
use super::tags::{PROBLEMS_MAX, TagList, mentions, trim};
use super::words::problem_words;
use crate::dns::lookup::Dns;

problem_words! {
    /// One defect of the record.
    Problem;
    /// More than one record stands there: senders heed none of them.
    SeveralRecords = "several_records";
    /// The record or an address cannot be read.
    Syntax = "syntax";
    /// The record names no address that a sender can use.
    NoAddress = "no_address";
}

/// What one record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Addresses that senders can use, in the order of the record.
    pub addresses: Vec<String>,
    /// What is wrong, with a sentence for a person.
    pub problems: Vec<(Problem, String)>,
}

/// What stands at `_smtp._tls` of a domain.
pub(super) async fn look(domain: &DomainName, dns: &Dns) -> TlsRptFacts {
    let place = format!("_smtp._tls.{domain}");
    let found = texts(dns, &place).await;
    if let Texts::Failed(unknown) = &found {
        return unseen(unknown);
    }
    let (verdict, report) = judge(found.records());
    TlsRptFacts {
        verdict: Fact::Known(verdict.to_owned()),
        reports_to: Fact::Known(report.addresses),
        problems: Fact::Known(report.problems.iter().map(|(problem, detail)| problem.at(&place, detail)).collect()),
    }
}

/// Nothing could be told, for one reason.
pub(super) fn unseen(unknown: &Unknown) -> TlsRptFacts {
    TlsRptFacts {
        verdict: Fact::Unknown(unknown.clone()),
        reports_to: Fact::Unknown(unknown.clone()),
        problems: Fact::Unknown(unknown.clone()),
    }
}

/// The verdict on the texts at one name, and what the one record says.
fn judge(texts: &[String]) -> (&'static str, Report) {
    let records: Vec<&String> = texts.iter().filter(|text| is_record(text)).collect();
    match records.as_slice() {
        [] => match texts.iter().find(|text| mentions(text, "TLSRPT")) {
            None => ("none", Report::default()),
            Some(attempt) => {
                let detail = format!("`v=TLSRPTv1;` does not stand first: {attempt}");
                ("invalid", Report { addresses: Vec::new(), problems: vec![(Problem::Syntax, detail)] })
            }
        },
        [only] => {
            let report = parse(only);
            (if report.addresses.is_empty() { "invalid" } else { "ok" }, report)
        }
        several => {
            let detail = format!("{} records", several.len());
            ("invalid", Report { addresses: Vec::new(), problems: vec![(Problem::SeveralRecords, detail)] })
        }
    }
}

/// Records begin with `v=TLSRPTv1` and a `;`, in exactly these letters; others are passed over (section 3).
fn is_record(text: &str) -> bool {
    text.strip_prefix("v=TLSRPTv1").is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(';'))
}

/// Reads one record; every text can be read, and says what is wrong with it.
#[must_use]
pub fn parse(text: &str) -> Report {
    let list = TagList::parse(text);
    let mut report = Report::default();
    for stray in &list.strays {
        report.problems.push((Problem::Syntax, format!("`{stray}` is no field")));
    }
    if let Some(name) = list.doubled() {
        report.problems.push((Problem::Syntax, format!("the field {name}= stands twice")));
    }
    let named = list.tags.iter().find(|tag| tag.name == "rua").map(|tag| tag.value).unwrap_or_default();
    for address in named.split(',').map(trim).filter(|address| !address.is_empty()) {
        if is_address(address) {
            report.addresses.push(address.to_owned());
        } else {
            report.problems.push((Problem::Syntax, format!("`{address}` is neither mailto: nor https:")));
        }
    }
    if report.addresses.is_empty() {
        report.problems.push((Problem::NoAddress, "rua= names no usable address".to_owned()));
    }
    let surplus = report.problems.len().saturating_sub(PROBLEMS_MAX);
    report.problems.drain(..surplus);
    report
}

/// A `mailto:` or `https:` address; `,`, `!` and `;` would have to be written as `%2C` and so on (section 3).
fn is_address(text: &str) -> bool {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'!');
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let has_host = |host: &str| host.contains('.') && !host.starts_with('.') && !host.contains("..");
    let is_mail = || {
        let address = rest.split('?').next().unwrap_or_default();
        address.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && has_host(domain))
    };
    let is_site = || {
        let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next());
        host.is_some_and(has_host)
    };
    printable
        && (scheme.eq_ignore_ascii_case("mailto") && is_mail() || scheme.eq_ignore_ascii_case("https") && is_site())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_judged() {
        for (texts, verdict, addresses, problems) in [
            (&["v=TLSRPTv1; rua=mailto:t@example.it"][..], "ok", &["mailto:t@example.it"][..], &[][..]),
            (&["v=TLSRPTv1;rua=https://r.example.it/tls;"], "ok", &["https://r.example.it/tls"], &[]),
            (
                &["v=TLSRPTv1 ; rua=mailto:a@x.it , https://y.it; new=tag", "v=spf1 -all"],
                "ok",
                &["mailto:a@x.it", "https://y.it"],
                &[],
            ),
            (&["v=TLSRPTv1; rua=mailto:a@x.it, b@x.it"], "ok", &["mailto:a@x.it"], &["syntax"]),
            (&["v=TLSRPTv1; rua=http://x.it/"], "invalid", &[], &["syntax", "no_address"]),
            (&["v=TLSRPTv1; rua=mailto:nobody"], "invalid", &[], &["syntax", "no_address"]),
            (&["v=TLSRPTv1; rua="], "invalid", &[], &["no_address"]),
            (&["v=TLSRPTv1;"], "invalid", &[], &["no_address"]),
            (&["v=TLSRPTv1"], "invalid", &[], &["syntax"]),
            (&["v=tlsrptv1; rua=mailto:a@x.it"], "invalid", &[], &["syntax"]),
            (&["v=TLSRPTv2; rua=mailto:a@x.it"], "invalid", &[], &["syntax"]),
            (&["v=TLSRPTv1; rua=mailto:a@x.it", "v=TLSRPTv1; rua=mailto:b@x.it"], "invalid", &[], &["several_records"]),
            (&["v=spf1 -all"], "none", &[], &[]),
            (&[], "none", &[], &[]),
        ] {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let (found, report) = judge(&texts);
            let words: Vec<&str> = report.problems.iter().map(|(problem, _)| problem.word()).collect();
            assert_eq!(
                (found, report.addresses.as_slice()),
                (verdict, &*addresses.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>()),
                "{texts:?}"
            );
            assert_eq!(words, problems, "{texts:?}");
        }
    }
}
