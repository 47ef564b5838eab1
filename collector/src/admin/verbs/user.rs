//! People.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use vedetta_core::ids::UserId;
use vedetta_core::person::{Role, RoleGrant, User, close_user, create_user, issue_link, set_passphrase};
use vedetta_core::store::Store;

use crate::admin::{AdminError, Context, Verb, lookup};
use crate::chance;
use crate::people::passphrase;

/// `user add`.
#[derive(Debug)]
pub struct Add;

/// Who, and what they may do where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddRequest {
    /// The name to log in with.
    pub login: String,
    /// The role's word.
    pub role: String,
    /// Where it holds, and beneath; none: at every organisation without a parent.
    pub organisation: Option<String>,
}

impl Verb for Add {
    const NAME: &'static str = "user.add";
    type Request = AddRequest;
    type Answer = ();

    async fn run<S: Store>(context: &Context<S>, request: AddRequest) -> Result<(), AdminError> {
        let (graph, scope) = context.scope().await?;
        let role = Role::of_word(&request.role).ok_or_else(|| {
            let words: Vec<_> = Role::ALL.iter().map(|role| role.word()).collect();
            let (role, words) = (&request.role, words.join(", "));
            AdminError::said(
                format!("il ruolo `{role}` non esiste; ci sono: {words}"),
                format!("there is no role `{role}`; there are: {words}"),
            )
        })?;
        let roles = match &request.organisation {
            Some(named) => vec![RoleGrant { role, at: lookup::organisation(&graph, named)?.id }],
            None => graph
                .iter()
                .filter(|node| node.parents.is_empty())
                .map(|node| RoleGrant { role, at: node.id })
                .collect(),
        };
        let everybody: Vec<User> = lookup::all(&context.shared.store).await?;
        let id = UserId::new(context.new_id()?);
        let (_, changes) =
            create_user(&scope, &graph, &everybody, &request.login, roles, id).map_err(AdminError::rule)?;
        context.commit(scope, changes).await
    }
}

/// `user list`.
#[derive(Debug)]
pub struct List;

/// One person.
#[derive(Debug, Serialize, Deserialize)]
pub struct UserLine {
    /// The name to log in with.
    pub login: String,
    /// `role at organisation`.
    pub roles: Vec<String>,
    /// Whether a passphrase was chosen.
    pub has_passphrase: bool,
    /// When the account was closed.
    pub closed_at: Option<Timestamp>,
}

impl Verb for List {
    const NAME: &'static str = "user.list";
    type Request = ();
    type Answer = Vec<UserLine>;

    async fn run<S: Store>(context: &Context<S>, (): ()) -> Result<Vec<UserLine>, AdminError> {
        let (graph, _) = context.scope().await?;
        let at = |grant: &RoleGrant| {
            let place = graph.get(grant.at).map_or_else(|| grant.at.to_string(), |node| node.name.clone());
            format!("{} @ {place}", grant.role.word())
        };
        let everybody: Vec<User> = lookup::all(&context.shared.store).await?;
        Ok(everybody
            .into_iter()
            .map(|user| UserLine {
                roles: user.roles.iter().map(at).collect(),
                has_passphrase: user.passphrase_hash.is_some(),
                login: user.login,
                closed_at: user.closed_at,
            })
            .collect())
    }
}

/// `user link`: a one-time login link.
#[derive(Debug)]
pub struct Link;

/// For whom, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkRequest {
    /// The login name.
    pub login: String,
    /// In seconds.
    pub valid_for: i64,
}

/// The link. It works once.
#[derive(Debug, Serialize, Deserialize)]
pub struct LinkAnswer {
    /// What a person opens.
    pub url: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl Verb for Link {
    const NAME: &'static str = "user.link";
    type Request = LinkRequest;
    type Answer = LinkAnswer;

    async fn run<S: Store>(context: &Context<S>, request: LinkRequest) -> Result<LinkAnswer, AdminError> {
        let (_, scope) = context.scope().await?;
        let user = lookup::user(&context.shared.store, &request.login).await?;
        let secret: [u8; 32] = chance::bytes().map_err(AdminError::refused)?;
        let hash = vedetta_web::secret_fingerprint(&secret);
        let (now, valid_for) = (context.now(), SignedDuration::from_secs(request.valid_for));
        let changes = issue_link(&scope, Some(&user.value), hash, valid_for, now).map_err(AdminError::rule)?;
        context.commit(scope, changes).await?;
        let expires_at = now.checked_add(valid_for).map_err(AdminError::refused)?;
        Ok(LinkAnswer { url: format!("{}{}", context.facts.people_url, vedetta_web::login_path(&secret)), expires_at })
    }
}

/// `user close`.
#[derive(Debug)]
pub struct Close;

/// Whose account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CloseRequest {
    /// The login name.
    pub login: String,
}

impl Verb for Close {
    const NAME: &'static str = "user.close";
    type Request = CloseRequest;
    type Answer = ();

    async fn run<S: Store>(context: &Context<S>, request: CloseRequest) -> Result<(), AdminError> {
        let (_, scope) = context.scope().await?;
        let user = lookup::user(&context.shared.store, &request.login).await?;
        let changes = close_user(&scope, Some(&user), context.now()).map_err(AdminError::rule)?;
        context.commit(scope, changes).await
    }
}

/// `user passphrase`: sets a passphrase that was read from standard input.
#[derive(Debug)]
pub struct Passphrase;

/// Whose, and which.
#[derive(Clone, Serialize, Deserialize)]
pub struct PassphraseRequest {
    /// The login name.
    pub login: String,
    /// The passphrase; hashed here, never stored or logged.
    pub passphrase: String,
}

impl Verb for Passphrase {
    const NAME: &'static str = "user.passphrase";
    type Request = PassphraseRequest;
    type Answer = ();

    async fn run<S: Store>(context: &Context<S>, request: PassphraseRequest) -> Result<(), AdminError> {
        let (_, scope) = context.scope().await?;
        let user = lookup::user(&context.shared.store, &request.login).await?;
        // Argon2id takes tens of milliseconds and 19 MiB: not on a thread that serves connections.
        let hash = tokio::task::spawn_blocking(move || passphrase::hash(&request.passphrase))
            .await
            .map_err(AdminError::refused)?
            .map_err(AdminError::rule)?;
        let changes = set_passphrase(&scope, Some(&user), hash).map_err(AdminError::rule)?;
        context.commit(scope, changes).await
    }
}
