//! The top level, the sizes of files, the code map.

use std::collections::BTreeSet;

use crate::tree::{files, read, shipped_files};

/// What the owner fixed, and beside it only files that tools need at the root.
const TOP_LEVEL: &[&str] = &[
    // Fixed by the owner.
    "Cargo.toml",
    "agent",
    "collector",
    "proto",
    "checks",
    "tests",
    "README.md",
    // Needed there by tools.
    ".cargo",
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "LICENSE",
    "Makefile",
    "SECURITY.md",
    "clippy.toml",
    "deny.toml",
    "publiccode.yml",
    "rustfmt.toml",
];

/// Lines at which a file has outgrown its room.
const FILE_LINES_MAX: usize = 400;

#[test]
fn the_top_level_is_as_the_owner_fixed_it() {
    let found: BTreeSet<String> = files().iter().map(|file| file.split('/').next().unwrap().to_owned()).collect();
    let allowed: BTreeSet<String> = TOP_LEVEL.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, allowed);
}

#[test]
fn no_file_of_code_has_outgrown_its_room() {
    let long: Vec<_> = files()
        .into_iter()
        .filter(|file| file.ends_with(".rs"))
        .map(|file| (read(&file).lines().count(), file))
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .collect();
    assert!(long.is_empty(), "over {FILE_LINES_MAX} lines: {long:?}");
}

#[test]
fn the_code_map_of_the_readme_names_every_crate_and_nothing_else() {
    let readme = read("README.md");
    let map = readme.split("## ").find(|section| section.starts_with("Code map")).expect("README has a code map");
    let named: BTreeSet<&str> = map
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .map(|folder| folder.trim_end_matches('/'))
        .collect();
    let manifests = files();
    let crates: BTreeSet<&str> = manifests
        .iter()
        .filter_map(|file| file.strip_suffix("/Cargo.toml"))
        .filter(|folder| !folder.starts_with("tests/"))
        .collect();
    assert_eq!(named, crates);
}

#[test]
fn nothing_is_left_over() {
    // Put together here, so that this file does not find itself.
    let words = ["TO", "FIX", "XX", "unimple", "to"].iter().zip(["DO", "ME", "X", "mented!", "do!("]);
    let words: Vec<String> = words.map(|(start, end)| format!("{start}{end}")).collect();
    for file in &shipped_files() {
        let text = read(file);
        for word in &words {
            assert!(!text.contains(word.as_str()), "{file} holds {word}");
        }
    }
}

#[test]
fn no_tracked_text_names_a_folder_of_one_machine() {
    let root = crate::tree::root();
    let parent = root.parent().unwrap().to_string_lossy().into_owned();
    let home = std::env::var("HOME").unwrap_or_default();
    // Folders that every machine has say nothing of one machine.
    let places: Vec<String> = [root.to_string_lossy().into_owned(), parent, home]
        .into_iter()
        .filter(|place| !["", "/", "/root", "/home", "/tmp", "/builds", "/src"].contains(&place.as_str()))
        .collect();
    for file in files().iter().filter(|file| !file.ends_with(".lock")) {
        let Ok(text) = std::fs::read_to_string(crate::tree::root().join(file)) else { continue };
        for place in &places {
            assert!(!text.contains(&format!("{place}/")), "{file} names {place}");
        }
    }
}

#[test]
fn every_link_of_the_documents_leads_to_a_file() {
    for document in files().iter().filter(|file| file.ends_with(".md")) {
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in read(document).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            let target = crate::tree::root().join(folder).join(path);
            assert!(target.exists(), "{document} links to {link}");
        }
    }
}
