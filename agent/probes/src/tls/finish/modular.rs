//! Powers modulo a large number: raw RSA and finite-field Diffie-Hellman, as servers of any age speak them.
//!
//! Nothing here runs in constant time, and nothing has to: the keys live for one connection over which nothing is sent
//! that anybody would want to hide.

use num_bigint::BigUint;

/// Largest modulus that is worked with, in bytes (16 384 bits): what a server may make us compute.
pub(crate) const MODULUS_BYTES_MAX: usize = 2048;

/// `base` to the power of `exponent` modulo `modulus`, all big-endian, as long as the modulus is; `None` for a modulus
/// that is even, trivial or larger than [`MODULUS_BYTES_MAX`].
pub(crate) fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
    let modulus = strip(modulus);
    if modulus.len() > MODULUS_BYTES_MAX || modulus.last().is_none_or(|last| last % 2 == 0) || modulus == [1] {
        return None;
    }
    let result = BigUint::from_bytes_be(base)
        .modpow(&BigUint::from_bytes_be(exponent), &BigUint::from_bytes_be(modulus))
        .to_bytes_be();
    Some(pad(&result, modulus.len()))
}

/// The bytes without leading zeros.
pub(crate) fn strip(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// The bytes with leading zeros up to `length`.
pub(crate) fn pad(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut padded = vec![0; length.saturating_sub(bytes.len())];
    padded.extend_from_slice(bytes);
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_is_as_long_as_the_modulus() {
        // 3^4 mod 257 = 81
        assert_eq!(power(&[3], &[4], &[0, 1, 1]), Some(vec![0, 81]));
    }

    #[test]
    fn a_modulus_without_an_inverse_world_is_refused() {
        for modulus in [&[][..], &[0], &[1], &[4], &[0xFF; MODULUS_BYTES_MAX + 1]] {
            assert_eq!(power(&[3], &[4], modulus), None, "{} bytes", modulus.len());
        }
    }
}
