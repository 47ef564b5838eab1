//! Ed448 (RFC 8032 section 5.2), checking only: the provider of cryptography has no curve of that size.
//!
//! Nothing here is secret, so nothing runs in constant time.

use std::sync::LazyLock;

use num_bigint::BigUint;
use shake::{ExtendableOutput, Shake256, Update, XofReader};

/// Length of a public key and of either half of a signature, in bytes.
const LENGTH: usize = 57;
/// Length of the hash, in bytes.
const HASH_LENGTH: usize = 114;
/// What is hashed first: the name of the scheme, not prehashed, without a context (RFC 8032 section 5.2: `dom4`).
const DOMAIN: &[u8] = b"SigEd448\x00\x00";
/// The curve's constant is -39081.
const MINUS_D: u32 = 39_081;
/// Bit of the last byte of a point that holds the sign of x.
const SIGN: u8 = 0x80;

/// Constants of the curve.
struct Curve {
    /// 2^448 - 2^224 - 1.
    prime: BigUint,
    /// Order of the base point.
    order: BigUint,
    /// (prime - 3) / 4, of which a square root is made.
    root: BigUint,
    base: Point,
}

/// A point (x, y) as (X/Z, Y/Z).
#[derive(Clone)]
struct Point {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

static CURVE: LazyLock<Curve> = LazyLock::new(|| {
    let one = BigUint::from(1_u32);
    let prime = (&one << 448_u32) - (&one << 224_u32) - &one;
    let number = |digits: &[u8]| BigUint::parse_bytes(digits, 10).unwrap_or_default();
    Curve {
        root: (&prime - 3_u32) >> 2_u32,
        prime,
        order: (&one << 446_u32)
            - number(b"13818066809895115352007386748515426880336692474882178609894547503885"),
        base: Point {
            x: number(
                b"224580040295924300187604334099896036246789641632564134246125461686950415467406032909029192869357953282578032075146446173674602635247710",
            ),
            y: number(
                b"298819210078481492676017930443930673437544040154080242095928241372331506189835876003536878655418784733982303233503462500531545062832660",
            ),
            z: one,
        },
    }
});

/// Whether the signature of the message is the key's.
pub(super) fn holds(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    checked(public, message, signature).unwrap_or(false)
}

fn checked(public: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let curve = &*CURVE;
    let (r, s) = signature.split_at_checked(LENGTH).filter(|_| signature.len() == 2 * LENGTH)?;
    let key = curve.point(public)?;
    let commitment = curve.point(r)?;
    let s = BigUint::from_bytes_le(s);
    if s >= curve.order {
        return None;
    }
    let mut hasher = Shake256::default();
    for part in [DOMAIN, r, public, message] {
        hasher.update(part);
    }
    let mut hash = [0; HASH_LENGTH];
    hasher.finalize_xof().read(&mut hash);
    let challenge = BigUint::from_bytes_le(&hash) % &curve.order;
    // s * base - challenge * key == commitment
    let found = curve.combined(&s, &curve.base, &challenge, &curve.negative(&key));
    Some(curve.equal(&found, &commitment))
}

impl Curve {
    fn multiply(&self, left: &BigUint, right: &BigUint) -> BigUint {
        left * right % &self.prime
    }

    fn less(&self, left: &BigUint, right: &BigUint) -> BigUint {
        (left + &self.prime - right) % &self.prime
    }

    /// Reads a point (RFC 8032 section 5.2.3); `None` when it is none.
    fn point(&self, bytes: &[u8]) -> Option<Point> {
        let (last, y) = bytes.split_last().filter(|_| bytes.len() == LENGTH)?;
        let y = BigUint::from_bytes_le(y);
        if *last & !SIGN != 0 || y >= self.prime {
            return None;
        }
        let odd = *last & SIGN != 0;
        let one = BigUint::from(1_u32);
        let y2 = self.multiply(&y, &y);
        // x^2 = u / v with u = y^2 - 1 and v = d y^2 - 1; d is negative.
        let u = self.less(&y2, &one);
        let v = self.less(&BigUint::ZERO, &((&y2 * MINUS_D + &one) % &self.prime));
        let u3v = self.multiply(&self.multiply(&self.multiply(&u, &u), &u), &v);
        let u5v3 = self.multiply(&self.multiply(&u3v, &self.multiply(&u, &u)), &self.multiply(&v, &v));
        let mut x = self.multiply(&u3v, &u5v3.modpow(&self.root, &self.prime));
        if self.multiply(&v, &self.multiply(&x, &x)) != u || (x == BigUint::ZERO && odd) {
            return None;
        }
        if x.bit(0) != odd {
            x = &self.prime - x;
        }
        Some(Point { x, y, z: one })
    }

    fn negative(&self, point: &Point) -> Point {
        Point { x: self.less(&BigUint::ZERO, &point.x), y: point.y.clone(), z: point.z.clone() }
    }

    fn equal(&self, left: &Point, right: &Point) -> bool {
        self.multiply(&left.x, &right.z) == self.multiply(&right.x, &left.z)
            && self.multiply(&left.y, &right.z) == self.multiply(&right.y, &left.z)
    }

    /// RFC 8032 section 5.2.4.
    fn add(&self, left: &Point, right: &Point) -> Point {
        let a = self.multiply(&left.z, &right.z);
        let b = self.multiply(&a, &a);
        let c = self.multiply(&left.x, &right.x);
        let d = self.multiply(&left.y, &right.y);
        let minus_e = self.multiply(&(&c * MINUS_D), &d);
        let f = (&b + &minus_e) % &self.prime;
        let g = self.less(&b, &minus_e);
        let h = self.multiply(&(&left.x + &left.y), &(&right.x + &right.y));
        let cross = self.less(&h, &((&c + &d) % &self.prime));
        Point {
            x: self.multiply(&self.multiply(&a, &f), &cross),
            y: self.multiply(&self.multiply(&a, &g), &self.less(&d, &c)),
            z: self.multiply(&f, &g),
        }
    }

    /// RFC 8032 section 5.2.4.
    fn double(&self, point: &Point) -> Point {
        let sum = &point.x + &point.y;
        let b = self.multiply(&sum, &sum);
        let c = self.multiply(&point.x, &point.x);
        let d = self.multiply(&point.y, &point.y);
        let e = (&c + &d) % &self.prime;
        let h = self.multiply(&point.z, &point.z);
        let j = self.less(&e, &((h * 2_u32) % &self.prime));
        Point {
            x: self.multiply(&self.less(&b, &e), &j),
            y: self.multiply(&e, &self.less(&c, &d)),
            z: self.multiply(&e, &j),
        }
    }

    /// `one * first + other * second`, both bit by bit in one pass.
    fn combined(&self, one: &BigUint, first: &Point, other: &BigUint, second: &Point) -> Point {
        let both = self.add(first, second);
        let mut sum = Point { x: BigUint::ZERO, y: BigUint::from(1_u32), z: BigUint::from(1_u32) };
        for bit in (0..one.bits().max(other.bits())).rev() {
            sum = self.double(&sum);
            match (one.bit(bit), other.bit(bit)) {
                (true, true) => sum = self.add(&sum, &both),
                (true, false) => sum = self.add(&sum, first),
                (false, true) => sum = self.add(&sum, second),
                (false, false) => {}
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("two digits");
        (0..hexadecimal.len()).step_by(2).map(digit).collect()
    }

    /// Key, message and signature of RFC 8032 section 7.4.
    const VECTORS: [(&str, &str, &str); 2] = [
        (
            "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
            "",
            "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980\
             ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
        ),
        (
            "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
            "03",
            "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd77980\
             5e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00",
        ),
    ];

    #[test]
    fn the_vectors_of_rfc_8032_hold_and_a_changed_byte_does_not() {
        for (key, message, signature) in VECTORS {
            let (key, message, mut signature) = (bytes(key), bytes(message), bytes(signature));
            assert!(holds(&key, &message, &signature));
            assert!(!holds(&key, b"another message", &signature));
            signature[60] ^= 1;
            assert!(!holds(&key, &message, &signature));
        }
    }

    #[test]
    fn what_is_no_point_or_no_number_is_refused() {
        for length in [0, 56, 57, 58, 114] {
            assert!(!holds(&vec![0xff; length], b"", &[0xff; 114]), "{length}");
            assert!(!holds(&[0x01; 57], b"", &vec![0xff; length]), "{length}");
        }
    }
}
