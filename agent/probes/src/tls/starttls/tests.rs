//! Every protocol before scripted services on loopback. The scripts are shared with the tests of the whole probe.

#[path = "../../../tests/starttls/scripts.rs"]
mod scripts;
#[path = "../../../tests/starttls/service.rs"]
mod service;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustls_pki_types::ServerName;
use vedetta_checks::fact::Fact;
use vedetta_checks::starttls::Starttls;
use vedetta_checks::word::Reason;

use super::super::connect::Deadline;
use super::super::dial::Dialer;
use super::injectable;
use scripts::{offered, turning, variants};
use service::{Rest, Script, Step, start};

/// Time for a look; longer than any step of the scripts needs.
const LOOK_TIME: Duration = Duration::from_secs(20);

fn dialer(address: SocketAddr, protocol: Starttls, time: Duration) -> Dialer {
    let identification = "Vedetta/0.1.0 (office@example)";
    Dialer::new(address, Some(protocol), identification, Deadline::start(time)).called("localhost")
}

/// The word for what the protocol made of a service.
async fn word(protocol: Starttls, script: Script, time: Duration) -> String {
    let dialer = dialer(start(script).await, protocol, time);
    match dialer.open().await {
        Ok(_) => "ready".to_owned(),
        Err(error) => {
            assert_eq!(error.stage, "starttls", "{error:?}");
            error.reason.to_string()
        }
    }
}

async fn injection(protocol: Starttls, script: Script) -> Fact<bool> {
    let dialer = dialer(start(script).await, protocol, LOOK_TIME);
    injectable(&dialer, &ServerName::try_from("localhost").expect("a name")).await
}

#[tokio::test]
async fn every_service_that_offers_tls_is_ready_for_it() {
    for protocol in Starttls::ALL {
        let script = Script { steps: [offered(protocol), vec![Step::Silence]].concat(), ..Script::default() };
        assert_eq!(word(protocol, script, LOOK_TIME).await, "ready", "{protocol:?}");
    }
}

#[tokio::test]
async fn one_byte_at_a_time_is_read_like_any_other() {
    for protocol in Starttls::ALL {
        let steps = [offered(protocol), vec![Step::Silence]].concat();
        let script = Script { steps, drips: true, ..Script::default() };
        assert_eq!(word(protocol, script, LOOK_TIME).await, "ready", "{protocol:?}");
    }
}

#[tokio::test]
async fn absent_refused_and_foreign_are_told_apart() {
    let mut wrong = Vec::new();
    for (name, protocol, steps, expected) in variants() {
        let seen = word(protocol, Script { steps, ..Script::default() }, LOOK_TIME).await;
        if seen != expected {
            wrong.push(format!("{protocol:?}, {name}: {seen}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn garbage_is_not_the_protocol() {
    for protocol in Starttls::ALL {
        let steps = vec![Step::Say(b"\x80\x01\xfe garbage without an end".to_vec()), Step::Silence];
        let script = Script { steps, ..Script::default() };
        assert_eq!(word(protocol, script, LOOK_TIME).await, "not_the_protocol", "{protocol:?}");
    }
}

#[tokio::test]
async fn silence_ends_with_the_deadline() {
    for protocol in Starttls::ALL {
        let script = Script { steps: vec![Step::Silence], ..Script::default() };
        assert_eq!(word(protocol, script, Duration::from_millis(100)).await, "timeout", "{protocol:?}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_has_closed() {
    for protocol in Starttls::ALL {
        let seen = word(protocol, Script::default(), LOOK_TIME).await;
        assert!(["closed", "reset"].contains(&seen.as_str()), "{protocol:?}: {seen}");
    }
}

#[tokio::test]
async fn endless_banners_are_cut() {
    let cases: &[(Starttls, &[u8])] = &[
        (Starttls::Smtp, b"220-more\r\n"),
        (Starttls::Smtp, b"2"),
        (Starttls::Lmtp, b"220-more\r\n"),
        (Starttls::Imap, b"* OK {4096}\r\n"),
        (Starttls::Pop3, b"+"),
        (Starttls::Ftp, b"220-more\r\n"),
        (Starttls::Xmpp, b"<?more?>"),
        (Starttls::Sieve, b"\"MORE\" \"x\"\r\n"),
        (Starttls::Nntp, b"2"),
    ];
    for (protocol, banner) in cases {
        let began = Instant::now();
        let script = Script { steps: vec![Step::Endless(banner.to_vec())], ..Script::default() };
        assert_eq!(word(*protocol, script, LOOK_TIME).await, "too_large", "{protocol:?}");
        assert!(began.elapsed() < Duration::from_secs(2), "{protocol:?}");
    }
}

#[tokio::test]
async fn a_full_service_is_asked_again() {
    let steps = [offered(Starttls::Smtp), vec![Step::Silence]].concat();
    let instead = (1..3, vec![Step::Say(b"421 too many\r\n".to_vec())]);
    let script = Script { steps, instead, ..Script::default() };
    let dialer = dialer(start(script).await, Starttls::Smtp, LOOK_TIME);
    for connections in [1, 4] {
        dialer.open().await.expect("TLS may begin");
        assert_eq!(dialer.opened(), connections);
    }
}

#[tokio::test]
async fn a_service_that_never_lets_in_is_not_asked_again() {
    let script = Script { steps: vec![Step::Say(b"421 too many\r\n".to_vec())], ..Script::default() };
    let dialer = dialer(start(script).await, Starttls::Smtp, LOOK_TIME);
    assert_eq!(dialer.open().await.expect_err("turned away").reason, Reason::REFUSED_STARTTLS);
    assert_eq!(dialer.opened(), 1);
}

#[tokio::test]
async fn a_kept_command_is_injectable() {
    for protocol in Starttls::ALL {
        let seen = injection(protocol, turning(protocol, Rest::Kept)).await;
        if matches!(protocol, Starttls::Mysql | Starttls::Rdp) {
            assert!(matches!(seen, Fact::Unknown(ref why) if why.reason == Reason::DOES_NOT_APPLY), "{protocol:?}");
        } else {
            assert_eq!(seen, Fact::Known(true), "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn a_command_that_is_thrown_away_or_breaks_tls_is_not_injectable() {
    for protocol in Starttls::ALL {
        if matches!(protocol, Starttls::Mysql | Starttls::Rdp) {
            continue;
        }
        for rest in [Rest::Dropped, Rest::Fed] {
            assert_eq!(injection(protocol, turning(protocol, rest)).await, Fact::Known(false), "{protocol:?} {rest:?}");
        }
    }
}

#[tokio::test]
async fn a_command_that_is_answered_in_clear_text_is_not_injectable() {
    let seen = injection(Starttls::Smtp, turning(Starttls::Smtp, Rest::Answered)).await;
    assert_eq!(seen, Fact::Known(false));
}

#[tokio::test]
async fn a_server_that_cannot_finish_tls_leaves_injection_unknown() {
    let mut script = turning(Starttls::Smtp, Rest::Dropped);
    // Alert 40, handshake_failure.
    script.steps[5] = Step::Say(vec![0x15, 3, 3, 0, 2, 2, 40]);
    let seen = injection(Starttls::Smtp, script).await;
    assert!(matches!(seen, Fact::Unknown(ref why) if why.reason == Reason::HANDSHAKE_REFUSED), "{seen:?}");
}

#[tokio::test]
async fn a_refusal_of_the_pair_is_not_injectable() {
    let mut refusing = offered(Starttls::Smtp);
    refusing[4] = Step::Say(b"554 5.5.0 no pipelining here\r\n".to_vec());
    for instead in [refusing, offered(Starttls::Smtp)[..4].to_vec()] {
        let script = Script { instead: (0..1, instead), ..turning(Starttls::Smtp, Rest::Dropped) };
        assert_eq!(injection(Starttls::Smtp, script).await, Fact::Known(false));
    }
}

#[tokio::test]
async fn a_request_that_is_refused_alone_too_leaves_injection_unknown() {
    for answer in ["421 4.3.2 too many\r\n", ""] {
        let mut steps = offered(Starttls::Smtp);
        steps[4] = Step::Say(answer.as_bytes().to_vec());
        let seen = injection(Starttls::Smtp, Script { steps, ..Script::default() }).await;
        assert_eq!(seen.known(), None, "{answer:?}");
    }
}

#[tokio::test]
async fn silence_under_tls_is_not_injectable_but_the_end_of_the_look_leaves_it_unknown() {
    let script = Script { answers: Vec::new(), ..turning(Starttls::Smtp, Rest::Dropped) };
    assert_eq!(injection(Starttls::Smtp, script.clone()).await, Fact::Known(false));
    let dialer = dialer(start(script).await, Starttls::Smtp, Duration::from_secs(1));
    let seen = injectable(&dialer, &ServerName::try_from("localhost").expect("a name")).await;
    assert!(matches!(seen, Fact::Unknown(ref why) if why.reason == Reason::TIMEOUT), "{seen:?}");
}

#[tokio::test]
async fn mysql_refuses_in_the_place_of_tls() {
    let mut steps = offered(Starttls::Mysql);
    steps.push(Step::Say(b"\x0c\0\0\x02\xff\x86\x04not today".to_vec()));
    let dialer = dialer(start(Script { steps, ..Script::default() }).await, Starttls::Mysql, LOOK_TIME);
    let refusal = super::late_refusal(&dialer).await.expect("a refusal");
    assert_eq!(refusal.reason, Reason::REFUSED_STARTTLS, "{refusal:?}");
}
