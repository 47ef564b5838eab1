//! Finished handshakes with real servers: `openssl s_server` on loopback.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tempfile::TempDir;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::conversation::{Answer, Conversation, Said};
use super::known::Known;
use super::schemes::Kind;
use super::{Finished, finish};
use crate::tls::connect::Deadline;
use crate::tls::dial::Dialer;
use crate::tls::enumerate::KeyKind;
use crate::tls::wire::{ServerHello, SuiteId, Version};

/// Longest time for one look.
const LOOK_TIME_MAX: Duration = Duration::from_secs(10);

/// A server that ends with the test.
pub(crate) struct OpenSsl {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keys and certificates of both kinds as PEM, made once: RSA keys take their time.
fn identities() -> &'static [(&'static str, String, String)] {
    static IDENTITIES: OnceLock<Vec<(&str, String, String)>> = OnceLock::new();
    IDENTITIES.get_or_init(|| {
        let make = |name, algorithm| {
            let key = rcgen::KeyPair::generate_for(algorithm).expect("a key");
            let parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
            let certificate = parameters.self_signed(&key).expect("a certificate");
            (name, key.serialize_pem(), certificate.pem())
        };
        vec![make("rsa", &rcgen::PKCS_RSA_SHA256), make("ecdsa", &rcgen::PKCS_ECDSA_P256_SHA256)]
    })
}

/// Writes a key and its certificate into a folder.
fn certificate(folder: &TempDir, name: &str) -> [String; 2] {
    let (_, key, certificate) = identities().iter().find(|(kind, ..)| *kind == name).expect("a kind");
    let path = |ending: &str| folder.path().join(format!("{name}.{ending}")).display().to_string();
    let paths = [path("key"), path("crt")];
    std::fs::write(&paths[0], key).expect("the key is written");
    std::fs::write(&paths[1], certificate).expect("the certificate is written");
    paths
}

impl OpenSsl {
    /// Starts `openssl s_server` with an RSA certificate and these arguments, `ECDSA` and `STAPLE` standing for files.
    pub(crate) fn start(arguments: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [rsa_key, rsa] = certificate(&folder, "rsa");
        let [ecdsa_key, ecdsa] = certificate(&folder, "ecdsa");
        let staple = folder.path().join("staple.der").display().to_string();
        std::fs::write(&staple, STAPLE).expect("the staple is written");
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = port.expect("a free port");
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", &address.to_string(), "-quiet", "-naccept", "99"]);
        command.args(["-key", &rsa_key, "-cert", &rsa]);
        for argument in arguments.split_whitespace() {
            match argument {
                "ECDSA" => command.args(["-dkey", &ecdsa_key, "-dcert", &ecdsa]),
                "STAPLE" => command.args(["-status_file", &staple]),
                other => command.arg(other),
            };
        }
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut server = Self { child: child.expect("openssl must be installed"), folder, address };
        server.wait();
        server
    }

    /// Waits until the port is open, or tells what the server said instead.
    fn wait(&mut self) {
        for _ in 0..500 {
            if std::net::TcpStream::connect(self.address).is_ok() {
                return;
            }
            if self.child.try_wait().expect("a child").is_some() {
                let said = self.child.stderr.take().map(BufReader::new).expect("standard error");
                let lines: Vec<String> = said.lines().map_while(Result::ok).collect();
                panic!("openssl in {} ended: {}", self.folder.path().display(), lines.join("; "));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("openssl does not listen at {}", self.address);
    }

    pub(crate) fn dialer(&self) -> Dialer {
        Dialer::new(self.address, None, "test", Deadline::start(LOOK_TIME_MAX))
    }
}

/// An OCSP response that says "unauthorized" (RFC 6960 section 4.2.1): five bytes are all that the library wants.
const STAPLE: [u8; 5] = [0x30, 0x03, 0x0A, 0x01, 0x06];

/// What an enumeration would have found.
pub(crate) fn known(suites: &[(Version, &[u16])]) -> Known {
    let ids = |ids: &[u16]| ids.iter().copied().map(SuiteId).collect();
    Known {
        server_name: ServerName::try_from("localhost").expect("a name"),
        sends_name: true,
        sends_extensions: true,
        suites: suites.iter().map(|(version, suites)| (*version, ids(suites))).collect::<BTreeMap<_, _>>(),
        groups: Vec::new(),
        unseen: BTreeMap::new(),
        protocols: None,
        kinds_in_clear: Vec::new(),
    }
}

const TLS13: (Version, &[u16]) = (Version::Tls13, &[0x1302, 0x1303, 0x1301]);

async fn look(arguments: &str, known: &Known) -> (Finished, u32) {
    let server = OpenSsl::start(arguments);
    let dialer = server.dialer();
    let finished = finish(&dialer, known).await;
    (finished, dialer.opened())
}

#[tokio::test]
async fn a_modern_server_shows_everything_in_three_handshakes() {
    let (finished, opened) = look("-tls1_3 -alpn h2,http/1.1 STAPLE", &known(&[TLS13])).await;
    let certificates = finished.certificates.known().expect("certificates");
    assert_eq!(certificates.len(), 1, "{certificates:?}");
    assert_eq!(certificates[0].staple.as_deref(), Some(&STAPLE[..]));
    assert_eq!(finished.protocols, Fact::Known(vec!["h2".to_owned(), "http/1.1".to_owned()]));
    assert_eq!(finished.ocsp_stapled, Fact::Known(true));
    assert_eq!(finished.session_tickets, Fact::Known(true));
    assert_eq!(finished.resumption, Fact::Known(true));
    assert_eq!(finished.early_data, Fact::Known(false));
    assert_eq!(finished.client_certificate, Fact::Known(false));
    assert_eq!(finished.client_renegotiation, Fact::Known(false));
    assert_eq!(finished.suite, Fact::Known("TLS_AES_256_GCM_SHA384".to_owned()));
    assert_eq!(opened, 3);
}

#[tokio::test]
async fn each_kind_of_key_shows_its_certificate() {
    let (finished, _) = look("-tls1_3 ECDSA", &known(&[TLS13])).await;
    assert_eq!(finished.certificates.known().map(Vec::len), Some(2));
    assert_eq!(finished.protocols, Fact::Known(Vec::new()));
    assert_eq!(finished.ocsp_stapled, Fact::Known(false));
}

#[tokio::test]
async fn application_protocols_are_told_apart() {
    let cases: [(&str, &[&str]); 4] =
        [("h2", &["h2"]), ("http/1.1", &["http/1.1"]), ("http/1.1,h2", &["http/1.1", "h2"]), ("imap", &[])];
    for (offered, expected) in cases {
        let (finished, _) = look(&format!("-tls1_3 -alpn {offered}"), &known(&[TLS13])).await;
        assert_eq!(finished.protocols, Fact::Known(expected.iter().map(ToString::to_string).collect()), "{offered}");
        assert_eq!(finished.resumption, Fact::Known(true), "{offered}");
    }
}

#[tokio::test]
async fn data_before_the_end_of_the_handshake_is_seen_in_the_ticket() {
    let (finished, _) = look("-tls1_3 -early_data -max_early_data 16384", &known(&[TLS13])).await;
    assert_eq!(finished.early_data, Fact::Known(true));
}

#[tokio::test]
async fn a_server_without_tickets_resumes_nothing() {
    let (finished, opened) = look("-tls1_3 -num_tickets 0", &known(&[TLS13])).await;
    assert_eq!(finished.session_tickets, Fact::Known(false));
    assert_eq!((finished.resumption, finished.early_data), (Fact::Known(false), Fact::Known(false)));
    assert_eq!(opened, 2);
}

#[tokio::test]
async fn the_wish_for_a_certificate_of_the_client_is_seen() {
    for arguments in ["-tls1_3 -verify 1", "-tls1_3 -Verify 1"] {
        let (finished, _) = look(arguments, &known(&[TLS13])).await;
        assert_eq!(finished.client_certificate, Fact::Known(true), "{arguments}");
        assert!(finished.certificates.known().is_some(), "{arguments}");
    }
}

#[tokio::test]
async fn a_server_with_one_rare_group_shows_its_certificate() {
    for group in ["P-521", "X448", "ffdhe2048", "ffdhe3072", "ffdhe4096"] {
        let (finished, _) = look(&format!("-tls1_3 -groups {group}"), &known(&[TLS13])).await;
        assert!(finished.certificates.known().is_some(), "{group}: {:?}", finished.certificates);
    }
}

#[tokio::test]
async fn a_server_with_ccm_alone_shows_its_certificate() {
    for suite in ["TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"] {
        let known = known(&[(Version::Tls13, &[0x1304, 0x1305])]);
        let (finished, _) = look(&format!("-tls1_3 -ciphersuites {suite}"), &known).await;
        assert!(finished.certificates.known().is_some(), "{suite}: {:?}", finished.certificates);
        assert_eq!(finished.suite, Fact::Known(suite.to_owned()));
        assert_eq!(finished.resumption, Fact::Known(true), "{suite}");
    }
}

/// Every way of our own client through a handshake, before a server that renegotiates.
#[tokio::test]
async fn renegotiation_is_seen_with_every_exchange_and_cipher() {
    let cases = [
        (Version::Tls12, 0xC02F, "ECDHE-RSA-AES128-GCM-SHA256"),
        (Version::Tls12, 0xC030, "ECDHE-RSA-AES256-GCM-SHA384"),
        (Version::Tls12, 0xCCA8, "ECDHE-RSA-CHACHA20-POLY1305"),
        (Version::Tls12, 0xC028, "ECDHE-RSA-AES256-SHA384"),
        (Version::Tls12, 0x009E, "DHE-RSA-AES128-GCM-SHA256"),
        (Version::Tls12, 0x003C, "AES128-SHA256"),
        (Version::Tls12, 0xC09C, "AES128-CCM"),
        (Version::Tls12, 0xC0A1, "AES256-CCM8"),
        (Version::Tls12, 0x003B, "NULL-SHA256"),
        (Version::Tls12, 0xC018, "AECDH-AES128-SHA"),
        (Version::Tls11, 0x0035, "AES256-SHA"),
        (Version::Tls10, 0x002F, "AES128-SHA"),
        (Version::Tls10, 0xC014, "ECDHE-RSA-AES256-SHA"),
        (Version::Tls10, 0x0039, "DHE-RSA-AES256-SHA"),
    ];
    for (version, id, name) in cases {
        let flag = match version {
            Version::Tls10 => "-tls1",
            Version::Tls11 => "-tls1_1",
            Version::Tls12 | Version::Tls13 | Version::Ssl3 | Version::Ssl2 => "-tls1_2",
        };
        let arguments = format!("{flag} -cipher {name}:@SECLEVEL=0 -client_renegotiation");
        let (finished, opened) = look(&arguments, &known(&[(version, &[id])])).await;
        assert_eq!(finished.client_renegotiation, Fact::Known(true), "{version} {name}");
        assert_eq!(finished.insecure_renegotiation, Fact::Known(false), "{version} {name}");
        assert_eq!(finished.session_tickets, Fact::Known(true), "{version} {name}");
        assert_eq!(finished.resumption, Fact::Known(true), "{version} {name}");
        assert_eq!(opened, 2, "{version} {name}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_renegotiate_is_seen() {
    let suites: (Version, &[u16]) = (Version::Tls12, &[0xC02F]);
    for arguments in ["-tls1_2", "-tls1_2 -no_renegotiation -no_ticket", "-tls1_2 -verify 1"] {
        let (finished, _) = look(arguments, &known(&[suites])).await;
        assert_eq!(finished.client_renegotiation, Fact::Known(false), "{arguments}");
        assert_eq!(finished.session_tickets, Fact::Known(!arguments.contains("-no_ticket")), "{arguments}");
        assert_eq!(finished.client_certificate, Fact::Known(arguments.contains("-verify")), "{arguments}");
        assert_eq!(finished.resumption, Fact::Known(true), "{arguments}");
    }
}

#[tokio::test]
async fn a_server_that_insists_on_a_client_certificate_leaves_renegotiation_open() {
    let (finished, _) = look("-tls1_2 -Verify 1", &known(&[(Version::Tls12, &[0xC02F])])).await;
    assert_eq!(finished.client_renegotiation.known(), None);
}

#[tokio::test]
async fn beside_tls_1_3_one_older_handshake_and_one_question_for_other_keys_are_enough() {
    let known = Known {
        protocols: Some(vec!["h2".to_owned()]),
        kinds_in_clear: vec![KeyKind::Rsa],
        ..known(&[TLS13, (Version::Tls12, &[0xC030])])
    };
    let (finished, opened) = look("-alpn h2", &known).await;
    assert_eq!(finished.client_renegotiation, Fact::Known(false));
    assert_eq!(finished.resumption, Fact::Known(true));
    assert_eq!(finished.protocols, Fact::Known(vec!["h2".to_owned()]));
    assert_eq!(opened, 4);
}

#[tokio::test]
async fn a_certificate_that_older_versions_do_not_show_is_found() {
    for in_clear in [KeyKind::Ecdsa, KeyKind::Rsa] {
        let known = Known { kinds_in_clear: vec![in_clear], ..known(&[TLS13]) };
        let (finished, _) = look("-tls1_3 ECDSA", &known).await;
        let received = finished.certificates.known().expect("certificates").iter();
        let kinds = received.filter_map(|received| Kind::of_certificate(received.chain.first()?));
        let kinds: Vec<Kind> = kinds.chain(Kind::of_key(in_clear)).collect();
        assert!(kinds.contains(&Kind::Rsa) && kinds.contains(&Kind::Ecdsa), "{in_clear:?}: {kinds:?}");
    }
}

/// The same server, of which a version could not be seen.
fn without_sight_of(version: Version, known: Known) -> Known {
    let why = Unknown::new(Reason::TIMEOUT, "no answer");
    Known { unseen: BTreeMap::from([(version, why)]), ..known }
}

#[tokio::test]
async fn an_older_version_that_could_not_be_seen_leaves_renegotiation_open() {
    let (finished, _) = look("-tls1_3", &without_sight_of(Version::Tls12, known(&[TLS13]))).await;
    for fact in [&finished.client_renegotiation, &finished.insecure_renegotiation] {
        assert!(matches!(fact, Fact::Unknown(why) if why.reason == Reason::TIMEOUT), "{fact:?}");
    }
    assert_eq!(finished.resumption, Fact::Known(true));
}

#[tokio::test]
async fn tls_1_3_that_could_not_be_seen_leaves_open_what_it_alone_tells() {
    let known = without_sight_of(Version::Tls13, known(&[(Version::Tls12, &[0xC02F])]));
    let (finished, _) = look("-tls1_2 -no_ticket", &known).await;
    for fact in [&finished.early_data, &finished.session_tickets, &finished.client_certificate] {
        assert!(matches!(fact, Fact::Unknown(why) if why.reason == Reason::TIMEOUT), "{fact:?}");
    }
    assert_eq!(finished.resumption, Fact::Known(true));
    assert_eq!(finished.client_renegotiation, Fact::Known(false));
}

#[tokio::test]
async fn silence_until_the_look_ends_is_not_silence() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (short, long) = (Duration::from_millis(500), LOOK_TIME_MAX);
    for (look, wait, expected) in [(short, long, Said::TimeIsUp), (long, short, Said::Silent)] {
        let dialer = Dialer::new(address, None, "test", Deadline::start(look));
        let mut conversation = Conversation::open(&dialer).await.expect("a connection");
        assert_eq!(conversation.next(wait).await, expected);
    }
}

#[test]
fn a_server_is_waited_for_by_its_own_pace() {
    let (least, most) = (Duration::from_secs(2), Duration::from_secs(5));
    // Milliseconds that a flight took, and that its sender is waited for.
    for (took, expected) in [(1, 2000), (99, 2000), (150, 3000), (1000, 5000)] {
        let answer = Answer {
            hello: ServerHello {
                legacy_version: Version::Tls12.number(),
                random: [0; 32],
                session_id: Vec::new(),
                suite: SuiteId(0xC02F),
                compression: 0,
                extensions: Vec::new(),
            },
            certificates: Vec::new(),
            key_exchange: None,
            asked_for_certificate: false,
            resumed: false,
            took: Duration::from_millis(took),
        };
        assert_eq!(answer.pace(least, most), Duration::from_millis(expected), "{took}");
    }
}
