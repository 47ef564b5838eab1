//! The small typed expression that a CEL text is lowered to. What stands here was checked: evaluation needs no types.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;

use crate::value::{FieldType, Value};

use super::version::VersionKind;

/// Position in the text of an expression, in characters from 0. All positions are equal, so that two expressions are
/// equal when they say the same.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct At(pub(crate) usize);

impl PartialEq for At {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// A regular expression, equal to another with the same text.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(pub(crate) Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// Where a name is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Variable {
    /// A field of the observation.
    Fact(String),
    /// A param of the check.
    Param(String),
    /// A fact of the host.
    Host(String),
    /// The moment of the observation.
    Now,
    /// The item of a macro, by the depth of the macro: 0 is the outermost.
    Item(usize),
}

/// An order between two values of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A calculation with whole numbers; overflow and division by zero are errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// What a macro does with the items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    Exists,
    All,
    Filter,
    Map,
}

/// What a test on a text asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// The network of `in_cidr`: read once when it is a literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Network {
    Literal(IpNet),
    Computed(Box<Expression>),
}

/// A checked expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Literal(Value),
    Variable(Variable),
    Field(Box<Expression>, String),
    Not(Box<Expression>),
    Negate(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Conditional(Box<[Expression; 3]>),
    Compare(Comparison, Box<Expression>, Box<Expression>),
    Calculate(Arithmetic, Box<Expression>, Box<Expression>),
    Join(Box<Expression>, Box<Expression>),
    In(Box<Expression>, Box<Expression>),
    Size(Box<Expression>),
    /// A whole number as text.
    Print(Box<Expression>),
    Test(TextTest, Box<Expression>, Box<Expression>),
    Matches(Box<Expression>, Pattern),
    DaysBetween(Box<Expression>, Box<Expression>),
    InNetwork(Box<Expression>, Network),
    VersionLess(VersionKind, Box<Expression>, Box<Expression>),
    Macro {
        kind: Macro,
        list: Box<Expression>,
        body: Box<Expression>,
        at: At,
    },
}

impl Expression {
    /// The expressions directly below.
    pub(crate) fn below(&self) -> Vec<&Self> {
        match self {
            Self::Literal(_) | Self::Variable(_) => vec![],
            Self::Field(inner, _)
            | Self::Not(inner)
            | Self::Negate(inner)
            | Self::Size(inner)
            | Self::Print(inner)
            | Self::Matches(inner, _)
            | Self::InNetwork(inner, Network::Literal(_)) => vec![inner],
            Self::And(left, right)
            | Self::Or(left, right)
            | Self::Compare(_, left, right)
            | Self::Calculate(_, left, right)
            | Self::Join(left, right)
            | Self::In(left, right)
            | Self::Test(_, left, right)
            | Self::DaysBetween(left, right)
            | Self::InNetwork(left, Network::Computed(right))
            | Self::VersionLess(_, left, right) => vec![left, right],
            Self::Conditional(three) => three.iter().collect(),
            Self::Macro { list, body, .. } => vec![list, body],
        }
    }

    /// Whether any part fulfils a condition.
    pub(crate) fn any(&self, condition: &impl Fn(&Self) -> bool) -> bool {
        condition(self) || self.below().into_iter().any(|part| part.any(condition))
    }

    /// Whether it reads a fact of the observation.
    pub(crate) fn reads_facts(&self) -> bool {
        self.any(&|part| matches!(part, Self::Variable(Variable::Fact(_))))
    }

    /// Whether it reads anything at all that differs from run to run.
    pub(crate) fn reads_anything(&self) -> bool {
        self.any(&|part| matches!(part, Self::Variable(Variable::Fact(_) | Variable::Host(_) | Variable::Now)))
    }
}

/// An expression with its type.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) expression: Expression,
    pub(crate) kind: FieldType,
}

/// A type in words with its article, for errors.
pub(crate) fn type_word(kind: &FieldType) -> String {
    match kind {
        FieldType::Bool => "a bool".to_owned(),
        FieldType::Int => "an int".to_owned(),
        FieldType::Text => "a text".to_owned(),
        FieldType::Time => "a time".to_owned(),
        FieldType::Record(_) => "a record".to_owned(),
        FieldType::List(item) => {
            let item = type_word(item);
            format!("a list of {}s", item.split_once(' ').map_or(item.as_str(), |(_, word)| word))
        }
    }
}

/// Whether an address lies in a network; an IPv4 address written in IPv6 counts as IPv4.
pub(crate) fn contains(network: &IpNet, address: IpAddr) -> bool {
    network.contains(&address.to_canonical())
}
