//! Every shipped pack is clean against the probes that the program really has.

use vedetta_checks::lint::lint;
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
