//! What an organisation declares of its domains, because nobody can see it from outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use vedetta_checks::target::DomainName;

/// What a domain is for, as its organisation declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailRole {
    /// It sends and takes ordinary mail.
    Ordinary,
    /// It sends and takes certified mail (PEC).
    Pec,
    /// It sends and takes no mail.
    NoMail,
}

impl MailRole {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Ordinary, Self::Pec, Self::NoMail];

    /// Its word on the command line, in lists and in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Pec => "pec",
            Self::NoMail => "none",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// What is declared of one domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainDeclared {
    /// What it is for; none when nobody said.
    pub role: Option<MailRole>,
    /// DKIM selectors in use.
    pub selectors: Vec<String>,
}

/// What is declared of the domains that a run looks at. Clones share it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// By domain.
    pub domains: Arc<BTreeMap<DomainName, DomainDeclared>>,
    /// For every domain without an entry of its own.
    pub others: DomainDeclared,
}

impl Declared {
    /// What is declared of a domain.
    #[must_use]
    pub fn of(&self, domain: &DomainName) -> &DomainDeclared {
        self.domains.get(domain).unwrap_or(&self.others)
    }
}
