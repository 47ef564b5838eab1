//! The letter to a supplier, and what the table of one target says beside it.

use super::*;

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
            assert!(line.chars().count() <= super::super::letter::COLUMNS, "{line}");
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
