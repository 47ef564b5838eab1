//! What the `dns` probe may say.
//!
//! A name that does not exist, or has no record of a type, gives a known empty list. A name server that fails or stays
//! silent gives an unknown with its reason: the two must never look alike.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::facts;

facts! {
    /// What the DNS says of one domain.
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
        /// Names of the authorities that may issue certificates for the domain, sorted: from the record set that counts, which may stand at a parent name (RFC 8659 section 3); empty when `issuance` is not `listed`.
        pub issuers: Fact<Vec<String>>,
        /// Name at which the CAA record set that counts stands; empty when there is none.
        pub caa_found_at: Fact<String>,
        /// Who may issue certificates for the domain: `anybody` (no record set, or one without `issue`), `listed` (those in `issuers`) or `nobody` (`issue ";"`, or a critical rule that no authority knows).
        pub issuance: Fact<String>,
        /// The same for certificates for all names below (`*.`), which follow `issuewild` where there is one.
        pub wildcard_issuance: Fact<String>,
        /// Names of the authorities that may issue certificates for all names below, sorted.
        pub wildcard_issuers: Fact<Vec<String>>,
        /// Where authorities report requests that they refused (`iodef`), sorted.
        pub issue_reports: Fact<Vec<String>>,
        /// Name of the zone that holds the domain: the domain itself when it is a zone of its own.
        pub zone: Fact<String>,
        /// Name of the zone above that delegates `zone`.
        pub parent: Fact<String>,
        /// Name servers of the zone, as parent and zone name them together, sorted by name.
        pub name_servers: Fact<Vec<NameServerFacts>>,
        /// Distinct networks (/24 of IPv4, /48 of IPv6) in which name servers that answer stand.
        pub name_server_networks: Fact<i64>,
        /// What is wrong between the parent's delegation and the zone.
        pub delegation_problems: Fact<Vec<ProblemFacts>>,
        /// What is wrong with the zone's own data: start of authority, answers that differ, aliases in wrong places.
        pub zone_problems: Fact<Vec<ProblemFacts>>,
        /// Whether names that nobody wrote down resolve too (wildcard at the domain).
        pub wildcard: Fact<bool>,
        /// Names below the domain that point to something nobody holds any more.
        pub dangling: Fact<Vec<DanglingFacts>>,
        /// Reverse names of the addresses of the domain and of its name servers.
        pub ptr: Fact<Vec<PointerFacts>>,
        /// Signatures of the zone and whether they hold (DNSSEC).
        pub dnssec: DnssecFacts,
        /// Everything that was found wrong, by part; it says nothing of what could not be looked at, so a rule reads the parts.
        pub problems: Vec<ProblemFacts>,
        /// Questions that this look sent.
        pub queries: i64,
    }

    /// Something wrong, and where.
    pub struct ProblemFacts {
        /// What, as a word of the table in the page of the probes.
        pub problem: String,
        /// The record, name or server that it concerns.
        pub subject: String,
        /// What exactly was seen, for a person; may be empty.
        pub detail: String,
    }

    /// One name server of the zone.
    pub struct NameServerFacts {
        /// Its name, lower case, without the last dot.
        pub name: String,
        /// Its addresses, sorted.
        pub addresses: Vec<String>,
        /// Whether the parent zone names it.
        pub in_parent: Fact<bool>,
        /// Whether the zone itself names it.
        pub in_zone: Fact<bool>,
        /// What is wrong with it at one address at least, as words, sorted.
        pub problems: Fact<Vec<String>>,
        /// What each of its addresses answers.
        pub servers: Vec<ServerFacts>,
    }

    /// One address of a name server.
    pub struct ServerFacts {
        /// The address.
        pub address: String,
        /// Whether it answers over UDP.
        pub udp: Fact<bool>,
        /// Whether it answers over TCP.
        pub tcp: Fact<bool>,
        /// Whether it answers with authority for the zone.
        pub authoritative: Fact<bool>,
        /// Serial number of the zone there.
        pub serial: Fact<i64>,
        /// Whether it understands EDNS (RFC 6891).
        pub edns: Fact<bool>,
        /// Whether it resolves other people's names for strangers; asked with permission only.
        pub recursion: Fact<bool>,
        /// Whether it hands the whole zone to strangers (AXFR); asked with permission only.
        pub zone_transfer: Fact<bool>,
        /// Time to its first answer, in milliseconds.
        pub milliseconds: Fact<i64>,
        /// What is wrong there, as words, sorted.
        pub problems: Vec<String>,
    }

    /// A name that points to something nobody holds.
    pub struct DanglingFacts {
        /// The name that points.
        pub name: String,
        /// How: `cname`, `ns` or `mx`.
        pub kind: String,
        /// What it points to.
        pub target: String,
        /// Service or domain that anybody could register to answer in its place; empty when none is known.
        pub service: String,
        /// Whether somebody else could take the name over.
        pub takeover: bool,
    }

    /// Reverse name of one address.
    pub struct PointerFacts {
        /// The address.
        pub address: String,
        /// What has this address: a name.
        pub host: String,
        /// Names that the reverse zone gives, sorted.
        pub names: Fact<Vec<String>>,
        /// Whether one of them leads back to the address.
        pub confirmed: Fact<bool>,
    }

    /// Signatures of a zone (RFC 4033 to 4035).
    pub struct DnssecFacts {
        /// `secure`, `unsigned`, `no_ds` (signed, but the parent holds no digest of its keys, so nobody can tell) or `bogus` (validating resolvers refuse to answer).
        pub status: Fact<String>,
        /// Why it is bogus, as a word: `signature_expired`, `signature_missing` ...; empty when it is not.
        pub reason: Fact<String>,
        /// The name and record type of which the reason holds, as `example.it DNSKEY`; empty when it is not bogus.
        pub subject: Fact<String>,
        /// What exactly was seen, for a person; empty when there is nothing to say.
        pub detail: Fact<String>,
        /// Number of the algorithm that signs the zone (IANA), the strongest where several do; 0 when unsigned.
        pub algorithm: Fact<i64>,
        /// Its mnemonic (IANA): `ECDSAP256SHA256`; empty when unsigned.
        pub algorithm_name: Fact<String>,
        /// Keys of the zone by tag.
        pub keys: Fact<Vec<KeyFacts>>,
        /// When the first of the signatures that were seen ends; unknown when unsigned.
        pub signatures_end: Fact<Timestamp>,
        /// How the zone proves that a name does not exist: `nsec`, `nsec3`, or empty when unsigned.
        pub denial: Fact<String>,
        /// Additional iterations of the NSEC3 hash; 0 without NSEC3.
        pub nsec3_iterations: Fact<i64>,
        /// What is wrong or weak: algorithms, key sizes, digests, ends of signatures, single names that are bogus in a good zone.
        pub problems: Fact<Vec<ProblemFacts>>,
    }

    /// One key of a zone (DNSKEY, RFC 4034 section 2).
    pub struct KeyFacts {
        /// Its tag.
        pub tag: i64,
        /// Number of its algorithm (IANA).
        pub algorithm: i64,
        /// Size in bits.
        pub bits: Fact<i64>,
        /// Whether it is marked as a key of which the parent holds a digest (SEP).
        pub secure_entry_point: bool,
        /// Whether it is revoked (RFC 5011).
        pub revoked: bool,
        /// Whether it signs the key set.
        pub signs_keys: bool,
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
