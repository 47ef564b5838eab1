//! Reads the working tree: the files that git tracks or would track.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file of the project, relative to the root.
pub(crate) fn files() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git is needed to list the project's files");
    assert!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
    let mut files: Vec<_> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .filter(|file| root().join(file).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    assert!(files.len() > 50, "only {} files found", files.len());
    files
}

/// The text of one file.
pub(crate) fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Rust files of shipped code: in a `src` folder of a shipped crate, and no module of tests.
pub(crate) fn shipped_files() -> Vec<String> {
    let sources: Vec<String> = files()
        .into_iter()
        .filter(|file| file.ends_with(".rs") && file.contains("src/") && !file.starts_with("tests/"))
        .collect();
    let tests: Vec<String> = sources.iter().flat_map(|file| test_modules(file)).collect();
    sources.into_iter().filter(|file| !tests.iter().any(|test| is_within(file, test))).collect()
}

/// The modules that a file declares for tests only, as paths without an ending.
fn test_modules(file: &str) -> Vec<String> {
    let stem = file.strip_suffix(".rs").unwrap();
    let folder = match stem.rsplit_once('/') {
        Some((folder, "mod" | "lib" | "main")) => folder,
        _ => stem,
    };
    let text = read(file);
    let declared = text.split("#[cfg(test)]").skip(1).filter_map(|rest| {
        let line = rest.trim_start().lines().next()?;
        let name = line.split("mod ").nth(1)?.strip_suffix(';')?;
        Some(format!("{folder}/{name}"))
    });
    declared.collect()
}

fn is_within(file: &str, module: &str) -> bool {
    file.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// A Rust text without its comments and without what stands under `#[cfg(test)]` at its end.
pub(crate) fn shipped_code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().map(|line| match line.find("//") {
        Some(start) if !line[..start].ends_with(':') => &line[..start],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}
