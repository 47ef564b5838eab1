use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::fact::Unknown;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{CheckId, EvidenceLabel, Reason};

use super::*;
use crate::packs::PackSources;

pub(super) fn packs() -> PackSet {
    let publishers = std::path::Path::new("/nonexistent");
    let sources = PackSources { folder: None, publishers, state: None, wanted: &[] };
    PackSet::load(&sources, &vedetta_probes::catalogue(), at())
}

pub(super) fn at() -> Timestamp {
    "2026-11-21T22:00:00Z".parse().unwrap()
}

/// The pack that holds a check.
pub(super) fn pack_of(packs: &PackSet, check: &CheckId) -> vedetta_checks::result::PackDigest {
    let has = |ready: &&crate::packs::ReadyPack| ready.compiled.check(check).is_some();
    packs.packs.iter().find(has).expect("a shipped check").compiled.pack().digest
}

fn result(packs: &PackSet, check: &str, target: &str, verdict: Verdict) -> CheckResult {
    let check = CheckId::parse(check).unwrap();
    let mut evidence = Evidence::empty();
    evidence.push(EvidenceLabel::from_static("names"), EvidenceValue::list(["<b>", "c"].into_iter()));
    let hidden = Unknown::new(Reason::NEEDS_PRIVILEGE, "/etc/shadow");
    evidence.push(EvidenceLabel::from_static("hidden"), EvidenceValue::Unknown(hidden));
    CheckResult {
        pack: pack_of(packs, &check),
        check,
        asset: AssetReference::OwnHost,
        target: target.parse().unwrap(),
        vantage: Vantage::Inside,
        verdict,
        clause: None,
        evidence,
        observed_at: at(),
    }
}

/// Results in four categories, so that there is a total; all pass but those that a test changes.
fn results(packs: &PackSet) -> Vec<CheckResult> {
    let hidden = Unknown::new(Reason::NEEDS_PRIVILEGE, "/etc/shadow: permission denied");
    vec![
        result(packs, "patch.security.pending", "host", Verdict::Fail),
        result(packs, "patch.lists.fresh", "host", Verdict::Pass),
        result(packs, "services.database.closed", "host", Verdict::Pass),
        result(packs, "host.disk.space", "host", Verdict::Warn),
        result(packs, "host.accounts.empty_password", "host", Verdict::NotTested(hidden)),
        result(packs, "dns.caa.present", "dns:example.it", Verdict::Pass),
    ]
}

fn report<'a>(packs: &'a PackSet, results: &'a [CheckResult], language: Language) -> Report<'a> {
    Report {
        host_name: "pc",
        packs,
        results,
        is_workstation: false,
        is_root: false,
        unassigned: Vec::new(),
        at: at(),
        language,
    }
}

fn rendered(format: Format, language: Language) -> String {
    let packs = packs();
    let results = results(&packs);
    let targets = vec![(
        AssetReference::OwnHost,
        crate::targets::AllowedTarget::typed_by_a_person(Target::Host),
        Vantage::Inside,
    )];
    let unassigned = crate::engine::unassigned(&packs, &targets, crate::engine::PlanFilter::default());
    let report = Report {
        host_name: "srv<1>",
        packs: &packs,
        results: &results,
        is_workstation: false,
        is_root: false,
        unassigned,
        at: at(),
        language,
    };
    render(&report, format).unwrap()
}

#[test]
fn who_looked_as_root_is_not_told_to_look_as_root() {
    let packs = packs();
    let results = results(&packs);
    for (is_root, expected) in [(false, 1), (true, 0)] {
        let outline = Outline::of(&Report { is_root, ..report(&packs, &results, Language::It) });
        assert_eq!((outline.needs_privilege.len(), outline.not_seen.len()), (expected, 1));
    }
}

#[test]
fn the_json_contract_has_every_field_and_an_unknown_is_null_with_its_reason() {
    let json: serde_json::Value = serde_json::from_str(&rendered(Format::Json, Language::It)).unwrap();
    for field in ["schema", "host", "at", "packs", "results", "unassigned", "posture", "coverage"] {
        assert!(json.get(field).is_some(), "{field}");
    }
    let result = &json["results"][4];
    assert_eq!((result["verdict"].as_str(), result["reason"].as_str()), (Some("not_tested"), Some("needs_privilege")));
    assert_eq!(
        (&result["evidence"]["hidden"], result["observed_at"].as_str()),
        (&serde_json::Value::Null, Some("2026-11-21T22:00:00Z"))
    );
    assert_eq!(result["unknown"]["hidden"]["reason"], "needs_privilege");
    assert_eq!(result["evidence"]["names"]["total"], 2);
}

#[test]
fn the_total_of_a_report_is_that_of_the_rules_worked_by_hand() {
    let json: serde_json::Value = serde_json::from_str(&rendered(Format::Json, Language::It)).unwrap();
    let inside = &json["posture"]["inside"];
    let points = |category: &str| {
        let all = inside["categories"].as_array().unwrap();
        all.iter().find(|own| own["category"] == category).unwrap()["points"].as_f64()
    };
    assert_eq!((points("services"), points("dns"), points("host")), (Some(100.0), Some(100.0), Some(50.0)));
    let patch = points("patch").unwrap();
    let mean = (100.0 + 100.0 + 50.0 + patch) / 4.0;
    assert!((inside["total"].as_f64().unwrap() - mean).abs() < 0.006, "{inside}");
    assert_eq!(json["coverage"]["inside"]["share"], 83.33);
}

#[test]
fn what_each_owner_mends_is_scored_apart_and_the_total_stays() {
    let packs = packs();
    let mut results = results(&packs);
    results.push(result(&packs, "dns.name_servers.redundant", "dns:example.it", Verdict::Fail));
    let report = |results| Report { host_name: "srv", ..report(&packs, results, Language::It) };
    let json = report_to_json(&report(&results));
    let inside = &json["posture"]["inside"];
    let points = |category: &str| {
        let all = inside["categories"].as_array().unwrap();
        all.iter().find(|own| own["category"] == category).unwrap()["points"].as_f64().unwrap()
    };
    let near = |value: &serde_json::Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 0.006;
    let own = (points("patch") + points("services") + points("host")) / 3.0;
    assert!(near(&inside["owners"]["comune"], own), "{inside}");
    assert!(near(&inside["owners"]["supplier"], points("dns")), "{inside}");
    assert!(near(&inside["total"], (3.0 * own + points("dns")) / 4.0), "{inside}");
    assert_eq!(inside["suppliers"], serde_json::Value::Null);
    assert_eq!(json["posture"]["outside"]["owners"]["supplier"], serde_json::Value::Null);
}

#[test]
fn who_mends_a_finding_is_told_where_a_supplier_mends_one() {
    let packs = packs();
    let own = results(&packs);
    let mut results = own.clone();
    results.push(result(&packs, "dns.name_servers.redundant", "dns:example.it", Verdict::Fail));
    let report = |results| Report { host_name: "srv", ..report(&packs, results, Language::It) };
    let own = render(&report(&own[..5]), Format::Table).unwrap();
    assert!(!own.contains("fornitore"), "{own}");
    let json = report_to_json(&report(&results));
    assert_eq!((&json["results"][0]["owner"], &json["results"][6]["owner"]), (&"comune".into(), &"supplier".into()));
    let fixes = json["posture"]["inside"]["fixes"].as_array().unwrap();
    let fix = |check: &str| fixes.iter().find(|fix| fix["check"] == check).unwrap()["owner"].clone();
    assert_eq!(
        (fix("patch.security.pending"), fix("dns.name_servers.redundant")),
        ("comune".into(), "supplier".into())
    );
    let table = render(&report(&results), Format::Table).unwrap();
    let page = render(&report(&results), Format::Html).unwrap();
    assert!(table.contains("Di cui: quello che corregge il Comune "), "{table}");
    assert!(table.contains(", per il fornitore] dns:example.it") && table.contains(", per il Comune] "), "{table}");
    assert!(page.contains("quello che corregge il fornitore ") && page.contains(", per il fornitore</td>"), "{page}");
}

#[test]
fn the_table_says_first_what_to_do_and_which_checks_need_more_rights() {
    let text = rendered(Format::Table, Language::It);
    let place = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} is missing in\n{text}"));
    assert!(place("Postura:") < place("DA FARE PER PRIMI"));
    assert!(place("DA FARE PER PRIMI") < place("NON A POSTO: 1"));
    // What is wrong is the headline; what is expected stands beneath it.
    let wanted = "Obiettivo: Gli aggiornamenti";
    let first = text.lines().find(|line| line.starts_with("1. ")).unwrap();
    assert!(!first.contains("Gli aggiornamenti di sicurezza sono installati"), "{first}");
    assert!(place("1. ") < place(wanted) && place(wanted) < place("Perché:"));
    assert!(place("Come rimediare:") < place("Guadagno:"));
    assert!(place("Guadagno: +") < place("NON A POSTO: 1"));
    place("come amministratore (sudo):\n  host.accounts.empty_password");
    assert!(text.lines().all(|line| line.chars().count() <= texts::COLUMNS), "{text}");
}

#[test]
fn every_reader_gets_one_language_only() {
    let english = rendered(Format::Table, Language::En);
    for italian in ["Obiettivo", "Perché", "NON ", "Copertura"] {
        assert!(!english.contains(italian), "{italian}:\n{english}");
    }
}

#[test]
fn the_page_stands_alone_and_escapes_what_was_seen() {
    let page = rendered(Format::Html, Language::It);
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("lang=\"it\""));
    assert!(page.contains("srv&#60;1&#62;") && !page.contains("srv<1>"), "{page}");
    for fetched in ["<script", "<img", "<link", "url(", "@import"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
}

/// A site with a weak protocol, a certificate near its end, a warning on DNS and an attack that was not tried.
fn of_a_site(language: Language) -> (String, String) {
    let packs = packs();
    let target = "tls://www.example.it:443";
    let own = |check: &str, verdict: Verdict, clause: Option<&str>, facts: &[(&'static str, &str)]| {
        let pack = packs.packs.iter().find(|pack| pack.compiled.check(&CheckId::parse(check).unwrap()).is_some());
        let mut evidence = Evidence::empty();
        for (label, text) in facts {
            evidence.push(EvidenceLabel::from_static(label), EvidenceValue::text(text));
        }
        CheckResult {
            pack: pack.unwrap().compiled.pack().digest,
            clause: clause.map(|word| vedetta_checks::word::ClauseId::parse(word).unwrap()),
            evidence,
            ..result(&packs, check, target, verdict)
        }
    };
    let versions = [("server_name", "www.example.it"), ("versions", "TLS 1.0 TLS 1.2")];
    let profile = [("address", "192.0.2.1:443"), ("profile", "agid-2020 [2020-11-05]")];
    let results = vec![
        own("tls.protocol.extended_master_secret", Verdict::Warn, Some("not_bound"), &versions),
        own("tls.version.outdated", Verdict::Fail, Some("outdated"), &versions),
        own("tls.version.ssl", Verdict::Fail, Some("sslv3"), &versions),
        own("tls.policy.profile", Verdict::Pass, None, &profile),
        own("tls.flaw.robot", Verdict::NotTested(Unknown::new(Reason::NEEDS_ACTIVE, "")), None, &[]),
        result(&packs, "patch.security.pending", "host", Verdict::Fail),
    ];
    let of = |results| Report { host_name: "pc-ced", ..report(&packs, results, language) };
    (letter(&of(&results)), render(&of(&results[..5]), Format::Table).unwrap())
}

/// Where lines are broken is tested apart.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_letter_tells_the_supplier_what_was_seen_what_to_do_and_how_to_verify() {
    let (letter, _) = of_a_site(Language::It);
    let flat = one_line(&letter);
    let mut rest = flat.as_str();
    for part in [
        "Oggetto: richiesta di correzioni di sicurezza per www.example.it",
        "Spett.le [nome del fornitore],",
        "[Comune di ...]",
        "Bersaglio:  tls://www.example.it:443",
        "Indirizzo:  192.0.2.1:443",
        "Quando:     21/11/2026 23:00 (ora italiana)",
        "Da dove:    dal computer pc-ced",
        "vedetta-agent ",
        "agid-2020 [2020-11-05]",
        "1. www.example.it accetta ancora SSL 3.0, vietato dal 2015 [gravità alta]",
        "Obiettivo: Il servizio non accetta SSL",
        "Visto: Versioni accettate: TLS 1.0 TLS 1.2.",
        "Perché conta:",
        "Che cosa fare:",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "nmap --script ssl-enum-ciphers -p 443 www.example.it",
        "2. www.example.it accetta ancora versioni superate",
        "3. www.example.it non lega la chiave alla connessione (RFC 7627) [da migliorare]",
        "Non è stato possibile guardare",
        "serve un permesso registrato per prove attive",
        "Come verificare la correzione",
        "vedetta-agent check --category tls --target 'tls://www.example.it:443'",
        "openssl s_client -connect www.example.it:443 -servername www.example.it",
        "entro il [data]",
        "Cordiali saluti",
        "[nome e cognome]",
    ] {
        let at =
            rest.find(&one_line(part)).unwrap_or_else(|| panic!("{part} is missing or comes earlier in\n{letter}"));
        rest = &rest[at..];
    }
}

#[test]
fn the_letter_is_plain_text_in_short_lines_and_leaves_the_host_out() {
    for language in [Language::It, Language::En] {
        let (letter, _) = of_a_site(language);
        // A command stands on a line of its own, four or ten columns in, however long it is.
        let is_command = |line: &&str| [4, 10].contains(&(line.len() - line.trim_start().len()));
        for line in letter.lines().filter(|line| !is_command(line) && line.split_whitespace().count() > 2) {
            assert!(line.chars().count() <= letter::COLUMNS, "{line}");
        }
        assert!(!letter.contains('`') && !letter.contains("patch."), "{letter}");
        assert!(!letter.contains("NOME:PORTA") && !letter.contains("NAME:PORT"), "{letter}");
    }
    let (english, _) = of_a_site(Language::En);
    for italian in ["Oggetto", "Perché", "Che cosa", "Visto", "gravità"] {
        assert!(!english.contains(italian), "{italian}:\n{english}");
    }
}

#[test]
fn a_letter_without_a_problem_asks_for_nothing() {
    let packs = packs();
    let results = vec![result(&packs, "dns.caa.present", "dns:example.it", Verdict::Pass)];
    let language = Language::It;
    let report = report(&packs, &results, language);
    assert_eq!(letter(&report), "Non c'è nulla da chiedere al fornitore.\n");
}

#[test]
fn the_table_of_one_target_names_it_once_and_offers_the_letter() {
    let (_, table) = of_a_site(Language::It);
    assert!(table.starts_with("Vedetta: controllo di tls://www.example.it:443, visto da pc-ced"), "{table}");
    assert!(!table.contains("tls://www.example.it:443: "), "{table}");
    assert!(table.contains("(categorie misurate: 1); cifratura "), "{table}");
    assert!(table.contains("vedetta-agent check --letter --target 'tls://www.example.it:443'"), "{table}");
}

#[test]
fn a_command_of_the_letter_stands_whole_on_a_line_of_its_own() {
    let (letter, _) = of_a_site(Language::It);
    for command in [
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "sudo nginx -t && sudo systemctl reload nginx",
        "sudo postconf -e 'smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1' 'smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1'",
        "nmap --script ssl-enum-ciphers -p 443 www.example.it",
    ] {
        assert!(letter.contains(&format!("\n          {command}\n")), "{command} is broken in\n{letter}");
    }
}

#[test]
fn only_steps_for_the_comune_speak_of_the_supplier_where_a_letter_is_written() {
    let mut for_the_comune = 0;
    for pack in packs().packs.iter().filter(|pack| ["tls", "web"].contains(&pack.compiled.pack().id.as_str())) {
        for check in pack.compiled.checks().iter().map(|compiled| compiled.check()) {
            for (language, word) in [(Language::It, "fornitore"), (Language::En, "supplier")] {
                for step in check.fix.get(language).lines().filter(|step| step.to_lowercase().contains(word)) {
                    let text = step.split_once(". ").map_or(step, |(_, text)| text);
                    let is_marked = step::FOR_THE_COMUNE.iter().any(|mark| text.starts_with(mark));
                    assert!(is_marked, "{}: {step}", check.id);
                    for_the_comune += 1;
                }
            }
        }
    }
    assert!(for_the_comune > 0, "the marks are not those of the packs");
}

/// A check with twenty suites on one target, as a letter and as a table.
fn of_twenty_suites() -> (String, String) {
    let packs = packs();
    let check = "tls.cipher.broken";
    let pack = packs.packs.iter().find(|pack| pack.compiled.check(&CheckId::parse(check).unwrap()).is_some());
    let names: Vec<String> = (0..20).map(|number| format!("TLS_RSA_WITH_NULL_{number:04}")).collect();
    let mut evidence = Evidence::empty();
    evidence.push(EvidenceLabel::from_static("server_name"), EvidenceValue::text("www.example.it"));
    evidence.push(EvidenceLabel::from_static("suites"), EvidenceValue::list(names.iter().map(String::as_str)));
    let results = vec![CheckResult {
        pack: pack.unwrap().compiled.pack().digest,
        clause: Some(vedetta_checks::word::ClauseId::parse("no_encryption").unwrap()),
        evidence,
        ..result(&packs, check, "tls://www.example.it:443", Verdict::Fail)
    }];
    let language = Language::It;
    let report = report(&packs, &results, language);
    (letter(&report), render(&report, Format::Table).unwrap())
}

#[test]
fn a_long_list_is_short_in_the_table_and_whole_in_the_letter() {
    let (letter, table) = of_twenty_suites();
    assert!(one_line(&table).contains("TLS_RSA_WITH_NULL_0002 e altri 17."), "{table}");
    assert!(!table.contains("TLS_RSA_WITH_NULL_0003"), "{table}");
    for number in 0..20 {
        assert!(letter.contains(&format!("\n          TLS_RSA_WITH_NULL_{number:04}\n")), "{number}:\n{letter}");
    }
}

#[test]
fn a_cap_is_told_in_words() {
    let packs = packs();
    let target = "tls://www.example.it:443";
    let pack = packs.packs.iter().find(|pack| pack.compiled.pack().id.as_str() == "tls").unwrap();
    let own = |check: &str, verdict: Verdict| CheckResult {
        pack: pack.compiled.pack().digest,
        ..result(&packs, check, target, verdict)
    };
    let results = vec![own("tls.certificate.trusted", Verdict::Fail), own("tls.version.ssl", Verdict::Pass)];
    let language = Language::It;
    let report = report(&packs, &results, language);
    let table = one_line(&render(&report, Format::Table).unwrap());
    assert!(table.contains("tetto: i browser non si fidano di un certificato in uso;"), "{table}");
    assert!(!table.contains("certificate_untrusted"), "{table}");
}

#[test]
fn what_is_only_counted_on_a_workstation_is_shown_and_has_no_part_in_the_score() {
    let packs = packs();
    let results = vec![
        result(&packs, "software.product.supported", "host", Verdict::Fail),
        result(&packs, "patch.security.pending", "host", Verdict::Pass),
    ];
    let asked = |is_workstation| {
        let json = report_to_json(&Report { is_workstation, ..report(&packs, &results, Language::It) });
        assert_eq!(json["results"][0]["verdict"], "fail");
        json["coverage"]["inside"]["asked"].as_u64().unwrap()
    };
    assert_eq!((asked(false), asked(true)), (2, 1));
}
