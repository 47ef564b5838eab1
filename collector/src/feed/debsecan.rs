//! The files of debsecan, one a release: packed with zlib, `VERSION 1`, then three parts with an empty line between them.
//!
//! Names (`CVE-2024-6387,,description`); packages (`openssh,0,S RF,1:9.7p1-7,1:9.2p1-2+deb12u3 ...`: the number of a name,
//! flags, the version of unstable, further mended versions); source packages with their binary ones, which a host knows
//! by itself. The flags are the kind (`S` source, `B` binary), the urgency, whether it can be reached from afar, and
//! whether the release offers a mended version (`F`).

use std::io::Read;

use flate2::read::ZlibDecoder;
use vedetta_checks::feed::read::{is_id, is_source_name, is_version};
use vedetta_checks::feed::{Group, Mend, Release, Vulnerability};

use super::BuildError;

/// Largest file once it is unpacked, in bytes; that of a release has some 10 MB.
const UNPACKED_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// First line.
const HEADER: &str = "VERSION 1";

/// Reads the file of one release; answers also how many records no feed can carry.
///
/// # Errors
/// [`BuildError`] names the line.
pub fn read(file: &str, packed: impl Read) -> Result<(Release, usize), BuildError> {
    let whole = |problem: String| BuildError::File { file: file.to_owned(), problem };
    let mut bytes = Vec::new();
    let mut unpacked = ZlibDecoder::new(packed).take(UNPACKED_BYTES_MAX + 1);
    unpacked.read_to_end(&mut bytes).map_err(|error| whole(format!("non è un file di debsecan (zlib): {error}")))?;
    if bytes.len() as u64 > UNPACKED_BYTES_MAX {
        return Err(whole(format!("aperto supera {UNPACKED_BYTES_MAX} byte")));
    }
    // Descriptions may hold any bytes; what is kept is plain.
    parse(file, &String::from_utf8_lossy(&bytes))
}

fn parse(file: &str, text: &str) -> Result<(Release, usize), BuildError> {
    let wrong =
        |line: usize, problem: &str| BuildError::Line { file: file.to_owned(), line, problem: problem.to_owned() };
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    if lines.next().map(|(_, line)| line) != Some(HEADER) {
        return Err(wrong(1, "la prima riga deve essere `VERSION 1`"));
    }
    let mut names = Vec::new();
    for (number, line) in lines.by_ref().take_while(|(_, line)| !line.is_empty()) {
        names.push(line.split_once(',').ok_or_else(|| wrong(number, "serve NOME,,descrizione"))?.0);
    }
    let (mut release, mut passed_over, mut has_packages) = (Release::default(), 0, false);
    for (number, line) in lines.by_ref().take_while(|(_, line)| !line.is_empty()) {
        has_packages = true;
        let fields: Vec<&str> = line.splitn(5, ',').collect();
        let [source, index, flags, unstable, others] = fields.as_slice() else {
            return Err(wrong(number, "servono cinque campi: pacchetto,numero,segni,versione,altre versioni"));
        };
        let name = index.parse::<usize>().ok().and_then(|index| names.get(index));
        let id = *name.ok_or_else(|| wrong(number, "il numero non è quello di un nome"))?;
        let [kind, _, _, fix, ..] = flags.as_bytes() else {
            return Err(wrong(number, "i segni devono essere quattro"));
        };
        let mend = Mend::Listed {
            from: Some((*unstable).to_owned()).filter(|version| !version.is_empty()),
            available: *fix == b'F',
            versions: others.split(' ').filter(|version| !version.is_empty()).map(str::to_owned).collect(),
        };
        if *kind == b'B' || !is_source_name(source) || !is_id(id) || !has_versions(&mend) {
            passed_over += 1;
            continue;
        }
        let vulnerability = Vulnerability { id: id.to_owned(), chance: None, exploited_due: None };
        let package = release.sources.entry((*source).to_owned()).or_default();
        package.groups.push(Group { mend, vulnerabilities: vec![vulnerability] });
    }
    if has_packages { Ok((release, passed_over)) } else { Err(wrong(text.lines().count(), "il file finisce qui")) }
}

fn has_versions(mend: &Mend) -> bool {
    match mend {
        Mend::Listed { from, versions, .. } => from.iter().chain(versions).all(|version| is_version(version)),
        Mend::From(_)
        | Mend::Open
        | Mend::NoAdvisory
        | Mend::Postponed
        | Mend::Ignored
        | Mend::Unimportant
        | Mend::EndOfLife => false,
    }
}
