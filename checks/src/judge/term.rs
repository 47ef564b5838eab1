//! What an expression comes to: a value that was seen, or the reason why there is none.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::fact::Unknown;
use crate::value::{List, Record, Value};
use crate::word::Reason;

/// A value that was seen.
#[derive(Debug, Clone)]
pub(crate) enum Term<'v> {
    Bool(bool),
    Int(i64),
    Text(Cow<'v, str>),
    Time(Timestamp),
    List(Terms<'v>),
    Record(&'v Record),
}

/// The items of a list.
#[derive(Debug, Clone)]
pub(crate) enum Terms<'v> {
    /// As the probe saw them.
    Seen(&'v List),
    /// What `filter` or `map` made of them.
    Made {
        items: Vec<Outcome<'v>>,
        /// Why there may be more items than these.
        missing: Option<Unknown>,
    },
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// What decides was not visible.
    Unknown(Unknown),
    /// The calculation failed.
    Error(Unknown),
}

pub(crate) type Outcome<'v> = Result<Term<'v>, Stop>;

impl Stop {
    /// A calculation that failed.
    pub(crate) fn failed(detail: &str) -> Self {
        Self::Error(Unknown::new(Reason::EXPRESSION_FAILED, detail))
    }

    /// Which of two reasons stands: a failed calculation before what was not visible, then the first.
    pub(crate) fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Unknown(_), Self::Error(_)) => other,
            (Self::Unknown(_) | Self::Error(_), Self::Unknown(_) | Self::Error(_)) => self,
        }
    }
}

/// A value as a term; an unknown stops whoever reads it.
pub(crate) fn term(value: &Value) -> Outcome<'_> {
    match value {
        Value::Bool(value) => Ok(Term::Bool(*value)),
        Value::Int(value) => Ok(Term::Int(*value)),
        Value::Text(value) => Ok(Term::Text(Cow::Borrowed(value))),
        Value::Time(value) => Ok(Term::Time(*value)),
        Value::List(value) => Ok(Term::List(Terms::Seen(value))),
        Value::Record(value) => Ok(Term::Record(value)),
        Value::Unknown(why) => Err(Stop::Unknown(why.clone())),
    }
}

impl<'v> Terms<'v> {
    /// The items that were seen.
    pub(crate) fn items(&self) -> Vec<Outcome<'v>> {
        match self {
            Self::Seen(list) => list.items().iter().map(term).collect(),
            Self::Made { items, .. } => items.clone(),
        }
    }

    /// Why there may be more items than those.
    pub(crate) fn missing(&self) -> Option<Unknown> {
        match self {
            Self::Seen(list) => list
                .is_cut()
                .then(|| Unknown::new(Reason::CUT_LIST, format!("{} of {} items", list.items().len(), list.total()))),
            Self::Made { missing, .. } => missing.clone(),
        }
    }

    /// How many items there are; a cut list still knows.
    pub(crate) fn size(&self) -> Result<i64, Stop> {
        match self {
            Self::Seen(list) => Ok(i64::try_from(list.total()).unwrap_or(i64::MAX)),
            Self::Made { missing: Some(why), .. } => Err(Stop::Unknown(why.clone())),
            Self::Made { items, missing: None } => Ok(i64::try_from(items.len()).unwrap_or(i64::MAX)),
        }
    }
}

/// Whether two scalars of one type are equal; lint refuses all others.
pub(crate) fn equal(left: &Term<'_>, right: &Term<'_>) -> Result<bool, Stop> {
    match (left, right) {
        (Term::Bool(left), Term::Bool(right)) => Ok(left == right),
        (Term::Int(left), Term::Int(right)) => Ok(left == right),
        (Term::Text(left), Term::Text(right)) => Ok(left == right),
        (Term::Time(left), Term::Time(right)) => Ok(left == right),
        _ => Err(unexpected()),
    }
}

/// A value of another type than the schema says: a fault of the probe or of the pack, never of the host.
pub(crate) fn unexpected() -> Stop {
    Stop::failed("a value has another type than the probe declares")
}
