//! What people talk to: the HTTPS port of pages and API, and the passphrases of their accounts.

pub mod hooks;
pub mod listener;
pub mod passphrase;

#[cfg(test)]
mod tests;
