//! Every shipped pack is clean against the probes that the program really has.

use vedetta_checks::lint::lint;
use vedetta_checks::pack::ParamRange;
use vedetta_checks::packs::embedded;

#[test]
fn every_shipped_pack_is_clean() {
    let catalogue = vedetta_probes::catalogue();
    let packs = embedded();
    assert!(!packs.is_empty(), "no pack is shipped");
    for (folder, files) in packs {
        let problems: Vec<String> =
            lint(&files, &catalogue).iter().map(|problem| format!("{folder}/{problem}")).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

#[test]
fn the_check_on_policies_offers_exactly_the_policies_that_the_probe_knows() {
    let packs = vedetta_checks::packs::trusted().unwrap();
    let checks = packs.iter().flat_map(|pack| &pack.pack().checks);
    let params = checks.filter(|check| check.id.as_str() == "tls.policy.profile").flat_map(|check| &check.params);
    let offered: Vec<Vec<String>> = params
        .map(|param| match &param.range {
            ParamRange::Text { one_of, .. } => one_of.clone(),
            other @ (ParamRange::Int { .. } | ParamRange::Bool { .. }) => panic!("{other:?}"),
        })
        .collect();
    let known = vedetta_probes::tls::policy::profiles();
    assert_eq!(offered, [known.iter().map(|profile| profile.id.to_owned()).collect::<Vec<_>>()]);
}

/// Words that no rule reads, because it reads the fact from which they come.
const TOLD_BY_A_FACT: [&str; 36] = [
    // name_servers: their number, and what each address answers.
    "single_server",
    "not_served",
    "no_tcp",
    "no_edns",
    "open_recursion",
    "open_transfer",
    // ds and dnssec.keys.
    "no_ds",
    // mx: addresses, answers, starttls, versions, certificate.
    "no_address",
    "unresolvable",
    "no_answer",
    "no_starttls",
    "refused_starttls",
    "old_tls",
    "certificate_untrusted",
    "certificate_expired",
    "certificate_name",
    // spf.all, and a verdict that is unknown.
    "neutral_all",
    "no_all",
    "lookup_failed",
    // The verdict, policy and trial of one selector or record.
    "missing",
    "revoked",
    "short_key",
    "policy_none",
    "testing",
    "no_reports",
    "mode_none",
    // The verdict of one mail server's pins.
    "mismatch",
    "insecure",
    "unusable",
    "bogus",
    "pkix_usage",
    "chain_invalid",
    // The verdict of a record that need not be there.
    "syntax",
    "several_records",
    "not_https",
    "no_certificate",
];

#[test]
fn every_defect_that_a_look_at_names_or_mail_can_tell_is_judged_by_a_rule() {
    use vedetta_probes::{dns, mail};
    let packs = vedetta_checks::packs::trusted().unwrap();
    let rules = |pack: &str| -> String {
        let own = packs.iter().map(|one| one.pack()).filter(|one| one.id.as_str() == pack);
        let clauses = own.flat_map(|one| &one.checks).flat_map(|check| &check.clauses);
        clauses.map(|clause| format!("{} ", clause.when.text)).collect()
    };
    let mut of_dns: Vec<&str> = dns::ServerProblem::ALL.iter().map(|problem| problem.word()).collect();
    of_dns.extend(dns::DelegationProblem::ALL.iter().map(|problem| problem.word()));
    of_dns.extend(dns::ZoneProblem::ALL.iter().map(|problem| problem.word()));
    of_dns.extend(dns::DnssecProblem::ALL.iter().map(|problem| problem.word()));
    let mut of_mail: Vec<&str> = mail::exchangers::ExchangerProblem::ALL.iter().map(|problem| problem.word()).collect();
    of_mail.extend(mail::spf::SpfProblem::ALL.iter().map(|problem| problem.word()));
    of_mail.extend(mail::dkim::Problem::ALL.iter().map(|problem| problem.word()));
    of_mail.extend(mail::dmarc::Problem::ALL.iter().map(|problem| problem.word()));
    of_mail.extend(mail::mta_sts::MtaStsProblem::ALL.iter().map(|problem| problem.word()));
    of_mail.extend(mail::dane::DaneProblem::ALL.iter().map(|problem| problem.word()));
    for (pack, words) in [("dns", of_dns), ("mail", of_mail)] {
        let rules = rules(pack);
        let is_judged = |word: &&str| TOLD_BY_A_FACT.contains(word) || rules.contains(&format!("'{word}'"));
        let ignored: Vec<&str> = words.into_iter().filter(|word| !is_judged(word)).collect();
        assert!(ignored.is_empty(), "no rule of the pack {pack} reads {ignored:?}");
    }
}

/// Words that rules compare with a field, as `v.name == 'redis'` or `v.name in ['ftp', 'tftp']`.
fn compared_with(rules: &str, field: &str) -> Vec<String> {
    let quoted = |text: &str| -> Vec<String> { text.split('\'').skip(1).step_by(2).map(str::to_owned).collect() };
    let mut words = Vec::new();
    for (at, _) in rules.match_indices(field) {
        let rest = rules.get(at + field.len()..).unwrap_or_default();
        if let Some(list) = rest.strip_prefix(" in [").and_then(|list| list.split(']').next()) {
            words.extend(quoted(list));
        } else if let Some(word) = rest.strip_prefix(" == '").or_else(|| rest.strip_prefix(" != '")) {
            words.extend(word.split('\'').next().map(str::to_owned));
        }
    }
    words
}

#[test]
fn rules_on_services_name_only_services_and_kinds_that_the_probe_knows() {
    let table = include_str!("../src/services/services.csv");
    let rows = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    let (names, kinds): (Vec<&str>, Vec<&str>) = rows
        .filter_map(|row| {
            let mut cells = row.split(',');
            Some((cells.next()?, cells.next()?))
        })
        .unzip();
    let packs = vedetta_checks::packs::trusted().unwrap();
    let checks = packs.iter().flat_map(|pack| &pack.pack().checks);
    let of_services = checks.filter(|check| check.probe.as_str() == "services");
    let rules: String = of_services.flat_map(|check| &check.clauses).map(|clause| clause.when.text.clone()).collect();
    for (fields, known) in [([".name", ".service"], names), ([".kind", ".kind"], kinds)] {
        let words: Vec<String> = fields.iter().flat_map(|field| compared_with(&rules, field)).collect();
        assert!(words.len() > 5, "{fields:?}: {words:?}");
        let strange: Vec<_> = words.iter().filter(|word| *word != "other" && !known.contains(&word.as_str())).collect();
        assert!(strange.is_empty(), "the probe knows no {strange:?}");
    }
}

#[test]
fn every_reason_why_updates_cannot_be_known_has_a_sentence_of_its_own() {
    let packs = vedetta_checks::packs::trusted().unwrap();
    let checks = packs.iter().flat_map(|pack| &pack.pack().checks);
    let clauses = checks.filter(|check| check.id.as_str() == "patch.answer.known").flat_map(|check| &check.clauses);
    let rules: String = clauses.map(|clause| format!("{} ", clause.when.text)).collect();
    let told = compared_with(&rules, "reason");
    for reason in ["no_lists", "stale_lists", "no_security_source", "pinned_out", "broken_packages"] {
        assert!(told.iter().any(|word| word == reason), "{reason}: {told:?}");
    }
}
