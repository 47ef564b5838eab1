//! Records and policies of MTA-STS.

use crate::authority::Authority;
use crate::fact::fact;
use crate::mail::{Behaviour, start};
use crate::names::Names;
use crate::web::{self, Answer};
use crate::{context, look};

const GOOD: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx.test\r\nmax_age: 1209600\r\n";

/// Domain, its record, what its host answers; then verdict and problems.
fn cases() -> Vec<(&'static str, &'static str, Option<Answer>, &'static str, &'static str)> {
    let record = "\"v=STSv1; id=1;\"";
    let policy = |from: &str, to: &str| Some(Answer::policy(&GOOD.replace(from, to)));
    let head = |head: &'static str| Some(Answer { head, body: GOOD.to_owned() });
    vec![
        ("good", record, policy("", ""), "ok", ""),
        ("feed", record, policy("\r", ""), "ok", ""),
        ("testing", record, policy("enforce", "testing"), "weak", "testing"),
        ("none", record, policy("enforce", "none"), "weak", "mode_none"),
        ("short", record, policy("1209600", "86400"), "weak", "short_max_age"),
        ("unlisted", record, policy("mx.test", "*.mx.test"), "invalid", "exchange_not_listed"),
        (
            "trial",
            record,
            policy("enforce\r\nmx: mx.test", "testing\r\nmx: a.test"),
            "weak",
            "testing exchange_not_listed",
        ),
        ("broken", record, policy("enforce", "sure"), "invalid", "policy_syntax"),
        ("html", record, head("HTTP/1.1 200 OK\r\nContent-Type: text/html"), "invalid", "wrong_type"),
        (
            "moved",
            record,
            head("HTTP/1.1 301 Moved\r\nLocation: https://www.test/\r\nContent-Type: text/plain"),
            "invalid",
            "redirected",
        ),
        ("missing", record, None, "invalid", "no_policy"),
        ("syntax", "\"v=STSv1; id=a-b;\"", policy("", ""), "invalid", "syntax"),
        (
            "several",
            "\"v=STSv1; id=1;\"\n_mta-sts.several TXT \"v=STSv1; id=2;\"",
            policy("", ""),
            "invalid",
            "several_records",
        ),
        ("silent", "\"v=spf1 -all\"", policy("", ""), "none", "no_record"),
        ("split", "\"v=STS\" \"v1; id=1;\"", policy("", ""), "ok", ""),
        ("bad", record, policy("", ""), "invalid", "certificate_invalid"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_and_policy_comes_to_its_verdict() {
    let authority = Authority::new();
    let mut records = "mx A 127.0.3.1\n".to_owned();
    for (domain, record, ..) in cases() {
        records.push_str(&format!("{domain} MX 10 mx\n_mta-sts.{domain} TXT {record}\nmta-sts.{domain} A 127.0.0.1\n"));
    }
    let names = Names::start(&records, "");
    let own: Vec<String> =
        cases().iter().filter(|case| case.0 != "bad").map(|case| format!("mta-sts.{}.test", case.0)).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let hosts: Vec<String> = cases().iter().map(|case| format!("{}.test", case.0)).collect();
    let answers = hosts.iter().zip(cases()).filter_map(|(host, case)| Some((host.as_str(), case.2?)));
    let port = web::start(&authority.certify(&own, 2030), answers.collect()).await;
    let mut context = context(&names, &authority);
    context.https_port = port;
    context.smtp_port = start(&[("127.0.3.1", Behaviour::Clear)]).await;
    for (domain, _, _, verdict, problems) in cases() {
        let seen = look(&format!("{domain}.test"), &context).await;
        let count = problems.split_whitespace().count();
        let words: Vec<String> =
            (0..count).map(|position| fact(&seen, &format!("mta_sts.problems[{position}].problem"))).collect();
        assert_eq!(
            (fact(&seen, "mta_sts.verdict"), words.join(" ")),
            (verdict.to_owned(), problems.to_owned()),
            "{domain}"
        );
        let all = fact(&seen, "mta_sts.problems");
        assert_eq!(all.matches("a record").count(), count, "{domain}: {all}");
    }
    let seen = look("good.test", &context).await;
    let facts = ["mode", "max_age", "mx", "record"].map(|field| fact(&seen, &format!("mta_sts.{field}")));
    assert_eq!(facts, ["enforce", "1209600", "mx.test", "true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_whose_host_is_not_there_is_none_that_counts() {
    let authority = Authority::new();
    let names = Names::start(
        "nowhere TXT here\n_mta-sts.nowhere TXT \"v=STSv1; id=1;\"\nclosed TXT here\n\
         _mta-sts.closed TXT \"v=STSv1; id=1;\"\nmta-sts.closed A 127.0.3.9\nnothing TXT here\n",
        "",
    );
    let mut context = context(&names, &authority);
    context.https_port = 1;
    for (domain, verdict, record) in
        [("nowhere", "invalid", "true"), ("closed", "invalid", "true"), ("nothing", "none", "false")]
    {
        let seen = look(&format!("{domain}.test"), &context).await;
        let facts = ["verdict", "record", "mode"].map(|field| fact(&seen, &format!("mta_sts.{field}")));
        assert_eq!(facts, [verdict, record, ""], "{domain}");
    }
}
