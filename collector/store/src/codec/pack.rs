//! Packs on disk.

use vedetta_checks::result::PackDigest;
use vedetta_core::pack::StoredPack;
use vedetta_proto::store;

use super::field::Fields;
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const PACK: Fields = Fields("pack");

impl Codec for StoredPack {
    type Message = store::StoredPack;

    fn key_bytes(key: &PackDigest) -> Vec<u8> {
        KeyBytes::new().bytes(key.as_bytes()).finish()
    }

    fn to_message(&self) -> store::StoredPack {
        store::StoredPack {
            digest: self.digest.as_bytes().to_vec(),
            manifest: self.manifest.clone(),
            signature: self.signature.clone(),
            files: self
                .files
                .iter()
                .map(|(path, content)| store::PackFile { path: path.clone(), content: content.clone() })
                .collect(),
            added_at: self.added_at.as_millisecond(),
        }
    }

    fn from_message(message: store::StoredPack) -> Result<Self, CodecError> {
        Ok(Self {
            digest: PACK.digest("digest", &message.digest)?,
            manifest: message.manifest,
            signature: message.signature,
            files: message.files.into_iter().map(|file| (file.path, file.content)).collect(),
            added_at: PACK.time("added_at", message.added_at)?,
        })
    }
}
