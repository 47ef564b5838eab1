//! Published finite-field groups, known by the SHA-256 of their primes.
//!
//! A prime that many servers share is worth a computation in advance (LOGJAM); a prime that nobody published cannot be
//! judged from its size alone.

use aws_lc_rs::digest::{SHA256, digest};

/// Size in bits, name, and SHA-256 of the prime (highest byte first, no leading zero) in hexadecimal.
///
/// RFC 2409 and 3526 define theirs by pi and RFC 7919 by e; the table was computed from those definitions.
const PRIMES: &[(u16, &str, &str)] = &[
    (768, "rfc2409_oakley1", "b52ba6a3026520a6c49d37e4587601801bee500123b3259b6bf03e7cecc3e63d"),
    (1024, "rfc2409_oakley2", "3f35a3f5f6c4376a744acad409bb22f8d897f949d2311d885adaa890981b67a0"),
    (1536, "rfc3526_modp1536", "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b"),
    (2048, "rfc3526_modp2048", "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e"),
    (3072, "rfc3526_modp3072", "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c"),
    (4096, "rfc3526_modp4096", "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33"),
    (6144, "rfc3526_modp6144", "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd"),
    (8192, "rfc3526_modp8192", "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf"),
    (2048, "rfc7919_ffdhe2048", "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966"),
    (3072, "rfc7919_ffdhe3072", "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17"),
    (4096, "rfc7919_ffdhe4096", "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e"),
    (6144, "rfc7919_ffdhe6144", "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7"),
    (8192, "rfc7919_ffdhe8192", "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833"),
    (1024, "rfc5114_modp1024_160", "44c55cfee5c075927cf682da5b681bdecbd5c3eb0784c14f5dce7610f0ef133d"),
    (2048, "rfc5114_modp2048_224", "bfe545862ca102ad1eeddb5fbfa5bf855ac4995c56a8b408ce3fe099dce93a9d"),
    (2048, "rfc5114_modp2048_256", "0b7835722cb619827610c2549fdda5587421686c4409a13865e76225522ddcc9"),
];

/// The name of the published group that has this prime, as `rfc3526_modp2048`.
#[must_use]
pub fn known_prime(prime: &[u8]) -> Option<&'static str> {
    let start = prime.iter().position(|byte| *byte != 0)?;
    let prime = prime.get(start..)?;
    if !PRIMES.iter().any(|(bits, ..)| usize::from(*bits) == 8 * prime.len()) {
        return None;
    }
    let fingerprint = digest(&SHA256, prime);
    let hexadecimal: String = fingerprint.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    PRIMES.iter().find(|(_, _, known)| *known == hexadecimal).map(|(_, name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2409 section 6.1.
    const OAKLEY_1: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22\
                            514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6\
                            F44C42E9A63A3620FFFFFFFFFFFFFFFF";

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        (0..hexadecimal.len() / 2)
            .map(|index| u8::from_str_radix(&hexadecimal[2 * index..2 * index + 2], 16).expect("hexadecimal"))
            .collect()
    }

    #[test]
    fn a_published_prime_is_named_with_and_without_a_leading_zero() {
        let mut prime = bytes(OAKLEY_1);
        assert_eq!(known_prime(&prime), Some("rfc2409_oakley1"));
        prime.insert(0, 0);
        assert_eq!(known_prime(&prime), Some("rfc2409_oakley1"));
    }

    #[test]
    fn another_prime_of_that_size_has_no_name() {
        let mut prime = bytes(OAKLEY_1);
        prime[40] ^= 1;
        assert_eq!(known_prime(&prime), None);
        assert_eq!(known_prime(&[]), None);
        assert_eq!(known_prime(&[0, 0]), None);
    }
}
