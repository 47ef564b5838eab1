//! X448 (RFC 7748 section 5), which neither the TLS library nor the provider has.

use num_bigint::BigUint;
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup};

use super::BAD_SHARE;
use crate::tls::finish::{chance, modular};

/// Length of a scalar, a share and a secret, in bytes.
const LENGTH: usize = 56;
/// Bits of the scalar.
const BITS: u64 = 448;
/// (A - 2) / 4 of the curve.
const A24: u32 = 39_081;
/// The base point's u coordinate.
const BASE: u32 = 5;

/// The group.
#[derive(Debug)]
pub(super) struct X448;

impl SupportedKxGroup for X448 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let scalar = chance::random();
        let share = multiply(&scalar, &BigUint::from(BASE));
        Ok(Box::new(Active { scalar, share }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X448
    }
}

struct Active {
    scalar: [u8; LENGTH],
    share: Vec<u8>,
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer_pub_key: &[u8]) -> Result<SharedSecret, Error> {
        if peer_pub_key.len() != LENGTH {
            return Err(BAD_SHARE);
        }
        Ok(SharedSecret::from(multiply(&self.scalar, &BigUint::from_bytes_le(peer_pub_key))))
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X448
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }
}

/// The Montgomery ladder of RFC 7748 section 5, little-endian.
fn multiply(scalar: &[u8; LENGTH], u: &BigUint) -> Vec<u8> {
    let mut scalar = *scalar;
    if let Some(first) = scalar.first_mut() {
        *first &= 252;
    }
    if let Some(last) = scalar.last_mut() {
        *last |= 128;
    }
    let scalar = BigUint::from_bytes_le(&scalar);
    let one = BigUint::from(1_u32);
    let prime = (&one << 448_u32) - (&one << 224_u32) - &one;
    let start = u % &prime;
    let (mut x2, mut z2, mut x3, mut z3) = (one.clone(), BigUint::ZERO, start.clone(), one);
    let less = |left: &BigUint, right: &BigUint| (left + &prime - right) % &prime;
    let mut swapped = false;
    for bit in (0..BITS).rev() {
        if scalar.bit(bit) != swapped {
            std::mem::swap(&mut x2, &mut x3);
            std::mem::swap(&mut z2, &mut z3);
            swapped = !swapped;
        }
        let (a, b) = ((&x2 + &z2) % &prime, less(&x2, &z2));
        let (aa, bb) = (&a * &a % &prime, &b * &b % &prime);
        let e = less(&aa, &bb);
        let da = less(&x3, &z3) * &a % &prime;
        let cb = (&x3 + &z3) * &b % &prime;
        let (sum, difference) = ((&da + &cb) % &prime, less(&da, &cb));
        x3 = &sum * &sum % &prime;
        z3 = &start * (&difference * &difference % &prime) % &prime;
        x2 = &aa * &bb % &prime;
        z2 = &e * ((&aa + A24 * &e) % &prime) % &prime;
    }
    if swapped {
        std::mem::swap(&mut x2, &mut x3);
        std::mem::swap(&mut z2, &mut z3);
    }
    let inverse = z2.modpow(&(&prime - 2_u32), &prime);
    let mut result = modular::pad(&(x2 * inverse % &prime).to_bytes_be(), LENGTH);
    result.reverse();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("two digits");
        (0..hexadecimal.len()).step_by(2).map(digit).collect()
    }

    #[test]
    fn the_first_vector_of_rfc_7748_comes_out() {
        let scalar = bytes(
            "3d262fddf9ec8e88495266fea19a34d28882acef045104d0d1aae121700a779c984c24f8cdd78fbff44943eba368f54b29259a4f1c600ad3",
        );
        let u = bytes(
            "06fce640fa3487bfda5f6cf2d5263f8aad88334cbd07437f020f08f9814dc031ddbdc38c19c6da2583fa5429db94ada18aa7a7fb4ef8a086",
        );
        let expected = bytes(
            "ce3e4ff95a60dc6697da1db1d85e6afbdf79b50a2412d7546d5f239fe14fbaadeb445fc66a01b0779d98223961111e21766282f73dd96b6f",
        );
        let scalar: [u8; LENGTH] = scalar.try_into().expect("56 bytes");
        assert_eq!(multiply(&scalar, &BigUint::from_bytes_le(&u)), expected);
    }

    #[test]
    fn both_sides_come_to_the_same_secret() {
        let (ours, theirs) = (X448.start().expect("a key"), X448.start().expect("a key"));
        let (our_share, their_share) = (ours.pub_key().to_vec(), theirs.pub_key().to_vec());
        let one = ours.complete(&their_share).expect("a secret");
        let other = theirs.complete(&our_share).expect("a secret");
        assert_eq!(one.secret_bytes(), other.secret_bytes());
    }
}
