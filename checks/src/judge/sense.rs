//! Expressions that are well typed and still make no sense: `all` over what may be empty, comparisons with themselves.

use crate::value::Value;

use super::expression::{Comparison, Expression, Macro};
use super::lower::Fault;

/// Refuses what would silently be always true or always false.
pub(super) fn check(expression: &Expression) -> Result<(), Fault> {
    all_over_empty(expression, &mut Vec::new())?;
    if expression.any(&is_vacuous) {
        let problem = "a part of this is always true or always false, whatever was seen".to_owned();
        return Err(Fault { at: 0, problem });
    }
    Ok(())
}

fn is_vacuous(part: &Expression) -> bool {
    match part {
        Expression::Compare(how, left, right) => {
            left == right
                || is_trivial_size(*how, left, right)
                || (matches!(**left, Expression::Literal(_)) && matches!(**right, Expression::Literal(_)))
        }
        Expression::And(left, right) | Expression::Or(left, right) => {
            is_negation(left, right)
                || is_negation(right, left)
                || matches!(**left, Expression::Literal(_))
                || matches!(**right, Expression::Literal(_))
        }
        Expression::Not(inner) => matches!(**inner, Expression::Literal(_)),
        Expression::Literal(_)
        | Expression::Variable(_)
        | Expression::Field(..)
        | Expression::Negate(_)
        | Expression::Conditional(_)
        | Expression::Calculate(..)
        | Expression::Join(..)
        | Expression::In(..)
        | Expression::Size(_)
        | Expression::Print(_)
        | Expression::Test(..)
        | Expression::Matches(..)
        | Expression::DaysBetween(..)
        | Expression::InNetwork(..)
        | Expression::VersionLess(..)
        | Expression::Macro { .. } => false,
    }
}

fn is_negation(one: &Expression, other: &Expression) -> bool {
    matches!(one, Expression::Not(inner) if **inner == *other)
}

/// `size(x) >= 0` is always true, `size(x) < 0` never.
fn is_trivial_size(how: Comparison, left: &Expression, right: &Expression) -> bool {
    match (left, right) {
        (Expression::Size(_), Expression::Literal(Value::Int(0))) => {
            matches!(how, Comparison::GreaterOrEqual | Comparison::Less)
        }
        (Expression::Literal(Value::Int(0)), Expression::Size(_)) => {
            matches!(how, Comparison::LessOrEqual | Comparison::Greater)
        }
        _ => false,
    }
}

/// `all` over an empty list is true: "every certificate is good" must not pass where there is none. So the same list
/// needs a size test beside it: `size(x) > 0 && x.all(...)`, or `size(x) == 0 || x.all(...)` where none is fine.
fn all_over_empty<'e>(expression: &'e Expression, tested: &mut Vec<&'e Expression>) -> Result<(), Fault> {
    let before = tested.len();
    if let Expression::And(left, right) | Expression::Or(left, right) = expression {
        let wants_items = matches!(expression, Expression::And(..));
        size_tests(left, wants_items, tested);
        size_tests(right, wants_items, tested);
    }
    if let Expression::Macro { kind: Macro::All, list, at, .. } = expression
        && !tested.contains(&&**list)
        && may_be_empty(list)
    {
        let problem = "`all` is true of an empty list; add `size(...) > 0 &&` on the same list".to_owned();
        return Err(Fault { at: at.0, problem });
    }
    for part in expression.below() {
        all_over_empty(part, tested)?;
    }
    tested.truncate(before);
    Ok(())
}

const fn may_be_empty(list: &Expression) -> bool {
    !matches!(list, Expression::Literal(_))
}

/// The lists whose size one side of `&&` (has items) or of `||` (has none) tests.
fn size_tests<'e>(side: &'e Expression, wants_items: bool, tested: &mut Vec<&'e Expression>) {
    let inner = match (side, wants_items) {
        (Expression::And(left, right), true) | (Expression::Or(left, right), false) => Some((left, right)),
        _ => None,
    };
    if let Some((left, right)) = inner {
        size_tests(left, wants_items, tested);
        size_tests(right, wants_items, tested);
    }
    if let Expression::Compare(how, left, right) = side
        && let (Expression::Size(list), Expression::Literal(Value::Int(number))) = (&**left, &**right)
        && proves(*how, *number, wants_items)
    {
        tested.push(list);
    }
    if let (Expression::Macro { kind: Macro::Exists, list, .. }, true) = (side, wants_items) {
        tested.push(list);
    }
}

/// Whether a comparison of a size with a number says that there are items, or that there are none.
const fn proves(how: Comparison, number: i64, wants_items: bool) -> bool {
    match (how, wants_items) {
        (Comparison::Greater, true) => number >= 0,
        (Comparison::GreaterOrEqual | Comparison::Equal, true) => number >= 1,
        (Comparison::NotEqual, true) | (Comparison::Equal | Comparison::LessOrEqual, false) => number == 0,
        (Comparison::Less, false) => number == 1,
        (Comparison::Less | Comparison::LessOrEqual, true)
        | (Comparison::Greater | Comparison::GreaterOrEqual | Comparison::NotEqual, false) => false,
    }
}
