//! What services of each protocol say: with TLS on offer, without it, and when they refuse.

use vedetta_checks::starttls::Starttls;

use super::service::{Rest, Script, Step};

/// PostgreSQL's question for TLS.
const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];
/// The end of an RDP connection request for TLS and CredSSP.
const RDP_REQUEST: &[u8] = &[1, 0, 8, 0, 3, 0, 0, 0];
/// The extended operation StartTLS.
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
/// Head of the stream of an XMPP server.
const STREAM: &str = "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
     xmlns='jabber:client' from='localhost' id='a>b' version='1.0'>";

fn say(text: impl AsRef<[u8]>) -> Step {
    Step::Say(text.as_ref().to_vec())
}

fn hear(text: impl AsRef<[u8]>) -> Step {
    Step::Hear(text.as_ref().to_vec())
}

/// A BER element of at most 127 bytes.
fn ber(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut element = vec![tag, u8::try_from(content.len()).expect("a short element")];
    element.extend(content);
    element
}

/// An LDAP message with a result.
fn ldap_result(id: u8, operation: u8, result: u8) -> Vec<u8> {
    ber(0x30, &[&[2, 1, id], &ber(operation, &[&[0x0A, 1, result, 4, 0], &ber(4, &[b"said so"])])])
}

/// The root entry with one extension, and the end of the search.
fn ldap_root(extension: &str) -> Vec<u8> {
    let values = ber(0x31, &[&ber(4, &[extension.as_bytes()])]);
    let attribute = ber(0x30, &[&ber(0x30, &[&ber(4, &[b"supportedExtension"]), &values])]);
    let entry = ber(0x30, &[&[2, 1, 2], &ber(0x64, &[&[4, 0], &attribute])]);
    [entry, ldap_result(2, 0x65, 0)].concat()
}

/// MySQL's greeting with these lower capabilities.
fn mysql_greeting(capabilities: u16) -> Vec<u8> {
    let mut packet = b"\x0a5.5.5-10.11.6-MariaDB\0\x07\0\0\0saltsalt\0".to_vec();
    packet.extend(capabilities.to_le_bytes());
    packet.extend([45, 2, 0, 0xFF, 0x81, 21]);
    packet.extend([0; 10]);
    packet.extend(b"moresaltmore\0mysql_native_password\0");
    mysql_packet(0, &packet)
}

fn mysql_packet(sequence: u8, content: &[u8]) -> Vec<u8> {
    let size = u8::try_from(content.len()).expect("a short packet");
    [&[size, 0, 0, sequence], content].concat()
}

fn mysql_error(sequence: u8) -> Vec<u8> {
    mysql_packet(sequence, b"\xff\x6a\x04Host '192.0.2.1' is not allowed to connect")
}

fn rdp(negotiation: &[u8]) -> Vec<u8> {
    let size = u8::try_from(negotiation.len()).expect("a short answer");
    [&[3, 0, 0, 11 + size, 6 + size, 0xD0, 0, 0, 0x12, 0x34, 0], negotiation].concat()
}

/// Steps up to the positive reply of a service that offers TLS.
pub(crate) fn offered(protocol: Starttls) -> Vec<Step> {
    match protocol {
        Starttls::Smtp => vec![
            say("220-mail.example ESMTP\r\n220-no unsolicited mail\r\n220 ready\r\n"),
            hear("EHLO vedetta-0-1-0.office.at.example\r\n"),
            say("250-mail.example\r\n250-SIZE 10240000\r\n250-starttls\r\n250 8BITMIME\r\n"),
            hear("STARTTLS\r\n"),
            say("220 2.0.0 Ready to start TLS\r\n"),
        ],
        Starttls::Lmtp => vec![
            say("220 lmtp.example\r\n"),
            hear("LHLO vedetta-0-1-0.office.at.example\r\n"),
            say("250-lmtp.example\r\n250 STARTTLS\r\n"),
            hear("STARTTLS\r\n"),
            say("220 go ahead\r\n"),
        ],
        Starttls::Imap => vec![
            say("* OK ready\r\n"),
            hear("a1 CAPABILITY\r\n"),
            say("* CAPABILITY IMAP4rev1 STARTTLS {7}\r\nLITERAL LOGINDISABLED\r\na1 OK done\r\n"),
            hear("a2 STARTTLS\r\n"),
            say("* OK still here\r\na2 OK begin\r\n"),
        ],
        Starttls::Pop3 => vec![
            say("+OK ready <1.2@example>\r\n"),
            hear("CAPA\r\n"),
            say("+OK list\r\nTOP\r\nSTLS\r\nUIDL\r\n.\r\n"),
            hear("STLS\r\n"),
            say("+OK begin\r\n"),
        ],
        Starttls::Ftp => vec![
            say("220-Welcome\r\n221 is not the end\r\n files of the office\r\n220 ready\r\n"),
            hear("AUTH TLS\r\n"),
            say("234 go\r\n"),
        ],
        Starttls::Ldap => vec![hear(START_TLS), say(ldap_result(1, 0x78, 0))],
        Starttls::Xmpp => vec![
            hear("http://etherx.jabber.org/streams'>"),
            say(format!(
                "{STREAM}<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>\
                 <mechanisms><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
            )),
            hear("xmpp-tls'/>"),
            say("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        ],
        Starttls::Sieve => vec![
            say("\"IMPLEMENTATION\" \"example\"\r\n\"SIEVE\" {11}\r\nfileinto OK\r\n\"StartTLS\"\r\nOK \"ready\"\r\n"),
            hear("STARTTLS\r\n"),
            say("OK \"begin\"\r\n"),
        ],
        Starttls::Nntp => vec![
            say("200 ready\r\n"),
            hear("CAPABILITIES\r\n"),
            say("101 list\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n"),
            hear("STARTTLS\r\n"),
            say("382 continue\r\n"),
        ],
        Starttls::Postgres => vec![hear(SSL_REQUEST), say("S")],
        Starttls::Mysql => vec![say(mysql_greeting(0xFFFE)), hear([0; 23])],
        Starttls::Rdp => vec![hear(RDP_REQUEST), say(rdp(&[2, 31, 8, 0, 2, 0, 0, 0]))],
    }
}

/// The steps of [`offered`] with other last words.
fn ending(protocol: Starttls, last: impl AsRef<[u8]>) -> Vec<Step> {
    let mut steps = offered(protocol);
    steps.pop();
    steps.push(say(last));
    steps
}

/// What else a service may do before TLS, and the word for it; `ready` where TLS may begin.
#[expect(clippy::too_many_lines, reason = "cases are data: one line each, and none of them knows another")]
pub(crate) fn variants() -> Vec<(&'static str, Starttls, Vec<Step>, &'static str)> {
    use Starttls::{Ftp, Imap, Ldap, Lmtp, Mysql, Nntp, Pop3, Postgres, Rdp, Sieve, Smtp, Xmpp};
    let (absent, refused, foreign) = ("no_starttls", "refused_starttls", "not_the_protocol");
    let hello = || vec![say("220 a\r\n"), hear("EHLO vedetta-0-1-0.office.at.example\r\n")];
    let with = |mut steps: Vec<Step>, more: Vec<Step>| {
        steps.extend(more);
        steps
    };
    let features = |text: &str| vec![hear("streams'>"), say(format!("{STREAM}{text}"))];
    vec![
        ("not listed", Smtp, with(hello(), vec![say("250-a\r\n250 SIZE\r\n")]), absent),
        ("named like it", Smtp, with(hello(), vec![say("250-STARTTLS\r\n250 XSTARTTLS\r\n")]), absent),
        ("no extensions", Smtp, with(hello(), vec![say("502 5.5.2 unknown\r\n")]), absent),
        ("not now", Smtp, ending(Smtp, "454 4.7.0 TLS not available\r\n"), refused),
        ("listed but unknown", Smtp, ending(Smtp, "502 5.5.1 not implemented\r\n"), refused),
        ("busy greeting", Smtp, vec![say("421 busy\r\n")], refused),
        ("no service", Smtp, vec![say("554-no\r\n554 mail here\r\n")], refused),
        ("hangs up when asked", Smtp, offered(Smtp)[..4].to_vec(), "closed"),
        ("speaks on", Smtp, ending(Smtp, "220 go\r\n250 ok\r\n"), foreign),
        ("empty line behind", Smtp, ending(Smtp, "220 go\r\n\r\n"), "ready"),
        ("web server", Smtp, vec![say("HTTP/1.1 400 Bad Request\r\n")], foreign),
        ("TLS at once", Smtp, vec![say([0x15, 3, 1, 0, 2, 2, 40])], foreign),
        (
            "dislikes the name",
            Smtp,
            with(
                hello(),
                vec![
                    say("501 bad name\r\n"),
                    hear("EHLO [127.0.0.1]\r\n"),
                    say("250-a\r\n250 STARTTLS\r\n"),
                    hear("STARTTLS\r\n"),
                    say("220 go\r\n"),
                ],
            ),
            "ready",
        ),
        ("not listed", Lmtp, vec![say("220 a\r\n"), hear("\r\n"), say("250 a\r\n")], absent),
        ("not now", Lmtp, ending(Lmtp, "454 no\r\n"), refused),
        ("in the greeting", Imap, imap_greeting("* OK [CAPABILITY IMAP4 STARTTLS] hi\r\n"), "ready"),
        ("not listed", Imap, imap_capability("* CAPABILITY IMAP4 AUTH=STARTTLS\r\na1 OK\r\n"), absent),
        ("takes names", Imap, imap_introduction(), "ready"),
        ("no", Imap, ending(Imap, "a2 NO not now\r\n"), refused),
        ("bad", Imap, ending(Imap, "a2 BAD what\r\n"), refused),
        ("ends", Imap, ending(Imap, "* BYE enough\r\n"), refused),
        ("ends at once", Imap, vec![say("* BYE too many\r\n")], refused),
        ("not listed", Pop3, vec![say("+OK\r\n"), hear("CAPA\r\n"), say("+OK\r\nTOP\r\n.\r\n")], absent),
        ("no list, no TLS", Pop3, pop3_without_list("-ERR what\r\n"), absent),
        ("no list, but TLS", Pop3, pop3_without_list("+OK go\r\n"), "ready"),
        ("not now", Pop3, ending(Pop3, "-ERR not now\r\n"), refused),
        ("busy", Pop3, vec![say("-ERR too many\r\n")], refused),
        ("unknown", Ftp, ftp("500 what\r\n", Some("502 no list\r\n")), absent),
        ("log in first", Ftp, ftp("530 log in\r\n", Some("211-Features:\r\n UTF8\r\n211 End\r\n")), absent),
        ("listed, but no", Ftp, ftp("504 no\r\n", Some("211-Features:\r\n AUTH TLS\r\n211 End\r\n")), refused),
        ("policy", Ftp, ftp("534 policy\r\n", Some("500 what\r\n")), refused),
        ("not now", Ftp, ftp("431 no certificate\r\n", None), refused),
        ("hangs up after", Ftp, ftp("502 no\r\n", None), absent),
        (
            "the old name only",
            Ftp,
            vec![say("220 a\r\n"), hear("AUTH TLS\r\n"), say("504 no\r\n"), hear("AUTH SSL\r\n"), say("234 go\r\n")],
            "ready",
        ),
        ("unknown", Ldap, ldap(2, None), absent),
        ("unavailable", Ldap, ldap(52, None), refused),
        ("unavailable, listed", Ldap, ldap(52, Some(START_TLS)), refused),
        ("unavailable, not listed", Ldap, ldap(52, Some("1.3.6.1.4.1.4203.1.11.1")), absent),
        ("protocol error, but listed", Ldap, ldap(2, Some(START_TLS)), refused),
        ("disconnects", Ldap, vec![hear(START_TLS), say(ldap_result(0, 0x78, 52))], refused),
        ("other number", Ldap, vec![hear(START_TLS), say(ldap_result(9, 0x78, 0))], foreign),
        ("claims a gigabyte", Ldap, vec![hear(START_TLS), say([0x30, 0x84, 0x40, 0, 0, 0])], "too_large"),
        ("not listed", Xmpp, features("<stream:features><x/></stream:features>"), absent),
        ("nothing listed", Xmpp, features("<stream:features/>"), absent),
        ("unknown host", Xmpp, features("<stream:error><host-unknown/></stream:error>"), refused),
        ("before features", Xmpp, vec![hear("streams'>"), say("<stream:stream id='1'>")], absent),
        ("failure", Xmpp, ending(Xmpp, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"), refused),
        ("other prefix", Xmpp, ending(Xmpp, "<tls:proceed xmlns:tls='urn:ietf'></tls:proceed>"), "ready"),
        ("not listed", Sieve, vec![say("\"SIEVE\" \"starttls\"\r\nOK\r\n")], absent),
        ("literal", Sieve, vec![say("{8+}\r\nSTARTTLS\r\nOK\r\n"), hear("STARTTLS\r\n"), say("ok\r\n")], "ready"),
        ("no", Sieve, ending(Sieve, "NO \"not now\"\r\n"), refused),
        ("ends", Sieve, vec![say("BYE \"too many\"\r\n")], refused),
        ("not listed", Nntp, nntp("101 list\r\nREADER\r\n.\r\n", None), absent),
        ("no list, no TLS", Nntp, nntp("500 what\r\n", Some("500 what\r\n")), absent),
        ("no list, but TLS", Nntp, nntp("500 what\r\n", Some("382 go\r\n")), "ready"),
        ("not now", Nntp, ending(Nntp, "580 cannot\r\n"), refused),
        ("no permission", Nntp, vec![say("502 go away\r\n")], refused),
        ("no", Postgres, vec![hear(SSL_REQUEST), say("N")], absent),
        ("error", Postgres, vec![hear(SSL_REQUEST), say(b"E\0\0\0\x0fC53300\0Mbusy\0\0")], refused),
        ("too old", Postgres, vec![hear(SSL_REQUEST), say(b"EFATAL:  unsupported frontend protocol\n\0")], absent),
        ("other", Postgres, vec![hear(SSL_REQUEST), say("H")], foreign),
        ("speaks on", Postgres, vec![hear(SSL_REQUEST), say("SR")], foreign),
        ("without", Mysql, vec![say(mysql_greeting(0xF7FE))], absent),
        ("before 3.21", Mysql, vec![say(mysql_packet(0, b"\x093.20\0"))], absent),
        ("host not allowed", Mysql, vec![say(mysql_error(0))], refused),
        ("cut greeting", Mysql, vec![say(mysql_packet(0, b"\x0a8.0\0\x01"))], foreign),
        ("other service", Mysql, vec![say("SSH-2.0-OpenSSH_9.2\r\n")], foreign),
        ("standard security", Rdp, vec![hear(RDP_REQUEST), say(rdp(&[]))], absent),
        ("chose none", Rdp, vec![hear(RDP_REQUEST), say(rdp(&[2, 0, 8, 0, 0, 0, 0, 0]))], absent),
        ("not allowed", Rdp, vec![hear(RDP_REQUEST), say(rdp(&[3, 0, 8, 0, 2, 0, 0, 0]))], absent),
        ("no certificate", Rdp, vec![hear(RDP_REQUEST), say(rdp(&[3, 0, 8, 0, 3, 0, 0, 0]))], refused),
        ("disconnects", Rdp, vec![hear(RDP_REQUEST), say([3, 0, 0, 11, 6, 0x80, 0, 0, 0, 0, 0])], refused),
        ("too short", Rdp, vec![hear(RDP_REQUEST), say([3, 0, 0, 4])], foreign),
    ]
}

fn imap_greeting(greeting: &str) -> Vec<Step> {
    vec![say(greeting), hear("a2 STARTTLS\r\n"), say("a2 OK\r\n")]
}

fn imap_introduction() -> Vec<Step> {
    vec![
        say("* OK [CAPABILITY IMAP4 ID STARTTLS] hi\r\n"),
        hear("a0 ID (\"name\" \"Vedetta/0.1.0 (office@example)\")\r\n"),
        say("* ID NIL\r\na0 OK\r\n"),
        hear("a2 STARTTLS\r\n"),
        say("a2 OK\r\n"),
    ]
}

fn imap_capability(answer: &str) -> Vec<Step> {
    vec![say("* OK hi\r\n"), hear("a1 CAPABILITY\r\n"), say(answer)]
}

fn pop3_without_list(answer: &str) -> Vec<Step> {
    vec![say("+OK\r\n"), hear("CAPA\r\n"), say("-ERR what\r\n"), hear("STLS\r\n"), say(answer)]
}

fn nntp(list: &str, answer: Option<&str>) -> Vec<Step> {
    let mut steps = vec![say("200 hi\r\n"), hear("CAPABILITIES\r\n"), say(list)];
    steps.extend(answer.into_iter().flat_map(|answer| [hear("STARTTLS\r\n"), say(answer)]));
    steps
}

/// A server that answers so to AUTH in both forms, and then shows its features or hangs up.
fn ftp(answer: &str, features: Option<&str>) -> Vec<Step> {
    let mut steps = vec![say("220 a\r\n"), hear("AUTH TLS\r\n"), say(answer)];
    if ["500", "504", "502"].iter().any(|code| answer.starts_with(code)) {
        steps.extend([hear("AUTH SSL\r\n"), say(answer)]);
    }
    steps.extend(features.into_iter().flat_map(|features| [hear("FEAT\r\n"), say(features)]));
    steps
}

/// A directory that answers so, and then shows its root entry or hangs up.
fn ldap(result: u8, extension: Option<&str>) -> Vec<Step> {
    let mut steps = vec![hear(START_TLS), say(ldap_result(1, 0x78, result))];
    steps.extend(extension.into_iter().flat_map(|extension| [hear("supportedExtension"), say(ldap_root(extension))]));
    steps
}

/// What a service answers under TLS.
fn answers(protocol: Starttls) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pairs: &[(&str, &str)] = match protocol {
        Starttls::Smtp | Starttls::Lmtp => &[("NOOP\r\n", "250 ok\r\n"), ("QUIT\r\n", "221 bye\r\n")],
        Starttls::Ftp => &[("NOOP\r\n", "530 log in\r\n"), ("QUIT\r\n", "221 bye\r\n")],
        Starttls::Nntp => &[("DATE\r\n", "111 20261122000000\r\n"), ("QUIT\r\n", "205 bye\r\n")],
        Starttls::Imap => &[("a3 NOOP\r\n", "a3 OK\r\n"), ("a4 LOGOUT\r\n", "* BYE\r\na4 OK\r\n")],
        Starttls::Pop3 => &[("CAPA\r\n", "+OK\r\nSTLS\r\n.\r\n"), ("QUIT\r\n", "+OK bye\r\n")],
        Starttls::Sieve => &[("NOOP \"a3\"\r\n", "OK\r\n"), ("LOGOUT\r\n", "OK bye\r\n")],
        Starttls::Xmpp => &[("/streams'>", "<stream:stream><stream:features></stream:features>")],
        Starttls::Postgres => &[("vedetta\0\0", "R\0\0\0\x08\0\0\0\x05")],
        Starttls::Ldap => return vec![ldap_answer(2), ldap_answer(3)],
        Starttls::Mysql | Starttls::Rdp => &[],
    };
    pairs.iter().map(|(asked, answer)| (asked.as_bytes().to_vec(), answer.as_bytes().to_vec())).collect()
}

/// The head of a question, up to its base, and the end of the search.
fn ldap_answer(id: u8) -> (Vec<u8>, Vec<u8>) {
    (vec![2, 1, id, 0x63], ldap_result(id, 0x65, 0))
}

/// A service that offers TLS and turns to it, with this fate for what came early.
pub(crate) fn turning(protocol: Starttls, rest: Rest) -> Script {
    let mut steps = offered(protocol);
    // Where no reply comes first, TLS follows the request at once, and the service must leave it to TLS.
    steps.push(Step::Tls(if protocol == Starttls::Mysql { Rest::Fed } else { rest }));
    let greeting = if protocol == Starttls::Sieve { b"\"SIEVE\" \"\"\r\nOK\r\n".to_vec() } else { Vec::new() };
    Script { steps, greeting, answers: answers(protocol), ..Script::default() }
}
