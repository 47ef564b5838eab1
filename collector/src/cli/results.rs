//! `results`.

use std::path::Path;

use clap::Args;
use serde_json::Value;

use super::output::{Output, table};
use crate::admin::client::call;
use crate::admin::verbs::results::{Show, ShowRequest};

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-collector results \"Comune dimostrativo\" --format json")]
pub(super) struct Arguments {
    /// Organizzazione, oppure agente (identificativo o nome del computer)
    of: String,
}

pub(super) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    let results = call::<Show>(state, ShowRequest { of: arguments.of }).await?;
    output.show(&results, |output| {
        let heading = [
            output.say("controllo", "check"),
            output.say("bersaglio", "target"),
            output.say("da", "from"),
            output.say("esito", "verdict"),
            output.say("motivo", "reason"),
            output.say("visto", "observed"),
        ];
        let text = |result: &Value, field: &str| {
            result.get(field).and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
        };
        let rows: Vec<_> = results
            .iter()
            .map(|result| {
                ["check", "target", "vantage", "verdict", "reason", "observed_at"]
                    .map(|field| text(result, field))
                    .to_vec()
            })
            .collect();
        table(&heading, &rows)
    })
}
