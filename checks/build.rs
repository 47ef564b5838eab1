//! Embeds the packs: every folder of `packs/`, each as one deflated stream, a sixth of its texts.
//!
//! A stream holds its files sorted by path: a line with path and length in bytes, then the bytes. The same files give the same
//! stream on every machine.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("packs");
    let target = PathBuf::from(variable("OUT_DIR"));
    println!("cargo::rerun-if-changed={}", root.display());
    let mut list = String::new();
    for folder in entries(&root).iter().filter(|path| path.is_dir()) {
        let name = name(folder);
        let file = target.join(format!("{name}.pack"));
        write(&file, &packed(folder));
        // Writing to a String cannot fail.
        let _ = writeln!(list, "    ({name:?}, include_bytes!({:?})),", file.display().to_string());
    }
    let source = format!(
        "/// Every shipped pack: its folder, and its files deflated.\nconst SHIPPED: &[Shipped] = &[\n{list}];\n"
    );
    write(&target.join("packs.rs"), source.as_bytes());
}

/// The files of one pack as one stream.
fn packed(folder: &Path) -> Vec<u8> {
    let mut stream = DeflateEncoder::new(Vec::new(), Compression::best());
    for file in entries(folder) {
        let bytes = fs::read(&file).unwrap_or_else(|error| stop(&format!("cannot read {}: {error}", file.display())));
        let written = writeln!(stream, "{} {}", name(&file), bytes.len()).and_then(|()| stream.write_all(&bytes));
        written.unwrap_or_else(|error| stop(&format!("cannot deflate {}: {error}", file.display())));
    }
    stream.finish().unwrap_or_else(|error| stop(&format!("cannot deflate {}: {error}", folder.display())))
}

/// What a folder holds, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> =
        read.unwrap_or_else(|error| stop(&format!("cannot read {}: {error}", folder.display())));
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn write(file: &Path, bytes: &[u8]) {
    fs::write(file, bytes).unwrap_or_else(|error| stop(&format!("cannot write {}: {error}", file.display())));
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| stop(&format!("cargo did not set {name}: {error}")))
}

fn stop(why: &str) -> ! {
    println!("cargo::error={why}");
    process::exit(1)
}
