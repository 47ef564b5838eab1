//! The posture of every Comune at once, for the page of the province and the API. Computed again when the store changed
//! or a minute went by, not for every reader.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use vedetta_core::changes::Position;
use vedetta_core::ids::OrganisationId;
use vedetta_core::organisation::OrganisationGraph;
use vedetta_core::posture::{FixLine, Member, OrganisationView, PacksByDigest};
use vedetta_core::result::CurrentResult;
use vedetta_core::store::Store;

use super::Known;
use crate::app::App;
use crate::failure::Failure;

/// The posture of every organisation that holds assets of its own.
pub(crate) struct Overview {
    pub(crate) views: BTreeMap<OrganisationId, OrganisationView>,
    /// What was found where each organisation has most to mend. Evidence: not for everybody who sees the views.
    pub(crate) firsts: BTreeMap<OrganisationId, CurrentResult>,
    /// Every pack that a result refers to, and the shipped ones.
    pub(crate) packs: PacksByDigest,
}

/// The newest overview, with the state of the store and the minute that it was computed at.
pub(crate) type OverviewCache = Mutex<Option<(Position, i64, Arc<Overview>)>>;

impl Overview {
    /// The overview now. Whoever reads it must still leave out what the person may not see.
    pub(crate) async fn of<S: Store>(app: &App<S>, graph: &OrganisationGraph) -> Result<Arc<Self>, Failure> {
        let now = app.now();
        let (position, minute) = (app.hooks.store.position(), now.as_second() / 60);
        if let Some((at, then, overview)) = &*app.overview.lock().unwrap_or_else(PoisonError::into_inner)
            && (*at, *then) == (position, minute)
        {
            return Ok(Arc::clone(overview));
        }
        let overview = Arc::new(Self::compute(app, graph, now).await?);
        *app.overview.lock().unwrap_or_else(PoisonError::into_inner) = Some((position, minute, Arc::clone(&overview)));
        Ok(overview)
    }

    async fn compute<S: Store>(app: &App<S>, graph: &OrganisationGraph, now: Timestamp) -> Result<Self, Failure> {
        let mut views = BTreeMap::new();
        let mut firsts = BTreeMap::new();
        let mut packs = PacksByDigest::new();
        for organisation in graph.iter() {
            let known = Known::read(app, organisation).await?;
            let view = known.view(now);
            if let Some(line) = first_fix(&view).filter(|line| line.fix.unseen_since.is_none())
                && let Some(found) = known.result(line.fix.asset, &line.fix.check)
            {
                firsts.insert(organisation.id, found.clone());
            }
            views.insert(organisation.id, view);
            packs.extend(known.packs);
        }
        Ok(Self { views, firsts, packs })
    }

    /// What a group needs of its Comuni: only those that ever reported.
    pub(crate) fn members(&self) -> BTreeMap<OrganisationId, Member> {
        let reported = self.views.iter().filter(|(_, view)| view.last_received.is_some());
        reported.map(|(id, view)| (*id, view.member())).collect()
    }
}

/// What an organisation mends first: seen from inside, or else from outside.
pub(crate) fn first_fix(view: &OrganisationView) -> Option<&FixLine> {
    view.inside.fixes.first().or_else(|| view.outside.fixes.first())
}
