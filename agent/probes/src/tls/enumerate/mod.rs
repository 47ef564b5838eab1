//! What a server accepts, asked by hellos alone: no handshake is completed and no cryptography is needed.

mod enumeration;

pub(crate) use enumeration::{
    Enumeration, FiniteField, Intolerance, KeyKind, SentChain, VersionSeen, WithoutServerName,
};
