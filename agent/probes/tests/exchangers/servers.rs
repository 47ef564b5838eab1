//! Mail servers as the `mail` probe sees them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use vedetta_probes::ProbeContext;

use crate::authority::Authority;
use crate::fact::fact;
use crate::mail::{Behaviour, OpenSsl, start};
use crate::names::Names;
use crate::{context, look};

const RECORDS: &str = "
good MX 10 mx.good
mx.good A 127.0.2.1
clear MX 10 mx.clear
mx.clear A 127.0.2.2
refuses MX 10 mx.refuses
mx.refuses A 127.0.2.3
away MX 10 mx.away
mx.away A 127.0.2.4
other MX 10 mx.other
mx.other A 127.0.2.5
expired MX 10 mx.expired
mx.expired A 127.0.2.6
foreign MX 10 mx.foreign
mx.foreign A 127.0.2.7
untrusted MX 10 mx.untrusted
mx.untrusted A 127.0.2.8
old MX 10 mx.old
mx.old A 127.0.2.9
closed MX 10 mx.closed
mx.closed A 127.0.2.100
second MX 10 mx.second
mx.second A 127.0.2.100
mx.second A 127.0.2.1
null MX 0 .
mixed MX 0 .
mixed MX 10 mx.good
literal MX 10 127.0.2.1.
gone MX 10 mx.gone
empty MX 10 mx.empty
mx.empty TXT here
alias MX 10 mx.alias
mx.alias CNAME mx.good
label MX 10 localhost.
bad MX 10 mx_.bad
mx_.bad A 127.0.2.2
implicit A 127.0.2.1
nothing TXT here
two MX 20 mx.clear
two MX 10 mx.good
oldest MX 10 mx.oldest
mx.oldest A 127.0.2.11
broken MX 10 mx.broken
mx.broken A 127.0.2.12
one MX 10 mx.shared
another MX 10 mx.shared
mx.shared A 127.0.2.13
silent MX 10 mx.silent
silent TXT \"v=spf1 mx -all\"
mx.silent A 127.0.2.10
_mta-sts.silent TXT \"v=STSv1; id=1\"
mta-sts.silent A 127.0.2.10
";
const POINTERS: &str = "1.2.0 PTR mx.good.test.\n2.2.0 PTR mx.good.test.\n";

struct Rig {
    context: ProbeContext,
    _names: Names,
    visitors: Arc<AtomicUsize>,
    _old: [OpenSsl; 2],
}

async fn rig() -> Rig {
    let names = Names::start(RECORDS, POINTERS);
    let authority = Authority::new();
    let turns = |name: &str, last_year| Behaviour::Turns(authority.certify(&[name], last_year).acceptor());
    let old = OpenSsl::start(
        &authority.certify(&["mx.old.test"], 2030),
        &["-min_protocol", "TLSv1", "-cipher", "ALL:@SECLEVEL=0"],
    )
    .await;
    let oldest = OpenSsl::start(
        &authority.certify(&["mx.oldest.test"], 2030),
        &["-min_protocol", "TLSv1", "-max_protocol", "TLSv1", "-cipher", "ALL:@SECLEVEL=0"],
    )
    .await;
    let visitors = Arc::new(AtomicUsize::new(0));
    let counts = Behaviour::Counts(authority.certify(&["mx.shared.test"], 2030).acceptor(), Arc::clone(&visitors));
    let port = start(&[
        ("127.0.2.1", turns("mx.good.test", 2030)),
        ("127.0.2.2", Behaviour::Clear),
        ("127.0.2.3", Behaviour::Refuses),
        ("127.0.2.4", Behaviour::Away),
        ("127.0.2.5", Behaviour::Other),
        ("127.0.2.6", turns("mx.expired.test", 2025)),
        ("127.0.2.7", turns("somebody.else.test", 2030)),
        ("127.0.2.8", Behaviour::Turns(Authority::new().certify(&["mx.untrusted.test"], 2030).acceptor())),
        ("127.0.2.9", Behaviour::TurnsTo(old.address)),
        ("127.0.2.10", Behaviour::Silent),
        ("127.0.2.11", Behaviour::TurnsTo(oldest.address)),
        ("127.0.2.12", Behaviour::Breaks),
        ("127.0.2.13", counts),
    ])
    .await;
    let mut context = context(&names, &authority);
    context.smtp_port = port;
    Rig { context, _names: names, visitors, _old: [old, oldest] }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_each_server_shows_is_told() {
    let rig = rig().await;
    // Domain, then answers, starttls, newest and oldest version, trust, name, problems of its first server.
    let cases = [
        ("good", "true true 1.3 1.2 trusted true", "private_address"),
        (
            "clear",
            "true false unknown: no_starttls unknown: no_starttls unknown: no_starttls unknown: no_starttls",
            "no_starttls private_address",
        ),
        (
            "refuses",
            "true false unknown: refused_starttls unknown: refused_starttls unknown: refused_starttls unknown: refused_starttls",
            "private_address refused_starttls",
        ),
        (
            "away",
            "true unknown: refused_starttls unknown: refused_starttls unknown: refused_starttls unknown: refused_starttls unknown: refused_starttls",
            "private_address refused_starttls",
        ),
        (
            "other",
            "false unknown: not_the_protocol unknown: not_the_protocol unknown: not_the_protocol unknown: not_the_protocol unknown: not_the_protocol",
            "no_answer private_address",
        ),
        ("expired", "true true 1.3 1.2 expired true", "certificate_expired private_address"),
        ("foreign", "true true 1.3 1.2 trusted false", "certificate_name private_address"),
        ("untrusted", "true true 1.3 1.2 untrusted_root true", "certificate_untrusted private_address"),
        ("old", "true true 1.3 1.0 trusted true", "old_tls private_address"),
        ("oldest", "true true 1.0 1.0 trusted true", "old_tls private_address"),
        (
            "broken",
            "true false unknown: closed unknown: closed unknown: closed unknown: closed",
            "handshake_failed private_address",
        ),
        (
            "closed",
            "false unknown: closed unknown: closed unknown: closed unknown: closed unknown: closed",
            "no_answer private_address",
        ),
        ("second", "true true 1.3 1.2 trusted false", "certificate_name private_address"),
    ];
    for (domain, expected, problems) in cases {
        let seen = look(&format!("{domain}.test"), &rig.context).await;
        let facts = ["answers", "starttls", "tls_version", "oldest_tls_version", "trust", "name_matches"]
            .map(|field| fact(&seen, &format!("mx[0].{field}")));
        assert_eq!(facts.join(" "), expected, "{domain}");
        assert_eq!(fact(&seen, "mx[0].problems"), problems, "{domain}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_name_of_a_server_is_told() {
    let rig = rig().await;
    for (domain, exchange, problems) in [
        ("literal", "127.0.2.1", "is_address"),
        ("gone", "mx.gone.test", "unresolvable"),
        ("empty", "mx.empty.test", "no_address"),
        ("alias", "mx.alias.test", "certificate_name is_alias private_address"),
        ("bad", "mx_.bad.test", "no_starttls not_a_host_name private_address"),
        ("null", ".", ""),
        ("mixed", ".", "mixed_null"),
    ] {
        let seen = look(&format!("{domain}.test"), &rig.context).await;
        assert_eq!(fact(&seen, "mx[0].exchange"), exchange, "{domain}");
        assert_eq!(fact(&seen, "mx[0].problems"), problems, "{domain}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_label_is_told_even_where_nobody_knows_it() {
    let rig = rig().await;
    let seen = look("label.test", &rig.context).await;
    assert!(fact(&seen, "mx[0].problems").split(' ').any(|word| word == "single_label"));
}

#[tokio::test(flavor = "multi_thread")]
async fn null_and_implicit_servers_are_told_apart() {
    let rig = rig().await;
    for (domain, null, implicit) in [
        ("good", "false", "false"),
        ("null", "true", "false"),
        ("mixed", "false", "false"),
        ("implicit", "false", "true"),
        ("nothing", "false", "false"),
        ("absent", "false", "false"),
    ] {
        let seen = look(&format!("{domain}.test"), &rig.context).await;
        assert_eq!(
            (fact(&seen, "null_mx"), fact(&seen, "implicit_mx")),
            (null.to_owned(), implicit.to_owned()),
            "{domain}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_stand_by_preference_with_their_reverse_names() {
    let rig = rig().await;
    let seen = look("two.test", &rig.context).await;
    assert_eq!(fact(&seen, "mx[0].exchange"), "mx.good.test");
    assert_eq!(fact(&seen, "mx[1].exchange"), "mx.clear.test");
    assert_eq!(fact(&seen, "mx[0].not_after"), "2030-12-31T00:00:00Z");
    let pointers = [0, 1].map(|position| {
        ["host", "address", "names", "confirmed"]
            .map(|field| fact(&seen, &format!("ptr[{position}].{field}")))
            .join(" ")
    });
    assert_eq!(pointers, ["mx.clear.test 127.0.2.2 mx.good.test false", "mx.good.test 127.0.2.1 mx.good.test true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_unknown_and_ends_within_the_deadline() {
    let rig = rig().await;
    // Its policy is to be fetched from a silent server too.
    let https_port = rig.context.smtp_port;
    let context = ProbeContext { deadline: Duration::from_secs(2), https_port, ..rig.context.clone() };
    let began = Instant::now();
    let seen = look("silent.test", &context).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    for (path, expected) in [
        ("mx[0].answers", "unknown: timeout"),
        ("mx[0].problems", "private_address"),
        ("mta_sts.record", "true"),
        ("mta_sts.verdict", "unknown: timeout"),
        ("spf.all", "-"),
        ("dane[0].verdict", "none"),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_this_host_is_no_mistake_in_a_tree_of_names_on_this_host() {
    let authority = Authority::new();
    let records = "here MX 10 mx.here\nmx.here A 127.0.2.100\naway MX 10 mx.away\nmx.away A 240.0.0.1\n";
    let names = Names::signed("", records);
    // Nothing listens there, and root hints are not handed in: the resolver alone tells where the root stands.
    let context = ProbeContext { smtp_port: 1, ..context(&names, &authority) };
    let here = look("here.plain", &context).await;
    assert_eq!(fact(&here, "mx[0].problems"), "no_answer");
    let away = look("away.plain", &context).await;
    assert_eq!(fact(&away, "mx[0].problems"), "private_address");
    assert_eq!(fact(&away, "mx[0].answers"), "unknown: not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_connected_to_in_networks_that_a_strangers_records_name() {
    let authority = Authority::new();
    let mut records = String::new();
    let addresses = ["10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "224.0.0.1"];
    for (position, address) in addresses.into_iter().enumerate() {
        records.push_str(&format!(
            "d{position} MX 10 mx.d{position}\nmx.d{position} A {address}\n\
             _mta-sts.d{position} TXT \"v=STSv1; id=1;\"\nmta-sts.d{position} A {address}\n"
        ));
    }
    let names = Names::start(&records, "");
    let context = context(&names, &authority);
    for (position, address) in addresses.into_iter().enumerate() {
        let seen = look(&format!("d{position}.test"), &context).await;
        let facts = ["mx[0].answers", "mx[0].problems", "mta_sts.verdict"].map(|path| fact(&seen, path));
        assert_eq!(facts, ["unknown: not_allowed", "private_address", "unknown: not_allowed"], "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_two_domains_is_asked_once_and_three_times_at_most() {
    let rig = rig().await;
    for domain in ["one.test", "another.test", "one.test"] {
        let seen = look(domain, &rig.context).await;
        assert_eq!(fact(&seen, "mx[0].oldest_tls_version"), "1.2", "{domain}");
    }
    assert_eq!(rig.visitors.load(Ordering::Relaxed), 3);
}
