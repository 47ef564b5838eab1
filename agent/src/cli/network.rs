//! Options of a look at names and services of others, the same for `probe` and `check`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use vedetta_probes::ProbeContext;
use vedetta_probes::declared::MailRole;
use vedetta_probes::dns::lookup::{RootHints, TrustAnchors};

use super::environment::roots;
use crate::config::resolver;
use crate::engine::Surroundings;

/// Most DKIM selectors that a person can list.
const SELECTORS_MAX: usize = 64;

/// Whom to ask, whom to believe, and at which ports.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rete")]
pub(super) struct NetworkArguments {
    /// Server DNS da interrogare
    #[arg(long, value_name = "IP:PORTA", value_parser = resolver)]
    pub(super) resolver: Option<SocketAddr>,
    /// Server radice da cui partire (come named.root)
    #[arg(long, hide_short_help = true, value_name = "FILE")]
    root_hints: Option<PathBuf>,
    /// Chiavi DNSSEC della radice (DS o DNSKEY)
    #[arg(long, hide_short_help = true, value_name = "FILE")]
    trust_anchor: Option<PathBuf>,
    /// Selettore DKIM in uso (ripetibile)
    #[arg(long = "dkim-selector", value_name = "NOME")]
    dkim_selectors: Vec<String>,
    /// Uso del dominio: ordinary, pec, none (niente posta)
    #[arg(long, value_name = "USO", value_parser = role)]
    role: Option<MailRole>,
    /// Porta dei server DNS del dominio
    #[arg(long, hide_short_help = true, value_name = "PORTA", default_value_t = 53, value_parser = clap::value_parser!(u16).range(1..))]
    dns_port: u16,
    /// Porta dei server di posta
    #[arg(long, hide_short_help = true, value_name = "PORTA", default_value_t = 25, value_parser = clap::value_parser!(u16).range(1..))]
    smtp_port: u16,
    /// Porta della politica MTA-STS
    #[arg(long, hide_short_help = true, value_name = "PORTA", default_value_t = 443, value_parser = clap::value_parser!(u16).range(1..))]
    https_port: u16,
    /// Porta del sito senza cifratura
    #[arg(long, hide_short_help = true, value_name = "PORTA", default_value_t = 80, value_parser = clap::value_parser!(u16).range(1..))]
    http_port: u16,
    /// Certificati fidati oltre a quelli pubblici (PEM)
    #[arg(long, hide_short_help = true, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// L'istante che vale come adesso (RFC 3339)
    #[arg(long, hide_short_help = true, value_name = "ISTANTE")]
    now: Option<Timestamp>,
}

impl NetworkArguments {
    /// Puts what the person gave into what the looks are handed.
    pub(super) fn apply(&self, surroundings: &mut Surroundings) -> anyhow::Result<()> {
        surroundings.now = self.now.or(surroundings.now);
        self.apply_to(&mut surroundings.context)
    }

    /// The same for one look.
    pub(super) fn apply_to(&self, context: &mut ProbeContext) -> anyhow::Result<()> {
        context.resolver = self.resolver.or(context.resolver);
        context.dns_port = self.dns_port;
        context.smtp_port = self.smtp_port;
        context.https_port = self.https_port;
        context.http_port = self.http_port;
        context.now = self.now.unwrap_or(context.now);
        if let Some(file) = &self.roots {
            context.extra_roots.extend(roots(file)?);
        }
        if let Some(file) = &self.root_hints {
            let text = text(file, "--root-hints")?;
            let hints = RootHints::parse(&text).with_context(|| format!("--root-hints {}", file.display()))?;
            context.root_hints = Some(hints);
        }
        if let Some(file) = &self.trust_anchor {
            let text = text(file, "--trust-anchor")?;
            context.trust_anchors =
                TrustAnchors::parse(&text).with_context(|| format!("--trust-anchor {}", file.display()))?;
        }
        anyhow::ensure!(self.dkim_selectors.len() <= SELECTORS_MAX, "--dkim-selector: at most {SELECTORS_MAX}");
        context.declared.others.selectors.extend(self.dkim_selectors.iter().cloned());
        context.declared.others.role = self.role.or(context.declared.others.role);
        Ok(())
    }
}

fn text(file: &Path, option: &str) -> anyhow::Result<String> {
    let reading = || format!("{option} {}", file.display());
    let bytes = crate::files::read(file).with_context(reading)?;
    let bytes = bytes.ok_or_else(|| anyhow::anyhow!("the file is missing")).with_context(reading)?;
    String::from_utf8(bytes).with_context(reading)
}

fn role(text: &str) -> Result<MailRole, String> {
    MailRole::from_word(text).ok_or_else(|| "use `ordinary`, `pec` or `none`".to_owned())
}
