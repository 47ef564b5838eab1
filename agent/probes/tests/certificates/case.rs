//! One case: what was sent, what is known around it, and exactly what is to be said of it.

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName};
use vedetta_probes::tls::certificate::{Examination, RevocationLists, Staple, examine};
use vedetta_probes::tls::facts::CertificateSetFacts;

/// What one server sends, and what is known around it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) server_name: &'static str,
    pub(crate) now: Timestamp,
    pub(crate) staple: Option<Vec<u8>>,
    pub(crate) lists: RevocationLists,
}

impl Case {
    /// A case for the host `www.example.it` without staple and lists.
    pub(crate) fn new(
        name: &'static str,
        chain: Vec<CertificateDer<'static>>,
        root: &CertificateDer<'static>,
        now: Timestamp,
    ) -> Self {
        Self {
            name,
            chain,
            roots: vec![root.clone()],
            server_name: "www.example.it",
            now,
            staple: None,
            lists: RevocationLists::default(),
        }
    }

    pub(crate) fn without_roots(self) -> Self {
        Self { roots: Vec::new(), ..self }
    }

    pub(crate) fn expecting(self, server_name: &'static str) -> Self {
        Self { server_name, ..self }
    }

    pub(crate) fn stapled(self, response: Vec<u8>) -> Self {
        Self { staple: Some(response), ..self }
    }

    pub(crate) fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    pub(crate) fn examined(&self) -> CertificateSetFacts {
        let name = ServerName::try_from(self.server_name).expect("a server name");
        let around = Examination {
            name: &name,
            now: self.now,
            extra_roots: &self.roots,
            staple: self.staple.as_deref().map_or(Staple::NotSent, Staple::Sent),
            revocation_lists: &self.lists,
        };
        examine(&self.chain, &around)
    }

    /// Compares the words, and `trust`; `trusted` must say the same as `trust`.
    pub(crate) fn shows(&self, problems: &str, trust: &str) {
        let facts = self.examined();
        let words = facts.problems.known().unwrap_or_else(|| panic!("{}: {:?}", self.name, facts.problems)).join(" ");
        let shown = facts.trust.known().map(String::as_str);
        assert_eq!((words.as_str(), shown), (problems, Some(trust)), "{}", self.name);
        assert_eq!(facts.trusted.known(), Some(&(trust == "trusted")), "{}", self.name);
    }
}
