//! Organisations.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::ids::OrganisationId;
use vedetta_core::organisation::seed::{DEMONSTRATION_NAME, FILES};
use vedetta_core::organisation::{
    Contact, Organisation, OrganisationGraph, OrganisationKind, Perimeter, declare, found, seed,
};
use vedetta_core::store::Store;

use crate::admin::{AdminError, Context, Verb, lookup};
use crate::chance;

/// One organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrganisationLine {
    /// Its id.
    pub id: String,
    /// Its kind's word.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// ISTAT code.
    pub istat_code: Option<String>,
    /// IPA code.
    pub ipa_code: Option<String>,
    /// Names of the organisations that it is a member of.
    pub member_of: Vec<String>,
    /// Servers, workstations, domains, sites, as declared.
    pub perimeter: [Option<u32>; 4],
    /// Role, name and address of each contact.
    pub contacts: Vec<[String; 3]>,
}

fn line(node: &Organisation, graph: &OrganisationGraph) -> OrganisationLine {
    let Perimeter { servers, workstations, domains, sites } = node.perimeter;
    OrganisationLine {
        id: node.id.to_string(),
        kind: node.kind.word().to_owned(),
        name: node.name.clone(),
        istat_code: node.istat_code.clone(),
        ipa_code: node.ipa_code.clone(),
        member_of: node.parents.iter().filter_map(|id| graph.get(*id)).map(|parent| parent.name.clone()).collect(),
        perimeter: [servers, workstations, domains, sites],
        contacts: node
            .contacts
            .iter()
            .map(|contact| [contact.role.clone(), contact.name.clone(), contact.reach.clone()])
            .collect(),
    }
}

/// `org list`.
#[derive(Debug)]
pub struct List;

impl Verb for List {
    const NAME: &'static str = "organisation.list";
    type Request = ();
    type Answer = Vec<OrganisationLine>;

    async fn run<S: Store>(context: &Context<S>, (): ()) -> Result<Vec<OrganisationLine>, AdminError> {
        let (graph, _) = context.scope().await?;
        let mut lines: Vec<_> = graph.iter().map(|node| line(node, &graph)).collect();
        lines.sort_by(|one, other| (&one.kind, &one.name).cmp(&(&other.kind, &other.name)));
        Ok(lines)
    }
}

/// Which organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OneRequest {
    /// Its name, ISTAT code, IPA code or id.
    pub organisation: String,
}

/// `org show`.
#[derive(Debug)]
pub struct Show;

/// An organisation and those right beneath it.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShowAnswer {
    /// Itself.
    pub organisation: OrganisationLine,
    /// Names of its members.
    pub members: Vec<String>,
}

impl Verb for Show {
    const NAME: &'static str = "organisation.show";
    type Request = OneRequest;
    type Answer = ShowAnswer;

    async fn run<S: Store>(context: &Context<S>, request: OneRequest) -> Result<ShowAnswer, AdminError> {
        let (graph, _) = context.scope().await?;
        let node = lookup::organisation(&graph, &request.organisation)?;
        let mut members: Vec<_> =
            graph.iter().filter(|other| other.parents.contains(&node.id)).map(|other| other.name.clone()).collect();
        members.sort();
        Ok(ShowAnswer { organisation: line(node, &graph), members })
    }
}

/// `org add`.
#[derive(Debug)]
pub struct Add;

/// The new organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddRequest {
    /// Its kind's word.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// ISTAT code.
    pub istat_code: Option<String>,
    /// IPA code.
    pub ipa_code: Option<String>,
    /// The organisations that it is a member of.
    pub member_of: Vec<String>,
}

impl Verb for Add {
    const NAME: &'static str = "organisation.add";
    type Request = AddRequest;
    type Answer = OrganisationLine;

    async fn run<S: Store>(context: &Context<S>, request: AddRequest) -> Result<OrganisationLine, AdminError> {
        let (graph, scope) = context.scope().await?;
        let kind = OrganisationKind::of_word(&request.kind).ok_or_else(|| {
            let italian =
                format!("`{}` non è un tipo: comune, unione, zona-sociale, provincia o regione", request.kind);
            AdminError::said(italian, format!("`{}` is no kind of organisation", request.kind))
        })?;
        if graph.iter().any(|node| node.name.eq_ignore_ascii_case(&request.name)) {
            let name = &request.name;
            return Err(AdminError::said(format!("`{name}` esiste già"), format!("`{name}` exists already")));
        }
        let parents = request
            .member_of
            .iter()
            .map(|named| lookup::organisation(&graph, named).map(|node| node.id))
            .collect::<Result<BTreeSet<_>, _>>()?;
        let organisation = Organisation {
            id: OrganisationId::new(context.new_id()?),
            kind,
            name: request.name,
            istat_code: request.istat_code,
            cadastral_code: None,
            ipa_code: request.ipa_code,
            parents,
            perimeter: Perimeter::default(),
            contacts: Vec::new(),
            is_demonstration: false,
        };
        let added = line(&organisation, &graph);
        let changes = found(&scope, &graph, organisation).map_err(AdminError::rule)?;
        context.commit(scope, changes).await?;
        Ok(added)
    }
}

/// `org declare`: what there is to look at, and whom to call.
#[derive(Debug)]
pub struct Declare;

/// What an organisation declares; what is left out stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeclareRequest {
    /// Which organisation.
    pub organisation: String,
    /// Servers, workstations, domains, sites.
    pub perimeter: [Option<u32>; 4],
    /// Role, name and address of each contact; none: those that there are.
    pub contacts: Vec<[String; 3]>,
}

impl Verb for Declare {
    const NAME: &'static str = "organisation.declare";
    type Request = DeclareRequest;
    type Answer = ();

    async fn run<S: Store>(context: &Context<S>, request: DeclareRequest) -> Result<(), AdminError> {
        let (graph, scope) = context.scope().await?;
        let id = lookup::organisation(&graph, &request.organisation)?.id;
        let stored = context.shared.store.get::<Organisation>(&id).await?;
        let before = stored.as_ref().map(|stored| stored.value.perimeter).unwrap_or_default();
        let [servers, workstations, domains, sites] = request.perimeter;
        let perimeter = Perimeter {
            servers: servers.or(before.servers),
            workstations: workstations.or(before.workstations),
            domains: domains.or(before.domains),
            sites: sites.or(before.sites),
        };
        let contacts = if request.contacts.is_empty() {
            stored.as_ref().map(|stored| stored.value.contacts.clone()).unwrap_or_default()
        } else {
            request.contacts.into_iter().map(|[role, name, reach]| Contact { role, name, reach }).collect()
        };
        let changes = declare(&scope, stored.as_ref(), perimeter, contacts).map_err(AdminError::rule)?;
        context.commit(scope, changes).await
    }
}

/// `org seed`: the organisations of the data files that came with the program, and the demonstration Comune.
#[derive(Debug)]
pub struct Seed;

/// What there is now.
#[derive(Debug, Serialize, Deserialize)]
pub struct SeedAnswer {
    /// How many organisations were added.
    pub added: usize,
    /// The organisation that exists only to try Vedetta.
    pub demonstration: String,
}

impl Verb for Seed {
    const NAME: &'static str = "organisation.seed";
    type Request = ();
    type Answer = SeedAnswer;

    async fn run<S: Store>(context: &Context<S>, (): ()) -> Result<SeedAnswer, AdminError> {
        let (graph, _) = context.scope().await?;
        let now = context.now();
        let lines: usize = FILES.iter().map(|(_, text)| text.lines().count()).sum();
        // One id for each line and one for the demonstration; a line that needs none leaves its own unused.
        let mut ids = chance::ids(now, lines + 1).map_err(AdminError::refused)?.into_iter();
        let changes = seed::seed(&graph, &mut || ids.next().unwrap_or(Uuid::nil())).map_err(AdminError::refused)?;
        let added = changes.as_ref().map_or(0, |changes| changes.puts.len());
        if let Some(changes) = changes {
            context.shared.store.commit(&Actor::Job(SystemJob::new("seed")), now, changes).await?;
        }
        Ok(SeedAnswer { added, demonstration: DEMONSTRATION_NAME.to_owned() })
    }
}
