//! `feed`: the archive of known vulnerabilities, made from files that somebody downloaded.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use flate2::bufread::MultiGzDecoder;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::Output;
use crate::clock::Clock;
use crate::feed::{Built, Sources, debsecan, end_of_life, epss, kev, tracker};

/// Builds of one day that can be told apart by the version.
const BUILDS_A_DAY: u32 = 100;

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Crea l'archivio delle vulnerabilità note da file già scaricati
    #[command(
        after_help = "Esempio:  vedetta-collector feed build --out ./archivio --tracker tracker.json --kev kev.json\n\
                       Poi:      vedetta-agent pack sign ./archivio ..., infine vedetta-collector pack add ./archivio"
    )]
    Build(BuildArguments),
}

#[derive(Debug, Args)]
pub(super) struct BuildArguments {
    /// Dove scriverlo: una cartella nuova
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Elenco di Debian: security-tracker.debian.org/tracker/data/json
    #[arg(long, value_name = "FILE")]
    tracker: Option<PathBuf>,
    /// O l'elenco di debsecan per una versione: FILE=bookworm
    #[arg(long, value_name = "FILE=VERSIONE", value_parser = of_release)]
    debsecan: Vec<(PathBuf, String)>,
    /// Solo questa versione (più volte); senza, quelle ancora seguite
    #[arg(long = "release", value_name = "VERSIONE")]
    releases: Vec<String>,
    /// Vulnerabilità già sfruttate: il catalogo KEV di CISA, in JSON
    #[arg(long, value_name = "FILE")]
    kev: Option<PathBuf>,
    /// Probabilità di sfruttamento: il file EPSS di FIRST, CSV o CSV.gz
    #[arg(long, value_name = "FILE")]
    epss: Option<PathBuf>,
    /// Fine del supporto dei prodotti: i dati di endoflife.date, in JSON
    #[arg(long, value_name = "FILE")]
    eol: Option<PathBuf>,
    /// Giorno in cui avete scaricato i file; senza, oggi
    #[arg(long, value_name = "GIORNO")]
    published: Option<Date>,
    /// Numero di versione; senza, dal giorno: 2026112200
    #[arg(long, value_name = "NUMERO", value_parser = clap::value_parser!(u32).range(1..))]
    version: Option<u32>,
}

/// What was made.
#[derive(Debug, Serialize)]
struct Made {
    folder: String,
    version: u32,
    published: Date,
    releases: std::collections::BTreeMap<String, usize>,
    exploited: usize,
    ends_of_life: usize,
    passed_over: usize,
    bytes: usize,
}

pub(super) fn run(arguments: Arguments, clock: &Clock, output: &Output) -> anyhow::Result<()> {
    let Arguments::Build(arguments) = arguments;
    let published = match arguments.published {
        Some(day) => day,
        None => clock.now().to_zoned(TimeZone::UTC).date(),
    };
    let version = arguments.version.unwrap_or_else(|| version_of(published));
    let sources = read(&arguments)?;
    let passed_over = sources.passed_over;
    let built = sources.build(&arguments.releases, version, published)?;
    write(&arguments.out, &built)?;
    let made = Made {
        folder: arguments.out.display().to_string(),
        version,
        published,
        releases: built.counts.releases,
        exploited: built.exploited,
        ends_of_life: built.counts.ends_of_life,
        passed_over,
        bytes: built.bytes,
    };
    output.show(&made, |output| text(&made, output))
}

/// The version of a day's first build: the day, and two digits for later ones.
fn version_of(day: Date) -> u32 {
    let part = |number: i8| u32::from(number.unsigned_abs());
    let year = u32::from(day.year().unsigned_abs());
    ((year * 100 + part(day.month())) * 100 + part(day.day())) * BUILDS_A_DAY
}

fn of_release(text: &str) -> Result<(PathBuf, String), String> {
    let (file, codename) = text.rsplit_once('=').ok_or("serve FILE=VERSIONE, come bookworm.zlib=bookworm")?;
    if codename.is_empty() || !codename.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        return Err("la versione è un nome come bookworm".to_owned());
    }
    Ok((PathBuf::from(file), codename.to_owned()))
}

fn read(arguments: &BuildArguments) -> anyhow::Result<Sources> {
    let mut sources = Sources::default();
    if let Some(path) = &arguments.tracker {
        let (name, reader) = open(path)?;
        let tracked = tracker::read(&name, reader)?;
        sources.passed_over += tracked.passed_over;
        for (codename, release) in tracked.releases {
            let is_wanted = match arguments.releases.as_slice() {
                [] => tracked.looked_after.contains(&codename),
                some => some.contains(&codename),
            };
            if is_wanted {
                sources.add_release(&codename, release)?;
            }
        }
    }
    for (path, codename) in &arguments.debsecan {
        let (name, reader) = open(path)?;
        let (release, passed_over) = debsecan::read(&name, reader)?;
        sources.passed_over += passed_over;
        sources.add_release(codename, release)?;
    }
    if let Some(path) = &arguments.kev {
        let (name, reader) = open(path)?;
        sources.set_exploited(kev::read(&name, reader)?);
    }
    if let Some(path) = &arguments.epss {
        let (name, reader) = open(path)?;
        sources.set_chances(epss::read(&name, reader)?);
    }
    if let Some(path) = &arguments.eol {
        let (name, reader) = open(path)?;
        sources.set_ends(end_of_life::read(&name, reader)?);
    }
    Ok(sources)
}

/// Opens a downloaded file, unpacked where it is packed with gzip.
fn open(path: &Path) -> anyhow::Result<(String, BufReader<Box<dyn Read>>)> {
    let reading = || format!("leggere {}", path.display());
    let mut file = BufReader::new(File::open(path).with_context(reading)?);
    let is_packed = file.fill_buf().with_context(reading)?.starts_with(&epss::GZIP_MAGIC);
    let plain: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok((path.display().to_string(), BufReader::new(plain)))
}

fn write(folder: &Path, built: &Built) -> anyhow::Result<()> {
    let writing = || format!("scrivere in {}", folder.display());
    std::fs::create_dir_all(folder).with_context(writing)?;
    // An old signature must never stand beside new files.
    let is_empty = std::fs::read_dir(folder).with_context(writing)?.next().is_none();
    anyhow::ensure!(is_empty, "{}: la cartella non è vuota; datene una nuova", folder.display());
    for (path, bytes) in built.files.iter() {
        std::fs::write(folder.join(path), bytes).with_context(writing)?;
    }
    Ok(())
}

fn text(made: &Made, output: &Output) -> String {
    let mut lines = vec![format!(
        "{} {}  {}  {} KiB",
        output.say("archivio", "feed"),
        made.version,
        made.published,
        made.bytes.div_ceil(1024)
    )];
    for (release, count) in &made.releases {
        lines.push(format!("  {release}: {count} {}", output.say("vulnerabilità", "vulnerabilities")));
    }
    let rows = [
        (made.exploited, "già sfruttate (KEV)", "known to be exploited (KEV)"),
        (made.ends_of_life, "fini di supporto", "ends of support"),
        (
            made.passed_over,
            "voci tralasciate: nomi o versioni non di Debian",
            "records passed over: not Debian's names or versions",
        ),
    ];
    for (count, italian, english) in rows.into_iter().filter(|(count, ..)| *count > 0) {
        lines.push(format!("  {count} {}", output.say(italian, english)));
    }
    let next = output.say("Ora firmatelo", "Now sign it");
    lines.push(format!("{next}: vedetta-agent pack sign {} --key mia.key --passphrase-file frase.txt", made.folder));
    let last = output.say("Poi datelo agli agenti", "Then hand it to the agents");
    lines.push(format!("{last}: vedetta-collector pack add {}", made.folder));
    lines.join("\n") + "\n"
}
