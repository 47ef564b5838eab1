//! The conformance suite, mounted on each engine.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod samples;
mod suite;

use vedetta_store::{Embedded, Options};

/// Mounts the suite on one engine: a fresh store for each statement.
macro_rules! mount {
    ($engine:ident, $open:expr, [$($statement:ident),* $(,)?]) => {
        mod $engine {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $statement() {
                let (store, _keep) = $open;
                super::suite::$statement(store).await;
            })*
        }
    };
}

mount!(
    embedded,
    super::open(),
    [
        every_aggregate_is_read_as_it_was_written,
        a_commit_is_read_with_its_position_as_version,
        a_stale_version_is_refused_with_the_newer_one_and_nothing_is_written,
        what_must_not_exist_is_made_once_by_many_at_a_time,
        many_are_read_at_once_in_the_order_of_their_keys,
        a_removed_record_is_gone,
        changes_without_an_audit_entry_or_too_many_are_refused,
        every_commit_leaves_an_audit_record_that_follows_the_one_before,
        lists_keep_to_their_prefix_their_order_and_their_page,
        history_is_read_in_order_across_months,
        only_the_sign_of_life_of_a_host_is_committed_without_an_audit_entry,
    ]
);

/// Small sizes, so that segments close and checkpoints happen within a test.
fn small() -> Options {
    Options { cache_bytes: 1 << 20, segment_bytes_max: 1 << 20, free_bytes_reserve: 0, ..Options::default() }
}

fn open() -> (Embedded, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (store, report) = Embedded::open(folder.path(), small()).unwrap();
    assert!(report.damaged.is_empty() && report.rebuilt.is_none(), "{report:?}");
    (store, folder)
}

mod recovery;
