//! Speed and memory, beside peers and raw limits in the same run. `run.sh` builds what is measured and starts this.
//!
//! Nothing passes or fails by time: figures are printed with their spread, and ratios within the run, since the seconds of
//! one machine say little about another. Read in this order: [`intake`] and [`load`] (results per second), [`bare`] and
//! [`disk`] (the raw limits beside it), [`idle`], [`weight`] and [`full_run`] (what the agent costs its host), [`host`] (a look at the
//! host beside lynis, oscap, apt and others), [`scan`] (the `tls` probe
//! beside other scanners), [`zones`] (the probes `dns` and `mail` beside checkdmarc and zonemaster).

mod bare;
mod clock;
mod collector;
mod disk;
mod family;
mod full_run;
mod host;
mod idle;
mod intake;
mod load;
mod machine;
mod peers;
mod process;
mod scan;
mod settings;
mod table;
mod tls;
mod weight;
mod zones;

use std::process::ExitCode;

use settings::{Part, Settings};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Settings::from_environment().and_then(|settings| measure(&settings)),
        (Some("bare-server"), Some(folder)) => bare::serve(folder.as_ref()),
        (Some(zones::INSIDE), None) => Settings::from_environment().and_then(|settings| zones::measure(&settings)),
        (Some(_), _) => Err(anyhow::anyhow!("no arguments are taken; `make bench` starts this program")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            table::note(&format!("bench: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn measure(settings: &Settings) -> anyhow::Result<()> {
    table::print(&machine::describe(settings)?)?;
    if settings.wants(Part::Check) {
        table::note("one full run of the pack");
        table::print(&full_run::measure(settings)?)?;
    }
    if settings.wants(Part::Host) {
        table::print(&host::measure(settings)?)?;
    }
    if settings.wants(Part::Tls) {
        scan::measure(settings)?.iter().try_for_each(table::print)?;
    }
    if settings.wants(Part::Dns) {
        zones::measure_apart()?;
    }
    if settings.wants(Part::Intake) {
        table::note("intake and its raw limits");
        table::print(&intake::measure(settings)?)?;
    }
    if settings.wants(Part::Idle) {
        table::note(&format!("idle agents, {} s after the first report", settings.idle.as_secs()));
        table::print(&idle::measure(settings)?)?;
    }
    if settings.wants(Part::Weight) {
        table::note("the weight of an agent beside others");
        weight::measure(settings)?.iter().try_for_each(table::print)?;
    }
    table::print(&machine::ending()?)
}
