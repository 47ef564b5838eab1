//! `openssl s_server`, and what OpenSSL itself says of a list of suites.

use std::collections::BTreeSet;
use std::process::Command;

use crate::program::{free_port, printed};
use crate::rig::Server;
use crate::rig::keys::Key;

/// Every suite that this OpenSSL has, those without encryption and authentication too.
pub const EVERY_SUITE: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

/// Starts a server with at most two keys and further arguments of `s_server`.
pub fn server(keys: &[&Key], arguments: &[&str]) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut command = Command::new("openssl");
    command.args(["s_server", "-www", "-quiet", "-accept", &format!("127.0.0.1:{port}")]);
    for (key, [certificate, private]) in keys.iter().zip([["-cert", "-key"], ["-dcert", "-dkey"]]) {
        command.arg(certificate).arg(&key.certificate).arg(private).arg(&key.key);
    }
    assert!(keys.len() <= 2, "s_server takes two keys");
    if keys.is_empty() {
        command.arg("-nocert");
    }
    command.args(arguments);
    Server::start(command, folder, port)
}

/// Ids of the suites of a cipher string that a server offers in a version (`-tls1`, `-tls1_1`, `-tls1_2`) with keys that can
/// authenticate these ways (`RSA`, `ECDSA`, `None`), in the order of the string.
pub fn suites(version: &str, string: &str, authentications: &[&str]) -> Vec<String> {
    // `0xC0,0x2C - ECDHE-ECDSA-AES256-GCM-SHA384  TLSv1.2 Kx=ECDH Au=ECDSA Enc=AESGCM(256) Mac=AEAD`
    let listed = printed(Command::new("openssl").args(["ciphers", "-s", "-V", version, string]));
    let authenticated = |line: &&str| authentications.iter().any(|kind| line.contains(&format!(" Au={kind} ")));
    let id = |line: &str| {
        let (first, second) = line.trim().split_once(" - ").unwrap().0.split_once(",0x").unwrap();
        format!("{first}{second}")
    };
    listed.lines().filter(authenticated).map(id).collect()
}

/// The same as a set.
pub fn suite_set(version: &str, string: &str, authentications: &[&str]) -> BTreeSet<String> {
    suites(version, string, authentications).into_iter().collect()
}

/// Parameters of Diffie-Hellman with a prime of so many bits, as a PEM file of the folder.
pub fn dh_parameters(folder: &std::path::Path, bits: u32) -> std::path::PathBuf {
    let file = folder.join(format!("dh{bits}.pem"));
    let bits = bits.to_string();
    // With -dsaparam a prime is found in a moment; its size is all that matters here.
    crate::program::run(Command::new("openssl").args(["dhparam", "-dsaparam", "-out"]).arg(&file).arg(bits));
    file
}
