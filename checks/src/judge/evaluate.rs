//! Three-valued evaluation: true, false, or the reason why it cannot be said. Reading an unknown stops the expression,
//! unless `&&`, `||`, `exists`, `all` or `? :` is decided without it, whichever side it stands on.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;

use crate::fact::Unknown;
use crate::pack::Params;
use crate::value::Record;
use crate::word::Reason;

use super::expression::{Arithmetic, Comparison, Expression, Macro, Network, TextTest, Variable, contains};
use super::term::{Outcome, Stop, Term, Terms, equal, term, unexpected};

/// Most steps of one expression; each part that is evaluated, and each item of a list, is one.
pub(crate) const STEPS_MAX: u32 = 2_000_000;
/// Longest text that `+` makes, in bytes.
const JOINED_BYTES_MAX: usize = 16 * 1024;
/// Seconds of a day, for `days_between`.
const DAY_SECONDS: i64 = 86_400;

/// What an expression reads.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'v> {
    /// The observation; none when the probe could not look or only the host is read.
    pub(crate) facts: Option<&'v Record>,
    pub(crate) host: &'v Record,
    pub(crate) params: &'v Params,
    pub(crate) now: Timestamp,
}

/// Evaluates one expression within [`STEPS_MAX`].
pub(crate) fn evaluate<'v>(expression: &'v Expression, facts: Facts<'v>) -> Outcome<'v> {
    Evaluation { facts, items: Vec::new(), steps: STEPS_MAX }.term(expression)
}

/// Evaluates a condition.
pub(crate) fn decide<'v>(expression: &'v Expression, facts: Facts<'v>) -> Result<bool, Stop> {
    match evaluate(expression, facts)? {
        Term::Bool(decided) => Ok(decided),
        Term::Int(_) | Term::Text(_) | Term::Time(_) | Term::List(_) | Term::Record(_) => Err(unexpected()),
    }
}

struct Evaluation<'v> {
    facts: Facts<'v>,
    items: Vec<Outcome<'v>>,
    steps: u32,
}

impl<'v> Evaluation<'v> {
    fn step(&mut self, count: usize) -> Result<(), Stop> {
        let left = u32::try_from(count).ok().and_then(|count| self.steps.checked_sub(count));
        self.steps = left.unwrap_or(0);
        match left {
            Some(_) => Ok(()),
            None => Err(Stop::failed("the expression took more steps than allowed")),
        }
    }

    fn term(&mut self, expression: &'v Expression) -> Outcome<'v> {
        self.step(1)?;
        match expression {
            Expression::Literal(value) => term(value),
            Expression::Variable(variable) => self.variable(variable),
            Expression::Field(inner, name) => match self.term(inner)? {
                Term::Record(record) => record.get(name.as_str()).map_or_else(|| Err(unexpected()), term),
                Term::Bool(_) | Term::Int(_) | Term::Text(_) | Term::Time(_) | Term::List(_) => Err(unexpected()),
            },
            Expression::Not(inner) => Ok(Term::Bool(!self.bool(inner)?)),
            Expression::Negate(inner) => checked(self.int(inner)?.checked_neg()),
            Expression::And(left, right) => self.either(left, right, false),
            Expression::Or(left, right) => self.either(left, right, true),
            Expression::Conditional(three) => self.conditional(three),
            Expression::Compare(how, left, right) => self.compare(*how, left, right),
            Expression::Calculate(how, left, right) => self.calculate(*how, left, right),
            Expression::Join(left, right) => self.join(left, right),
            Expression::In(item, list) => self.is_in(item, list),
            Expression::Size(inner) => match self.term(inner)? {
                Term::List(terms) => terms.size().map(Term::Int),
                Term::Text(text) => Ok(Term::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))),
                Term::Bool(_) | Term::Int(_) | Term::Time(_) | Term::Record(_) => Err(unexpected()),
            },
            Expression::Print(number) => Ok(Term::Text(Cow::Owned(self.int(number)?.to_string()))),
            Expression::Test(test, text, part) => {
                let (text, part) = (self.text(text)?, self.text(part)?);
                self.step(text.len() / 64)?;
                Ok(Term::Bool(match test {
                    TextTest::Contains => text.contains(&*part),
                    TextTest::StartsWith => text.starts_with(&*part),
                    TextTest::EndsWith => text.ends_with(&*part),
                }))
            }
            Expression::Matches(text, pattern) => {
                let text = self.text(text)?;
                self.step(text.len() / 16)?;
                Ok(Term::Bool(pattern.0.is_match(&text)))
            }
            Expression::DaysBetween(from, to) => {
                let (from, to) = (self.time(from)?.as_second(), self.time(to)?.as_second());
                checked(to.checked_sub(from).map(|seconds| seconds.div_euclid(DAY_SECONDS)))
            }
            Expression::InNetwork(address, network) => self.in_network(address, network),
            Expression::VersionLess(kind, left, right) => {
                let (left, right) = (self.text(left)?, self.text(right)?);
                match kind.compare(&left, &right) {
                    Some(order) => Ok(Term::Bool(order == Ordering::Less)),
                    None => Err(Stop::failed(&format!("`{left}` or `{right}` is no version of this kind"))),
                }
            }
            Expression::Macro { kind, list, body, .. } => self.over_items(*kind, list, body),
        }
    }

    fn variable(&mut self, variable: &'v Variable) -> Outcome<'v> {
        let found = match variable {
            Variable::Fact(name) => self.facts.facts.and_then(|facts| facts.get(name.as_str())),
            Variable::Host(name) => match self.facts.host.get(name.as_str()) {
                Some(value) => Some(value),
                None => {
                    let detail = format!("host.{name}");
                    return Err(Stop::Unknown(Unknown::new(Reason::NOT_FOUND, detail)));
                }
            },
            Variable::Param(name) => self.facts.params.get(name),
            Variable::Now => return Ok(Term::Time(self.facts.now)),
            Variable::Item(depth) => return self.items.get(*depth).cloned().unwrap_or_else(|| Err(unexpected())),
        };
        found.map_or_else(|| Err(unexpected()), term)
    }

    /// `&&` is decided by one `false`, `||` by one `true`, wherever it stands and whatever the other side is.
    fn either(&mut self, left: &'v Expression, right: &'v Expression, decisive: bool) -> Outcome<'v> {
        let left = self.bool(left);
        if left == Ok(decisive) {
            return Ok(Term::Bool(decisive));
        }
        let right = self.bool(right);
        match (left, right) {
            (_, Ok(right)) if right == decisive => Ok(Term::Bool(decisive)),
            (Ok(_), Ok(_)) => Ok(Term::Bool(!decisive)),
            (Err(left), Err(right)) => Err(left.or(right)),
            (Err(stop), Ok(_)) | (Ok(_), Err(stop)) => Err(stop),
        }
    }

    /// A condition that is not known does not matter when both sides come to the same.
    fn conditional(&mut self, [condition, yes, no]: &'v [Expression; 3]) -> Outcome<'v> {
        match self.bool(condition) {
            Ok(true) => self.term(yes),
            Ok(false) => self.term(no),
            Err(stop) => match (self.term(yes), self.term(no)) {
                (Ok(yes), Ok(no)) if equal(&yes, &no) == Ok(true) => Ok(yes),
                _ => Err(stop),
            },
        }
    }

    fn compare(&mut self, how: Comparison, left: &'v Expression, right: &'v Expression) -> Outcome<'v> {
        let (left, right) = (self.term(left)?, self.term(right)?);
        let order = || match (&left, &right) {
            (Term::Int(left), Term::Int(right)) => Ok(left.cmp(right)),
            (Term::Time(left), Term::Time(right)) => Ok(left.cmp(right)),
            _ => Err(unexpected()),
        };
        Ok(Term::Bool(match how {
            Comparison::Equal => equal(&left, &right)?,
            Comparison::NotEqual => !equal(&left, &right)?,
            Comparison::Less => order()?.is_lt(),
            Comparison::LessOrEqual => order()?.is_le(),
            Comparison::Greater => order()?.is_gt(),
            Comparison::GreaterOrEqual => order()?.is_ge(),
        }))
    }

    fn calculate(&mut self, how: Arithmetic, left: &'v Expression, right: &'v Expression) -> Outcome<'v> {
        let (left, right) = (self.int(left)?, self.int(right)?);
        checked(match how {
            Arithmetic::Add => left.checked_add(right),
            Arithmetic::Subtract => left.checked_sub(right),
            Arithmetic::Multiply => left.checked_mul(right),
            Arithmetic::Divide => left.checked_div(right),
            Arithmetic::Remainder => left.checked_rem(right),
        })
    }

    fn join(&mut self, left: &'v Expression, right: &'v Expression) -> Outcome<'v> {
        let (left, right) = (self.text(left)?, self.text(right)?);
        if left.len() + right.len() > JOINED_BYTES_MAX {
            return Err(Stop::failed("the joined text is longer than allowed"));
        }
        self.step((left.len() + right.len()) / 64)?;
        Ok(Term::Text(Cow::Owned(format!("{left}{right}"))))
    }

    fn is_in(&mut self, item: &'v Expression, list: &'v Expression) -> Outcome<'v> {
        let wanted = self.term(item)?;
        let terms = self.list(list)?;
        let mut stop = terms.missing().map(Stop::Unknown);
        for item in self.items_of(&terms)? {
            match item.and_then(|item| equal(&item, &wanted)) {
                Ok(true) => return Ok(Term::Bool(true)),
                Ok(false) => {}
                Err(why) => stop = Some(later(stop, why)),
            }
        }
        stop.map_or(Ok(Term::Bool(false)), Err)
    }

    fn in_network(&mut self, address: &'v Expression, network: &'v Network) -> Outcome<'v> {
        let text = self.text(address)?;
        let address = text.parse().map_err(|_| Stop::failed(&format!("`{text}` is no address")))?;
        Ok(Term::Bool(match network {
            Network::Literal(network) => contains(network, address),
            Network::Computed(inner) => {
                let text = self.text(inner)?;
                let network = text.parse().map_err(|_| Stop::failed(&format!("`{text}` is no network")))?;
                contains(&network, address)
            }
        }))
    }

    fn over_items(&mut self, kind: Macro, list: &'v Expression, body: &'v Expression) -> Outcome<'v> {
        let terms = self.list(list)?;
        let missing = terms.missing();
        let items = self.items_of(&terms)?;
        match kind {
            Macro::Exists => self.until(items, body, missing, true),
            Macro::All => self.until(items, body, missing, false),
            Macro::Map => {
                let items = items.into_iter().map(|item| self.with_item(item, body)).collect();
                Ok(Term::List(Terms::Made { items, missing }))
            }
            Macro::Filter => {
                let mut kept = Vec::new();
                let mut missing = missing;
                for item in items {
                    match self.with_item(item.clone(), body) {
                        Ok(Term::Bool(true)) => kept.push(item),
                        Ok(Term::Bool(false)) => {}
                        Ok(_) => return Err(unexpected()),
                        Err(Stop::Unknown(why)) => missing = missing.or(Some(why)),
                        Err(Stop::Error(why)) => return Err(Stop::Error(why)),
                    }
                }
                Ok(Term::List(Terms::Made { items: kept, missing }))
            }
        }
    }

    /// `exists` ends with the first true, `all` with the first false; otherwise what was not visible decides.
    fn until(
        &mut self,
        items: Vec<Outcome<'v>>,
        body: &'v Expression,
        missing: Option<Unknown>,
        decisive: bool,
    ) -> Outcome<'v> {
        let mut stop = None;
        for item in items {
            match self.with_item(item, body) {
                Ok(Term::Bool(found)) if found == decisive => return Ok(Term::Bool(decisive)),
                Ok(Term::Bool(_)) => {}
                Ok(_) => return Err(unexpected()),
                Err(why) => stop = Some(later(stop, why)),
            }
        }
        match stop.or(missing.map(Stop::Unknown)) {
            Some(stop) => Err(stop),
            None => Ok(Term::Bool(!decisive)),
        }
    }

    fn with_item(&mut self, item: Outcome<'v>, body: &'v Expression) -> Outcome<'v> {
        self.items.push(item);
        let outcome = self.term(body);
        self.items.pop();
        outcome
    }

    fn items_of(&mut self, terms: &Terms<'v>) -> Result<Vec<Outcome<'v>>, Stop> {
        let items = terms.items();
        self.step(items.len())?;
        Ok(items)
    }

    fn bool(&mut self, expression: &'v Expression) -> Result<bool, Stop> {
        let Term::Bool(value) = self.term(expression)? else { return Err(unexpected()) };
        Ok(value)
    }

    fn int(&mut self, expression: &'v Expression) -> Result<i64, Stop> {
        let Term::Int(value) = self.term(expression)? else { return Err(unexpected()) };
        Ok(value)
    }

    fn text(&mut self, expression: &'v Expression) -> Result<Cow<'v, str>, Stop> {
        let Term::Text(value) = self.term(expression)? else { return Err(unexpected()) };
        Ok(value)
    }

    fn time(&mut self, expression: &'v Expression) -> Result<Timestamp, Stop> {
        let Term::Time(value) = self.term(expression)? else { return Err(unexpected()) };
        Ok(value)
    }

    fn list(&mut self, expression: &'v Expression) -> Result<Terms<'v>, Stop> {
        let Term::List(value) = self.term(expression)? else { return Err(unexpected()) };
        Ok(value)
    }
}

fn later(earlier: Option<Stop>, why: Stop) -> Stop {
    match earlier {
        Some(earlier) => earlier.or(why),
        None => why,
    }
}

fn checked<'v>(number: Option<i64>) -> Outcome<'v> {
    number.map(Term::Int).ok_or_else(|| Stop::failed("a number left the range of 64 bits, or was divided by zero"))
}
