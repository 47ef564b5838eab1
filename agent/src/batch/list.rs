//! The list of targets: a CSV file as a spreadsheet writes it, and the file of what must not be looked at.
//!
//! Columns by the names in the first line, in any order, Italian or English: `bersaglio` (`target`, `dominio`, `domain`),
//! `organizzazione` (`organisation`, `codice`, `code`), `fornitore` (`supplier`), `ruolo` (`role`: `ordinary`, `pec`,
//! `none`), `selettori` (`selectors`, blanks between them). Without such a line: the target, then the organisation. Commas
//! or semicolons; lines that begin with `#` are notes.

use std::collections::{BTreeMap, BTreeSet};

use vedetta_checks::fact::clean_text;
use vedetta_checks::target::{DomainName, Target};
use vedetta_probes::declared::{DomainDeclared, MailRole};

/// Most targets of one list.
pub const TARGETS_MAX: usize = 5_000;
/// Longest text of one cell, in bytes.
const CELL_BYTES_MAX: usize = 512;
/// Most DKIM selectors of one domain.
const SELECTORS_MAX: usize = 64;

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What to look at.
    pub target: Target,
    /// Code of the organisation; empty when the list does not say.
    pub organisation: String,
    /// Who runs it; empty when the list does not say.
    pub supplier: String,
    /// What the organisation declares of a domain.
    pub declared: DomainDeclared,
    /// Its line in the file, from 1.
    pub line: u64,
}

/// The targets of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetList {
    /// In the order of the file, each target of an organisation once.
    pub entries: Vec<Entry>,
    /// Lines that repeat an earlier one, which are left out.
    pub repeated: Vec<u64>,
}

/// What is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// One line cannot be read.
    #[error("line {line}: {problem}")]
    Line {
        /// From 1.
        line: u64,
        /// What is wrong there.
        problem: String,
    },
    /// The whole file.
    #[error("{0}")]
    File(String),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Target,
    Organisation,
    Supplier,
    Role,
    Selectors,
    /// Anything else, such as the name of the Comune: not read.
    Other,
}

impl Column {
    fn of(title: &str) -> Self {
        match title.trim().to_lowercase().as_str() {
            "bersaglio" | "target" | "dominio" | "domain" => Self::Target,
            "organizzazione" | "organisation" | "organization" | "codice" | "code" | "ente" => Self::Organisation,
            "fornitore" | "supplier" => Self::Supplier,
            "ruolo" | "role" => Self::Role,
            "selettori" | "selectors" => Self::Selectors,
            _ => Self::Other,
        }
    }
}

impl TargetList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`ListError`] names the first line that cannot be read, and why.
    pub fn parse(text: &str) -> Result<Self, ListError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .delimiter(delimiter(text))
            .from_reader(text.as_bytes());
        let mut columns: Option<Vec<Column>> = None;
        let mut list = Self::default();
        let mut seen = BTreeSet::new();
        for record in reader.records() {
            let record = record.map_err(|error| match error.position() {
                Some(position) => wrong(position.line(), error.to_string()),
                None => ListError::File(error.to_string()),
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            if columns.is_none() {
                let titles: Vec<Column> = record.iter().map(Column::of).collect();
                if titles.contains(&Column::Target) {
                    columns = Some(titles);
                    continue;
                }
                columns = Some(vec![Column::Target, Column::Organisation]);
            }
            let entry = entry(&record, columns.as_deref().unwrap_or_default(), line)?;
            if !seen.insert((entry.target.clone(), entry.organisation.clone())) {
                list.repeated.push(line);
                continue;
            }
            if list.entries.len() == TARGETS_MAX {
                return Err(wrong(line, format!("more than {TARGETS_MAX} targets; split the list")));
            }
            list.entries.push(entry);
        }
        if list.entries.is_empty() {
            return Err(ListError::File("the list holds no target".to_owned()));
        }
        Ok(list)
    }

    /// What the organisations declare of their domains.
    #[must_use]
    pub fn declared(&self) -> BTreeMap<DomainName, DomainDeclared> {
        let mut declared: BTreeMap<DomainName, DomainDeclared> = BTreeMap::new();
        for entry in &self.entries {
            let Target::Domain(domain) = &entry.target else { continue };
            if entry.declared == DomainDeclared::default() {
                continue;
            }
            let own = declared.entry(domain.clone()).or_default();
            own.role = own.role.or(entry.declared.role);
            own.selectors.extend(entry.declared.selectors.iter().cloned());
        }
        declared
    }
}

/// Names that must not be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excluded {
    exact: BTreeSet<String>,
    beneath: Vec<String>,
}

impl Excluded {
    /// Reads a file with one name a line: `example.it` for that name alone, `*.example.it` for what stands beneath it.
    ///
    /// # Errors
    /// [`ListError::Line`] for what is no name.
    pub fn parse(text: &str) -> Result<Self, ListError> {
        let mut excluded = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let name = line.split('#').next().unwrap_or_default().trim().trim_start_matches('\u{feff}');
            if name.is_empty() {
                continue;
            }
            let (bare, is_beneath) = name.strip_prefix("*.").map_or((name, false), |rest| (rest, true));
            let parsed = DomainName::parse(bare).map_err(|error| wrong(number, error.to_string()))?;
            if is_beneath {
                excluded.beneath.push(format!(".{parsed}"));
            } else {
                excluded.exact.insert(parsed.to_string());
            }
        }
        Ok(excluded)
    }

    /// Whether a target must not be looked at.
    #[must_use]
    pub fn has(&self, target: &Target) -> bool {
        let name = match target {
            Target::Host => return false,
            Target::Domain(name) => name.as_str().to_owned(),
            Target::Endpoint(endpoint) => endpoint.expected_name(),
            Target::Ports(ports) => ports.server.to_string(),
        };
        self.exact.contains(&name) || self.beneath.iter().any(|suffix| name.ends_with(suffix.as_str()))
    }
}

fn wrong(line: u64, problem: impl Into<String>) -> ListError {
    ListError::Line { line, problem: problem.into() }
}

/// Spreadsheets in Italy write semicolons: what the first line with one of both has more of.
fn delimiter(text: &str) -> u8 {
    let count = |line: &str, mark: char| line.chars().filter(|character| *character == mark).count();
    let first = text.lines().find(|line| !line.starts_with('#') && line.contains([',', ';'])).unwrap_or_default();
    if count(first, ';') > count(first, ',') { b';' } else { b',' }
}

/// A role by its word, or as an Italian list says it.
fn role(word: &str) -> Option<MailRole> {
    match word {
        "ordinaria" | "ordinario" => Some(MailRole::Ordinary),
        "nessuna" | "nessuno" => Some(MailRole::NoMail),
        word => MailRole::from_word(word),
    }
}

fn entry(record: &csv::StringRecord, columns: &[Column], line: u64) -> Result<Entry, ListError> {
    let cell = |wanted: Column| {
        let position = columns.iter().position(|column| *column == wanted);
        position.and_then(|position| record.get(position)).unwrap_or_default()
    };
    if let Some(long) = record.iter().find(|cell| cell.len() > CELL_BYTES_MAX) {
        return Err(wrong(line, format!("a cell of {} bytes; the longest has {CELL_BYTES_MAX}", long.len())));
    }
    let text = cell(Column::Target);
    if text.is_empty() {
        return Err(wrong(line, "no target; write a domain or tls://name:port"));
    }
    let target: Target = text.parse().map_err(|error| wrong(line, format!("`{}`: {error}", clean_text(text, 128))))?;
    if target == Target::Host {
        return Err(wrong(line, "`host` is this computer; a list holds domains and endpoints of others"));
    }
    let role = match cell(Column::Role) {
        "" => None,
        word => Some(role(&word.to_lowercase()).ok_or_else(|| {
            let problem = "is no role; use ordinary (ordinaria), pec or none (nessuna)";
            wrong(line, format!("`{}` {problem}", clean_text(word, 32)))
        })?),
    };
    let selectors: Vec<String> = cell(Column::Selectors).split_whitespace().map(str::to_owned).collect();
    if selectors.len() > SELECTORS_MAX {
        return Err(wrong(line, format!("more than {SELECTORS_MAX} selectors")));
    }
    Ok(Entry {
        target,
        organisation: clean_text(cell(Column::Organisation), CELL_BYTES_MAX),
        supplier: clean_text(cell(Column::Supplier), CELL_BYTES_MAX),
        declared: DomainDeclared { role, selectors },
        line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let list = TargetList::parse(text).unwrap();
        list.entries.into_iter().map(|entry| (entry.target.to_string(), entry.organisation)).collect()
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(target, code)| ((*target).to_owned(), (*code).to_owned())).collect()
    }

    #[test]
    fn a_list_without_titles_is_target_and_organisation() {
        let expected = owned(&[("dns:a.example", "C1"), ("tls://www.a.example:443", "C1"), ("dns:b.example", "")]);
        assert_eq!(read("a.example,C1\n# a note\n\ntls://www.a.example:443 , C1\nb.example\n"), expected);
    }

    #[test]
    fn a_list_as_an_italian_spreadsheet_writes_it_is_read_by_its_titles() {
        let text = "\u{feff}Comune;Codice;Dominio;Ruolo;Selettori;Fornitore\r\n\"Uno; e mezzo\";C1;a.example;PEC;s1 s2;Acme\r\n";
        let list = TargetList::parse(text).unwrap();
        let [entry] = list.entries.as_slice() else { panic!("{list:?}") };
        assert_eq!((entry.organisation.as_str(), entry.supplier.as_str()), ("C1", "Acme"));
        let declared = DomainDeclared { role: Some(MailRole::Pec), selectors: vec!["s1".to_owned(), "s2".to_owned()] };
        assert_eq!(entry.declared, declared);
        assert_eq!(list.declared().len(), 1);
    }

    #[test]
    fn a_line_that_repeats_another_is_left_out_and_told() {
        let list = TargetList::parse("a.example,C1\nA.example.,C1\na.example,C2\n").unwrap();
        assert_eq!((list.entries.len(), list.repeated), (2, vec![2]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, word) in [
            ("a.example,C1\nnot a name,C2\n", 2, "not a name"),
            ("target,role\na.example,boss\n", 2, "boss"),
            ("a.example\nhost\n", 2, "host"),
            ("target,code\n,C1\n", 2, "no target"),
            ("a.example\ntls://www.example.it\n", 2, "tls://"),
        ] {
            match TargetList::parse(text) {
                Err(ListError::Line { line: at, problem }) => {
                    assert!(at == line && problem.contains(word), "{text:?}: line {at}: {problem}");
                }
                other => panic!("{text:?}: {other:?}"),
            }
        }
        assert!(matches!(TargetList::parse("# nothing\n"), Err(ListError::File(_))));
    }

    #[test]
    fn an_excluded_name_is_that_name_and_a_star_is_what_stands_beneath() {
        let excluded = Excluded::parse("a.example # asked not to\n*.b.example\n").unwrap();
        let has = |target: &str| excluded.has(&target.parse().unwrap());
        assert!(has("a.example") && has("tls://a.example:443") && has("x.b.example"));
        assert!(!has("x.a.example") && !has("b.example") && !has("xb.example"));
        assert!(matches!(Excluded::parse("a.example\n!!\n"), Err(ListError::Line { line: 2, .. })));
    }
}
