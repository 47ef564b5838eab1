//! The output of `nft -j list ruleset`, libnftables-json(5).

use std::collections::HashMap;

use serde_json::Value as Json;

use super::nft_terms::{Left, Sets, left, unread_words};
use super::rules::{ANY_PORT, Action, Condition, PortRange, Rule, RuleTable};

/// Tables by family and name: `inet`, `filter`.
pub(super) type Tables = HashMap<(String, String), RuleTable>;

/// Why the output was not understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum NftError {
    /// It is no JSON.
    #[error("read the output of nft: {0}")]
    Json(#[from] serde_json::Error),
    /// It has no list of what there is.
    #[error("read the output of nft: no `nftables` in it")]
    Shape,
}

/// The rules of every table. A rule, or a part of one, that is not understood is kept as such.
///
/// # Errors
/// [`NftError`] when the output as a whole is not what it should be.
pub(super) fn parse(text: &str) -> Result<Tables, NftError> {
    let json: Json = serde_json::from_str(text)?;
    let items = json.get("nftables").and_then(Json::as_array).ok_or(NftError::Shape)?;
    let mut tables = Tables::new();
    let mut sets: HashMap<(String, String), Sets<'_>> = HashMap::new();
    for (kind, item) in items.iter().filter_map(Json::as_object).flatten() {
        let (Some(table), Some(name)) = (place(item), text_of(item, "name")) else { continue };
        match kind.as_str() {
            "chain" => {
                tables.entry(table).or_default().chains.entry(name.to_owned()).or_default();
            }
            "set" | "map" => {
                sets.entry(table).or_default().insert(name, item.get("elem").unwrap_or(&Json::Null));
            }
            _ => {}
        }
    }
    for item in items.iter().filter_map(|item| item.get("rule")) {
        let (Some(table), Some(chain)) = (place(item), text_of(item, "chain")) else { continue };
        let none = Sets::new();
        let mut reading = Reading {
            sets: sets.get(&table).unwrap_or(&none),
            conditions: Vec::new(),
            rules: Vec::new(),
            marks: false,
            untracks: false,
            handed_to: Vec::new(),
        };
        reading.statements(item.get("expr").and_then(Json::as_array).map_or(&[], Vec::as_slice));
        let Reading { rules, marks, untracks, handed_to, .. } = reading;
        let table = tables.entry(table).or_default();
        table.sets_marks |= marks;
        table.untracks |= untracks;
        table.handed_to.extend(handed_to);
        table.chains.entry(chain.to_owned()).or_default().extend(rules);
    }
    Ok(tables)
}

fn place(item: &Json) -> Option<(String, String)> {
    Some((text_of(item, "family")?.to_owned(), text_of(item, "table")?.to_owned()))
}

fn text_of<'a>(item: &'a Json, field: &str) -> Option<&'a str> {
    item.get(field).and_then(Json::as_str)
}

/// One rule as it is read, statement by statement. A map of verdicts makes several rules of it, one for each entry.
struct Reading<'a> {
    sets: &'a Sets<'a>,
    /// The conditions that stand before the statement at hand.
    conditions: Vec<Condition>,
    rules: Vec<Rule>,
    marks: bool,
    untracks: bool,
    handed_to: Vec<PortRange>,
}

impl Reading<'_> {
    fn statements(&mut self, statements: &[Json]) {
        for (kind, content) in statements.iter().filter_map(Json::as_object).flatten() {
            self.statement(kind, content);
        }
    }

    fn statement(&mut self, kind: &str, content: &Json) {
        if let Some(action) = verdict(kind, content) {
            self.decide(action);
            return;
        }
        match kind {
            "match" => {
                let condition = self.condition(content);
                self.conditions.push(condition);
            }
            "vmap" => self.verdict_map(content),
            // A limit that has a name says elsewhere whether it is one to be under or over.
            "limit" if content.get("rate").is_none() => {
                self.conditions.push(Condition::Unread(unread_words(kind, content)));
            }
            "notrack" => self.untracks = true,
            // The first packet of a stranger is under every limit, and over none.
            "limit" | "ct count" if is_inverted(content) => self.conditions.push(Condition::Never),
            "limit" | "ct count" | "counter" | "log" | "comment" | "ct helper" | "ct timeout" | "ct expectation"
            | "secmark" | "last" | "flow" | "dup" => {}
            "mangle" => {
                self.marks |= content.pointer("/key/meta/key").is_some_and(|key| key == "mark")
                    || content.pointer("/key/ct/key").is_some_and(|key| key == "mark")
            }
            // A set that rules fill: what stands beside it decides whether the rule goes on.
            "set" | "meter" => self.within(content),
            "queue" | "synproxy" => self.decide(Action::Unread(kind.to_owned())),
            "tproxy" => {
                self.handed_to.extend(proxy_port(content));
                self.decide(Action::Unread(kind.to_owned()));
            }
            // A target that iptables wrote and nft does not know: what it does is not told.
            "xt" if text_of(content, "type") == Some("target") => {
                self.handed_to.extend((text_of(content, "name") == Some("TPROXY")).then_some(ANY_PORT));
                self.decide(Action::Unread(unread_words(kind, content)));
            }
            other => self.conditions.push(Condition::Unread(unread_words(other, content))),
        }
    }

    /// The statements for each entry of a set that rules fill.
    fn within(&mut self, content: &Json) {
        match content.get("stmt") {
            Some(Json::Array(statements)) => self.statements(statements),
            Some(Json::Object(statement)) => {
                for (kind, content) in statement {
                    self.statement(kind, content);
                }
            }
            _ => {}
        }
        if content.get("op").is_some_and(|operation| operation == "delete") {
            self.conditions.push(Condition::Unread("delete @set".to_owned()));
        }
    }

    fn decide(&mut self, action: Action) {
        self.rules.push(Rule { conditions: self.conditions.clone(), action });
    }

    fn condition(&self, content: &Json) -> Condition {
        let nothing = Json::Null;
        let (left_side, right_side) =
            (content.get("left").unwrap_or(&nothing), content.get("right").unwrap_or(&nothing));
        let operator = content.get("op").and_then(Json::as_str).unwrap_or_default();
        left(left_side)
            .compare(operator, right_side, self.sets)
            .unwrap_or_else(|| Condition::Unread(unread_words("match", content)))
    }

    fn verdict_map(&mut self, content: &Json) {
        let nothing = Json::Null;
        let key = left(content.get("key").unwrap_or(&nothing));
        let data = content.get("data").unwrap_or(&nothing);
        let entries = match data.as_str().and_then(|name| name.strip_prefix('@')) {
            Some(name) => self.sets.get(name).copied(),
            None => data.get("set"),
        };
        let Some(entries) = entries.and_then(Json::as_array) else {
            // A map without entries decides nothing; one that is not there is not understood.
            if !entries.is_some_and(Json::is_null) {
                self.decide(Action::Unread(unread_words("vmap", content)));
            }
            return;
        };
        let read: Vec<(Condition, Action)> = entries.iter().map(|entry| self.entry(&key, entry)).collect();
        for (condition, action) in read {
            let mut conditions = self.conditions.clone();
            conditions.push(condition);
            self.rules.push(Rule { conditions, action });
        }
    }

    /// One entry of a map of verdicts: what to compare the key with, and what then.
    fn entry(&self, key: &Left, entry: &Json) -> (Condition, Action) {
        let pair = entry.as_array().map(Vec::as_slice);
        let Some([value, decision]) = pair else {
            return (Condition::Unread("an entry of a map".to_owned()), Action::Unread("an entry of a map".to_owned()));
        };
        let action = decision
            .as_object()
            .and_then(|decision| decision.iter().next().and_then(|(kind, content)| verdict(kind, content)));
        let action = action.unwrap_or_else(|| Action::Unread(unread_words("vmap", decision)));
        let condition = key.compare("==", value, self.sets);
        (condition.unwrap_or_else(|| Condition::Unread(unread_words("vmap", value))), action)
    }
}

fn verdict(kind: &str, content: &Json) -> Option<Action> {
    let target = || text_of(content, "target").map(str::to_owned);
    Some(match kind {
        "accept" => Action::Accept,
        "drop" | "reject" => Action::Drop,
        "return" => Action::Return,
        "continue" => Action::Continue,
        "jump" => target().map_or_else(|| Action::Unread("jump".to_owned()), Action::Jump),
        "goto" => target().map_or_else(|| Action::Unread("goto".to_owned()), Action::Goto),
        _ => return None,
    })
}

/// The port of `tproxy to :8080`; nothing when the packet stays with its own.
fn proxy_port(content: &Json) -> Option<PortRange> {
    let port = content.get("port")?;
    let port = port.as_u64().and_then(|port| u16::try_from(port).ok());
    Some(port.map_or(ANY_PORT, |port| (port, port)))
}

fn is_inverted(content: &Json) -> bool {
    content.get("inv").and_then(Json::as_bool).unwrap_or(false)
}
