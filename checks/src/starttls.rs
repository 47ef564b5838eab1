//! The protocols that begin in clear text and turn to TLS on request.

/// A protocol that is spoken before TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Starttls {
    /// Mail between servers (RFC 3207).
    Smtp,
    /// Local delivery of mail (RFC 2033).
    Lmtp,
    /// Mailboxes (RFC 9051 section 6.2.1).
    Imap,
    /// Mailboxes (RFC 2595 section 4).
    Pop3,
    /// File transfer (RFC 4217).
    Ftp,
    /// Directories (RFC 4511 section 4.14).
    Ldap,
    /// Messages, from client to server (RFC 6120 section 5).
    Xmpp,
    /// Mail filters (RFC 5804 section 1.7).
    Sieve,
    /// News (RFC 4642).
    Nntp,
    /// `PostgreSQL`'s SSLRequest.
    Postgres,
    /// MySQL's and MariaDB's SSL request packet.
    Mysql,
    /// Remote desktops (MS-RDPBCGR section 2.2.1.1).
    Rdp,
}

impl Starttls {
    /// Every protocol, in the order of the list that people read.
    pub const ALL: [Self; 12] = [
        Self::Smtp,
        Self::Lmtp,
        Self::Imap,
        Self::Pop3,
        Self::Ftp,
        Self::Ldap,
        Self::Xmpp,
        Self::Sieve,
        Self::Nntp,
        Self::Postgres,
        Self::Mysql,
        Self::Rdp,
    ];

    /// Its word in a target.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Ftp => "ftp",
            Self::Ldap => "ldap",
            Self::Xmpp => "xmpp",
            Self::Sieve => "sieve",
            Self::Nntp => "nntp",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Rdp => "rdp",
        }
    }

    /// The protocol of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.word() == word)
    }

    /// Every word, for a message.
    #[must_use]
    pub fn words() -> String {
        Self::ALL.map(Self::word).join(", ")
    }
}
