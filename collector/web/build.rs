//! Embeds the style sheet, fonts and icons: our own from `assets/`, Bootstrap Italia's from where `make setup` puts them.
//!
//! All of them get one hash over their content, which stands in their address, so a browser may keep them for a year.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// Path under `/static/HASH/`, file, media type.
const OWN: &[(&str, &str, &str)] =
    &[("vedetta.css", "assets/vedetta.css", "text/css"), ("logo.svg", "assets/logo.svg", "image/svg+xml")];

/// The same, from the folder of `make setup`.
const FETCHED: &[(&str, &str, &str)] = &[
    ("bootstrap-italia.min.css", "css/bootstrap-italia.min.css", "text/css"),
    ("sprites.svg", "svg/sprites.svg", "image/svg+xml"),
    ("titillium-regular.woff2", "fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-regular.woff2", "font/woff2"),
    ("titillium-italic.woff2", "fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-italic.woff2", "font/woff2"),
    ("titillium-600.woff2", "fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-600.woff2", "font/woff2"),
    ("titillium-700.woff2", "fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-700.woff2", "font/woff2"),
    ("roboto-mono.woff2", "fonts/Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular.woff2", "font/woff2"),
    ("LICENSE-bootstrap-italia.txt", "LICENSE", "text/plain"),
    ("LICENSE-titillium.txt", "fonts/Titillium_Web/OFL.txt", "text/plain"),
    ("LICENSE-roboto-mono.txt", "fonts/Roboto_Mono/LICENSE.txt", "text/plain"),
];

fn main() {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let fetched = here.join("../../.setup/bootstrap-italia");
    let files = OWN
        .iter()
        .map(|(name, file, media)| (*name, here.join(file), *media))
        .chain(FETCHED.iter().map(|(name, file, media)| (*name, fetched.join(file), *media)));

    let mut hash = Fnv::new();
    let mut list = String::new();
    for (name, file, media) in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let bytes = read(&file);
        hash.add(name.as_bytes());
        hash.add(&bytes);
        let path = file.canonicalize().unwrap_or(file);
        // Writing to a String cannot fail.
        let _ = writeln!(
            list,
            "    Asset {{ name: {name:?}, media: {media:?}, bytes: include_bytes!({:?}) }},",
            path.display().to_string()
        );
    }
    let source = format!(
        "/// Changes with any byte of any asset.\npub(crate) const HASH: &str = \"{:016x}\";\n\n\
         /// Every file under `/static/HASH/`.\npub(crate) const ASSETS: &[Asset] = &[\n{list}];\n",
        hash.0
    );
    let target = PathBuf::from(variable("OUT_DIR")).join("assets.rs");
    if let Err(error) = fs::write(&target, source) {
        stop(&format!("cannot write {}: {error}", target.display()));
    }
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| {
        stop(&format!("cannot read {}: {error}. Run `make setup` first: it fetches Bootstrap Italia", file.display()))
    })
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| stop(&format!("cargo did not set {name}: {error}")))
}

fn stop(why: &str) -> ! {
    println!("cargo::error={why}");
    process::exit(1)
}

/// FNV-1a, 64 bits: enough to tell two builds apart; nobody's safety rests on it.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
