//! The class of a site in CERT-AGID's survey of public sites.
//!
//! Source: the methods of the surveys of 2020, 2021 and 2022 (cert-agid.gov.it) name four classes. *Senza HTTPS*: the
//! site has no HTTPS. *Gravi problemi di sicurezza*: it has, but the channel is easily bypassed: the certificate is not
//! valid, nobody is led from HTTP to HTTPS or somebody is led back, or TLS 1.1 is the newest version. *Mal configurato*:
//! not vulnerable at once, but no longer fit by modern standards. *Sicuro*: the rest.
//!
//! What "no longer fit" means in each case they do not publish. Our reading, from AgID's recommendations on TLS
//! (determinazione 471/2020: TLS 1.2 at least): a version below TLS 1.2 is still accepted, or suites with RC4, DES,
//! 3DES, export keys, no encryption or no authentication, or no suite keeps past traffic secret. HSTS is not counted: no
//! survey names it.
//!
//! What was not seen leaves the class open, unless a worse one is certain without it.

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};

use super::facts::CertAgidFacts;
use crate::tls::facts::TlsFacts;

/// What the probe `tls` says that counts here.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    /// Why the certificates are trusted or not, as a word.
    trust: Fact<String>,
    /// Whether they are trusted.
    trusted: Fact<bool>,
    /// Whether the certificate carries the name.
    name_matches: Fact<bool>,
    /// Whether TLS 1.1 is the newest version.
    only_old_versions: Fact<bool>,
    /// Whether a version below TLS 1.2 is accepted.
    old_versions: Fact<bool>,
    /// Whether suites are accepted that no guideline allows any more.
    weak_suites: Fact<bool>,
    /// Whether no suite keeps past traffic secret.
    no_forward_secrecy: Fact<bool>,
}

impl Channel {
    /// What the probe saw.
    pub(crate) fn of(tls: &TlsFacts) -> Self {
        let (accepts, found) = (&tls.accepts, &tls.vulnerabilities);
        Self {
            trust: tls.trust.clone(),
            trusted: tls.trusted.clone(),
            name_matches: tls.name_matches.clone(),
            only_old_versions: any([&accepts.tls_1_2, &accepts.tls_1_3]).map(|current| !current),
            old_versions: any([&accepts.sslv2, &accepts.sslv3, &accepts.tls_1_0, &accepts.tls_1_1]),
            weak_suites: any([&found.rc4, &found.des, &found.sweet32, &found.export, &found.null, &found.anonymous]),
            no_forward_secrecy: tls.forward_secrecy.clone().map(|word| word == "none"),
        }
    }

    /// It saw nothing.
    pub(crate) fn unseen(error: &ProbeError) -> Self {
        fn open<T>(error: &ProbeError) -> Fact<T> {
            Fact::Unknown(error.to_unknown())
        }
        Self {
            trust: open(error),
            trusted: open(error),
            name_matches: open(error),
            only_old_versions: open(error),
            old_versions: open(error),
            weak_suites: open(error),
            no_forward_secrecy: open(error),
        }
    }
}

/// What the class is computed from.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    /// Whether the site answers over HTTPS.
    pub(crate) https_open: &'a Fact<bool>,
    /// Whether it answers in clear text.
    pub(crate) http_open: &'a Fact<bool>,
    /// Whether who asks in clear text is led to HTTPS.
    pub(crate) http_redirects_to_https: &'a Fact<bool>,
    /// Whether who asks over HTTPS is led to clear text.
    pub(crate) https_redirects_to_http: &'a Fact<bool>,
    /// The channel itself.
    pub(crate) channel: Channel,
}

/// One criterion: its word, and whether it is met.
type Criterion = (String, Fact<bool>);

/// The class with its reasons.
pub(crate) fn class(seen: &Seen<'_>) -> Fact<CertAgidFacts> {
    if seen.https_open.known() == Some(&false) {
        return told("senza_https", vec!["no_https".to_owned()]);
    }
    let grave = settle(grave(seen));
    if !grave.met.is_empty() {
        return told("gravi_problemi", grave.met);
    }
    if let Some(why) = grave.open {
        return Fact::Unknown(why);
    }
    let modern = settle(not_modern(seen));
    if !modern.met.is_empty() {
        return told("malconfigurato", modern.met);
    }
    match modern.open {
        Some(why) => Fact::Unknown(why),
        None => told("sicuro", Vec::new()),
    }
}

fn told(class: &str, reasons: Vec<String>) -> Fact<CertAgidFacts> {
    Fact::Known(CertAgidFacts { class: class.to_owned(), reasons })
}

/// Which criteria are met for certain, and why one is open.
struct Settled {
    met: Vec<String>,
    open: Option<Unknown>,
}

fn settle(criteria: Vec<Criterion>) -> Settled {
    let mut settled = Settled { met: Vec::new(), open: None };
    for (word, is_met) in criteria {
        match is_met {
            Fact::Known(true) => settled.met.push(word),
            Fact::Known(false) => {}
            Fact::Unknown(why) => settled.open = settled.open.or(Some(why)),
        }
    }
    settled.met.sort();
    settled
}

fn grave(seen: &Seen<'_>) -> Vec<Criterion> {
    let channel = &seen.channel;
    let stays_on_http = match (seen.http_open, seen.http_redirects_to_https) {
        (Fact::Known(false), _) => Fact::Known(false),
        (Fact::Known(true), leads) => leads.clone().map(|leads| !leads),
        (Fact::Unknown(why), _) => Fact::Unknown(why.clone()),
    };
    let trust = channel.trust.known().map_or("not_trusted", String::as_str);
    vec![
        (format!("certificate_{trust}"), channel.trusted.clone().map(|trusted| !trusted)),
        ("certificate_other_name".to_owned(), channel.name_matches.clone().map(|matches| !matches)),
        ("no_redirect_to_https".to_owned(), stays_on_http),
        ("redirects_to_http".to_owned(), seen.https_redirects_to_http.clone()),
        ("only_old_versions".to_owned(), channel.only_old_versions.clone()),
    ]
}

fn not_modern(seen: &Seen<'_>) -> Vec<Criterion> {
    vec![
        ("old_versions".to_owned(), seen.channel.old_versions.clone()),
        ("weak_suites".to_owned(), seen.channel.weak_suites.clone()),
        ("no_forward_secrecy".to_owned(), seen.channel.no_forward_secrecy.clone()),
    ]
}

/// Whether one of several holds: one that does is enough; else all must be known.
fn any<const N: usize>(facts: [&Fact<bool>; N]) -> Fact<bool> {
    if facts.iter().any(|fact| fact.known() == Some(&true)) {
        return Fact::Known(true);
    }
    let open = facts.into_iter().find(|fact| fact.known().is_none());
    open.cloned().unwrap_or(Fact::Known(false))
}

#[cfg(test)]
mod tests {
    use vedetta_checks::word::Reason;

    use super::*;

    /// A site in order; `change` spoils it.
    fn class_of(change: impl FnOnce(&mut [Fact<bool>; 4], &mut Channel)) -> String {
        let mut page = [Fact::Known(true), Fact::Known(true), Fact::Known(true), Fact::Known(false)];
        let mut channel = Channel {
            trust: Fact::Known("trusted".to_owned()),
            trusted: Fact::Known(true),
            name_matches: Fact::Known(true),
            only_old_versions: Fact::Known(false),
            old_versions: Fact::Known(false),
            weak_suites: Fact::Known(false),
            no_forward_secrecy: Fact::Known(false),
        };
        change(&mut page, &mut channel);
        let [https_open, http_open, http_redirects_to_https, https_redirects_to_http] = &page;
        let seen = Seen { https_open, http_open, http_redirects_to_https, https_redirects_to_http, channel };
        match class(&seen) {
            Fact::Known(facts) => format!("{}: {}", facts.class, facts.reasons.join(" ")),
            Fact::Unknown(why) => format!("unknown: {}", why.reason),
        }
    }

    fn open<T>() -> Fact<T> {
        Fact::unknown(Reason::TIMEOUT, "")
    }

    #[test]
    fn a_site_in_order_is_safe() {
        assert_eq!(class_of(|_, _| {}), "sicuro: ");
        assert_eq!(class_of(|page, _| (page[1], page[2]) = (Fact::Known(false), open())), "sicuro: ");
    }

    #[test]
    fn a_site_without_https_is_in_the_last_class_whatever_else() {
        assert_eq!(
            class_of(|page, channel| {
                page[0] = Fact::Known(false);
                channel.trusted = open();
            }),
            "senza_https: no_https"
        );
    }

    #[test]
    fn each_way_around_the_channel_is_a_serious_problem() {
        let class = class_of(|_, channel| {
            channel.trusted = Fact::Known(false);
            channel.trust = Fact::Known("expired".to_owned());
        });
        assert_eq!(class, "gravi_problemi: certificate_expired");
        assert_eq!(
            class_of(|_, channel| channel.name_matches = Fact::Known(false)),
            "gravi_problemi: certificate_other_name"
        );
        assert_eq!(class_of(|page, _| page[2] = Fact::Known(false)), "gravi_problemi: no_redirect_to_https");
        assert_eq!(class_of(|page, _| page[3] = Fact::Known(true)), "gravi_problemi: redirects_to_http");
        assert_eq!(
            class_of(|_, channel| channel.only_old_versions = Fact::Known(true)),
            "gravi_problemi: only_old_versions"
        );
    }

    #[test]
    fn what_is_no_longer_modern_is_badly_configured() {
        assert_eq!(class_of(|_, channel| channel.old_versions = Fact::Known(true)), "malconfigurato: old_versions");
        let class = class_of(|_, channel| {
            channel.weak_suites = Fact::Known(true);
            channel.no_forward_secrecy = Fact::Known(true);
        });
        assert_eq!(class, "malconfigurato: no_forward_secrecy weak_suites");
    }

    #[test]
    fn what_was_not_seen_leaves_the_class_open_unless_a_worse_one_is_certain() {
        assert_eq!(class_of(|page, _| page[1] = open()), "unknown: timeout");
        assert_eq!(class_of(|_, channel| channel.old_versions = open()), "unknown: timeout");
        assert_eq!(
            class_of(|_, channel| {
                channel.old_versions = open();
                channel.weak_suites = Fact::Known(true);
            }),
            "malconfigurato: weak_suites"
        );
        assert_eq!(
            class_of(|page, channel| {
                page[0] = open();
                page[3] = open();
                channel.name_matches = Fact::Known(false);
            }),
            "gravi_problemi: certificate_other_name"
        );
    }

    #[test]
    fn one_of_several_is_enough_and_none_needs_all() {
        let (yes, no, open) = (Fact::Known(true), Fact::Known(false), open());
        assert_eq!(any([&open, &yes]), Fact::Known(true));
        assert!(any([&open, &no]).known().is_none());
        assert_eq!(any([&no, &no]), Fact::Known(false));
    }
}
