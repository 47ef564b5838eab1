//! Operators and functions of the language, checked for the number and the types of what they are given.

use std::net::IpAddr;

use cel::common::ast::{CallExpr, IdedExpr, operators};
use regex::RegexBuilder;

use crate::value::{FieldType, Value};

use super::expression::{Arithmetic, Comparison, Expression, Network, Pattern, TextTest, Typed, type_word};
use super::lower::{Fault, Lowering};
use super::version::VersionKind;

/// Largest compiled pattern of `matches`, in bytes.
const PATTERN_BYTES_MAX: usize = 256 * 1024;

/// The functions of the language, for the error that meets an unknown one.
const FUNCTIONS: &str = "size, string, contains, startsWith, endsWith, matches, days_between, in_cidr, version_less, exists, all, filter, map";

impl Lowering<'_> {
    pub(super) fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Typed, Fault> {
        let bool_of = |expression| Typed { expression, kind: FieldType::Bool };
        // `x.size()` and `size(x)` mean the same.
        let given: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        let name = call.func_name.as_str();
        match (name, given.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => Ok(bool_of(Expression::Not(self.of(inner, &FieldType::Bool)?))),
            (operators::LOGICAL_AND, [left, right]) => {
                Ok(bool_of(Expression::And(self.of(left, &FieldType::Bool)?, self.of(right, &FieldType::Bool)?)))
            }
            (operators::LOGICAL_OR, [left, right]) => {
                Ok(bool_of(Expression::Or(self.of(left, &FieldType::Bool)?, self.of(right, &FieldType::Bool)?)))
            }
            (operators::CONDITIONAL, [condition, yes, no]) => self.conditional(node, condition, yes, no),
            (operators::EQUALS, _) => self.compare(node, call, Comparison::Equal),
            (operators::NOT_EQUALS, _) => self.compare(node, call, Comparison::NotEqual),
            (operators::LESS, _) => self.compare(node, call, Comparison::Less),
            (operators::LESS_EQUALS, _) => self.compare(node, call, Comparison::LessOrEqual),
            (operators::GREATER, _) => self.compare(node, call, Comparison::Greater),
            (operators::GREATER_EQUALS, _) => self.compare(node, call, Comparison::GreaterOrEqual),
            (operators::NEGATE, [inner]) => {
                let expression = Expression::Negate(self.of(inner, &FieldType::Int)?);
                Ok(Typed { expression, kind: FieldType::Int })
            }
            (operators::ADD, [left, right]) => self.add(node, left, right),
            (operators::SUBSTRACT, [left, right]) => self.calculate(Arithmetic::Subtract, left, right),
            (operators::MULTIPLY, [left, right]) => self.calculate(Arithmetic::Multiply, left, right),
            (operators::DIVIDE, [left, right]) => self.calculate(Arithmetic::Divide, left, right),
            (operators::MODULO, [left, right]) => self.calculate(Arithmetic::Remainder, left, right),
            (operators::IN, [item, list]) => self.is_in(node, item, list),
            (operators::INDEX, _) => {
                Err(self.fault(node, "items are not read by position; use `exists`, `filter` or `in`"))
            }
            ("size", [inner]) => self.size(node, inner),
            ("string", [number]) => {
                let expression = Expression::Print(self.of(number, &FieldType::Int)?);
                Ok(Typed { expression, kind: FieldType::Text })
            }
            ("contains", [text, part]) => self.test(TextTest::Contains, text, part),
            ("startsWith", [text, part]) => self.test(TextTest::StartsWith, text, part),
            ("endsWith", [text, part]) => self.test(TextTest::EndsWith, text, part),
            ("matches", [text, pattern]) => self.matches(text, pattern),
            ("days_between", [from, to]) => {
                let (from, to) = (self.of(from, &FieldType::Time)?, self.of(to, &FieldType::Time)?);
                Ok(Typed { expression: Expression::DaysBetween(from, to), kind: FieldType::Int })
            }
            ("in_cidr", [address, network]) => self.in_cidr(address, network),
            ("version_less", [kind, left, right]) => self.version_less(kind, left, right),
            (known, _) if FUNCTIONS.split(", ").any(|own| own == known) => {
                Err(self.fault(node, format!("`{known}` was given the wrong number of values")))
            }
            (unknown, _) => Err(self.fault(node, format!("there is no function `{unknown}`; there are: {FUNCTIONS}"))),
        }
    }

    fn conditional(
        &mut self,
        node: &IdedExpr,
        condition: &IdedExpr,
        yes: &IdedExpr,
        no: &IdedExpr,
    ) -> Result<Typed, Fault> {
        let condition = self.of(condition, &FieldType::Bool)?;
        let (yes, no) = (self.expression(yes)?, self.expression(no)?);
        if yes.kind != no.kind {
            let problem = format!("one side of `? :` is {}, the other {}", type_word(&yes.kind), type_word(&no.kind));
            return Err(self.fault(node, problem));
        }
        let expression = Expression::Conditional(Box::new([*condition, yes.expression, no.expression]));
        Ok(Typed { expression, kind: yes.kind })
    }

    fn add(&mut self, node: &IdedExpr, left: &IdedExpr, right: &IdedExpr) -> Result<Typed, Fault> {
        let (left, right) = (self.expression(left)?, self.expression(right)?);
        let (kind, one, other) = (left.kind, Box::new(left.expression), Box::new(right.expression));
        match (&kind, &right.kind) {
            (FieldType::Int, FieldType::Int) => {
                Ok(Typed { expression: Expression::Calculate(Arithmetic::Add, one, other), kind })
            }
            (FieldType::Text, FieldType::Text) => Ok(Typed { expression: Expression::Join(one, other), kind }),
            (left, right) => {
                let problem = format!(
                    "`+` adds two numbers or joins two texts, not {} and {}",
                    type_word(left),
                    type_word(right)
                );
                Err(self.fault(node, problem))
            }
        }
    }

    fn calculate(&mut self, how: Arithmetic, left: &IdedExpr, right: &IdedExpr) -> Result<Typed, Fault> {
        let (left, right) = (self.of(left, &FieldType::Int)?, self.of(right, &FieldType::Int)?);
        Ok(Typed { expression: Expression::Calculate(how, left, right), kind: FieldType::Int })
    }

    fn is_in(&mut self, node: &IdedExpr, item: &IdedExpr, list: &IdedExpr) -> Result<Typed, Fault> {
        let (item, list) = (self.expression(item)?, self.expression(list)?);
        let is_scalar = !matches!(item.kind, FieldType::List(_) | FieldType::Record(_));
        if !is_scalar || list.kind != FieldType::List(Box::new(item.kind.clone())) {
            let problem = format!("{} cannot be in {}", type_word(&item.kind), type_word(&list.kind));
            return Err(self.fault(node, problem));
        }
        let expression = Expression::In(Box::new(item.expression), Box::new(list.expression));
        Ok(Typed { expression, kind: FieldType::Bool })
    }

    fn size(&mut self, node: &IdedExpr, inner: &IdedExpr) -> Result<Typed, Fault> {
        let inner = self.expression(inner)?;
        if !matches!(inner.kind, FieldType::List(_) | FieldType::Text) {
            return Err(self.fault(node, format!("{} has no size", type_word(&inner.kind))));
        }
        Ok(Typed { expression: Expression::Size(Box::new(inner.expression)), kind: FieldType::Int })
    }

    fn test(&mut self, test: TextTest, text: &IdedExpr, part: &IdedExpr) -> Result<Typed, Fault> {
        let (text, part) = (self.of(text, &FieldType::Text)?, self.of(part, &FieldType::Text)?);
        Ok(Typed { expression: Expression::Test(test, text, part), kind: FieldType::Bool })
    }

    fn literal_text(&mut self, node: &IdedExpr, what: &str) -> Result<String, Fault> {
        let Expression::Literal(Value::Text(text)) = *self.of(node, &FieldType::Text)? else {
            return Err(self.fault(node, format!("{what} must be written out as a text")));
        };
        Ok(text)
    }

    fn matches(&mut self, text: &IdedExpr, pattern: &IdedExpr) -> Result<Typed, Fault> {
        let text = self.of(text, &FieldType::Text)?;
        let source = self.literal_text(pattern, "the pattern of `matches`")?;
        let built = RegexBuilder::new(&source).size_limit(PATTERN_BYTES_MAX).dfa_size_limit(PATTERN_BYTES_MAX).build();
        let regex = built.map_err(|error| {
            let rendered = error.to_string();
            let last = crate::fact::clean_text(rendered.lines().last().unwrap_or_default(), 200);
            self.fault(pattern, format!("the pattern is refused: {last}"))
        })?;
        Ok(Typed { expression: Expression::Matches(text, Pattern(regex)), kind: FieldType::Bool })
    }

    fn in_cidr(&mut self, address: &IdedExpr, network: &IdedExpr) -> Result<Typed, Fault> {
        let address_of = self.of(address, &FieldType::Text)?;
        if let Expression::Literal(Value::Text(text)) = &*address_of
            && text.parse::<IpAddr>().is_err()
        {
            return Err(self.fault(address, format!("`{text}` is no address")));
        }
        let computed = self.of(network, &FieldType::Text)?;
        let network_of = if let Expression::Literal(Value::Text(text)) = &*computed {
            let refuse = |_| self.fault(network, format!("`{text}` is no network; write it as 10.0.0.0/8 or fd00::/8"));
            Network::Literal(text.parse().map_err(refuse)?)
        } else {
            Network::Computed(computed)
        };
        Ok(Typed { expression: Expression::InNetwork(address_of, network_of), kind: FieldType::Bool })
    }

    fn version_less(&mut self, kind: &IdedExpr, left: &IdedExpr, right: &IdedExpr) -> Result<Typed, Fault> {
        let word = self.literal_text(kind, "the kind of version")?;
        let Some(order) = VersionKind::parse(&word) else {
            return Err(self.fault(kind, format!("`{word}` is no kind of version; use 'dpkg', 'rpm' or 'semver'")));
        };
        let (left, right) = (self.of(left, &FieldType::Text)?, self.of(right, &FieldType::Text)?);
        Ok(Typed { expression: Expression::VersionLess(order, left, right), kind: FieldType::Bool })
    }
}
