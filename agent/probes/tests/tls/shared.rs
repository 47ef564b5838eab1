//! One passive look serves every probe of a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

use crate::{context, look};

#[tokio::test]
async fn a_second_probe_of_the_run_asks_the_server_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let visits = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&visits);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    let run = context(Vec::new());
    let first = look(address, run.clone()).await.expect_err("no TLS");
    let after_one = visits.load(Ordering::SeqCst);
    assert!(after_one > 0);
    assert_eq!(look(address, run).await.expect_err("no TLS"), first);
    assert_eq!(visits.load(Ordering::SeqCst), after_one);
    // Another run looks again.
    let _again = look(address, context(Vec::new())).await.expect_err("no TLS");
    assert!(visits.load(Ordering::SeqCst) > after_one);
}
