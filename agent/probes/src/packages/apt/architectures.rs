//! Which architectures a source of packages has lists for, by its options (sources.list(5)).

/// Which architectures a source is limited to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Architectures {
    /// Those it has alone; empty for those of the host.
    pub(super) only: Vec<String>,
    /// Those it has beside them.
    pub(super) added: Vec<String>,
    /// Those it has not.
    pub(super) removed: Vec<String>,
}

impl Architectures {
    /// Those of the source on a host with these; `all` always belongs to them.
    pub(super) fn of<'a>(&'a self, host: &'a [String]) -> Vec<&'a str> {
        let base = if self.only.is_empty() { host } else { &self.only };
        let wanted = base.iter().chain(&self.added).map(String::as_str).chain(["all"]);
        let mut architectures: Vec<&str> = Vec::new();
        for architecture in wanted.filter(|name| !self.removed.iter().any(|removed| removed == name)) {
            if !architectures.contains(&architecture) {
                architectures.push(architecture);
            }
        }
        architectures
    }
}
