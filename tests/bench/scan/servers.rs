//! The servers that are looked at.

use vedetta_tests::rig::Server;
use vedetta_tests::rig::keys::{Keys, Kind};
use vedetta_tests::rig::nginx;
use vedetta_tests::rig::openssl::dh_parameters;

/// Suites below TLS 1.3 of Mozilla's intermediate configuration.
const INTERMEDIATE: &str = "ECDHE+AESGCM:ECDHE+CHACHA20";
/// All that OpenSSL has for an RSA key, without encryption and authentication too: 101 suites.
const WEAK: &str = "ALL:eNULL:!aECDSA:!PSK:!SRP:@SECLEVEL=0";

/// A server to look at.
pub(super) struct Scanned {
    /// In a word.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) about: &'static str,
    server: Server,
    /// The files of the server, which last as long as it does.
    _files: (Keys, Option<tempfile::TempDir>),
}

impl Scanned {
    /// Its port on 127.0.0.1.
    pub(super) fn port(&self) -> u16 {
        self.server.port
    }
}

/// A server of today and one of ten years ago, both nginx.
pub(super) fn every() -> anyhow::Result<[Scanned; 2]> {
    Ok([modern(), weak()?])
}

fn modern() -> Scanned {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let lines = format!("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {INTERMEDIATE};");
    let server = nginx::server(&[keys.get(Kind::Rsa2048)], &lines);
    Scanned { name: "modern", about: "nginx, TLS 1.2 and 1.3, RSA 2048", server, _files: (keys, None) }
}

fn weak() -> anyhow::Result<Scanned> {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let folder = tempfile::tempdir()?;
    let parameters = dh_parameters(folder.path(), 1024);
    let lines =
        format!("ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers {WEAK}; ssl_dhparam {};", parameters.display());
    let server = nginx::server(&[keys.get(Kind::Rsa2048)], &lines);
    let about = "nginx, TLS 1.0 to 1.2, every suite of OpenSSL for RSA 2048";
    Ok(Scanned { name: "weak", about, server, _files: (keys, Some(folder)) })
}
