//! The certificates that a server sends against one record that counts.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::record::{Pin, Usage};

/// How a record fits a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    /// It fits.
    Fits,
    /// The pinned authority is there, but what hangs below it does not hold; for a person.
    Broken(String),
    /// It pins something else.
    Other,
}

/// Compares a chain, the server's own certificate first, with one record. `names` are those that a certificate below a
/// pinned authority may be for (RFC 7672 section 3.2.2).
pub(super) fn fit(pin: &Pin<'_>, chain: &[CertificateDer<'static>], names: &[&str], now: Timestamp) -> Fit {
    match pin.usage {
        // Neither names nor dates count (RFC 7672 section 3.1.1).
        Usage::Own => {
            let own = chain.first().is_some_and(|own| is_pinned(pin, own));
            if own { Fit::Fits } else { Fit::Other }
        }
        Usage::Authority => authority(pin, chain, names, now),
    }
}

fn is_pinned(pin: &Pin<'_>, certificate: &CertificateDer<'_>) -> bool {
    match X509Certificate::from_der(certificate) {
        Ok((_, parsed)) => pin.fits(certificate, parsed.public_key().raw),
        Err(_) => pin.fits(certificate, b""),
    }
}

/// The pinned authority must be sent along, or stand in the record whole (RFC 7671 section 5.2).
fn authority(pin: &Pin<'_>, chain: &[CertificateDer<'static>], names: &[&str], now: Timestamp) -> Fit {
    let Some((own, issuers)) = chain.split_first() else { return Fit::Other };
    let sent = issuers.iter().find(|certificate| is_pinned(pin, certificate)).cloned();
    let whole = pin.certificate().map(|bytes| CertificateDer::from(bytes.to_vec()));
    let is_sent = sent.is_some();
    let Some(anchor) = sent.or(whole) else { return Fit::Other };
    match verify(own, issuers, &anchor, names, now) {
        Ok(()) => Fit::Fits,
        Err(why) if is_sent => Fit::Broken(why),
        Err(_) => Fit::Other,
    }
}

fn verify(
    own: &CertificateDer<'_>,
    issuers: &[CertificateDer<'_>],
    anchor: &CertificateDer<'_>,
    names: &[&str],
    now: Timestamp,
) -> Result<(), String> {
    let anchors = [webpki::anchor_from_trusted_cert(anchor).map_err(|error| error.to_string())?];
    let moment = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.as_second()).unwrap_or_default()));
    let certificate = EndEntityCert::try_from(own).map_err(|error| error.to_string())?;
    let usage = KeyUsage::server_auth();
    certificate
        .verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, issuers, moment, usage, None, None)
        .map_err(|error| error.to_string())?;
    let is_for = |name: &&str| {
        ServerName::try_from(*name).is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok())
    };
    if names.iter().any(is_for) { Ok(()) } else { Err(format!("the certificate is not for {}", names.join(" or "))) }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::super::record::Tlsa;
    use super::*;

    struct Made {
        own: CertificateDer<'static>,
        authority: CertificateDer<'static>,
        authority_key: Vec<u8>,
    }

    fn made(name: &str) -> Made {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "an authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let own = params.signed_by(&KeyPair::generate().expect("a key"), &issuer).expect("a certificate");
        let authority = issuer.der().clone();
        let (_, parsed) = X509Certificate::from_der(&authority).expect("an authority");
        let authority_key = parsed.public_key().raw.to_vec();
        Made { own: own.der().clone(), authority, authority_key }
    }

    fn fits(numbers: [u8; 3], data: &[u8], chain: &[CertificateDer<'static>], name: &str, now: &str) -> Fit {
        let record = Tlsa::parse(&[&numbers[..], data].concat()).expect("a record");
        fit(&record.pin().expect("a pin"), chain, &[name], now.parse().expect("a moment"))
    }

    const NOW: &str = "2026-11-22T00:00:00Z";

    #[test]
    fn a_pinned_own_certificate_fits_whatever_its_name_and_date() {
        let made = made("other.example.it");
        let chain = [made.own.clone(), made.authority.clone()];
        let own = digest(&SHA256, &made.own);
        assert_eq!(fits([3, 0, 1], own.as_ref(), &chain, "mx.example.it", "5000-01-01T00:00:00Z"), Fit::Fits);
        let authority = digest(&SHA256, &made.authority);
        assert_eq!(fits([3, 0, 1], authority.as_ref(), &chain, "mx.example.it", NOW), Fit::Other);
    }

    #[test]
    fn a_pinned_authority_fits_when_it_was_sent_and_the_certificate_holds_below_it() {
        let made = made("mx.example.it");
        let chain = [made.own.clone(), made.authority.clone()];
        let key = digest(&SHA256, &made.authority_key);
        assert_eq!(fits([2, 1, 1], key.as_ref(), &chain, "mx.example.it", NOW), Fit::Fits);
        assert!(matches!(fits([2, 1, 1], key.as_ref(), &chain, "mx.example.org", NOW), Fit::Broken(_)));
        assert!(matches!(
            fits([2, 1, 1], key.as_ref(), &chain, "mx.example.it", "5000-01-01T00:00:00Z"),
            Fit::Broken(_)
        ));
        assert_eq!(fits([2, 1, 1], key.as_ref(), &chain[..1], "mx.example.it", NOW), Fit::Other);
    }

    #[test]
    fn an_authority_in_the_record_need_not_be_sent() {
        let made = made("mx.example.it");
        assert_eq!(fits([2, 0, 0], &made.authority, std::slice::from_ref(&made.own), "mx.example.it", NOW), Fit::Fits);
        assert_eq!(
            fits([2, 0, 0], &made.authority, std::slice::from_ref(&made.authority), "mx.example.it", NOW),
            Fit::Other
        );
    }
}
