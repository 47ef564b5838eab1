//! Writes a made host into a temporary folder.

use std::io::Write;
use std::path::Path;

use crate::cases::{Case, OK, Packing};

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a written file");
}

/// Writes a list of packages in the way of its packing.
fn write_list(base: &Path, text: &str, packing: Packing) {
    let ending = match packing {
        Packing::Plain => "",
        Packing::Lz4 => ".lz4",
        Packing::Gzip => ".gz",
    };
    let file = std::fs::File::create(format!("{}{ending}", base.display())).expect("a file");
    match packing {
        Packing::Plain => {
            let mut file = file;
            file.write_all(text.as_bytes()).expect("written");
        }
        Packing::Lz4 => {
            let mut packer = lz4_flex::frame::FrameEncoder::new(file);
            packer.write_all(text.as_bytes()).expect("packed");
            packer.finish().expect("packed");
        }
        Packing::Gzip => {
            let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            packer.write_all(text.as_bytes()).expect("packed");
            packer.finish().expect("packed");
        }
    }
}

fn stanza(row: &str, further: &str) -> String {
    let words: Vec<&str> = row.split(' ').collect();
    let [name, version, architecture] = words.as_slice() else { panic!("{row}") };
    format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMulti-Arch: same\nMaintainer: x\nDescription: x\n\
         {further}\n"
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
    write(&root.join("var/lib/dpkg/arch"), "amd64\ni386\n");
    write(&root.join("etc/apt/preferences"), case.preferences);
    write(&root.join("etc/apt/apt.conf.d/empty"), "");
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
        write(&lists.join(format!("{base}InRelease")), pocket.release);
        for architecture in ["amd64", "i386"] {
            let belongs =
                |row: &&&str| row.ends_with(architecture) || (row.ends_with(" all") && architecture == "amd64");
            let text: String = pocket
                .offers
                .iter()
                .filter(belongs)
                .map(|row| {
                    stanza(row, &format!("Filename: {}\nSize: 1\nSHA256: {}\n", row.replace(' ', "_"), "0".repeat(64)))
                })
                .collect();
            write_list(&lists.join(format!("{base}main_binary-{architecture}_Packages")), &text, pocket.packing);
        }
    }
    write(&root.join("etc/apt/sources.list"), &sources);
    folder
}
