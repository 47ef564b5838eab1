//! What the `mail` probe may say. The shape is a contract with outsiders: it changes only by adding.
//!
//! A record that is not there is `none` or an empty list; one that could not be asked for is unknown with its reason.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::facts;

use crate::dns::facts::{PointerFacts, ProblemFacts};

facts! {
    /// What a domain tells other mail servers, and how its own receive mail.
    pub struct MailFacts {
        /// Whether the name exists; false only when a server said so (NXDOMAIN).
        pub exists: Fact<bool>,
        /// What its organisation declares it to be: `ordinary`, `pec` or `none` (takes and sends no mail); `undeclared` when nobody said, because a rule must be able to judge such a domain too.
        pub role: Fact<String>,
        /// Mail servers by preference, then name.
        pub mx: Fact<Vec<ExchangerFacts>>,
        /// Whether the domain says that it takes no mail (null MX, RFC 7505).
        pub null_mx: Fact<bool>,
        /// Whether mail is delivered to the domain's own address because it has no MX record (RFC 5321 section 5.1).
        pub implicit_mx: Fact<bool>,
        /// Who may send (RFC 7208).
        pub spf: SpfFacts,
        /// Keys that sign messages (RFC 6376), one entry for each selector at which something stands; a missing selector proves nothing unless it was declared.
        pub dkim: Fact<Vec<DkimFacts>>,
        /// What receivers should do with messages that fail (RFC 9989).
        pub dmarc: DmarcFacts,
        /// Encryption that senders must insist on (RFC 8461).
        pub mta_sts: MtaStsFacts,
        /// Where reports on failed encryption go (RFC 8460).
        pub tls_rpt: TlsRptFacts,
        /// Certificates pinned in the DNS (RFC 7672), one entry for each mail server.
        pub dane: Fact<Vec<DaneFacts>>,
        /// Logo of the domain.
        pub bimi: BimiFacts,
        /// Reverse names of the addresses of the mail servers.
        pub ptr: Fact<Vec<PointerFacts>>,
        /// Everything that was found wrong, by part; it says nothing of what could not be looked at, so a rule reads the parts.
        pub problems: Vec<ProblemFacts>,
    }

    /// One mail server.
    pub struct ExchangerFacts {
        /// Preference: the lowest is tried first.
        pub preference: i64,
        /// Name of the mail server, lower case, without the last dot; `.` for a null MX.
        pub exchange: String,
        /// Its addresses, sorted.
        pub addresses: Fact<Vec<String>>,
        /// Whether it answers as a mail server.
        pub answers: Fact<bool>,
        /// Whether it offers to turn to TLS (STARTTLS, RFC 3207), and turns.
        pub starttls: Fact<bool>,
        /// Newest TLS version that is accepted: `1.3`, `1.2` ...
        pub tls_version: Fact<String>,
        /// Oldest TLS version that is accepted.
        pub oldest_tls_version: Fact<String>,
        /// Why its certificate is trusted or not, as a word of the `tls` probe.
        pub trust: Fact<String>,
        /// Whether its certificate is valid for its name.
        pub name_matches: Fact<bool>,
        /// When its certificate ends.
        pub not_after: Fact<Timestamp>,
        /// What is wrong with it, as words, sorted.
        pub problems: Vec<String>,
    }

    /// Sender Policy Framework of the domain, with everything that it includes.
    pub struct SpfFacts {
        /// `ok`, `weak` (says little of others), `dangerous` (lets strangers pass), `permerror` (counts as none) or `none`.
        pub verdict: Fact<String>,
        /// Text records that are SPF records (RFC 7208 section 4.5), sorted; more than one is an error of the domain.
        pub records: Fact<Vec<String>>,
        /// What is said of every other sender, redirects followed: `-` refuse, `~` suspect, `?` neutral, `+` allow, `none` without an `all`, `missing` without a record that counts.
        pub all: Fact<String>,
        /// Terms that make a receiver ask the DNS, in the whole tree (RFC 7208 section 4.6.4 allows 10).
        pub lookups: Fact<i64>,
        /// Look-ups that find nothing, in the whole tree (2 are allowed).
        pub void_lookups: Fact<i64>,
        /// IPv4 addresses that pass, each counted once, `all` not counted.
        pub addresses: Fact<i64>,
        /// Networks of IPv6 (/64) that pass, each counted once, 2^62 at most; `all` not counted.
        pub networks_v6: Fact<i64>,
        /// Domains whose records are included or redirected to, as reached, each once.
        pub includes: Fact<Vec<String>>,
        /// What is wrong, with the term that it concerns.
        pub problems: Fact<Vec<ProblemFacts>>,
    }

    /// What stands at one selector.
    pub struct DkimFacts {
        /// The selector; `*` for a key that stands at every name.
        pub selector: String,
        /// Whether a person listed it, rather than the list of commonly used ones.
        pub declared: bool,
        /// `ok`, `weak`, `testing`, `revoked`, `invalid`, or `missing` (a declared selector only).
        pub verdict: Fact<String>,
        /// Kind of key: `rsa`, `ed25519`, or another word of the record.
        pub key_type: Fact<String>,
        /// Size of the key in bits.
        pub bits: Fact<i64>,
        /// Whether the record says that the domain is only trying (`t=y`).
        pub testing: Fact<bool>,
        /// Whether the key is withdrawn (empty `p=`).
        pub revoked: Fact<bool>,
        /// What is wrong, as words with what they concern.
        pub problems: Vec<ProblemFacts>,
    }

    /// Policy for messages that fail authentication.
    pub struct DmarcFacts {
        /// `ok` (quarantine or reject), `weak` (asks for nothing, or only on trial), `permerror` (does not count) or `none`.
        pub verdict: Fact<String>,
        /// Text records at the place where the policy was looked for that begin as DMARC records, sorted.
        pub records: Fact<Vec<String>>,
        /// What applies to this domain: `none`, `quarantine`, `reject`, or `missing`.
        pub policy: Fact<String>,
        /// What applies to its subdomains that exist.
        pub subdomain_policy: Fact<String>,
        /// What applies to its subdomains that do not exist (tag `np`).
        pub nonexistent_policy: Fact<String>,
        /// Name at which the record stands, without `_dmarc.`; empty when there is none (RFC 9989 section 4.10, tree walk).
        pub found_at: Fact<String>,
        /// Organisational domain that the tree walk finds.
        pub organisational_domain: Fact<String>,
        /// Whether the policy is on trial only (tag `t=y`), so that receivers apply the next weaker one.
        pub testing: Fact<bool>,
        /// Whether reports are asked for (tag `rua`).
        pub reports: Fact<bool>,
        /// Strictness of alignment for SPF: `r` or `s`.
        pub spf_alignment: Fact<String>,
        /// Strictness of alignment for DKIM: `r` or `s`.
        pub dkim_alignment: Fact<String>,
        /// What is wrong, with the tag or address that it concerns.
        pub problems: Fact<Vec<ProblemFacts>>,
    }

    /// MTA-STS: record and policy.
    pub struct MtaStsFacts {
        /// `ok` (enforced), `weak` (`testing`, `none`, or short), `invalid` or `none`.
        pub verdict: Fact<String>,
        /// Whether a record stands at `_mta-sts`.
        pub record: Fact<bool>,
        /// Mode of the policy: `enforce`, `testing` or `none`; empty without a policy.
        pub mode: Fact<String>,
        /// How long senders keep the policy, in seconds.
        pub max_age: Fact<i64>,
        /// Patterns of mail servers in the policy.
        pub mx: Fact<Vec<String>>,
        /// What is wrong.
        pub problems: Fact<Vec<ProblemFacts>>,
    }

    /// TLS reporting.
    pub struct TlsRptFacts {
        /// `ok`, `invalid` or `none`.
        pub verdict: Fact<String>,
        /// Where reports go: `mailto:` and `https:` addresses.
        pub reports_to: Fact<Vec<String>>,
        /// What is wrong.
        pub problems: Fact<Vec<ProblemFacts>>,
    }

    /// TLSA records of one mail server and how they fit its certificate.
    pub struct DaneFacts {
        /// Name of the mail server.
        pub host: String,
        /// `ok` (signed zone, and a record matches), `mismatch` (none matches: senders that check refuse), `insecure` (the zone is not signed, so they do not count), `unusable` (no record of a kind that counts), `bogus` or `none`.
        pub verdict: Fact<String>,
        /// TLSA records as `3 1 1 <digest>`, sorted.
        pub records: Fact<Vec<String>>,
        /// What is wrong.
        pub problems: Vec<ProblemFacts>,
    }

    /// Brand indicator.
    pub struct BimiFacts {
        /// `ok`, `weak` (DMARC is not enforced, so it is not shown), `invalid`, `declined` or `none`.
        pub verdict: Fact<String>,
        /// Where the logo is.
        pub logo: Fact<String>,
        /// Where the certificate of the logo is; empty without one.
        pub certificate: Fact<String>,
        /// What is wrong.
        pub problems: Fact<Vec<ProblemFacts>>,
    }
}
