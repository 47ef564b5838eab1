//! Organisations on disk.

use vedetta_core::ids::OrganisationId;
use vedetta_core::organisation::{Contact, Organisation, OrganisationKind, Perimeter};
use vedetta_proto::store;

use super::field::{Fields, id_bytes};
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const FIELDS: Fields = Fields("organisation");

impl Codec for Organisation {
    type Message = store::Organisation;

    fn key_bytes(key: &OrganisationId) -> Vec<u8> {
        KeyBytes::new().id(key.uuid()).finish()
    }

    fn to_message(&self) -> store::Organisation {
        store::Organisation {
            id: id_bytes(self.id.uuid()),
            kind: match self.kind {
                OrganisationKind::Comune => 1,
                OrganisationKind::Unione => 2,
                OrganisationKind::ZonaSociale => 3,
                OrganisationKind::Provincia => 4,
                OrganisationKind::Regione => 5,
            },
            name: self.name.clone(),
            istat_code: self.istat_code.clone(),
            cadastral_code: self.cadastral_code.clone(),
            ipa_code: self.ipa_code.clone(),
            parents: self.parents.iter().map(|parent| id_bytes(parent.uuid())).collect(),
            servers: self.perimeter.servers,
            workstations: self.perimeter.workstations,
            domains: self.perimeter.domains,
            sites: self.perimeter.sites,
            contacts: self
                .contacts
                .iter()
                .map(|contact| store::Contact {
                    role: contact.role.clone(),
                    name: contact.name.clone(),
                    reach: contact.reach.clone(),
                })
                .collect(),
            is_demonstration: self.is_demonstration,
        }
    }

    fn from_message(message: store::Organisation) -> Result<Self, CodecError> {
        Ok(Self {
            id: OrganisationId::new(FIELDS.id("id", &message.id)?),
            kind: match message.kind {
                1 => OrganisationKind::Comune,
                2 => OrganisationKind::Unione,
                3 => OrganisationKind::ZonaSociale,
                4 => OrganisationKind::Provincia,
                5 => OrganisationKind::Regione,
                other => return Err(FIELDS.wrong("kind", format!("unknown number {other}"))),
            },
            name: message.name,
            istat_code: message.istat_code,
            cadastral_code: message.cadastral_code,
            ipa_code: message.ipa_code,
            parents: message
                .parents
                .iter()
                .map(|parent| FIELDS.id("parents", parent).map(OrganisationId::new))
                .collect::<Result<_, _>>()?,
            perimeter: Perimeter {
                servers: message.servers,
                workstations: message.workstations,
                domains: message.domains,
                sites: message.sites,
            },
            contacts: message
                .contacts
                .into_iter()
                .map(|contact| Contact { role: contact.role, name: contact.name, reach: contact.reach })
                .collect(),
            is_demonstration: message.is_demonstration,
        })
    }
}
