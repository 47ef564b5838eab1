//! Under which asset a result belongs: decided by the registry, never by text that the agent sends.

use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::word::CheckId;

use super::{Foreign, IncomingConfirmation, Refused};
use crate::actor::AuthenticatedAgent;
use crate::asset::{AssetKey, Grant};
use crate::result::ResultKey;

/// What a result or confirmation says about where it belongs.
pub(super) struct Label<'a> {
    check: &'a CheckId,
    asset: AssetReference,
    target: &'a Target,
    vantage: Vantage,
}

impl<'a> Label<'a> {
    pub(super) const fn of_result(result: &'a CheckResult) -> Self {
        Self { check: &result.check, asset: result.asset, target: &result.target, vantage: result.vantage }
    }

    pub(super) const fn of_confirmation(confirmation: &'a IncomingConfirmation) -> Self {
        Self {
            check: &confirmation.check,
            asset: confirmation.asset,
            target: &confirmation.target,
            vantage: confirmation.vantage,
        }
    }

    /// The key it is kept under.
    pub(super) fn key(&self, agent: &AuthenticatedAgent, grants: &[Grant]) -> Result<ResultKey, Foreign> {
        let asset = self.asset(agent, grants)?;
        Ok(ResultKey { asset, check: self.check.clone(), target: self.target.clone(), vantage: self.vantage })
    }

    fn asset(&self, agent: &AuthenticatedAgent, grants: &[Grant]) -> Result<AssetKey, Foreign> {
        match self.asset {
            // Under its own host only the host itself: what a person points the program at is nobody's score.
            AssetReference::OwnHost => match (self.vantage, self.target) {
                (Vantage::Outside, _) => Err(Foreign::Vantage),
                (Vantage::Inside, Target::Host) => Ok(agent.host()),
                (Vantage::Inside, Target::Endpoint(_) | Target::Domain(_) | Target::Ports(_)) => Err(Foreign::Target),
            },
            AssetReference::Granted(id) => {
                let held = |grant: &&Grant| grant.key.agent == agent.id() && grant.key.grant.uuid() == id;
                let grant = grants.iter().find(held).ok_or(Foreign::Grant)?;
                if grant.target != *self.target {
                    return Err(Foreign::Target);
                }
                if grant.vantage != self.vantage {
                    return Err(Foreign::Vantage);
                }
                Ok(grant.asset)
            }
        }
    }

    pub(super) fn refused(&self, number: usize, why: Foreign) -> Refused {
        Refused { number, check: self.check.clone(), target: self.target.clone(), why }
    }
}
