//! Keys with certificates, made by OpenSSL when a test starts.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::program::run;

/// The name that every certificate of the rig carries.
pub const NAME: &str = "www.example.test";
/// Validity of the certificates, in days.
const DAYS: &str = "90";

/// What a key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RSA of 2048 bits.
    Rsa2048,
    /// RSA of 1024 bits.
    Rsa1024,
    /// RSA of 512 bits: what the export suites of the nineties may encrypt with.
    Rsa512,
    /// ECDSA on P-256.
    EcdsaP256,
    /// Ed25519.
    Ed25519,
    /// DSA of 1024 bits.
    Dsa1024,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa",
            Self::Rsa1024 => "rsa1024",
            Self::Rsa512 => "rsa512",
            Self::EcdsaP256 => "ecdsa",
            Self::Ed25519 => "ed25519",
            Self::Dsa1024 => "dsa",
        }
    }

    /// How `openssl genpkey` is asked for it.
    fn request(self) -> &'static [&'static str] {
        match self {
            Self::Rsa2048 => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            Self::Rsa1024 => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
            Self::Rsa512 => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"],
            Self::EcdsaP256 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Self::Ed25519 => &["-algorithm", "ED25519"],
            Self::Dsa1024 => &["-paramfile", "dsa.parameters"],
        }
    }
}

/// A key and its certificate, as PEM files of a folder that others own.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    /// The private key.
    pub key: PathBuf,
    /// The certificate.
    pub certificate: PathBuf,
}

/// Keys with certificates that one authority issued.
pub struct Keys {
    folder: TempDir,
    keys: Vec<Key>,
}

impl Keys {
    /// Makes one key of each kind, and an authority that issues their certificates for [`NAME`].
    pub fn of(kinds: &[Kind]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        openssl(
            path,
            &["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS],
        )
        .end(&["-subj", "/CN=Autorita di prova", "-keyout", "authority.key", "-out", "authority.pem"]);
        let keys = kinds.iter().map(|kind| key(path, *kind)).collect();
        Self { folder, keys }
    }

    /// The key of a kind that was made.
    pub fn get(&self, kind: Kind) -> &Key {
        self.keys.iter().find(|key| key.kind == kind).expect("a key of that kind was made")
    }

    /// Every key, in the order asked for.
    pub fn all(&self) -> &[Key] {
        &self.keys
    }

    /// The certificate of the authority, as a PEM file.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// An OCSP response of the authority for a certificate, good for some days, as a DER file.
    pub fn staple(&self, key: &Key) -> PathBuf {
        let folder = self.folder.path();
        let serial = String::from_utf8(
            run(Command::new("openssl").args(["x509", "-noout", "-serial", "-in"]).arg(&key.certificate)).stdout,
        )
        .unwrap();
        let serial = serial.trim().trim_start_matches("serial=");
        // The index of `openssl ca`: state, end of validity, revocation, serial, file, subject.
        std::fs::write(folder.join("index.txt"), format!("V\t491231235959Z\t\t{serial}\tunknown\t/CN={NAME}\n"))
            .unwrap();
        std::fs::write(folder.join("index.txt.attr"), "unique_subject = no\n").unwrap();
        let certificate = key.certificate.to_str().unwrap();
        openssl(folder, &["ocsp", "-index", "index.txt", "-CA", "authority.pem", "-rsigner", "authority.pem"]).end(&[
            "-rkey",
            "authority.key",
            "-issuer",
            "authority.pem",
            "-cert",
            certificate,
            "-ndays",
            "7",
            "-respout",
            "staple.der",
        ]);
        folder.join("staple.der")
    }
}

fn key(folder: &Path, kind: Kind) -> Key {
    let (key, certificate) = (format!("{}.key", kind.word()), format!("{}.pem", kind.word()));
    if kind == Kind::Dsa1024 {
        openssl(folder, &["dsaparam", "-out", "dsa.parameters", "1024"]).end(&[]);
    }
    openssl(folder, &["genpkey", "-out", &key]).end(kind.request());
    openssl(folder, &["req", "-x509", "-key", &key, "-CA", "authority.pem", "-CAkey", "authority.key", "-days", DAYS])
        .end(&[
            "-subj",
            &format!("/CN={NAME}"),
            "-addext",
            &format!("subjectAltName=DNS:{NAME}"),
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "extendedKeyUsage=serverAuth",
            "-out",
            &certificate,
        ]);
    Key { kind, key: folder.join(key), certificate: folder.join(certificate) }
}

/// An `openssl` command in a folder, half told.
struct Half(Command);

fn openssl(folder: &Path, arguments: &[&str]) -> Half {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(arguments);
    Half(command)
}

impl Half {
    fn end(mut self, arguments: &[&str]) {
        run(self.0.args(arguments));
    }
}
