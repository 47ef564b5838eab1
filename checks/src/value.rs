//! What a probe may say: typed facts with a schema, each known or unknown with its reason.
//!
//! A probe declares its facts once with [`facts!`](crate::facts); the struct, its schema (for lint, documentation and
//! editor completion) and its conversion to a [`Value`] come from that one declaration. There is no null: what may be
//! absent is a list, what could not be seen is [`Unknown`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::fact::{Fact, Unknown};
use crate::word::Reason;

/// Most items of one list that reach a rule. A longer list is cut; what is cut counts as unknown.
pub const LIST_ITEMS_MAX: usize = 1_000;
/// Longest text of one fact, in bytes. A longer one is unknown: a rule that looks for a word must not pass because the
/// word stood after the cut.
pub const TEXT_BYTES_MAX: usize = 4 * 1024;

/// One observed value. A text has at most [`TEXT_BYTES_MAX`] bytes and no control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number; the field's sentence names the unit.
    Int(i64),
    /// A text.
    Text(String),
    /// A moment, UTC.
    Time(Timestamp),
    /// A list of values of one type.
    List(List),
    /// Named fields.
    Record(Record),
    /// It could not be seen.
    Unknown(Unknown),
}

/// The fields of a record by name.
pub type Record = BTreeMap<Cow<'static, str>, Value>;

/// A list, cut at [`LIST_ITEMS_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    items: Vec<Value>,
    total: u64,
}

impl List {
    /// Cuts a list to the limit and remembers how long it was.
    #[must_use]
    pub fn new(mut items: Vec<Value>) -> Self {
        let total = items.len() as u64;
        items.truncate(LIST_ITEMS_MAX);
        Self { items, total }
    }

    /// A list that was cut before, as another process tells it: the items that were kept, and how many there had been.
    #[must_use]
    pub fn cut_before(items: Vec<Value>, total: u64) -> Self {
        let list = Self::new(items);
        Self { total: list.total.max(total), ..list }
    }

    /// The items that were kept.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// The same, to change each in its place.
    pub fn items_mut(&mut self) -> &mut [Value] {
        &mut self.items
    }

    /// How many items there were.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Whether items were cut away.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.total > self.items.len() as u64
    }
}

/// Type of an observed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A text.
    Text,
    /// A moment, UTC.
    Time,
    /// A list of one type.
    List(Box<FieldType>),
    /// Named fields.
    Record(RecordType),
}

/// The fields of a record, in the order of declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordType {
    /// The fields.
    pub fields: Vec<Field>,
}

impl RecordType {
    /// One field by its name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// One sentence on what it is, with its unit.
    pub summary: &'static str,
    /// Its type when it was seen.
    pub kind: FieldType,
    /// Whether it can be unknown.
    pub may_be_unknown: bool,
}

/// A Rust type that can stand in an observation.
pub trait Observable {
    /// Whether a value of this type can be unknown.
    const MAY_BE_UNKNOWN: bool = false;

    /// Its type in the schema.
    fn field_type() -> FieldType;

    /// The value.
    fn into_value(self) -> Value;
}

impl Observable for bool {
    fn field_type() -> FieldType {
        FieldType::Bool
    }
    fn into_value(self) -> Value {
        Value::Bool(self)
    }
}

impl Observable for i64 {
    fn field_type() -> FieldType {
        FieldType::Int
    }
    fn into_value(self) -> Value {
        Value::Int(self)
    }
}

impl Observable for String {
    fn field_type() -> FieldType {
        FieldType::Text
    }
    fn into_value(self) -> Value {
        if self.len() > TEXT_BYTES_MAX {
            let detail = format!("{} bytes, the limit is {TEXT_BYTES_MAX}", self.len());
            return Value::Unknown(Unknown::new(Reason::TOO_LARGE, detail));
        }
        Value::Text(crate::fact::clean_text(&self, TEXT_BYTES_MAX))
    }
}

impl Observable for Timestamp {
    fn field_type() -> FieldType {
        FieldType::Time
    }
    fn into_value(self) -> Value {
        Value::Time(self)
    }
}

impl<T: Observable> Observable for Vec<T> {
    fn field_type() -> FieldType {
        FieldType::List(Box::new(T::field_type()))
    }
    fn into_value(self) -> Value {
        // What is cut away is not converted first: a host may have very many sockets.
        let total = self.len() as u64;
        Value::List(List { items: self.into_iter().take(LIST_ITEMS_MAX).map(T::into_value).collect(), total })
    }
}

impl<T: Observable> Observable for Fact<T> {
    const MAY_BE_UNKNOWN: bool = true;
    fn field_type() -> FieldType {
        T::field_type()
    }
    fn into_value(self) -> Value {
        match self {
            Self::Known(value) => value.into_value(),
            Self::Unknown(unknown) => Value::Unknown(unknown),
        }
    }
}

/// Declares one record of facts: the struct, its schema and its conversion, each field with its sentence.
///
/// `pub tls_1_2 as "TLSv1.2": ...` shows the field under a name that Rust cannot spell; rules cannot name such a field.
///
/// ```
/// vedetta_checks::facts! {
///     /// The clock of the host.
///     pub struct ClockFacts {
///         /// Whether the clock is kept by a time server.
///         pub synchronised: vedetta_checks::fact::Fact<bool>,
///         /// Difference to the time server, in milliseconds.
///         pub offset: i64,
///     }
/// }
/// ```
#[macro_export]
macro_rules! facts {
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident as $shown:literal) => { $shown };
    ($(
        $(#[doc = $doc:literal])+
        pub struct $name:ident { $( $(#[doc = $summary:literal])+ pub $field:ident $(as $shown:literal)? : $type:ty ),* $(,)? }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { $( $(#[doc = $summary])+ pub $field: $type, )* }

        impl $crate::value::Observable for $name {
            fn field_type() -> $crate::value::FieldType {
                $crate::value::FieldType::Record($crate::value::RecordType { fields: vec![$(
                    $crate::value::Field {
                        name: $crate::facts!(@name $field $(as $shown)?),
                        summary: concat!($($summary),+).trim_ascii(),
                        kind: <$type as $crate::value::Observable>::field_type(),
                        may_be_unknown: <$type as $crate::value::Observable>::MAY_BE_UNKNOWN,
                    },
                )*] })
            }

            fn into_value(self) -> $crate::value::Value {
                let mut record = $crate::value::Record::new();
                $( record.insert(
                    ::std::borrow::Cow::Borrowed($crate::facts!(@name $field $(as $shown)?)),
                    $crate::value::Observable::into_value(self.$field),
                ); )*
                $crate::value::Value::Record(record)
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_over_the_limit_is_unknown_and_never_its_first_part() {
        assert_eq!("a".repeat(TEXT_BYTES_MAX).into_value(), Value::Text("a".repeat(TEXT_BYTES_MAX)));
        let long = "a".repeat(TEXT_BYTES_MAX + 1);
        for value in [long.clone().into_value(), Fact::Known(long.clone()).into_value()] {
            assert!(matches!(&value, Value::Unknown(why) if why.reason == Reason::TOO_LARGE), "{value:?}");
        }
        let Value::List(list) = vec!["short".to_owned(), long].into_value() else { panic!("no list") };
        assert!(matches!(list.items(), [Value::Text(_), Value::Unknown(_)]), "{:?}", list.items());
    }

    #[expect(unreachable_pub, reason = "the macro declares public facts")]
    mod named {
        facts! {
            /// Names that Rust cannot spell.
            pub struct NamedFacts {
                /// One version.
                pub tls_1_2 as "TLSv1.2": bool,
            }
        }
    }

    #[test]
    fn a_field_shows_under_the_name_that_it_was_given() {
        let Value::Record(record) = (named::NamedFacts { tls_1_2: true }).into_value() else { panic!("no record") };
        assert_eq!(record.get("TLSv1.2"), Some(&Value::Bool(true)));
        let FieldType::Record(shape) = named::NamedFacts::field_type() else { panic!("no record") };
        assert!(shape.field("TLSv1.2").is_some());
    }

    #[test]
    fn control_characters_of_a_text_become_blanks() {
        assert_eq!("a\u{1b}[31m\n".to_owned().into_value(), Value::Text("a [31m ".to_owned()));
    }
}
