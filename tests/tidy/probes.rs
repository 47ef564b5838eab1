//! Probes and packs: what is registered, what lies in the folders, what the packs ask for.

use std::collections::BTreeSet;

use crate::tree::{files, read};

#[test]
fn every_folder_of_a_probe_is_registered_and_every_probe_has_its_folder() {
    let folders: BTreeSet<String> = files()
        .iter()
        .filter_map(|file| file.strip_prefix("agent/probes/src/")?.strip_suffix("/mod.rs").map(str::to_owned))
        .filter(|folder| !folder.contains('/'))
        .collect();
    let registered: BTreeSet<String> = vedetta_probes::catalogue().iter().map(|probe| probe.name.to_string()).collect();
    assert_eq!(folders, registered);
}

#[test]
fn every_field_of_every_probe_has_its_sentence() {
    for probe in vedetta_probes::catalogue().iter() {
        assert!(!probe.summary.is_empty(), "{}", probe.name);
        assert!(!probe.observation.fields.is_empty(), "{}", probe.name);
        for field in &probe.observation.fields {
            assert!(field.summary.len() > 8, "{}.{} has no sentence", probe.name, field.name);
        }
    }
}

#[test]
fn no_probe_is_named_by_wire_store_or_web() {
    let names: Vec<String> = vedetta_probes::catalogue().iter().map(|probe| format!("\"{}\"", probe.name)).collect();
    let homes = ["proto/src/", "collector/store/src/", "collector/web/src/"];
    for file in files().iter().filter(|file| homes.iter().any(|home| file.starts_with(home))) {
        if !file.ends_with(".rs") {
            continue;
        }
        let code = crate::tree::shipped_code(&read(file));
        for name in
            names.iter().filter(|name| !["\"host\"", "\"dns\"", "\"tls\"", "\"services\""].contains(&name.as_str()))
        {
            assert!(!code.contains(name.as_str()), "{file} names the probe {name}");
        }
    }
}

#[test]
fn every_pack_in_the_tree_is_embedded() {
    let folders: BTreeSet<String> = files()
        .iter()
        .filter_map(|file| file.strip_prefix("checks/packs/")?.strip_suffix("/pack.yaml").map(str::to_owned))
        .collect();
    let embedded: BTreeSet<String> =
        vedetta_checks::packs::embedded().into_iter().map(|(folder, _)| folder.to_owned()).collect();
    assert_eq!(folders, embedded);
}
