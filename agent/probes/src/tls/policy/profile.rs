//! The policies as they lie in `profiles.csv` and `rules.csv`.

use std::sync::OnceLock;

/// One line a policy; the head of the file says what the fields are.
const PROFILES: &str = include_str!("profiles.csv");
/// One line a rule.
const RULES: &str = include_str!("rules.csv");

/// One published policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its id: `agid-2020`.
    pub id: &'static str,
    /// Its title, in the publisher's language.
    pub title: &'static str,
    /// Who published it.
    pub publisher: &'static str,
    /// Day, month or year of its text, as exact as it is known.
    pub date: &'static str,
    /// Whether a person compared the rules with the official text.
    pub verified: bool,
    /// Where the rules were read.
    pub source: &'static str,
    /// What a reader should know of it.
    pub remark: &'static str,
    /// Its levels in its own words, the best first.
    pub(super) levels: Vec<&'static str>,
    /// How many of the levels, from the best, conform.
    pub(super) conforming: usize,
    rules: Vec<Rule>,
}

/// What a policy says of one value of one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    parameter: &'static str,
    value: &'static str,
    level: usize,
}

impl Profile {
    /// The worst level.
    pub(super) fn worst(&self) -> usize {
        self.levels.len().saturating_sub(1)
    }

    /// Whether the policy says anything of a parameter.
    pub(super) fn judges(&self, parameter: &str) -> bool {
        self.rules.iter().any(|rule| rule.parameter == parameter)
    }

    /// The level of a value; the worst when no rule fits.
    pub(super) fn level(&self, parameter: &str, fits: impl Fn(&str) -> bool) -> usize {
        let mut own = self.rules.iter().filter(|rule| rule.parameter == parameter);
        own.find(|rule| fits(rule.value)).map_or_else(|| self.worst(), |rule| rule.level)
    }
}

/// Every policy, in the order of the file.
#[must_use]
pub fn profiles() -> &'static [Profile] {
    static ALL: OnceLock<Vec<Profile>> = OnceLock::new();
    ALL.get_or_init(|| lines(PROFILES).filter_map(profile).collect())
}

/// The lines of a table without its remarks and its head.
fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#')).skip(1)
}

fn profile(line: &'static str) -> Option<Profile> {
    let mut fields = line.split(';');
    let mut next = || fields.next();
    let (id, title, publisher, date) = (next()?, next()?, next()?, next()?);
    let verified = next()? == "yes";
    let levels: Vec<&'static str> = next()?.split(' ').collect();
    let conforming = next()?.parse().ok()?;
    let (source, remark) = (next()?, next()?);
    let rules = lines(RULES).filter_map(|line| rule(line, id, &levels)).collect();
    Some(Profile { id, title, publisher, date, verified, source, remark, levels, conforming, rules })
}

/// The rule of a line, when it belongs to the policy.
fn rule(line: &'static str, id: &str, levels: &[&str]) -> Option<Rule> {
    let mut fields = line.split(';');
    let belongs = fields.next()?.split(' ').any(|profile| profile == id);
    let (parameter, value, word) = (fields.next()?, fields.next()?, fields.next()?);
    let level = levels.iter().position(|level| *level == word)?;
    belongs.then_some(Rule { parameter, value, level })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_read() {
        assert_eq!(profiles().len(), lines(PROFILES).count());
        for line in lines(RULES) {
            let named: Vec<&str> = line.split(';').next().unwrap().split(' ').collect();
            for id in named {
                let own = profiles().iter().find(|profile| profile.id == id).expect(id);
                assert!(rule(line, id, &own.levels).is_some(), "{line}");
            }
        }
    }

    #[test]
    fn every_policy_says_when_it_is_from_and_where_it_was_read() {
        for profile in profiles() {
            assert!(profile.date.starts_with("20"), "{}", profile.id);
            assert!(!profile.source.is_empty() && !profile.title.is_empty() && !profile.publisher.is_empty());
            assert!(!profile.verified, "{}: name who compared it in the commit", profile.id);
            assert!(profile.conforming >= 1 && profile.conforming < profile.levels.len(), "{}", profile.id);
            assert!(profile.judges("version") && profile.judges("suite"), "{}", profile.id);
        }
    }
}
