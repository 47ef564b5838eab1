//! A zone as a value: what it holds, who serves it, how it is signed, and what a look must find.

use super::place::Place::{self, A, B};

/// Timers within the ranges of RFC 1912 section 2.2 and RFC 2308 section 5.
const START: &str = "ns1 postmaster 2026112201 14400 3600 1209600 3600";
/// Two name servers in two networks, both with IPv4 and IPv6.
const TWO: &[NameServer] = &[server("ns1", A), server("ns2", B)];

/// A zone.
#[derive(Debug, Clone, Copy)]
pub struct Zone {
    /// Its whole name, without the last dot.
    pub name: &'static str,
    /// Zone file lines relative to the zone, without start of authority and name servers. `{Mail}` stands for the IPv4
    /// address of that [`Place`], `{tlsa NAME}` for the digest of the key of the mail server of that name.
    pub records: &'static str,
    /// Data of the start of authority.
    pub start: &'static str,
    /// Its name servers, as parent and zone name them.
    pub servers: &'static [NameServer],
    /// What the second server holds instead: start of authority and records.
    pub second: Option<(&'static str, &'static str)>,
    /// How it is signed.
    pub signing: Option<Signing>,
    /// Whether strangers may have the whole zone (AXFR).
    pub open_transfer: bool,
    /// Policy of MTA-STS, as its web server gives it.
    pub policy: Option<Policy>,
    /// Further options of the look.
    pub options: &'static [&'static str],
    /// Every word that the look must find, and no other; the same word of several records once.
    pub says: &'static [&'static str],
    /// Further fields of the observation: path with dots, value as JSON.
    pub facts: &'static [(&'static str, &'static str)],
}

/// A name server of a zone.
#[derive(Debug, Clone, Copy)]
pub struct NameServer {
    /// Its name: relative to the zone, or whole with a last dot.
    pub name: &'static str,
    /// Where it stands; none for a name whose address is elsewhere or nowhere.
    pub place: Option<Place>,
    /// Whether the parent zone names it.
    pub in_parent: bool,
    /// Whether the zone names it.
    pub in_zone: bool,
    /// Its address in the parent zone: as in the zone, elsewhere, or not there at all.
    pub glue: Glue,
}

/// Address of a name server in the parent zone.
#[derive(Debug, Clone, Copy)]
pub enum Glue {
    /// As in the zone.
    Same,
    /// None.
    Missing,
    /// Another.
    At(Place),
}

/// How a zone is signed, and what happens to it afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Signing {
    /// Which key.
    pub key: Key,
    /// How names that are missing are proved missing.
    pub denial: Denial,
    /// Begin and end of the signatures, in seconds from now.
    pub valid: (i64, i64),
    /// What the parent says of the key.
    pub parent: ParentSays,
    /// Changes to the signed zone.
    pub tampering: &'static [Tampering],
    /// What validating resolvers make of the zone itself.
    pub status: Status,
}

/// A kind of key; a tree has one of each, used by every zone that wants its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Key {
    RsaSha1Of2048,
    RsaSha256Of1024,
    RsaSha256Of2048,
    RsaSha512Of2048,
    EcdsaP256,
    OtherEcdsaP256,
    EcdsaP384,
    Ed25519,
    Ed448,
}

/// Proof that a name is missing.
#[derive(Debug, Clone, Copy)]
pub enum Denial {
    /// RFC 4034 section 4.
    Nsec,
    /// RFC 5155, with so many additional iterations, with salt or without.
    Nsec3 {
        /// Additional iterations of the hash.
        iterations: u16,
        /// Salt in hexadecimal, `-` for none.
        salt: &'static str,
    },
}

/// The digest of the key in the parent zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentSays {
    /// SHA-256 of the key.
    Digest,
    /// SHA-1 of the key.
    Sha1,
    /// SHA-384 of the key.
    Sha384,
    /// Nothing.
    Nothing,
    /// The digest of a key that the zone does not have.
    OtherKey,
    /// The key's tag with a digest of something else.
    WrongDigest,
    /// The right digest with the number of another algorithm.
    WrongAlgorithm,
    /// An algorithm that nobody knows, alone.
    UnknownAlgorithm,
}

/// A change to lines of the signed zone; a line is one record, all names whole.
#[derive(Debug, Clone, Copy)]
pub enum Tampering {
    /// Removes the signatures over these types (every name), as `RRSIG TYPE`.
    StripSignatures(&'static str),
    /// Removes the signature over a type at one name (relative to the zone).
    StripSignatureAt(&'static str, &'static str),
    /// Damages the signatures over these types.
    DamageSignatures(&'static str),
    /// Damages the signature over a type at one name (relative to the zone).
    DamageSignatureAt(&'static str, &'static str),
    /// Removes every record of a type with its signatures.
    Remove(&'static str),
    /// Lets signatures name another zone as their signer.
    Signer(&'static str),
}

/// Status of a signed zone, as RFC 4033 section 5 and the contract of the probe have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Every step holds.
    Secure,
    /// Nobody can tell: no digest in the parent, or none of a kind that anybody can check.
    Insecure,
    /// The parent holds no digest.
    NoDs,
    /// Refused, for this reason.
    Bogus(&'static str),
}

/// A policy of MTA-STS behind HTTPS.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Status code.
    pub code: u16,
    /// Content type, or for a redirect its location.
    pub header: (&'static str, &'static str),
    /// Lines, with `\n` for CRLF.
    pub body: &'static str,
}

/// A server that stands where both sides say.
pub const fn server(name: &'static str, place: Place) -> NameServer {
    NameServer { name, place: Some(place), in_parent: true, in_zone: true, glue: Glue::Same }
}

/// A server that both sides name, without an address of the zone's own.
pub const fn named(name: &'static str) -> NameServer {
    NameServer { name, place: None, in_parent: true, in_zone: true, glue: Glue::Missing }
}

impl NameServer {
    /// Only the zone names it.
    pub const fn in_zone_only(mut self) -> Self {
        self.in_parent = false;
        self
    }

    /// Only the parent names it.
    pub const fn in_parent_only(mut self) -> Self {
        self.in_zone = false;
        self
    }

    /// Its address in the parent zone differs.
    pub const fn glue(mut self, glue: Glue) -> Self {
        self.glue = glue;
        self
    }
}

/// A zone without faults.
pub const fn zone(name: &'static str, records: &'static str) -> Zone {
    Zone {
        name,
        records,
        start: START,
        servers: TWO,
        second: None,
        signing: None,
        open_transfer: false,
        policy: None,
        options: &[],
        says: &[],
        facts: &[],
    }
}

impl Zone {
    /// With these name servers.
    pub const fn at(mut self, servers: &'static [NameServer]) -> Self {
        self.servers = servers;
        self
    }

    /// With this start of authority.
    pub const fn start(mut self, start: &'static str) -> Self {
        self.start = start;
        self
    }

    /// The second server holds other records.
    pub const fn second(mut self, records: &'static str) -> Self {
        self.second = Some((self.start, records));
        self
    }

    /// The second server holds the same records under another start of authority.
    pub const fn second_start(mut self, start: &'static str) -> Self {
        self.second = Some((start, self.records));
        self
    }

    /// Signed, and secure unless something is said to the contrary.
    pub const fn signed(mut self, key: Key) -> Self {
        self.signing = Some(Signing {
            key,
            denial: Denial::Nsec,
            valid: (-3_600, 30 * 86_400),
            parent: ParentSays::Digest,
            tampering: &[],
            status: Status::Secure,
        });
        self
    }

    const fn change(mut self, signing: Signing) -> Self {
        self.signing = Some(signing);
        self
    }

    const fn signing(&self) -> Signing {
        match self.signing {
            Some(signing) => signing,
            None => panic!("first `signed`, then how"),
        }
    }

    /// With NSEC3.
    pub const fn nsec3(self, iterations: u16, salt: &'static str) -> Self {
        self.change(Signing { denial: Denial::Nsec3 { iterations, salt }, ..self.signing() })
    }

    /// Signatures hold from and until so many seconds from now.
    pub const fn valid(self, from: i64, until: i64) -> Self {
        self.change(Signing { valid: (from, until), ..self.signing() })
    }

    /// What the parent says of the key.
    pub const fn parent(self, parent: ParentSays) -> Self {
        self.change(Signing { parent, ..self.signing() })
    }

    /// Changed after it was signed.
    pub const fn tampered(self, tampering: &'static [Tampering]) -> Self {
        self.change(Signing { tampering, ..self.signing() })
    }

    /// What resolvers make of it.
    pub const fn status(self, status: Status) -> Self {
        self.change(Signing { status, ..self.signing() })
    }

    /// Refused by resolvers that validate.
    pub const fn bogus(self, reason: &'static str) -> Self {
        self.status(Status::Bogus(reason))
    }

    /// With a policy of MTA-STS.
    pub const fn policy(mut self, body: &'static str) -> Self {
        self.policy = Some(Policy { code: 200, header: ("Content-Type", "text/plain"), body });
        self
    }

    /// With a policy of MTA-STS that its web server gives in another manner.
    pub const fn answer(mut self, code: u16, header: (&'static str, &'static str), body: &'static str) -> Self {
        self.policy = Some(Policy { code, header, body });
        self
    }

    /// Strangers may have the whole of it.
    pub const fn open_transfer(mut self) -> Self {
        self.open_transfer = true;
        self
    }

    /// Looked at with further options.
    pub const fn with(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }

    /// What a look must find.
    pub const fn says(mut self, words: &'static [&'static str]) -> Self {
        self.says = words;
        self
    }

    /// Fields of the observation.
    pub const fn facts(mut self, facts: &'static [(&'static str, &'static str)]) -> Self {
        self.facts = facts;
        self
    }
}
