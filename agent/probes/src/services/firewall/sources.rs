//! Where the rules are read: `nft` for those of nftables, `iptables-save` for those of iptables, old and new.

use std::collections::BTreeMap;
use std::time::Duration;

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::Asked;
use super::evaluate::Packet;
use super::iptables::{self, SavedTable};
use super::kernel::KernelChain;
use super::nft::{self, Tables};
use super::rules::{BaseChain, Family, RuleTable, Ruleset, Transport};
use super::translation::{self, Translation};
use crate::program::{self, Program, SYSTEM_FOLDERS};

/// Longest time for one program.
const PROGRAM_TIME_MAX: Duration = Duration::from_secs(5);
/// Most bytes of rules that are read from one program.
const RULES_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Chains of iptables for incoming packets, and the number of their hook.
const HOOKS: &[(&str, u32)] = &[("PREROUTING", 0), ("INPUT", 1)];
/// Tables of iptables that may drop packets, and their priority (`NF_IP_PRI_RAW` and its siblings).
const PRIORITIES: &[(&str, i32)] = &[("raw", -300), ("mangle", -150), ("filter", 0), ("security", 50)];
/// Chains by which ufw is known.
const CHAINS_OF_UFW: &[&str] = &["ufw-before-input", "ufw6-before-input"];

/// One family, as the kernel and the programs of iptables name it.
struct FamilyNames {
    family: Family,
    kernel: &'static str,
    /// Programs that print the rules in nftables, those of the older iptables, and whichever of both is installed.
    newer: &'static str,
    older: &'static str,
    either: &'static str,
}

const FAMILIES: [FamilyNames; 2] = [
    FamilyNames {
        family: Family::V4,
        kernel: "ip",
        newer: "iptables-nft-save",
        older: "iptables-legacy-save",
        either: "iptables-save",
    },
    FamilyNames {
        family: Family::V6,
        kernel: "ip6",
        newer: "ip6tables-nft-save",
        older: "ip6tables-legacy-save",
        either: "ip6tables-save",
    },
];

/// The rules of every chain that can drop incoming packets.
///
/// # Errors
/// `no_program` when the program that prints them is missing, or what else kept them from being read.
pub(super) fn ruleset(asked: &Asked) -> Result<Ruleset, Unknown> {
    let mut ruleset = Ruleset::default();
    let mut of_nft: Vec<&KernelChain> = asked.chains.iter().filter(|chain| !chain.is_of_iptables()).collect();
    for (names, has_older) in FAMILIES.iter().zip(asked.has_older) {
        let newer: Vec<&KernelChain> =
            asked.chains.iter().filter(|chain| chain.is_of_iptables() && chain.family == names.kernel).collect();
        let has_newer = !newer.is_empty();
        if has_newer {
            match names.saved(names.newer, has_older) {
                Ok(saved) => of_nft.extend(ruleset.add_newer(names.family, saved, newer)),
                // What nft cannot read of them is then told rule by rule.
                Err(_no_program) => of_nft.extend(newer),
            }
        }
        if has_older {
            ruleset.add_older(names.family, names.saved(names.older, has_newer)?);
        }
    }
    if !of_nft.is_empty() {
        let tables = nft::parse(&output("nft", &["-j", "list", "ruleset"])?)
            .map_err(|error| Unknown::new(Reason::CORRUPT, error.to_string()))?;
        ruleset.add_nft(tables, &of_nft);
    }
    ruleset.base.sort_by_key(|chain| chain.order);
    Ok(ruleset)
}

/// The rules that send packets on to other addresses: those of nftables in these families, and of the older iptables.
///
/// # Errors
/// As [`ruleset`].
pub(super) fn translations(newer: &[&str], older: [bool; 2]) -> Result<Vec<Translation>, Unknown> {
    let mut found = Vec::new();
    for (names, has_older) in FAMILIES.iter().zip(older) {
        let has_newer = newer.contains(&names.kernel);
        if has_older {
            found.extend(translation::in_saved(&names.saved_text(names.older, has_newer)?));
        }
        // nft does not tell what iptables wrote there; where iptables is not installed, it wrote nothing.
        match has_newer.then(|| names.saved_text(names.newer, has_older)) {
            None => {}
            Some(Ok(text)) => found.extend(translation::in_saved(&text)),
            Some(Err(unknown)) if unknown.reason == Reason::NO_PROGRAM => {}
            Some(Err(unknown)) => return Err(unknown),
        }
    }
    if !newer.is_empty() {
        let answer = serde_json::from_str(&output("nft", &["-j", "list", "ruleset"])?);
        let answer =
            answer.map_err(|error| Unknown::new(Reason::CORRUPT, format!("read the output of nft: {error}")))?;
        found.extend(translation::in_nft(&answer));
    }
    Ok(found)
}

/// Reads any text as the output of both programs, and puts packets through what comes of it. For fuzzing.
pub(super) fn fuzz(text: &str) {
    let mut ruleset = Ruleset::default();
    for names in &FAMILIES {
        ruleset.add_older(names.family, iptables::parse(text, names.family));
    }
    let _translations =
        (translation::in_saved(text), serde_json::from_str(text).map(|json| translation::in_nft(&json)));
    if let Ok(tables) = nft::parse(text) {
        ruleset.tables.extend(tables.into_values());
    }
    let names = ruleset.tables.iter().enumerate();
    ruleset.base =
        names.flat_map(|(table, rules)| rules.chains.keys().map(move |name| base_of_any(table, name))).collect();
    for (family, transport) in [(Family::V4, Transport::Tcp), (Family::V6, Transport::Udp)] {
        let packet = Packet {
            family,
            transport,
            port: 22,
            destination: None,
            interface: "eth0",
            suits_source_port: true,
            is_sent_on: false,
        };
        let _fate = ruleset.fate(&packet);
    }
}

fn base_of_any(table: usize, name: &str) -> BaseChain {
    BaseChain { family: None, order: (1, 0), drops_by_policy: true, name: name.to_owned(), tool: "nftables", table }
}

fn output(name: &str, arguments: &[&str]) -> Result<String, Unknown> {
    let program =
        Program { name, folders: SYSTEM_FOLDERS, arguments, time_max: PROGRAM_TIME_MAX, bytes_max: RULES_BYTES_MAX };
    program::run(&program)?.succeeded(&program)
}

impl FamilyNames {
    /// What the named program prints, or the one that stands for either when it is the only one: then it must be of the
    /// wanted kind if the kernel has rules of both kinds.
    fn saved(&self, wanted: &str, has_both: bool) -> Result<BTreeMap<String, SavedTable>, Unknown> {
        Ok(iptables::parse(&self.saved_text(wanted, has_both)?, self.family))
    }

    fn saved_text(&self, wanted: &str, has_both: bool) -> Result<String, Unknown> {
        match output(wanted, &[]) {
            Err(unknown) if unknown.reason == Reason::NO_PROGRAM => {
                let text = output(self.either, &[])?;
                let head = text.lines().next().unwrap_or_default();
                let is_newer = ["nf_tables", "nft-save", "xtables-save"].iter().any(|word| head.contains(word));
                if has_both && is_newer != (wanted == self.newer) {
                    return Err(unknown);
                }
                Ok(text)
            }
            text => text,
        }
    }
}

impl Ruleset {
    fn add_table(&mut self, rules: RuleTable) -> usize {
        self.tables.push(rules);
        self.tables.len() - 1
    }

    /// Adds the rules of iptables that stand in nftables; answers the chains that the text does not hold.
    fn add_newer<'a>(
        &mut self,
        family: Family,
        saved: BTreeMap<String, SavedTable>,
        mut chains: Vec<&'a KernelChain>,
    ) -> Vec<&'a KernelChain> {
        for (name, table) in saved {
            let is_held = |chain: &KernelChain| chain.table == name && table.rules.chains.contains_key(&chain.name);
            let held: Vec<&KernelChain> = chains.extract_if(.., |chain| is_held(chain)).collect();
            let tool = tool_of(&table.rules);
            let position = self.add_table(table.rules);
            self.base.extend(held.iter().map(|chain| chain.as_base(Some(family), tool, position)));
        }
        chains
    }

    /// Adds the rules of the older iptables.
    pub(super) fn add_older(&mut self, family: Family, saved: BTreeMap<String, SavedTable>) {
        for (name, table) in saved {
            let Some((_, priority)) = PRIORITIES.iter().find(|(known, _)| *known == name) else {
                // It decides on nothing; but it may mark.
                self.add_table(table.rules.marks_alone());
                continue;
            };
            let tool = tool_of(&table.rules);
            let has_rules = |chain: &str| table.rules.chains.get(chain).is_some_and(|rules| !rules.is_empty());
            let in_force = HOOKS.iter().filter_map(|(chain, hook)| {
                let drops_by_policy = *table.policies.get(*chain)?;
                (drops_by_policy || has_rules(chain)).then(|| BaseChain {
                    family: Some(family),
                    order: (*hook, *priority),
                    drops_by_policy,
                    name: (*chain).to_owned(),
                    tool,
                    table: self.tables.len(),
                })
            });
            self.base.extend(in_force);
            self.add_table(table.rules);
        }
    }

    /// Adds the rules of nftables.
    pub(super) fn add_nft(&mut self, mut tables: Tables, chains: &[&KernelChain]) {
        let mut positions: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for chain in chains {
            if chain.is_at_interface() {
                // Which packets come by its interfaces is not told: a chain without rules is not understood, so unknown.
                let position = self.add_table(RuleTable::default());
                self.base.push(chain.as_base(None, chain.tool(), position));
                continue;
            }
            let key = (chain.family, chain.table.as_str());
            let position = *positions.entry(key).or_insert_with(|| {
                // A table that is gone since leaves a chain without rules: not understood, so unknown.
                self.add_table(tables.remove(&(key.0.to_owned(), key.1.to_owned())).unwrap_or_default())
            });
            let family = FAMILIES.iter().find(|names| names.kernel == chain.family).map(|names| names.family);
            self.base.push(chain.as_base(family, chain.tool(), position));
        }
        // The other tables decide on nothing here; but they may mark.
        for table in tables.values() {
            self.add_table(table.marks_alone());
        }
    }
}

impl KernelChain {
    fn as_base(&self, family: Option<Family>, tool: &'static str, table: usize) -> BaseChain {
        BaseChain {
            family,
            order: (self.hook, self.priority),
            drops_by_policy: self.drops_by_policy,
            name: self.name.clone(),
            tool,
            table,
        }
    }
}

fn tool_of(rules: &RuleTable) -> &'static str {
    if CHAINS_OF_UFW.iter().any(|chain| rules.chains.contains_key(*chain)) { "ufw" } else { "iptables" }
}
