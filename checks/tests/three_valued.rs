//! The laws of judging with facts out of sight, over random conditions.

mod support;

use proptest::prelude::*;
use support::{check_text, fail_clause, judge, pack_of, sample, unknown};

/// A condition, as written and with the sides of every `&&` and `||` swapped.
#[derive(Debug, Clone)]
struct Condition {
    text: String,
    swapped: String,
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop::sample::select(vec![
        "count > 2",
        "count > 3",
        "certain",
        "hidden",
        "name == 'web-01'",
        "'b' in tags",
        "'z' in tags",
        "items.exists(i, i.open)",
        "items.exists(i, i.owner == 'sshd')",
        "items.exists(i, i.owner == 'mysqld')",
        "(size(items) > 0 && items.all(i, i.owner != 'mysqld'))",
        "seen_items.exists(i, i.port == 22)",
        "size(seen_items) > 5",
        "items.filter(i, i.owner == 'mariadbd').size() == 1",
    ])
    .prop_map(|leaf| Condition { text: leaf.to_owned(), swapped: leaf.to_owned() });
    leaf.prop_recursive(4, 16, 3, |inner| {
        let pair = |operator: &'static str| {
            move |(left, right): (Condition, Condition)| Condition {
                text: format!("({} {operator} {})", left.text, right.text),
                swapped: format!("({} {operator} {})", right.swapped, left.swapped),
            }
        };
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(pair("&&")),
            (inner.clone(), inner.clone()).prop_map(pair("||")),
            inner
                .clone()
                .prop_map(|one| Condition { text: format!("!{}", one.text), swapped: format!("!{}", one.swapped) }),
            (inner.clone(), inner.clone(), inner).prop_map(|(one, two, three)| Condition {
                text: format!("({} ? {} : {})", one.text, two.text, three.text),
                swapped: format!("({} ? {} : {})", one.swapped, two.swapped, three.swapped),
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn losing_sight_of_facts_keeps_the_verdict_or_makes_it_not_tested(condition in condition()) {
        prop_assume!(pack_of(&check_text(&fail_clause(&condition.text))).is_ok());
        let seen = judge(&condition.text, sample()).verdict;
        let unseen = judge(&condition.text, unknown(sample())).verdict;
        prop_assert!(seen.is_judged(), "{}: {seen:?}", condition.text);
        prop_assert!(unseen == seen || unseen.word() == "not_tested", "{}: {seen:?}, {unseen:?}", condition.text);
    }

    #[test]
    fn the_order_of_the_sides_does_not_matter(condition in condition()) {
        prop_assume!(pack_of(&check_text(&fail_clause(&condition.text))).is_ok());
        let one = judge(&condition.text, unknown(sample())).verdict;
        let other = judge(&condition.swapped, unknown(sample())).verdict;
        prop_assert_eq!(one.word(), other.word(), "{}", condition.text);
    }
}
