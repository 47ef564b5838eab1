//! Certificates as messages and as DER, read and judged. The first byte chooses how they come.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use rustls_pki_types::{CertificateDer, ServerName};
use vedetta_probes::tls::certificate::{Examination, RevocationLists, Staple, examine, read};
use vedetta_probes::tls::wire::{certificate, certificate_1_3, certificate_status};

/// 1 November 2026: whatever the certificates of the seeds are, at that moment.
const NOW_SECONDS: i64 = 1_793_491_200;

fuzz_target!(|bytes: &[u8]| {
    let [how, body @ ..] = bytes else { return };
    let (chain, staple) = match how % 4 {
        0 => (certificate(body).unwrap_or_default(), None),
        1 => (certificate_1_3(body).unwrap_or_default(), None),
        2 => (vec![body.to_vec()], None),
        // The seed's own certificate with a staple of the fuzzer's.
        _ => (vec![SEED.to_vec()], Some(certificate_status(body).unwrap_or_else(|_| body.to_vec()))),
    };
    let chain: Vec<CertificateDer<'static>> = chain.into_iter().map(CertificateDer::from).collect();
    for one in &chain {
        let _facts = read(one);
    }
    let Ok(name) = ServerName::try_from("www.example.test") else { return };
    let Ok(now) = Timestamp::from_second(NOW_SECONDS) else { return };
    // The last one counts as a root, so that ways to it are walked.
    let extra_roots: Vec<_> = chain.last().cloned().into_iter().collect();
    let around = Examination {
        name: &name,
        now,
        extra_roots: &extra_roots,
        staple: staple.as_deref().map_or(Staple::NotSent, Staple::Sent),
        revocation_lists: &RevocationLists::default(),
    };
    let told = examine(&chain, &around);
    assert!(told.chain.len() <= chain.len());
});

/// A certificate that can be read.
const SEED: &[u8] = include_bytes!("seeds/leaf.der");
