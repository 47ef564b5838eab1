//! Assets, and which agent looks at them.

use serde::{Deserialize, Serialize};
use vedetta_checks::result::Vantage;
use vedetta_checks::target::Target;
use vedetta_core::asset::{
    Asset, AssetError, AssetKey, AssetKind, AssetState, Grant, add_public, grant, grant_ports, retire,
};
use vedetta_core::ids::{AssetId, GrantId, OrganisationId};
use vedetta_core::store::{Prefix, Store, Stored};

use crate::admin::{AdminError, Context, Verb, lookup};

/// `asset target add`: an agent shall look at a public endpoint or domain. The host still decides whether it does.
#[derive(Debug)]
pub struct AddTarget;

/// Which target, and which agent looks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddTargetRequest {
    /// The agent: its id or its host's name.
    pub agent: String,
    /// `tls://www.example.it:443`, `example.it`, `ports://www.example.it`.
    pub target: String,
    /// With ports: the host whose ports they are, by the name of its asset or its id.
    pub host: Option<String>,
    /// The organisation whose asset it is; none: the agent's own.
    pub organisation: Option<String>,
    /// Whether the agent sees it from another network.
    pub outside: bool,
}

/// The grant.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddTargetAnswer {
    /// Its id.
    pub grant: String,
    /// The canonical target.
    pub target: String,
    /// Whether it existed already.
    pub existed: bool,
}

impl Verb for AddTarget {
    const NAME: &'static str = "asset.add-target";
    type Request = AddTargetRequest;
    type Answer = AddTargetAnswer;

    async fn run<S: Store>(context: &Context<S>, request: AddTargetRequest) -> Result<AddTargetAnswer, AdminError> {
        let store = &context.shared.store;
        let (graph, scope) = context.scope().await?;
        let target: Target = request.target.parse().map_err(AdminError::refused)?;
        // The ports of a host are always seen by another one.
        let vantage =
            if request.outside || matches!(target, Target::Ports(_)) { Vantage::Outside } else { Vantage::Inside };
        let agent = lookup::agent(store, &request.agent).await?;
        let organisation = match &request.organisation {
            Some(named) => lookup::organisation(&graph, named)?.id,
            None => agent.value.host.organisation,
        };
        let asset = match (&target, find(store, organisation, &target).await?) {
            (Target::Ports(_), _) => named_host(store, organisation, request.host.as_deref()).await?,
            (_, Some(asset)) => asset,
            (_, None) => {
                let key = AssetKey { organisation, asset: AssetId::new(context.new_id()?) };
                let changes = add_public(&scope, key, target.clone(), context.now()).map_err(AdminError::rule)?;
                context.commit(scope.clone(), changes).await?;
                let added = store.get::<Asset>(&key).await?;
                added.ok_or_else(|| AdminError::refused("the asset that was just added is gone"))?
            }
        };
        let target = match target {
            Target::Ports(ports) => Target::Ports(ports.place()),
            other @ (Target::Host | Target::Endpoint(_) | Target::Domain(_)) => other,
        };
        let own = lookup::beneath::<Grant>(store, Prefix::Agent(agent.value.id)).await?;
        let same = own.iter().find(|own| {
            own.value.asset == asset.value.key && own.value.target == target && own.value.vantage == vantage
        });
        if let Some(same) = same {
            let grant = same.value.key.grant.to_string();
            return Ok(AddTargetAnswer { grant, target: target.to_string(), existed: true });
        }
        let id = GrantId::new(context.new_id()?);
        let granted = match &target {
            Target::Ports(ports) => grant_ports(&scope, Some(&agent), Some(&asset), ports, id),
            Target::Host | Target::Endpoint(_) | Target::Domain(_) => {
                grant(&scope, Some(&agent), Some(&asset), vantage, id)
            }
        };
        let changes = granted.map_err(AdminError::rule)?;
        context.commit(scope, changes).await?;
        Ok(AddTargetAnswer { grant: id.to_string(), target: target.to_string(), existed: false })
    }
}

/// The host whose ports are meant.
async fn named_host<S: Store>(
    store: &S,
    organisation: OrganisationId,
    named: Option<&str>,
) -> Result<Stored<Asset>, AdminError> {
    let named = named.ok_or_else(|| AdminError::rule(AssetError::PortsWithoutHost))?;
    let assets = lookup::beneath::<Asset>(store, Prefix::Organisation(organisation)).await?;
    let is_meant = |asset: &Stored<Asset>| {
        asset.value.kind == AssetKind::Host
            && asset.value.state == AssetState::Active
            && (asset.value.name == named || asset.value.key.asset.to_string() == named)
    };
    let mut meant = assets.into_iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(host), None) => Ok(host),
        (Some(_), Some(_)) => Err(AdminError::refused(format!("several hosts are called {named}: use the id"))),
        (None, _) => Err(AdminError::refused(format!("the organisation has no host {named}"))),
    }
}

async fn find<S: Store>(
    store: &S,
    organisation: OrganisationId,
    target: &Target,
) -> Result<Option<Stored<Asset>>, AdminError> {
    let kind = AssetKind::Public(target.clone());
    let assets = lookup::beneath::<Asset>(store, Prefix::Organisation(organisation)).await?;
    Ok(assets.into_iter().find(|asset| asset.value.kind == kind && asset.value.state == AssetState::Active))
}

/// `asset list`.
#[derive(Debug)]
pub struct List;

/// Whose assets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListRequest {
    /// The organisation.
    pub organisation: String,
}

/// One asset.
#[derive(Debug, Serialize, Deserialize)]
pub struct AssetLine {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `host`, or the target.
    pub kind: String,
    /// Who runs it, when it is not the organisation itself.
    pub supplier: Option<String>,
    /// Why it no longer counts; none: it counts.
    pub retired: Option<String>,
}

impl Verb for List {
    const NAME: &'static str = "asset.list";
    type Request = ListRequest;
    type Answer = Vec<AssetLine>;

    async fn run<S: Store>(context: &Context<S>, request: ListRequest) -> Result<Vec<AssetLine>, AdminError> {
        let (graph, _) = context.scope().await?;
        let organisation = lookup::organisation(&graph, &request.organisation)?.id;
        let assets = lookup::beneath::<Asset>(&context.shared.store, Prefix::Organisation(organisation)).await?;
        Ok(assets.into_iter().map(|stored| line(stored.value)).collect())
    }
}

fn line(asset: Asset) -> AssetLine {
    AssetLine {
        id: asset.key.asset.to_string(),
        name: asset.name,
        kind: match asset.kind {
            AssetKind::Host => "host".to_owned(),
            AssetKind::Public(target) => target.to_string(),
        },
        supplier: asset.supplier,
        retired: match asset.state {
            AssetState::Active => None,
            AssetState::Retired { reason, .. } => Some(reason),
        },
    }
}

/// `asset retire`: an asset that no longer exists leaves the score, with a reason.
#[derive(Debug)]
pub struct Retire;

/// Which asset, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RetireRequest {
    /// The organisation.
    pub organisation: String,
    /// The asset's id or name.
    pub asset: String,
    /// Why.
    pub reason: String,
}

impl Verb for Retire {
    const NAME: &'static str = "asset.retire";
    type Request = RetireRequest;
    type Answer = ();

    async fn run<S: Store>(context: &Context<S>, request: RetireRequest) -> Result<(), AdminError> {
        let (graph, scope) = context.scope().await?;
        let organisation = lookup::organisation(&graph, &request.organisation)?.id;
        let assets = lookup::beneath::<Asset>(&context.shared.store, Prefix::Organisation(organisation)).await?;
        let is_named = |asset: &&Stored<Asset>| {
            asset.value.key.asset.to_string() == request.asset
                || (asset.value.name == request.asset && asset.value.state == AssetState::Active)
        };
        let asset = assets.iter().find(is_named);
        let changes = retire(&scope, asset, &request.reason, context.now()).map_err(AdminError::rule)?;
        context.commit(scope, changes).await
    }
}
