//! Several questions at once, never more than a number.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Runs every piece of work, at most `running_max` at a time, and gives the results in the order of the works. When the
/// caller is broken off, so are they. A piece that panics is left out.
pub(crate) async fn together<T, W>(works: Vec<W>, running_max: usize) -> Vec<T>
where
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(running_max));
    let mut running = JoinSet::new();
    for (position, work) in works.into_iter().enumerate() {
        let places = Arc::clone(&places);
        running.spawn(async move {
            // The semaphore is never closed, so the place is always given.
            let _place = places.acquire_owned().await;
            (position, work.await)
        });
    }
    let mut done: Vec<(usize, T)> = Vec::with_capacity(running.len());
    while let Some(outcome) = running.join_next().await {
        done.extend(outcome.ok());
    }
    done.sort_by_key(|(position, _)| *position);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn results_keep_their_order_and_no_more_than_the_limit_run() {
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works: Vec<_> = (0..9_u64)
            .map(|number| {
                let (running, most) = (Arc::clone(&running), Arc::clone(&most));
                async move {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(9 - number)).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    number
                }
            })
            .collect();
        assert_eq!(together(works, 3).await, (0..9).collect::<Vec<u64>>());
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }
}
