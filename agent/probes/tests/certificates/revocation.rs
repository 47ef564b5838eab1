//! Revocation: by a staple that the `openssl` program signed, and by lists on the host's disk.

use rcgen::{
    CertificateRevocationListParams, KeyIdMethod, RevocationReason, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls_pki_types::CertificateDer;
use vedetta_probes::files::Root;
use vedetta_probes::tls::certificate::RevocationLists;

use crate::authority::{Authority, Issuer, leaf as issue_leaf, now as fixed_now};
use crate::case::Case;
use crate::openssl::{AUTHORITY, LEAF, Workshop, now};

const EC: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
/// Days that a response holds.
const RESPONSE_DAYS: &str = "7";

/// An authority with a leaf, a responder and its book.
struct Responder(Workshop);

impl Responder {
    fn new(leaf_extensions: &str) -> Self {
        let workshop = Workshop::new();
        for (name, common_name, extensions) in [
            ("middle", "Test Intermediate", AUTHORITY),
            ("leaf", "www.example.it", leaf_extensions),
            ("other", "other.example.it", LEAF),
            ("delegate", "Responder", "extendedKeyUsage=OCSPSigning\n"),
            ("impostor", "Responder", "extendedKeyUsage=serverAuth\n"),
        ] {
            workshop.key(name, EC);
            let issuer = if name == "middle" { "root" } else { "middle" };
            workshop.issue(name, common_name, issuer, "-sha256", extensions);
        }
        Self(workshop)
    }

    /// A response about `NAME.pem` with its state in the book (`V` valid, `R` revoked), signed by `signer`.
    fn response(&self, name: &str, state: &str, signer: &str) -> Vec<u8> {
        let file = |ending: &str| format!("{signer}.{ending}");
        self.0.run(&["x509", "-in", &format!("{name}.pem"), "-noout", "-serial", "-out", "serial"]);
        let serial = String::from_utf8(self.0.bytes("serial")).expect("text");
        let serial = serial.trim().trim_start_matches("serial=");
        let revoked = if state == "R" { "260101000000Z" } else { "" };
        self.0.write("book", &format!("{state}\t360101000000Z\t{revoked}\t{serial}\tunknown\t/CN={name}\n"));
        self.0.run(&[
            "ocsp",
            "-issuer",
            "middle.pem",
            "-cert",
            &format!("{name}.pem"),
            "-no_nonce",
            "-reqout",
            "request",
        ]);
        self.0.run(&[
            "ocsp",
            "-index",
            "book",
            "-CA",
            "middle.pem",
            "-rsigner",
            &file("pem"),
            "-rkey",
            &file("key"),
            "-ndays",
            RESPONSE_DAYS,
            "-reqin",
            "request",
            "-respout",
            "response",
        ]);
        self.0.bytes("response")
    }

    fn case(&self, name: &'static str) -> Case {
        let chain = ["leaf", "middle"].map(|name| self.0.certificate(name)).to_vec();
        Case::new(name, chain, &self.0.certificate("root"), now())
    }
}

fn state(case: &Case) -> String {
    case.examined().revocation.known().expect("a word").clone()
}

#[test]
fn a_staple_says_whether_the_certificate_is_revoked() {
    let responder = Responder::new(LEAF);
    for signer in ["middle", "delegate"] {
        let good = responder.case("good").stapled(responder.response("leaf", "V", signer));
        good.shows("", "trusted");
        assert_eq!(state(&good), "good", "{signer}");
        let revoked = responder.case("revoked").stapled(responder.response("leaf", "R", signer));
        revoked.shows("revoked", "revoked");
        assert_eq!(state(&revoked), "revoked", "{signer}");
    }
}

#[test]
fn a_staple_out_of_date_clears_nobody_and_still_revokes() {
    let responder = Responder::new(LEAF);
    let later = now() + jiff::SignedDuration::from_hours(8 * 24);
    let good = responder.case("good").stapled(responder.response("leaf", "V", "middle"));
    let revoked = responder.case("revoked").stapled(responder.response("leaf", "R", "middle"));
    let good = good.at(later);
    good.shows("expired_staple", "trusted");
    assert_eq!(state(&good), "unknown");
    revoked.at(later).shows("revoked", "revoked");
}

#[test]
fn a_staple_of_somebody_else_is_bad() {
    let responder = Responder::new(LEAF);
    // The name of the responder is under the signature.
    let mut damaged = responder.response("leaf", "V", "middle");
    let place = damaged.windows(4).position(|bytes| bytes == b"Test").expect("the responder's name");
    damaged[place] ^= 1;
    for (name, response) in [
        ("of another certificate", responder.response("other", "V", "middle")),
        ("signed by a server", responder.response("leaf", "R", "impostor")),
        ("damaged", damaged),
        ("no response", b"no response".to_vec()),
    ] {
        let case = responder.case(name).stapled(response);
        case.shows("bad_staple", "trusted");
        assert_eq!(state(&case), "unknown", "{name}");
    }
}

#[test]
fn a_certificate_that_asks_for_a_staple_is_content_with_one() {
    let responder = Responder::new(&format!("{LEAF}tlsfeature=status_request\n"));
    responder.case("none").shows("must_staple_without_staple", "trusted");
    responder.case("good").stapled(responder.response("leaf", "V", "middle")).shows("", "trusted");
    responder.case("revoked").stapled(responder.response("leaf", "R", "middle")).shows("revoked", "revoked");
    // OCSPResponse { responseStatus tryLater (3) }
    responder.case("later").stapled(vec![0x30, 3, 0x0a, 1, 3]).shows("must_staple_without_staple", "trusted");
}

/// A list that was made in `year` and holds from February to June.
fn list(issuer: &Issuer, serials: &[u8], year: i32) -> Vec<u8> {
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(year, 2, 1),
        next_update: date_time_ymd(year, 6, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: serials
            .iter()
            .map(|serial| RevokedCertParams {
                serial_number: SerialNumber::from_slice(&[*serial]),
                revocation_time: date_time_ymd(year, 2, 1),
                reason_code: Some(RevocationReason::KeyCompromise),
                invalidity_date: None,
            })
            .collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).expect("a list").pem().expect("text").into_bytes()
}

#[test]
fn a_list_of_the_issuer_revokes_or_clears() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (name, list, problems, trust, word) in [
        ("listed", list(&authority.intermediate, &[7, 9], 2026), "revoked", "revoked", "revoked"),
        ("not listed", list(&authority.intermediate, &[7], 2026), "", "trusted", "good"),
        ("nobody listed", list(&authority.intermediate, &[], 2026), "", "trusted", "good"),
        ("listed, out of date", list(&authority.intermediate, &[9], 2025), "revoked", "revoked", "revoked"),
        ("not listed, out of date", list(&authority.intermediate, &[7], 2025), "", "trusted", "not_checked"),
        ("a stranger's list", list(&stranger.intermediate, &[9], 2026), "", "trusted", "not_checked"),
        ("no list", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n".to_vec(), "", "trusted", "not_checked"),
    ] {
        let mut case = authority.case(name, |leaf| leaf.serial_number = Some(SerialNumber::from_slice(&[9])));
        case.lists.add(&list);
        case.shows(problems, trust);
        assert_eq!(state(&case), word, "{name}");
    }
}

#[test]
fn a_list_of_the_root_revokes_an_intermediate() {
    let authority = Authority::with_intermediate(|params| params.serial_number = Some(SerialNumber::from_slice(&[5])));
    let mut case = authority.case("intermediate revoked", |_| {});
    case.lists.add(&list(&authority.root, &[5], 2026));
    case.shows("issuer_revoked", "revoked");
}

#[test]
fn lists_of_a_host_are_read_from_the_usual_folders() {
    let authority = Authority::new();
    let own: CertificateDer<'static> =
        issue_leaf(&authority.intermediate, |leaf| leaf.serial_number = Some(SerialNumber::from_slice(&[9])));
    let bytes = list(&authority.intermediate, &[9], 2026);
    for (path, is_read) in [
        ("etc/ssl/crl/authority.pem", true),
        ("etc/pki/crl/authority.crl", true),
        ("etc/ssl/certs/0a1b2c3d.r0", true),
        ("etc/ssl/certs/authority.pem", false),
        ("home/someone/authority.crl", false),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, &bytes).expect("a file");
        let mut case = authority.sends("on disk", vec![own.clone(), authority.intermediate.der().clone()]);
        case.lists = RevocationLists::read(&Root::new(folder.path()));
        assert_eq!(state(&case), if is_read { "revoked" } else { "not_checked" }, "{path} at {}", fixed_now());
    }
}
