//! Certificates that only the `openssl` program still makes: SHA-1, MD5, short RSA keys, DSA, Ed448, OCSP responses.
//!
//! Their dates start at the running clock, since this program cannot be given another.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tempfile::TempDir;

/// Extensions of a good leaf.
pub(crate) const LEAF: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n\
    extendedKeyUsage=serverAuth\nsubjectAltName=DNS:www.example.it\n";
/// Extensions of an authority.
pub(crate) const AUTHORITY: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";

/// The running clock.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "what openssl makes is dated by the running clock")]
    let now = Timestamp::now();
    now
}

/// A folder in which `openssl` works.
pub(crate) struct Workshop(TempDir);

impl Workshop {
    /// A folder with a root named `root`: RSA of 2048 bits, SHA-256.
    pub(crate) fn new() -> Self {
        let workshop = Self(tempfile::tempdir().expect("a folder"));
        workshop.write("openssl.cnf", "[req]\ndistinguished_name=name\n[name]\n");
        workshop.key("root", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
        workshop.issue("root", "Test Root", "root", "-sha256", AUTHORITY);
        workshop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("a file");
    }

    pub(crate) fn run(&self, arguments: &[&str]) {
        let mut program = Command::new("openssl");
        program.args(arguments).current_dir(self.0.path()).env("OPENSSL_CONF", self.path("openssl.cnf"));
        let output = program.output().unwrap_or_else(|error| panic!("this test needs `openssl`: {error}"));
        assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Makes the key `NAME.key`; `how` is what `openssl genpkey` takes.
    pub(crate) fn key(&self, name: &str, how: &[&str]) {
        self.run(&[&["genpkey", "-out", &format!("{name}.key")], how].concat());
    }

    /// Issues `NAME.pem` for the key of that name, for 60 days; an issuer of the same name makes it self-signed.
    pub(crate) fn issue(&self, name: &str, common_name: &str, issuer: &str, digest: &str, extensions: &str) {
        self.write("extensions", extensions);
        let file = |ending: &str| format!("{name}.{ending}");
        let subject = format!("/CN={common_name}");
        self.run(&["req", "-new", "-key", &file("key"), "-subj", &subject, "-out", &file("csr")]);
        let issuer_files = (format!("{issuer}.pem"), format!("{issuer}.key"));
        let by: &[&str] = if name == issuer {
            &["-signkey", &issuer_files.1]
        } else {
            &["-CA", &issuer_files.0, "-CAkey", &issuer_files.1, "-CAcreateserial"]
        };
        let (request, certificate) = (file("csr"), file("pem"));
        let common = ["x509", "-req", "-in", &request, "-out", &certificate, "-days", "60", digest];
        let extended: &[&str] = if extensions.is_empty() { &[] } else { &["-extfile", "extensions"] };
        self.run(&[&common, by, extended].concat());
    }

    pub(crate) fn certificate(&self, name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.path(&format!("{name}.pem"))).expect("a certificate")
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }
}
