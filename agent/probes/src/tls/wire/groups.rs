//! Groups of the key exchange: the IANA registry "TLS Supported Groups", and drafts that are in use.

use std::fmt;

/// A group by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub u16);

/// Number and name of each.
const REGISTRY: &[(u16, &str)] = &[
    (1, "sect163k1"),
    (2, "sect163r1"),
    (3, "sect163r2"),
    (4, "sect193r1"),
    (5, "sect193r2"),
    (6, "sect233k1"),
    (7, "sect233r1"),
    (8, "sect239k1"),
    (9, "sect283k1"),
    (10, "sect283r1"),
    (11, "sect409k1"),
    (12, "sect409r1"),
    (13, "sect571k1"),
    (14, "sect571r1"),
    (15, "secp160k1"),
    (16, "secp160r1"),
    (17, "secp160r2"),
    (18, "secp192k1"),
    (19, "secp192r1"),
    (20, "secp224k1"),
    (21, "secp224r1"),
    (22, "secp256k1"),
    (23, "secp256r1"),
    (24, "secp384r1"),
    (25, "secp521r1"),
    (26, "brainpoolP256r1"),
    (27, "brainpoolP384r1"),
    (28, "brainpoolP512r1"),
    (29, "x25519"),
    (30, "x448"),
    (31, "brainpoolP256r1tls13"),
    (32, "brainpoolP384r1tls13"),
    (33, "brainpoolP512r1tls13"),
    (34, "GC256A"),
    (35, "GC256B"),
    (36, "GC256C"),
    (37, "GC256D"),
    (38, "GC512A"),
    (39, "GC512B"),
    (40, "GC512C"),
    (41, "curveSM2"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (259, "ffdhe6144"),
    (260, "ffdhe8192"),
    (512, "MLKEM512"),
    (513, "MLKEM768"),
    (514, "MLKEM1024"),
    (0x11EB, "SecP256r1MLKEM768"),
    (0x11EC, "X25519MLKEM768"),
    (0x11ED, "SecP384r1MLKEM1024"),
    (0x11EE, "curveSM2MLKEM768"),
    // Drafts of the hybrids, as browsers of 2023 and 2024 sent them.
    (0x6399, "X25519Kyber768Draft00"),
    (0x639A, "SecP256r1Kyber768Draft00"),
];

impl Group {
    /// X25519 (RFC 7748).
    pub const X25519: Self = Self(29);
    /// The NIST curve with 256 bits.
    pub const SECP256R1: Self = Self(23);
    /// The NIST curve with 384 bits.
    pub const SECP384R1: Self = Self(24);
    /// The NIST curve with 521 bits.
    pub const SECP521R1: Self = Self(25);

    /// Its IANA name, if it is listed.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        REGISTRY.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name)
    }

    /// Whether it is a finite field of RFC 7919.
    #[must_use]
    pub const fn is_finite_field(self) -> bool {
        self.0 >> 8 == 1
    }

    /// Whether it holds a part that quantum computers are not known to break.
    #[must_use]
    pub const fn is_post_quantum(self) -> bool {
        matches!(self.0, 0x0200..=0x0202 | 0x11EB..=0x11EE | 0x6399 | 0x639A)
    }

    /// Every curve that TLS 1.2 and older can agree on, those first that current clients prefer.
    ///
    /// No finite field: a `GnuTLS` server that is offered any of RFC 7919 puts its own parameters aside.
    pub fn curves_before_1_3() -> impl Iterator<Item = Self> {
        let first = [Self::X25519, Self::SECP256R1, Self::SECP384R1, Self::SECP521R1, Self(30)];
        let others = Self::listed().filter(move |group| matches!(group.0, 1..=30 | 34..=41) && !first.contains(group));
        first.into_iter().chain(others)
    }

    /// Every group that TLS 1.3 can agree on, and the old curves, which a lax server may take all the same.
    pub fn listed() -> impl Iterator<Item = Self> {
        REGISTRY.iter().map(|(number, _)| Self(*number))
    }
}

impl fmt::Display for Group {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "0x{:04X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_carry_their_registered_names() {
        for (number, name) in [(29, "x25519"), (0x11EC, "X25519MLKEM768"), (260, "ffdhe8192"), (0x0a0a, "0x0A0A")] {
            assert_eq!(Group(number).to_string(), name);
        }
    }

    #[test]
    fn no_finite_field_is_offered_below_tls_1_3() {
        assert!(Group::curves_before_1_3().all(|group| !group.is_finite_field() && !group.is_post_quantum()));
        assert!(Group::curves_before_1_3().any(|group| group == Group::SECP256R1));
    }
}
