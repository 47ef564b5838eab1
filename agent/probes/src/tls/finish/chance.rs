//! Random bytes for keys and greetings.

use aws_lc_rs::rand;

/// `N` random bytes; zeros where the system gives none, which a probe that hides nothing can bear.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = rand::fill(&mut bytes);
    bytes
}
