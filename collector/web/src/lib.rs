//! The pages and the JSON API for people. Rendered on the server; works without JavaScript, because there is none.
//!
//! The program that serves them hands in a [`WebState`]: the store, the clock, random bytes, the hashing of passphrases
//! and the making of enrolment codes. [`router`] answers an [`axum::Router`] for the people's port; TLS is the caller's.
//!
//! Attempts to log in are counted for each source address when the server is made with
//! `router.into_make_service_with_connect_info::<SocketAddr>()`; without it, for each account and in all only.
//!
//! Where things are: [`pages`](crate::page_list) is the one list of pages, each in its own folder with handler, template
//! and test; `texts` holds every text in both languages; `guard` decides who may come in before any handler runs.
//!
//! ```text
//! request -> headers -> dress (errors as pages) -> guard (session, permission, form secret) -> page -> store
//! ```

mod address;
mod api;
mod app;
mod assets;
mod attempts;
mod failure;
mod figures;
mod frame;
mod guard;
mod headers;
mod packages;
mod pages;
mod rome;
mod secret;
mod shelf;
mod state;
mod submitted;
mod texts;

pub use guard::{Permission, Who};
pub use packages::{PACKAGE_BYTES_MAX, Packages};
pub use pages::{PageEntry, WebError, page_list, router};
pub use secret::{login_path, secret_fingerprint};
pub use state::{
    Chance, Clock, EnrolmentCodes, NewCode, NoChance, PASSPHRASE_CHARACTERS_MIN, PassphraseError, Passphrases,
    PublicAddress, WebState,
};
