//! What is wrong with certificates: every word, each by itself and in the combinations that are easily confused.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod authority;
mod case;
mod chains;
mod damage;
mod disk;
mod leaves;
mod lenient;
mod names;
mod old;
mod openssl;
mod revocation;
