//! The shipped packs are complete: every file of their folders is part of the program, and they parse.

use std::collections::BTreeSet;

use vedetta_checks::pack::{OnWorkstation, Pack};
use vedetta_checks::packs::{embedded, trusted};

#[test]
fn every_file_of_every_pack_folder_is_part_of_the_program() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/packs");
    let entries = |path: &std::path::Path| -> Vec<std::path::PathBuf> {
        std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    };
    let name = |path: &std::path::Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let on_disk: BTreeSet<String> = entries(root.as_ref())
        .into_iter()
        .filter(|path| path.is_dir())
        .flat_map(|folder| entries(&folder).into_iter().map(move |file| format!("{}/{}", name(&folder), name(&file))))
        .collect();
    let shipped: BTreeSet<String> = embedded()
        .iter()
        .flat_map(|(folder, files)| files.iter().map(|(path, _)| format!("{folder}/{path}")).collect::<Vec<_>>())
        .collect();
    assert_eq!(on_disk, shipped);
}

#[test]
fn every_shipped_pack_is_trusted_and_named_after_its_folder() {
    for (folder, files) in embedded() {
        assert_eq!(Pack::parse(&files).expect(folder).id.as_str(), folder);
    }
    assert!(trusted().expect("packs").iter().all(|pack| pack.spoolable().is_some()));
}

#[test]
fn no_control_id_is_called_verified_before_a_person_compared_it() {
    for (_, files) in embedded() {
        for check in Pack::parse(&files).expect("a pack").checks {
            for control in check.maps {
                assert!(!control.verified, "{} {}: name who compared it in the commit", check.id, control.id);
            }
        }
    }
}

#[test]
fn of_workstations_an_organisation_gets_no_result_about_programs_and_artificial_intelligence() {
    for (folder, files) in embedded() {
        let is_of_persons = ["software", "shadow-ai"].contains(&folder);
        for check in Pack::parse(&files).expect("a pack").checks {
            assert_eq!(check.workstation == OnWorkstation::Count, is_of_persons, "{}", check.id);
        }
    }
}
