//! Probe `certificates`: the certificate files that the servers on this host are set to use.
//!
//! What a connection cannot show: the certificate of a server that answers only inside, one that was renewed on disk while the
//! server still shows the old one, a private key that every account may read. Configurations are read as files beneath the
//! root, never by starting a program; of private keys only the permissions are looked at. A server that is not installed
//! simply is not listed.
//!
//! Read in this order: [`facts`] (what it may say), `files` (one file, judged by the words of the `tls` probe), then the
//! programs: `nginx`, `apache`, `postfix`, `dovecot`, `haproxy`.

pub(crate) mod apache;
pub(crate) mod configuration;
mod dovecot;
pub mod facts;
mod files;
mod haproxy;
pub(crate) mod nginx;
mod pairs;
mod postfix;

use std::collections::BTreeMap;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::judge::without_homes;
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use self::configuration::Configuration;
use self::facts::CertificatesFacts;
use self::files::Around;
use self::pairs::Named;
use crate::files::Root;
use crate::platform::only_on_linux;
use crate::tls::certificate::RevocationLists;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("certificates");
/// Most certificate files that are looked at.
const FILES_MAX: usize = 500;
/// Where certbot keeps its certificates, a folder each.
const CERTBOT: &str = "/etc/letsencrypt/live";

/// The certificates probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct CertificatesProbe;

impl Probe for CertificatesProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "Certificate files that the web and mail servers of this host are set to use",
            target: TargetKind::Host,
            reach: Reach::Passive,
            deadline: Duration::from_secs(30),
            observation: ProbeSpec::schema_of::<CertificatesFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            only_on_linux(context.is_live(), "read the configuration of the servers")?;
            let (root, now, roots) = (Root::new(&context.root), context.now, context.extra_roots.clone());
            let look = tokio::task::spawn_blocking(move || look(&root, now, &roots));
            let facts =
                look.await.map_err(|error| ProbeError::new("read", Reason::PROBE_FAILED, error.to_string()))??;
            Ok(Observation::new(NAME, target.clone(), now, facts))
        })
    }
}

/// The certificates of one program, and what of its configuration could not be read.
struct Program {
    word: &'static str,
    named: Vec<Named>,
    unread: Vec<Unknown>,
}

fn look(
    root: &Root,
    now: jiff::Timestamp,
    extra_roots: &[CertificateDer<'static>],
) -> Result<CertificatesFacts, ProbeError> {
    if !root.is_there() {
        return Err(ProbeError::new("open the root folder", Reason::NOT_FOUND, "there is no such folder"));
    }
    let programs = programs(root);
    // One file may serve several programs: it is told once. What says most of its key and issuers counts.
    let mut files: BTreeMap<String, (Named, Vec<String>)> = BTreeMap::new();
    for program in &programs {
        for named in &program.named {
            let (known, used_by) =
                files.entry(named.certificate.clone()).or_insert_with(|| (named.clone(), Vec::new()));
            known.key = known.key.take().or_else(|| named.key.clone());
            known.chain = known.chain.take().or_else(|| named.chain.clone());
            if !used_by.iter().any(|word| word == program.word) {
                used_by.push(program.word.to_owned());
            }
        }
    }
    let mut unread: Vec<Unknown> = programs.iter().flat_map(|program| program.unread.clone()).collect();
    if files.len() > FILES_MAX {
        unread.push(Unknown::new(Reason::TOO_LARGE, format!("more than {FILES_MAX} certificate files")));
    }
    let around = Around { root, now, extra_roots, revocation_lists: RevocationLists::read(root) };
    let told = files.into_values().take(FILES_MAX).map(|(named, mut used_by)| {
        used_by.sort_unstable();
        files::facts(&named, used_by, &around)
    });
    let told: Vec<_> = told.collect();
    let mut servers: Vec<String> = programs.iter().map(|program| program.word.to_owned()).collect();
    servers.sort_unstable();
    Ok(CertificatesFacts {
        servers,
        files: match unread.first() {
            Some(why) if told.is_empty() => Fact::unknown(why.reason.clone(), without_homes(&why.detail)),
            Some(_) | None => Fact::Known(told),
        },
        unread: unread.into_iter().map(|why| without_homes(&why.detail).into_owned()).collect(),
    })
}

/// The programs that have a configuration on this host.
fn programs(root: &Root) -> Vec<Program> {
    type Reader = fn(&Root, &mut Configuration<'_>) -> Vec<Named>;
    let known: [(&'static str, bool, Reader); 6] = [
        ("nginx", root.exists(nginx::MAIN), |_, configuration| nginx::named(configuration)),
        ("apache", apache::MAINS.iter().any(|(main, _)| root.exists(main)), |_, configuration| {
            apache::named(configuration)
        }),
        ("postfix", root.exists(postfix::MAIN), |root, configuration| {
            postfix::named(configuration, |path| files::certificates(root, path).is_ok())
        }),
        ("dovecot", root.exists(dovecot::MAIN), |_, configuration| dovecot::named(configuration)),
        ("haproxy", root.exists(haproxy::MAIN), |root, configuration| {
            haproxy::named(configuration, |path| root.exists(path))
        }),
        ("certbot", root.exists(CERTBOT), |root, configuration| certbot(root, configuration)),
    ];
    let there = known.into_iter().filter(|(_, is_there, _)| *is_there);
    there
        .map(|(word, _, read)| {
            let mut configuration = Configuration::new(root);
            let named = read(root, &mut configuration);
            Program { word, named, unread: configuration.unread }
        })
        .collect()
}

/// One folder a certificate, with `fullchain.pem` and `privkey.pem`.
fn certbot(root: &Root, configuration: &mut Configuration<'_>) -> Vec<Named> {
    let folders = configuration.names(CERTBOT).into_iter().map(|name| format!("{CERTBOT}/{name}"));
    folders
        .filter(|folder| root.exists(&format!("{folder}/fullchain.pem")))
        .map(|folder| Named {
            certificate: format!("{folder}/fullchain.pem"),
            key: Some(format!("{folder}/privkey.pem")),
            chain: None,
        })
        .collect()
}
