//! Assets and grants on disk.

use vedetta_core::asset::{Asset, AssetKey, AssetKind, AssetState, Grant, GrantKey};
use vedetta_core::ids::{AgentId, GrantId};
use vedetta_proto::store;

use super::field::{self, Fields, id_bytes};
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const ASSET: Fields = Fields("asset");
const GRANT: Fields = Fields("grant");

impl Codec for Asset {
    type Message = store::Asset;

    fn key_bytes(key: &AssetKey) -> Vec<u8> {
        KeyBytes::new().asset(*key).finish()
    }

    fn to_message(&self) -> store::Asset {
        let (retired_at, retired_reason) = match &self.state {
            AssetState::Active => (None, String::new()),
            AssetState::Retired { at, reason } => (Some(at.as_millisecond()), reason.clone()),
        };
        store::Asset {
            key: Some(field::asset(self.key)),
            name: self.name.clone(),
            target: match &self.kind {
                AssetKind::Host => None,
                AssetKind::Public(target) => Some(target.to_string()),
            },
            supplier: self.supplier.clone(),
            retired_at,
            retired_reason,
            added_at: self.added_at.as_millisecond(),
        }
    }

    fn from_message(message: store::Asset) -> Result<Self, CodecError> {
        Ok(Self {
            key: ASSET.asset(message.key)?,
            name: message.name,
            kind: match message.target {
                None => AssetKind::Host,
                Some(target) => AssetKind::Public(ASSET.target(&target)?),
            },
            supplier: message.supplier,
            state: match ASSET.time_option("retired_at", message.retired_at)? {
                None => AssetState::Active,
                Some(at) => AssetState::Retired { at, reason: message.retired_reason },
            },
            added_at: ASSET.time("added_at", message.added_at)?,
        })
    }
}

impl Codec for Grant {
    type Message = store::Grant;

    fn key_bytes(key: &GrantKey) -> Vec<u8> {
        KeyBytes::new().id(key.agent.uuid()).id(key.grant.uuid()).finish()
    }

    fn to_message(&self) -> store::Grant {
        store::Grant {
            agent: id_bytes(self.key.agent.uuid()),
            grant: id_bytes(self.key.grant.uuid()),
            asset: Some(field::asset(self.asset)),
            target: self.target.to_string(),
            vantage: field::vantage(self.vantage),
            refused_by_host: self.refused_by_host.map(|at| at.as_millisecond()),
        }
    }

    fn from_message(message: store::Grant) -> Result<Self, CodecError> {
        Ok(Self {
            key: GrantKey {
                agent: AgentId::new(GRANT.id("agent", &message.agent)?),
                grant: GrantId::new(GRANT.id("grant", &message.grant)?),
            },
            asset: GRANT.asset(message.asset)?,
            target: GRANT.target(&message.target)?,
            vantage: GRANT.vantage(message.vantage)?,
            refused_by_host: GRANT.time_option("refused_by_host", message.refused_by_host)?,
        })
    }
}
