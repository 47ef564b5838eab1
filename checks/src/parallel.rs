//! Pure work on many items over the cores of this machine: every command of the agent begins by reading some hundred checks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Most threads that share one piece of work.
const THREADS_MAX: usize = 8;

/// What `work` makes of each item, in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX).min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            done.push((index, work(item)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                // The panic of a thread goes on in the one that asked, as if it had done the work itself.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_items_is_kept() {
        let items: Vec<u32> = (0..1_000).collect();
        assert_eq!(map(&items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(map(&[] as &[u32], |item| *item), Vec::<u32>::new());
    }

    #[test]
    #[should_panic(expected = "the third")]
    fn a_panic_in_one_item_is_not_lost() {
        map(&[1, 2, 3], |item| assert_ne!(*item, 3, "the third"));
    }
}
