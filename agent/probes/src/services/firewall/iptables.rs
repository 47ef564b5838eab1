//! The text of `iptables-save` and `ip6tables-save`.
//!
//! Each table is a `*name` line, its chains as `:NAME POLICY [counters]`, its rules as `-A CHAIN ...`, and `COMMIT`
//! (iptables-save(8)).

use std::collections::BTreeMap;

use super::iptables_matches::Matches;
use super::rules::{ANY_PORT, Action, Chains, Family, PortRange, Rule, RuleTable};

/// One table of the text.
#[derive(Debug, Clone, Default)]
pub(super) struct SavedTable {
    pub(super) rules: RuleTable,
    /// Chains that the kernel calls, and whether they drop what no rule decides on.
    pub(super) policies: BTreeMap<String, bool>,
}

/// The tables by their names. Lines that are not understood make rules that are not understood, never rules that are not
/// there.
pub(super) fn parse(text: &str, family: Family) -> BTreeMap<String, SavedTable> {
    let mut tables: BTreeMap<String, SavedTable> = BTreeMap::new();
    let mut current = SavedTable::default();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(table) = line.strip_prefix('*') {
            name = table.trim().to_owned();
            current = SavedTable::default();
        } else if let Some(chain) = line.strip_prefix(':') {
            current.chain(chain);
        } else if line.trim() == "COMMIT" {
            tables.insert(std::mem::take(&mut name), std::mem::take(&mut current));
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            current.rule(line, family);
        }
    }
    tables
}

impl SavedTable {
    fn chain(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        let (Some(name), policy) = (words.next(), words.next()) else { return };
        self.rules.chains.entry(name.to_owned()).or_default();
        // A chain of one's own has `-` for a policy.
        if let Some(policy) = policy.filter(|policy| *policy != "-") {
            self.policies.insert(name.to_owned(), policy != "ACCEPT");
        }
    }

    fn rule(&mut self, line: &str, family: Family) {
        let words = words(line);
        // Counters may stand before a rule: `[12:720] -A INPUT`.
        let start = words.iter().position(|word| word == "-A");
        let Some([chain, rest @ ..]) = start.and_then(|start| words.get(start + 1..)) else { return };
        let mut matches = Matches::new(rest, family);
        let conditions = matches.conditions();
        let action = action(&matches, &self.rules.chains);
        let target = matches.target.as_deref().unwrap_or_default();
        self.rules.sets_marks |= ["MARK", "CONNMARK", "HMARK"].contains(&target);
        self.rules.untracks |= target == "NOTRACK" || (target == "CT" && rest.iter().any(|word| word == "--notrack"));
        if target == "TPROXY" {
            self.rules.handed_to.push(proxy_port(rest));
        }
        self.rules.chains.entry(chain.clone()).or_default().push(Rule { conditions, action });
    }
}

/// The port of `-j TPROXY --on-port 8080`.
fn proxy_port(words: &[String]) -> PortRange {
    let at = words.iter().rposition(|word| word == "--on-port");
    let port = at.and_then(|at| words.get(at + 1)).and_then(|port| port.parse().ok());
    port.map_or(ANY_PORT, |port| (port, port))
}

fn action(matches: &Matches<'_>, chains: &Chains) -> Action {
    let Some(target) = matches.target.as_deref() else { return Action::Continue };
    if matches.is_goto {
        return Action::Goto(target.to_owned());
    }
    match target {
        "ACCEPT" => Action::Accept,
        "DROP" | "REJECT" | "TARPIT" | "STEAL" => Action::Drop,
        "RETURN" => Action::Return,
        "LOG" | "NFLOG" | "ULOG" | "MARK" | "CONNMARK" | "HMARK" | "CT" | "NOTRACK" | "TCPMSS" | "TTL" | "HL"
        | "AUDIT" | "TRACE" | "SET" | "CHECKSUM" | "DSCP" | "TOS" | "ECN" | "CLASSIFY" | "CONNSECMARK" | "SECMARK"
        | "TEE" | "TCPOPTSTRIP" | "RATEEST" | "LED" | "IDLETIMER" => Action::Continue,
        own if chains.contains_key(own) => Action::Jump(own.to_owned()),
        other => Action::Unread(format!("-j {other}")),
    }
}

/// The words of a line; what stands between quotes is one word, with `\` before a quote that belongs to it.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    let mut signs = line.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            '\\' if is_quoted => word.get_or_insert_default().extend(signs.next()),
            sign if sign.is_ascii_whitespace() && !is_quoted => words.extend(word.take()),
            sign => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_quotes_is_one_word() {
        let line = r#"-A INPUT -m comment --comment "a \"b\" -j DROP" -j LOG --log-prefix "[x] ""#;
        let expected =
            ["-A", "INPUT", "-m", "comment", "--comment", "a \"b\" -j DROP", "-j", "LOG", "--log-prefix", "[x] "];
        assert_eq!(words(line), expected);
    }

    #[test]
    fn tables_chains_and_policies_are_read() {
        let tables = parse("*filter\n:INPUT DROP [0:0]\n:own - [0:0]\n[1:2] -A INPUT -j own\nCOMMIT\n", Family::V4);
        let filter = &tables["filter"];
        assert_eq!(filter.policies, BTreeMap::from([("INPUT".to_owned(), true)]));
        assert_eq!(filter.rules.chains["INPUT"][0].action, Action::Jump("own".to_owned()));
        assert!(filter.rules.chains["own"].is_empty());
    }
}
