//! Files that were cut, or lost or changed some bytes: "nothing is pending" is never said of what is no longer whole.

use std::path::{Path, PathBuf};

use crate::cases::{CASES, Packing};
use crate::root::{build, write};
use crate::{NOW, look, state};

/// Bytes from one cut to the next: no divisor of a line's length, so that cuts fall on every part of one.
const STEP: usize = 7;
/// How many changes are tried on each file.
const CHANGES: usize = 300;

/// Bytes of the end mark and the checksum that end a list packed with lz4: the packages are whole without them.
const LZ4_TRAILER_BYTES: usize = 8;

/// Where the content of a file ends: what is lost behind it takes nothing away.
fn content_end(path: &Path, whole: &[u8]) -> usize {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("lz4") => whole.len() - LZ4_TRAILER_BYTES,
        Some("gz" | "xz") => whole.len(),
        _ => whole.trim_ascii_end().len(),
    }
}

/// A host where nothing is pending, and the files that say so. Its release files are signed, as those of archives are.
fn up_to_date(packing: Packing) -> (tempfile::TempDir, Vec<PathBuf>) {
    let case = &CASES[0];
    let pockets: Vec<_> = case.pockets.iter().map(|pocket| crate::cases::Pocket { packing, ..*pocket }).collect();
    let case = crate::cases::Case { pockets: pockets.leak(), ..*case };
    let folder = build(&case);
    let root = folder.path();
    let lists = root.join("var/lib/apt/lists");
    let mut paths = vec![root.join("var/lib/dpkg/status")];
    for suite in ["bookworm", "bookworm-security"] {
        let base = format!("deb.example.org_debian_dists_{suite}_");
        let release = lists.join(format!("{base}InRelease"));
        let text = std::fs::read_to_string(&release).expect("readable");
        let signed = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{text}-----BEGIN PGP SIGNATURE-----\n\nAAAA\n\
             -----END PGP SIGNATURE-----\n"
        );
        write(&release, &signed);
        let list = lists.join(format!("{base}main_binary-amd64_Packages"));
        let packed = ["", ".gz", ".xz", ".lz4"].map(|ending| PathBuf::from(format!("{}{ending}", list.display())));
        paths.extend(packed.into_iter().filter(|path| path.exists()).chain([release]));
    }
    assert_eq!(state(&look(root, NOW)), "none", "whole");
    assert_eq!(paths.len(), 5, "{paths:?}");
    (folder, paths)
}

#[test]
fn a_file_that_is_cut_at_any_place_never_passes_for_up_to_date() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Xz, Packing::Lz4] {
        let (folder, paths) = up_to_date(packing);
        for path in &paths {
            let whole = std::fs::read(path).expect("readable");
            let content = content_end(path, &whole);
            for length in (0..content).step_by(STEP).chain([content - 1]) {
                std::fs::write(path, &whole[..length]).expect("written");
                assert_ne!(state(&look(folder.path(), NOW)), "none", "{} cut at {length}", path.display());
            }
            std::fs::write(path, &whole).expect("written");
        }
    }
}

#[test]
fn a_state_or_list_that_ends_after_any_package_never_passes_for_up_to_date() {
    let (folder, paths) = up_to_date(Packing::Plain);
    for path in paths.iter().filter(|path| !path.to_string_lossy().ends_with("InRelease")) {
        let whole = std::fs::read_to_string(path).expect("readable");
        let ends = whole.match_indices("\n\n").map(|(at, _)| at + 2).filter(|end| *end < whole.len());
        for end in ends.chain([0]) {
            write(path, &whole[..end]);
            assert_ne!(state(&look(folder.path(), NOW)), "none", "{} ends at {end}", path.display());
        }
        write(path, &whole);
    }
}

#[test]
fn a_file_with_changed_lost_or_repeated_bytes_never_breaks_the_look() {
    // A fixed sequence: the same changes at every run.
    let mut number: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut next = |below: usize| {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(number >> 33).expect("31 bits") % below.max(1)
    };
    for packing in [Packing::Plain, Packing::Lz4] {
        let (folder, paths) = up_to_date(packing);
        for path in &paths {
            let whole = std::fs::read(path).expect("readable");
            for change in 0..CHANGES {
                let mut bytes = whole.clone();
                let at = next(bytes.len());
                let end = (at + 1 + next(40)).min(bytes.len());
                match change % 3 {
                    0 => bytes[at] ^= 1 << next(8),
                    1 => drop(bytes.drain(at..end)),
                    _ => {
                        let piece = bytes[at..end].to_vec();
                        bytes.splice(at..at, piece);
                    }
                }
                std::fs::write(path, &bytes).expect("written");
                // `look` itself fails on a panic inside the probe.
                let state = state(&look(folder.path(), NOW));
                let is_cut_list =
                    path.to_string_lossy().contains("_Packages") && change % 3 == 1 && at < content_end(path, &whole);
                assert!(!is_cut_list || state != "none", "{} lost {at} to {end}", path.display());
            }
            std::fs::write(path, &whole).expect("written");
        }
    }
}
