//! Attacks on scripted servers, flawed and mended, and on a real one.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::{ccs, heartbleed, robot, ticketbleed};
use crate::tls::connect::Deadline;
use crate::tls::dial::Dialer;
use crate::tls::finish::finish;
use crate::tls::finish::known::Known;
use crate::tls::finish::legacy::session::{Plan, Session};
use crate::tls::finish::tests::{OpenSsl, known};
use crate::tls::wire::{RecordType, Version, split_records};

const AES128_SHA: u16 = 0x002F;
const TLS12: u16 = 0x0303;
const ALERT: RecordType = RecordType::ALERT;

/// How a scripted server behaves behind its flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Answers the heartbeat with so many bytes.
    Heartbeat(usize),
    /// Takes heartbeats, and hangs up at one that lies.
    HangsUp,
    /// Takes heartbeats, and says nothing more behind its flight.
    Mute,
    /// Takes no heartbeats.
    NoHeartbeat,
    /// Answers the first change of cipher by this alert.
    First(u8),
    /// Passes over the first, answers the second by this alert; 0 hangs up.
    Second(u8),
    /// Hangs up at the second; waits on after a key exchange under keys of an empty secret, hangs up at other keys; so
    /// many times.
    ReadsUnderEmptySecret(u32),
    /// Hangs up at the second; waits on whatever the key exchange is.
    WaitsOn,
    /// Treats every padding alike.
    Alike,
    /// Tells wrong padding by another alert.
    TellsPadding,
    /// Tells wrong padding, but only as long as nothing follows the secret.
    TellsPaddingAlone,
    /// Takes the ticket up and answers with so many bytes of id, the client's in front.
    TakesTicket(usize),
    /// Begins a new session with an id of its own.
    NewSession,
}

/// Key and certificate, made once: RSA keys take their time.
fn identity() -> &'static (Vec<u8>, Vec<u8>) {
    static IDENTITY: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    IDENTITY.get_or_init(|| {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
        let certificate = rcgen::CertificateParams::default().self_signed(&key).expect("a certificate");
        (key.serialize_der(), certificate.der().to_vec())
    })
}

async fn serve(script: Script) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        for visit in 1_u32.. {
            let Ok((stream, _)) = listener.accept().await else { return };
            tokio::spawn(async move {
                // The client hangs up whenever it has seen enough.
                let _ = converse(stream, script, visit).await;
            });
        }
    });
    address
}

async fn record(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 5];
    stream.read_exact(&mut header).await?;
    let mut content = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    stream.read_exact(&mut content).await?;
    Ok((header[0], content))
}

async fn send(stream: &mut TcpStream, kind: RecordType, content: &[u8]) -> std::io::Result<()> {
    stream.write_all(&split_records(kind, TLS12, content, 1 << 14)).await
}

fn prefixed(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short").to_be_bytes();
    [&length[1..], content].concat()
}

fn server_hello(id: &[u8], heartbeat: bool) -> Vec<u8> {
    let mut hello = vec![3, 3];
    hello.extend([9; 32]);
    hello.push(u8::try_from(id.len()).expect("short"));
    hello.extend_from_slice(id);
    hello.extend([0, 0x2F, 0]);
    if heartbeat {
        hello.extend([0, 5, 0, 15, 0, 1, 1]);
    }
    [&[2][..], &prefixed(&hello)].concat()
}

async fn converse(mut stream: TcpStream, script: Script, visit: u32) -> std::io::Result<()> {
    let (_, hello) = record(&mut stream).await?;
    let id_length = usize::from(hello[38]);
    let offered = &hello[39..39 + id_length];
    if let Script::TakesTicket(length) = script {
        let mut id = vec![0xEE; length];
        id[..id_length].copy_from_slice(offered);
        send(&mut stream, RecordType::HANDSHAKE, &server_hello(&id, false)).await?;
        return send(&mut stream, RecordType::CHANGE_CIPHER_SPEC, &[1]).await;
    }
    let id = if script == Script::NewSession { &[0xA5; 32][..] } else { &[] };
    let mut flight = server_hello(id, matches!(script, Script::Heartbeat(_) | Script::HangsUp | Script::Mute));
    let certificate = prefixed(&prefixed(&identity().1));
    flight.extend([&[11][..], &prefixed(&certificate), &[14, 0, 0, 0]].concat());
    send(&mut stream, RecordType::HANDSHAKE, &flight).await?;
    let (kind, content) = record(&mut stream).await?;
    match script {
        Script::Heartbeat(bytes) if kind == RecordType::HEARTBEAT.0 => {
            send(&mut stream, RecordType::HEARTBEAT, &vec![2; bytes]).await
        }
        Script::First(alert) => send(&mut stream, ALERT, &[2, alert]).await,
        Script::Second(alert) => {
            record(&mut stream).await?;
            if alert == 0 { Ok(()) } else { send(&mut stream, ALERT, &[2, alert]).await }
        }
        Script::Mute => loop {
            record(&mut stream).await?;
        },
        Script::ReadsUnderEmptySecret(_) | Script::WaitsOn => {
            let (kind, _) = record(&mut stream).await?;
            // From the second visit on, the keys are by turns of an empty secret and of another one.
            let empty = visit.is_multiple_of(2);
            let reads = matches!(script, Script::ReadsUnderEmptySecret(times) if empty && visit / 2 <= times);
            let waits = kind == RecordType::HANDSHAKE.0 && (script == Script::WaitsOn || reads);
            if waits { record(&mut stream).await.map(|_| ()) } else { Ok(()) }
        }
        Script::Alike | Script::TellsPadding | Script::TellsPaddingAlone => oracle(&mut stream, script, &content).await,
        Script::Heartbeat(_) | Script::HangsUp | Script::NoHeartbeat | Script::TakesTicket(_) | Script::NewSession => {
            Ok(())
        }
    }
}

/// Reacts to the encrypted secret as the script says.
async fn oracle(stream: &mut TcpStream, script: Script, exchange: &[u8]) -> std::io::Result<()> {
    let key = PrivateDecryptingKey::from_pkcs8(&identity().0).expect("a key");
    let key = Pkcs1PrivateDecryptingKey::new(key).expect("a key");
    let mut room = vec![0; key.min_output_size()];
    // Type and length of the message, and the length of the secret.
    let right = key.decrypt(&exchange[6..], &mut room).is_ok_and(|secret| secret.len() == 48 && secret[..2] == [3, 3]);
    if script == Script::TellsPaddingAlone && !right {
        send(stream, ALERT, &[2, 40]).await?;
    }
    record(stream).await?;
    record(stream).await?;
    let alert = if script == Script::TellsPadding && !right { 51 } else { 20 };
    let alert = if script == Script::TellsPaddingAlone { 40 } else { alert };
    send(stream, ALERT, &[2, alert]).await
}

fn dialer(address: SocketAddr) -> Dialer {
    Dialer::new(address, None, "test", Deadline::start(Duration::from_secs(12)))
}

fn static_rsa() -> Known {
    known(&[(Version::Tls12, &[AES128_SHA])])
}

#[tokio::test]
async fn heartbleed_is_an_answer_that_is_longer_than_its_request() {
    for (script, expected) in [
        (Script::Heartbeat(16_403), true),
        (Script::Heartbeat(64), true),
        (Script::Heartbeat(3), false),
        (Script::HangsUp, false),
        (Script::NoHeartbeat, false),
    ] {
        let dialer = dialer(serve(script).await);
        assert_eq!(heartbleed::try_it(&dialer, &static_rsa()).await, Fact::Known(expected), "{script:?}");
        assert_eq!(dialer.opened(), 1);
    }
}

#[tokio::test]
async fn an_early_change_of_cipher_is_told_by_the_answer_to_the_second() {
    let cases = [
        (Script::First(10), Some(false), 1),
        (Script::First(40), Some(false), 1),
        (Script::Second(20), Some(true), 1),
        (Script::Second(21), Some(true), 1),
        (Script::Second(10), Some(false), 1),
        (Script::Second(0), None, 2),
        (Script::ReadsUnderEmptySecret(2), Some(true), 5),
        (Script::ReadsUnderEmptySecret(1), None, 4),
        (Script::WaitsOn, None, 3),
    ];
    let attempts = cases.map(|(script, expected, opened)| {
        tokio::spawn(async move {
            let dialer = dialer(serve(script).await);
            assert_eq!(ccs::try_it(&dialer, &static_rsa()).await.known().copied(), expected, "{script:?}");
            assert_eq!(dialer.opened(), opened, "{script:?}");
        })
    });
    for attempt in attempts {
        attempt.await.expect("the attempt holds");
    }
}

#[tokio::test]
async fn robot_is_a_reaction_that_depends_on_the_padding() {
    let cases = [(Script::Alike, false, 10), (Script::TellsPadding, true, 10), (Script::TellsPaddingAlone, true, 15)];
    let attempts = cases.map(|(script, expected, opened)| {
        tokio::spawn(async move {
            let dialer = dialer(serve(script).await);
            assert_eq!(robot::try_it(&dialer, &static_rsa()).await, Fact::Known(expected), "{script:?}");
            assert_eq!(dialer.opened(), opened, "{script:?}");
        })
    });
    for attempt in attempts {
        attempt.await.expect("the attempt holds");
    }
}

#[tokio::test]
async fn ticketbleed_is_an_id_that_came_back_longer() {
    let known = static_rsa();
    let plan = Plan::of(&known).expect("a suite that can be finished");
    let session = Session { id: Vec::new(), ticket: Some(vec![1; 80]) };
    for (script, expected) in
        [(Script::TakesTicket(32), true), (Script::TakesTicket(1), false), (Script::NewSession, false)]
    {
        let dialer = dialer(serve(script).await);
        let session = (plan.clone(), session.clone());
        let found = ticketbleed::try_it(&dialer, &known, Some(&session)).await;
        assert_eq!(found, Fact::Known(expected), "{script:?}");
    }
}

#[tokio::test]
async fn without_a_finished_handshake_ticketbleed_stays_open() {
    let dialer = dialer(serve(Script::NewSession).await);
    assert_eq!(ticketbleed::try_it(&dialer, &static_rsa(), None).await.known(), None);
    assert_eq!(dialer.opened(), 0);
}

#[tokio::test]
async fn a_server_that_is_gone_is_never_a_no() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let (dialer, known) = (dialer(address), static_rsa());
    assert_eq!(heartbleed::try_it(&dialer, &known).await.known(), None);
    assert_eq!(ccs::try_it(&dialer, &known).await.known(), None);
    assert_eq!(robot::try_it(&dialer, &known).await.known(), None);
}

#[tokio::test]
async fn a_server_with_tls_1_3_alone_is_asked_nothing() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let dialer = dialer(listener.local_addr().expect("an address"));
    let attacked = super::attack(&dialer, &known(&[(Version::Tls13, &[0x1301])]), None).await;
    for fact in [attacked.heartbleed, attacked.ccs, attacked.robot, attacked.ticketbleed] {
        assert_eq!(fact, Fact::Known(false));
    }
    assert_eq!(dialer.opened(), 0);
}

/// The facts of all attacks on a server of which this is known, asked nothing.
async fn unasked(known: &Known) -> [Fact<bool>; 4] {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let dialer = dialer(listener.local_addr().expect("an address"));
    let attacked = super::attack(&dialer, known, None).await;
    assert_eq!(dialer.opened(), 0);
    [attacked.heartbleed, attacked.ccs, attacked.robot, attacked.ticketbleed]
}

#[tokio::test]
async fn a_version_that_could_not_be_seen_is_never_a_no() {
    let why = Unknown::new(Reason::TIMEOUT, "no answer");
    let unseen = BTreeMap::from([(Version::Tls12, why.clone())]);
    for fact in unasked(&Known { unseen, ..known(&[(Version::Tls13, &[0x1301])]) }).await {
        assert_eq!(fact, Fact::Unknown(why.clone()));
    }
}

#[tokio::test]
async fn suites_that_cannot_be_asked_with_are_never_a_no() {
    // TLS_PSK_WITH_AES_128_CBC_SHA and TLS_RSA_PSK_WITH_AES_128_CBC_SHA.
    let [heartbleed, ccs, robot, ticketbleed] = unasked(&known(&[(Version::Tls12, &[0x008C, 0x0094])])).await;
    for fact in [heartbleed, ccs, robot, ticketbleed] {
        assert_eq!(fact.known(), None, "{fact:?}");
    }
    let [_, _, robot, _] = unasked(&known(&[(Version::Tls12, &[0x008C])])).await;
    assert_eq!(robot, Fact::Known(false), "nothing is encrypted by RSA");
}

#[tokio::test]
async fn silence_is_a_no_to_heartbleed_but_the_end_of_the_look_is_none() {
    let address = serve(Script::Mute).await;
    assert_eq!(heartbleed::try_it(&dialer(address), &static_rsa()).await, Fact::Known(false));
    let short = Dialer::new(address, None, "test", Deadline::start(Duration::from_millis(300)));
    let found = heartbleed::try_it(&short, &static_rsa()).await;
    assert!(matches!(&found, Fact::Unknown(why) if why.reason == Reason::TIMEOUT), "{found:?}");
}

#[tokio::test]
async fn a_mended_openssl_has_none_of_them() {
    let server = Arc::new(OpenSsl::start("-tls1_2 -cipher AES128-SHA:@SECLEVEL=0"));
    let (dialer, known) = (server.dialer(), static_rsa());
    let finished = finish(&dialer, &known).await;
    assert!(finished.session.is_some(), "{finished:?}");
    let attacked = super::attack(&dialer, &known, finished.session.as_ref()).await;
    for fact in [attacked.heartbleed, attacked.ccs, attacked.robot, attacked.ticketbleed] {
        assert_eq!(fact, Fact::Known(false));
    }
}
