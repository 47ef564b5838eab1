//! `probe spf`: one case of SPF, as a receiver would decide it (RFC 7208).

use std::net::IpAddr;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value as Json, json};
use vedetta_probes::ProbeContext;
use vedetta_probes::json::SCHEMA;
use vedetta_probes::mail::spf::{EVALUATION_TIME_MAX, Evaluation, Sender, check_host};

/// The word that stands where other probes are named.
pub(super) const KIND: &str = "spf";
/// Longest name and mailbox that a person can give, in bytes: what SMTP allows (RFC 5321 section 4.5.3.1).
const NAME_BYTES_MAX: usize = 320;

/// The message whose sender is judged.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Solo per spf")]
pub(super) struct SpfArguments {
    /// Indirizzo che consegna il messaggio
    #[arg(long, value_name = "IP", hide_short_help = true)]
    ip: Option<IpAddr>,
    /// Nome con cui si presenta
    #[arg(long, value_name = "NOME", value_parser = bounded, hide_short_help = true)]
    helo: Option<String>,
    /// Mittente; vuoto per un avviso
    #[arg(long, value_name = "CASELLA", value_parser = bounded, hide_short_help = true)]
    sender: Option<String>,
    /// Nome di chi riceve, per le spiegazioni
    #[arg(long, value_name = "NOME", value_parser = bounded, hide_short_help = true, default_value = "unknown")]
    receiver: String,
}

impl SpfArguments {
    /// Refuses what only `spf` understands.
    pub(super) fn belong_to(&self, kind: &str) -> anyhow::Result<()> {
        let given = [("--ip", self.ip.is_some()), ("--helo", self.helo.is_some()), ("--sender", self.sender.is_some())];
        let stray = given.into_iter().find(|(_, is_given)| *is_given && kind != KIND);
        stray
            .map_or(Ok(()), |(option, _)| Err(anyhow::anyhow!("{option} is for `probe {KIND}` only, not for `{kind}`")))
    }

    fn sender(self) -> anyhow::Result<Sender> {
        let usage = "use `probe spf --ip IP --helo NAME --sender MAILBOX`";
        Ok(Sender {
            ip: self.ip.with_context(|| format!("--ip is missing: {usage}"))?,
            helo: self.helo.with_context(|| format!("--helo is missing: {usage}"))?,
            mailbox: self.sender.with_context(|| format!("--sender is missing (it may be empty): {usage}"))?,
            receiver: self.receiver,
        })
    }
}

/// Evaluates and prints; the exit code is 0 whatever the result is.
pub(super) async fn run(arguments: SpfArguments, mut context: ProbeContext, format: &str) -> anyhow::Result<ExitCode> {
    let sender = arguments.sender()?;
    context.deadline = context.deadline.min(EVALUATION_TIME_MAX);
    let evaluation = check_host(&sender, &context).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let text = match format {
        "text" => in_words(&evaluation),
        _ => format!("{}\n", serde_json::to_string_pretty(&in_json(&sender, &evaluation, &context))?),
    };
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn in_json(sender: &Sender, evaluation: &Evaluation, context: &ProbeContext) -> Json {
    json!({
        "schema": SCHEMA,
        "probe": KIND,
        "observed_at": context.now.to_string(),
        "ip": sender.ip.to_string(),
        "helo": sender.helo,
        "sender": sender.mailbox,
        "result": evaluation.result.word(),
        "explanation": evaluation.explanation,
        "mechanism": evaluation.mechanism,
        "domain": evaluation.domain,
        "detail": evaluation.detail,
        "lookups": evaluation.lookups,
        "void_lookups": evaluation.void_lookups,
    })
}

/// The result word alone in the first line, so that a script can read it; then what decided.
fn in_words(evaluation: &Evaluation) -> String {
    let mut text = format!("{}\n", evaluation.result.word());
    let mut say = |label: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("{label}: {}\n", value.escape_debug()));
        }
    };
    say("dominio", &evaluation.domain);
    say("termine", evaluation.mechanism.as_deref().unwrap_or_default());
    say("spiegazione", evaluation.explanation.as_deref().unwrap_or_default());
    say("motivo", &evaluation.detail);
    say("interrogazioni DNS", &format!("{}, a vuoto {}", evaluation.lookups, evaluation.void_lookups));
    text
}

fn bounded(text: &str) -> Result<String, String> {
    if text.len() <= NAME_BYTES_MAX { Ok(text.to_owned()) } else { Err(format!("at most {NAME_BYTES_MAX} bytes")) }
}

#[cfg(test)]
mod tests {
    use vedetta_probes::mail::spf::Outcome;

    use super::*;

    #[test]
    fn the_options_of_spf_are_refused_elsewhere() {
        let arguments = SpfArguments { helo: Some("mail.example.it".to_owned()), ..SpfArguments::default() };
        let error = arguments.belong_to("mail").expect_err("no option of mail").to_string();
        assert_eq!(error, "--helo is for `probe spf` only, not for `mail`");
        assert!(arguments.belong_to(KIND).is_ok());
    }

    #[test]
    fn what_is_missing_is_named() {
        let arguments = SpfArguments { ip: "192.0.2.1".parse().ok(), ..SpfArguments::default() };
        let error = arguments.sender().expect_err("no name").to_string();
        assert!(error.starts_with("--helo is missing"), "{error}");
    }

    #[test]
    fn the_first_line_is_the_result_and_nothing_of_others_escapes_its_line() {
        let evaluation = Evaluation {
            result: Outcome::Fail,
            explanation: Some("no\nresult: pass \u{1b}[2J".to_owned()),
            mechanism: Some("-all".to_owned()),
            domain: "example.it".to_owned(),
            detail: String::new(),
            lookups: 1,
            void_lookups: 0,
        };
        let text = in_words(&evaluation);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "fail");
        assert_eq!(lines[3], "spiegazione: no\\nresult: pass \\u{1b}[2J");
        assert_eq!(lines.len(), 5);
    }
}
