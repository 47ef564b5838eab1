//! `openssl s_server`, and what OpenSSL itself says of a list of suites.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{free_port, printed, run};
use crate::rig::Server;
use crate::rig::keys::Key;

/// Every suite that this OpenSSL has, those without encryption and authentication too.
pub const EVERY_SUITE: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
/// Smallest group of RFC 7919, in bits.
const PUBLISHED_BITS_MIN: u32 = 2048;

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
pub fn dh_parameters(folder: &Path, bits: u32) -> PathBuf {
    let file = folder.join(format!("dh{bits}.pem"));
    let mut command = Command::new("openssl");
    // A new safe prime of this size takes too long: a published group stands in (RFC 7919).
    if bits >= PUBLISHED_BITS_MIN {
        command.args(["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", &format!("group:ffdhe{bits}"), "-out"]);
        run(command.arg(&file));
    } else {
        command.args(["dhparam", "-out"]).arg(&file).arg(bits.to_string());
        run(&mut command);
    }
    file
}
