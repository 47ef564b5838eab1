//! Products that lie on the host as files, without a package: what was unpacked into `/opt` or built into `/usr/local`.
//!
//! Told by the files that such a product brings, never by running it. A folder of a package is listed too; the caller
//! leaves out what a package already told.

use std::io::Read;

use regex::Regex;
use regex::bytes::Regex as BytesRegex;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::folder::{self, Missed};
use super::pattern::has_gaps;
use crate::files::Root;

/// Folders that hold products, and those whose folders hold them, with `*` for every folder.
const PREFIXES: &[&str] = &[
    "/usr/local",
    "/usr/local/*",
    "/usr/local/lib/nodejs/*",
    "/usr/local/share/dotnet",
    "/usr/share/dotnet",
    "/usr/lib/dotnet",
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/*",
    "/opt/*/*",
];
/// Most folders that are looked into.
const PREFIXES_MAX: usize = 1_000;
/// Largest file whose text is searched for a version, in bytes.
const TEXT_BYTES_MAX: u64 = 256 * 1024;
/// Most bytes of a program that are searched for a version.
const PROGRAM_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// One product found by its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its name.
    pub(super) product: &'static str,
    /// Its name in the table of last days; differs where several makers build one product.
    pub(super) table: &'static str,
    /// Version, when a file names it.
    pub(super) version: Option<String>,
    /// Its folder.
    pub(super) path: String,
}

/// How a product betrays itself beneath its folder.
struct Mark {
    product: &'static str,
    /// A file that must be there; gaps as in [`super::pattern`].
    presence: &'static str,
    /// Files that name the version, and the expression whose groups are its parts.
    versions: &'static [(Source, &'static str)],
}

/// Where a version stands.
enum Source {
    /// In the text of a file.
    Text(&'static str),
    /// Among the bytes of a program.
    Program(&'static str),
    /// In the name of a file or folder.
    Name(&'static str),
    /// In the name of the product's own folder.
    Folder,
}

const MARKS: &[Mark] = &[
    Mark {
        product: "apache",
        presence: "bin/httpd",
        versions: &[(
            Source::Text("include/ap_release.h"),
            r"(?s)AP_SERVER_MAJORVERSION_NUMBER\s+(\d+).*?AP_SERVER_MINORVERSION_NUMBER\s+(\d+).*?AP_SERVER_PATCHLEVEL_NUMBER\s+(\d+)",
        )],
    },
    Mark {
        product: "dotnet",
        presence: "shared/Microsoft.NETCore.App",
        versions: &[(Source::Name("shared/Microsoft.NETCore.App/#"), r"([\d.]+)$")],
    },
    Mark { product: "haproxy", presence: "sbin/haproxy", versions: &[] },
    Mark {
        product: "java",
        presence: "bin/java",
        versions: &[
            (Source::Text("release"), r#"(?m)^JAVA_VERSION="([^"]+)""#),
            (Source::Folder, r"(?:jdk|jre)-?(\d[\d._]*)"),
        ],
    },
    Mark {
        product: "mongodb",
        presence: "bin/mongod",
        versions: &[
            (Source::Folder, r"mongodb-.*?-(\d+\.\d+\.\d+)"),
            (Source::Program("bin/mongod"), r"MongoDB (\d+\.\d+\.\d+)"),
        ],
    },
    Mark { product: "mariadb", presence: "bin/mariadbd", versions: MYSQL_VERSIONS },
    Mark { product: "mysql", presence: "bin/mysqld", versions: MYSQL_VERSIONS },
    Mark {
        product: "nginx",
        presence: "sbin/nginx",
        versions: &[(Source::Program("sbin/nginx"), r"nginx/(\d+\.\d+\.\d+)")],
    },
    Mark {
        product: "nodejs",
        presence: "bin/node",
        versions: &[
            (
                Source::Text("include/node/node_version.h"),
                r"(?s)define NODE_MAJOR_VERSION\s+(\d+).*?define NODE_MINOR_VERSION\s+(\d+).*?define NODE_PATCH_VERSION\s+(\d+)",
            ),
            (Source::Folder, r"node-v?(\d+\.\d+\.\d+)"),
        ],
    },
    Mark {
        product: "openssl",
        presence: "bin/openssl",
        versions: &[
            (Source::Text("include/openssl/opensslv.h"), r#"OPENSSL_VERSION_TEXT\s+"OpenSSL (\d[\w.]*)"#),
            (Source::Text("lib64/pkgconfig/openssl.pc"), r"(?m)^Version:\s*(\d[\w.]*)"),
            (Source::Text("lib/pkgconfig/openssl.pc"), r"(?m)^Version:\s*(\d[\w.]*)"),
        ],
    },
    Mark { product: "php", presence: "bin/php", versions: PHP_VERSIONS },
    Mark { product: "php", presence: "sbin/php-fpm", versions: PHP_VERSIONS },
    Mark {
        product: "postgresql",
        presence: "bin/postgres",
        versions: &[
            (Source::Text("include/pg_config.h"), r#"define PG_VERSION\s+"([\d.]+)"#),
            (Source::Text("include/postgresql/server/pg_config.h"), r#"define PG_VERSION\s+"([\d.]+)"#),
            (Source::Program("bin/postgres"), r"\(PostgreSQL\) (\d+(?:\.\d+)+)"),
        ],
    },
    Mark {
        product: "python",
        presence: "bin/python#",
        versions: &[
            (Source::Text("include/python#/patchlevel.h"), r#"define PY_VERSION\s+"([\d.]+)"#),
            (Source::Name("bin/python#"), r"python(\d+\.[\d.]+)$"),
        ],
    },
    Mark { product: "redis", presence: "bin/redis-server", versions: &[(Source::Folder, r"redis-(\d+\.\d+\.\d+)")] },
    Mark {
        product: "tomcat",
        presence: "lib/catalina.jar",
        versions: &[
            (Source::Text("RELEASE-NOTES"), r"Apache Tomcat Version (\d+(?:\.\d+)+)"),
            (Source::Folder, r"tomcat-(\d+(?:\.\d+)+)"),
        ],
    },
];
const MYSQL_VERSIONS: &[(Source, &str)] = &[
    (Source::Text("include/mysql_version.h"), MYSQL_VERSION),
    (Source::Text("include/mysql/mysql_version.h"), MYSQL_VERSION),
    (Source::Text("include/mysql/server/mysql_version.h"), MYSQL_VERSION),
    (Source::Folder, r"(?:mysql|mariadb)-(\d+\.\d+\.\d+)"),
];
const MYSQL_VERSION: &str = r#"define MYSQL_SERVER_VERSION\s+"(\d+\.\d+\.\d+)"#;
const PHP_VERSIONS: &[(Source, &str)] = &[
    (Source::Text("include/php/main/php_version.h"), r#"define PHP_VERSION\s+"(\d+\.\d+\.\d+)"#),
    (Source::Folder, r"php-?(\d+\.\d+\.\d+)"),
];

/// Every product that lies on the host as files, by its folder.
pub(super) fn read(root: &Root, missed: &Missed) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut seen = Vec::new();
    let mut prefixes = PREFIXES.iter().flat_map(|pattern| folder::expand(root, pattern, missed));
    for prefix in prefixes.by_ref().take(PREFIXES_MAX) {
        // One folder under two names is one product.
        let Some(real) = folder::real_path(root, &prefix) else { continue };
        if seen.contains(&real) {
            continue;
        }
        let names = folder::names(root, &real, missed);
        for mark in MARKS {
            let first = mark.presence.split('/').next().unwrap_or_default();
            if (has_gaps(first) || names.iter().any(|name| name == first))
                && is_there(root, &real, mark.presence, missed)
            {
                found.extend(products(root, &real, mark));
            }
        }
        seen.push(real);
    }
    if prefixes.next().is_some() {
        let detail =
            format!("more than {PREFIXES_MAX} folders below /opt and /usr/local: the others are not looked into");
        missed.note(Unknown::new(Reason::TOO_LARGE, detail));
    }
    found.sort_by(|left, right| (left.product, &left.path).cmp(&(right.product, &right.path)));
    found.dedup();
    found
}

/// Whether the file is there; a link within the folder of a product is a link that its installer made, one that leads out
/// of it stands for what is told elsewhere.
fn is_there(root: &Root, prefix: &str, path: &str, missed: &Missed) -> bool {
    let full = format!("{prefix}/{path}");
    let paths = if has_gaps(path) { folder::expand(root, &full, missed) } else { vec![full] };
    paths.iter().any(|path| {
        let real = folder::real_path(root, path);
        real.is_some_and(|real| real.starts_with(&format!("{prefix}/")) && folder::is_there(root, &real, missed))
    })
}

/// The product with each of its versions; several lie side by side in one folder of .NET.
fn products(root: &Root, prefix: &str, mark: &Mark) -> Vec<Found> {
    let versions = mark.versions.iter().map(|(source, pattern)| versions(root, prefix, source, pattern));
    let versions = versions.into_iter().find(|versions| !versions.is_empty()).unwrap_or_default();
    let of = |version: Option<String>| Found {
        product: mark.product,
        table: if mark.product == "java" { java_maker(root, prefix) } else { mark.product },
        version,
        path: prefix.to_owned(),
    };
    if versions.is_empty() { vec![of(None)] } else { versions.into_iter().map(|version| of(Some(version))).collect() }
}

fn versions(root: &Root, prefix: &str, source: &Source, pattern: &str) -> Vec<String> {
    let paths = |path: &str| folder::expand(root, &format!("{prefix}/{path}"), &Missed::default());
    match source {
        Source::Text(path) => {
            let texts = paths(path).into_iter().filter_map(|path| root.read_text(&path, TEXT_BYTES_MAX).ok());
            texts.filter_map(|text| captured(pattern, &text)).take(1).collect()
        }
        Source::Program(path) => {
            paths(path).iter().filter_map(|path| in_program(root, path, pattern)).take(1).collect()
        }
        Source::Name(path) => paths(path).iter().filter_map(|path| captured(pattern, path)).collect(),
        Source::Folder => captured(pattern, prefix).into_iter().collect(),
    }
}

/// The groups of the first match, with dots between them.
pub(super) fn captured(pattern: &str, text: &str) -> Option<String> {
    let captures = Regex::new(pattern).ok()?.captures(text)?;
    let groups: Vec<&str> = captures.iter().skip(1).flatten().map(|group| group.as_str()).collect();
    Some(groups.join("."))
}

fn in_program(root: &Root, path: &str, pattern: &str) -> Option<String> {
    let mut bytes = Vec::new();
    root.open(path).ok()?.take(PROGRAM_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let captures = BytesRegex::new(pattern).ok()?.captures(&bytes)?;
    Some(String::from_utf8_lossy(captures.get(1)?.as_bytes()).into_owned())
}

/// Whose last days hold: Oracle ends its free builds half a year after each release, and its own JDK by contract.
fn java_maker(root: &Root, prefix: &str) -> &'static str {
    let text = root.read_text(&format!("{prefix}/release"), TEXT_BYTES_MAX).unwrap_or_default();
    match (text.contains("IMPLEMENTOR=\"Oracle Corporation\""), text.contains("BUILD_TYPE=\"commercial\"")) {
        (true, true) => "java-oracle-commercial",
        (true, false) => "java-oracle",
        (false, _) => "java",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        for (mark, (_, pattern)) in MARKS.iter().flat_map(|mark| mark.versions.iter().map(move |row| (mark, row))) {
            assert!(Regex::new(pattern).is_ok() && BytesRegex::new(pattern).is_ok(), "{} {pattern}", mark.product);
        }
    }

    #[test]
    fn products_are_told_by_their_files_with_their_versions() {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            ("usr/local/bin/node", ""),
            (
                "usr/local/include/node/node_version.h",
                "#define NODE_MAJOR_VERSION 16\n#define NODE_MINOR_VERSION 20\n#define NODE_PATCH_VERSION 2\n",
            ),
            ("usr/local/bin/redis-server", ""),
            ("usr/local/nginx/sbin/nginx", "\u{0}\u{1}nginx version: \u{0}nginx/1.20.1\u{0}"),
            ("opt/jdk-11/bin/java", ""),
            ("opt/jdk-11/release", "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"11.0.21\"\n"),
            ("opt/apache-tomcat-8.5.50/lib/catalina.jar", ""),
            ("opt/apache-tomcat-8.5.50/RELEASE-NOTES", "  Apache Tomcat Version 8.5.50\n"),
            ("opt/dotnet/shared/Microsoft.NETCore.App/6.0.36/x", ""),
            ("opt/dotnet/shared/Microsoft.NETCore.App/8.0.11/x", ""),
            ("usr/bin/openssl", ""),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        std::os::unix::fs::symlink("/usr/bin/openssl", folder.path().join("usr/local/bin/openssl")).expect("a link");
        let found = read(&Root::new(folder.path()), &Missed::default());
        let shown: Vec<String> = found
            .iter()
            .map(|found| format!("{} {} {}", found.product, found.version.as_deref().unwrap_or("?"), found.path))
            .collect();
        let expected = [
            "dotnet 6.0.36 /opt/dotnet",
            "dotnet 8.0.11 /opt/dotnet",
            "java 11.0.21 /opt/jdk-11",
            "nginx 1.20.1 /usr/local/nginx",
            "nodejs 16.20.2 /usr/local",
            "redis ? /usr/local",
            "tomcat 8.5.50 /opt/apache-tomcat-8.5.50",
        ];
        assert_eq!(shown, expected);
    }
}
