//! `pack`: tools for those who publish checks.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use minisign::{KeyPair, PublicKey, SecretKeyBox};
use vedetta_checks::feed::FeedCounts;
use vedetta_checks::pack::Pack;
use vedetta_checks::pack::files::{MANIFEST_FILE, SIGNATURE_FILE};
use vedetta_checks::pack::manifest;
use vedetta_checks::pack::trust::{self, PinnedKeys};

use crate::clock;
use crate::config::Config;
use crate::packs::{pinned_keys, read_folder};

#[derive(Debug, Subcommand)]
#[command(after_help = "Esempio:  vedetta-agent pack lint ./mio-pacchetto")]
pub(super) enum Arguments {
    /// Controlla un pacchetto e prova i suoi casi
    #[command(
        after_help = "Esempio:  vedetta-agent pack lint ./mio-pacchetto\nUscita:   0 va bene, 1 problemi trovati"
    )]
    Lint {
        /// La cartella del pacchetto
        path: PathBuf,
    },
    /// Crea una coppia di chiavi per firmare
    #[command(after_help = "Esempio:  vedetta-agent pack keygen --key mia.key --passphrase-file frase.txt")]
    Keygen {
        /// Dove scrivere la chiave segreta; quella pubblica accanto, con .pub
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// File con la frase che protegge la chiave
        #[arg(long, value_name = "FILE")]
        passphrase_file: PathBuf,
    },
    /// Firma un pacchetto: scrive pack.manifest e la sua firma
    #[command(
        after_help = "Esempio:  vedetta-agent pack sign ./mio-pacchetto --key mia.key --passphrase-file frase.txt"
    )]
    Sign {
        /// La cartella del pacchetto
        path: PathBuf,
        /// La chiave segreta
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// File con la frase che protegge la chiave
        #[arg(long, value_name = "FILE")]
        passphrase_file: PathBuf,
    },
    /// Verifica la firma di un pacchetto
    #[command(after_help = "Esempio:  vedetta-agent pack verify ./mio-pacchetto --key mia.key.pub")]
    Verify {
        /// La cartella del pacchetto
        path: PathBuf,
        /// La chiave pubblica; senza, quelle di cui questo computer si fida
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
}

pub(super) fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    match arguments {
        Arguments::Lint { path } => lint(&path),
        Arguments::Keygen { key, passphrase_file } => keygen(&key, &passphrase_file),
        Arguments::Sign { path, key, passphrase_file } => sign(&path, &key, &passphrase_file),
        Arguments::Verify { path, key } => verify(&path, key.as_deref(), config),
    }
}

fn lint(path: &Path) -> anyhow::Result<ExitCode> {
    let files = read_folder(path)?;
    let problems = vedetta_checks::lint::lint(&files, &vedetta_probes::catalogue());
    let mut text = String::new();
    for problem in &problems {
        text.push_str(&format!("{problem}\n"));
    }
    if problems.is_empty() {
        let pack = Pack::parse(&files)?;
        let content = match &pack.feed {
            Some(feed) => told(&feed.read_whole()?),
            None => format!("{} controlli", pack.checks.len()),
        };
        text = format!("{} {}: {content}, nessun problema\n", pack.id, pack.version);
    }
    super::print(&text)?;
    Ok(ExitCode::from(u8::from(!problems.is_empty())))
}

/// What a feed holds, in one line.
fn told(counts: &FeedCounts) -> String {
    let releases: Vec<String> =
        counts.releases.iter().map(|(release, count)| format!("{release}: {count} vulnerabilità note")).collect();
    releases.join(", ")
}

fn passphrase(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(!text.is_empty(), "{} holds no passphrase", file.display());
    Ok(text.to_owned())
}

fn keygen(key: &Path, passphrase_file: &Path) -> anyhow::Result<ExitCode> {
    let pair = KeyPair::generate_encrypted_keypair(Some(passphrase(passphrase_file)?))?;
    let public = with_suffix(key, ".pub");
    write_new(key, true, &pair.sk.to_box(None)?.into_string())?;
    write_new(&public, false, &pair.pk.to_box()?.into_string())?;
    super::print(&format!("{}\n{}\n", key.display(), public.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn write_new(file: &Path, is_secret: bool, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let writing = || format!("cannot write {}", file.display());
    let mut opened = crate::platform::create_new(file, is_secret).with_context(writing)?;
    opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).with_context(writing)
}

fn sign(path: &Path, key: &Path, passphrase_file: &Path) -> anyhow::Result<ExitCode> {
    // An old manifest and signature are not among the files that the new one lists.
    let files = read_folder(path)?;
    let text = manifest::text(&files)?;
    let boxed = std::fs::read_to_string(key).with_context(|| format!("cannot read {}", key.display()))?;
    let opening = || format!("{} cannot be opened: wrong passphrase, or no minisign key", key.display());
    let secret = SecretKeyBox::from_string(&boxed)
        .and_then(|boxed| boxed.into_secret_key(Some(passphrase(passphrase_file).unwrap_or_default())))
        .with_context(opening)?;
    let public = PublicKey::from_secret_key(&secret).with_context(opening)?;
    let pack = Pack::parse(&files)?;
    // Nobody signs what no host could read.
    pack.feed.as_ref().map(|feed| feed.read_whole()).transpose()?;
    let comment = format!("{} {}", pack.id, pack.version);
    let signature = minisign::sign(Some(&public), &secret, Cursor::new(text.as_bytes()), Some(&comment), None)?;
    crate::files::replace(&path.join(MANIFEST_FILE), text.as_bytes())?;
    crate::files::replace(&path.join(SIGNATURE_FILE), signature.into_string().as_bytes())?;
    super::print(&format!("{} {}  {}\n", pack.id, pack.version, pack.digest))?;
    Ok(ExitCode::SUCCESS)
}

fn verify(path: &Path, key: Option<&Path>, config: &Config) -> anyhow::Result<ExitCode> {
    let keys = match key {
        Some(key) => {
            let text = std::fs::read_to_string(key).with_context(|| format!("cannot read {}", key.display()))?;
            PinnedKeys::parse([text.as_str()])?
        }
        None => pinned_keys(&config.publishers)?,
    };
    let files = read_folder(path)?;
    let manifest =
        files.get(MANIFEST_FILE).with_context(|| format!("{MANIFEST_FILE} is missing: the pack is not signed"))?;
    let signature = files.get(SIGNATURE_FILE).with_context(|| format!("{SIGNATURE_FILE} is missing"))?;
    let trusted = trust::verify(&files, manifest, std::str::from_utf8(signature)?, &keys, None, clock::system())?;
    let pack = trusted.pack();
    let key = match trusted.trust() {
        trust::Trust::Signed { key_id } => key_id.as_str(),
        trust::Trust::Embedded | trust::Trust::Local => "",
    };
    super::print(&format!("{} {}  {}  firmato con la chiave {key}\n", pack.id, pack.version, pack.digest))?;
    Ok(ExitCode::SUCCESS)
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
