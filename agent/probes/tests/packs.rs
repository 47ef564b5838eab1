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
