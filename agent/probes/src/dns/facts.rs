//! What the `dns` probe may say.
//!
//! A name that does not exist, or has no record of a type, gives a known empty list. A name server that fails or stays
//! silent gives an unknown with its reason: the two must never look alike.

use vedetta_checks::fact::Fact;
use vedetta_checks::facts;

facts! {
    /// What the DNS says of one domain through one resolver.
    pub struct DnsFacts {
        /// Whether the name exists; false only when a server said so (NXDOMAIN).
        pub exists: Fact<bool>,
        /// IPv4 addresses, sorted.
        pub a: Fact<Vec<String>>,
        /// IPv6 addresses, sorted.
        pub aaaa: Fact<Vec<String>>,
        /// Names of the name servers, sorted, lower case, without the last dot.
        pub ns: Fact<Vec<String>>,
        /// Start of authority: one, or none when the name is no zone of its own.
        pub soa: Fact<Vec<SoaFacts>>,
        /// Mail servers by preference, then name.
        pub mx: Fact<Vec<MxFacts>>,
        /// Whether the domain says that it takes no mail (null MX, RFC 7505).
        pub null_mx: Fact<bool>,
        /// Text records, the strings of each joined, sorted.
        pub txt: Fact<Vec<String>>,
        /// Which authorities may issue certificates (RFC 8659), sorted.
        pub caa: Fact<Vec<CaaFacts>>,
        /// Digests of the zone's keys that the parent zone holds (DNSSEC), sorted; empty means not signed.
        pub ds: Fact<Vec<DsFacts>>,
        /// Text records that are SPF records (RFC 7208 section 4.5), sorted; more than one is an error of the domain.
        pub spf: Fact<Vec<String>>,
        /// Whether there is exactly one SPF record and its syntax holds (RFC 7208 section 12); included domains are not followed.
        pub spf_valid: Fact<bool>,
        /// What the one SPF record says of every other sender: `-` refuse, `~` suspect, `?` neutral, `+` allow, `redirect` when another domain decides, `none` without an `all`, `missing` when there is not exactly one record.
        pub spf_all: Fact<String>,
        /// Text records at `_dmarc` that are DMARC records (RFC 9989), sorted; more than one counts as none.
        pub dmarc: Fact<Vec<String>>,
        /// Whether there is exactly one DMARC record and its syntax holds.
        pub dmarc_valid: Fact<bool>,
        /// What DMARC asks to do with failing mail: `none`, `quarantine`, `reject`, or `missing` when there is not exactly one record. The record of a parent domain is not looked for.
        pub dmarc_policy: Fact<String>,
        /// The same for subdomains: tag `sp`, else the domain's own policy.
        pub dmarc_subdomain_policy: Fact<String>,
        /// Whether the policy is on trial only (tag `t=y`), so that receivers apply the next weaker one.
        pub dmarc_testing: Fact<bool>,
        /// Whether reports are asked for (tag `rua`).
        pub dmarc_reports: Fact<bool>,
    }

    /// Start of authority of a zone (RFC 1035 section 3.3.13).
    pub struct SoaFacts {
        /// Primary name server.
        pub primary: String,
        /// Serial number of the zone.
        pub serial: i64,
        /// How often secondaries ask for news, in seconds.
        pub refresh: i64,
        /// How soon they ask again after a failure, in seconds.
        pub retry: i64,
        /// After how long without news they stop answering, in seconds.
        pub expire: i64,
        /// How long a missing name may be remembered as missing, in seconds.
        pub minimum: i64,
    }

    /// One mail server.
    pub struct MxFacts {
        /// Preference: the lowest is tried first.
        pub preference: i64,
        /// Name of the mail server, lower case, without the last dot; `.` for a null MX.
        pub exchange: String,
    }

    /// One rule on who may issue certificates (RFC 8659).
    pub struct CaaFacts {
        /// Whether an authority that does not know the tag must refuse.
        pub critical: bool,
        /// What it rules, lower case: `issue`, `issuewild`, `iodef` or another tag.
        pub tag: String,
        /// Its value as written: the authority and its parameters.
        pub value: String,
    }

    /// One digest of a zone's key in the parent zone (RFC 4034 section 5).
    pub struct DsFacts {
        /// Tag of the key.
        pub key_tag: i64,
        /// Number of the key's algorithm (IANA): 8 is RSA with SHA-256, 13 ECDSA P-256, 15 Ed25519.
        pub algorithm: i64,
        /// Number of the digest's type (IANA): 1 is SHA-1, 2 SHA-256, 4 SHA-384.
        pub digest_type: i64,
        /// The digest in lower-case hexadecimal.
        pub digest: String,
    }
}
