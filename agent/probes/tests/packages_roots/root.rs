//! Writes a made host into a temporary folder.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cases::{Case, OK, Packing};

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a written file");
}

/// Writes a list of packages in the way of its packing, with the program that packs so.
fn write_list(base: &Path, text: &str, packing: Packing) {
    let (ending, program) = match packing {
        Packing::Plain => return write(base, text),
        Packing::Lz4 => ("lz4", &["lz4", "-c"][..]),
        Packing::Gzip => ("gz", &["gzip", "-c"][..]),
        Packing::Xz => ("xz", &["xz", "-c"][..]),
        Packing::Zstd => ("zst", &["zstd", "-c"][..]),
        Packing::Bzip2 => ("bz2", &["bzip2", "-c"][..]),
        Packing::Lzma => ("lzma", &["xz", "--format=lzma", "-c"][..]),
    };
    let file = std::fs::File::create(format!("{}.{ending}", base.display())).expect("a file");
    let [name, arguments @ ..] = program else { panic!("no program") };
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(file)
        .spawn()
        .unwrap_or_else(|error| panic!("this test needs `{name}`: {error}"));
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    assert!(child.wait().expect("ended").success(), "{name}");
}

/// The stanza of a row `name version architecture`, with further fields after a `|`.
pub(crate) fn stanza(row: &str, further: &str) -> String {
    let (row, fields) = row.split_once('|').unwrap_or((row, ""));
    let words: Vec<&str> = row.split(' ').collect();
    let [name, version, architecture] = words.as_slice() else { panic!("{row}") };
    let fields = if fields.is_empty() { String::new() } else { format!("{fields}\n") };
    format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n{fields}Maintainer: x\nDescription: x\n{further}\n"
    )
}

/// Writes the root of a case.
pub(crate) fn build(case: &Case) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    let status: String =
        case.installed.iter().map(|(row, status)| stanza(row, &format!("Status: {status}\n"))).collect();
    let dpkg = stanza("dpkg 1.21.22 amd64", &format!("Status: {OK}\n"));
    write(&root.join("var/lib/dpkg/status"), &format!("{dpkg}{status}"));
    for (row, _) in [("dpkg 1.21.22 amd64", OK)].iter().chain(case.installed) {
        let name = row.split(' ').next().unwrap_or_default();
        write(&root.join(format!("var/lib/dpkg/info/{name}.list")), "/.\n");
    }
    write(&root.join("var/lib/dpkg/arch"), "amd64\ni386\n");
    write(&root.join("etc/apt/preferences"), case.preferences);
    let conf: String = case.settings.iter().map(|(name, value)| format!("{name} \"{value}\";\n")).collect();
    write(&root.join("etc/apt/apt.conf.d/90settings"), &conf);
    write(&root.join("etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n");
    let lists = root.join("var/lib/apt/lists");
    for folder in
        [lists.join("partial"), root.join("var/cache/apt/archives/partial"), root.join("etc/apt/sources.list.d")]
    {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let mut sources = String::new();
    for pocket in case.pockets {
        sources += &format!("deb http://deb.example.org/debian {} main\n", pocket.suite);
        let base = format!("deb.example.org_debian_dists_{}_", pocket.suite);
        let mut named = String::new();
        for architecture in ["amd64", "i386"] {
            let belongs = |row: &&&str| {
                let row = row.split('|').next().unwrap_or_default();
                row.ends_with(architecture) || (row.ends_with(" all") && architecture == "amd64")
            };
            let text: String = pocket
                .offers
                .iter()
                .filter(belongs)
                .map(|row| {
                    stanza(
                        row,
                        &format!(
                            "Filename: {}\nSize: 1\nSHA256: {}\n",
                            row.replace([' ', '|', ':', '\n'], "_"),
                            "0".repeat(64)
                        ),
                    )
                })
                .collect();
            write_list(&lists.join(format!("{base}main_binary-{architecture}_Packages")), &text, pocket.packing);
            named += &format!(" {} {} main/binary-{architecture}/Packages\n", "0".repeat(64), text.len());
        }
        write(&lists.join(format!("{base}InRelease")), &format!("{}SHA256:\n{named}", pocket.release));
    }
    write(&root.join("etc/apt/sources.list"), &sources);
    folder
}
