//! One package of the agent, for whoever installs it: no log-in, because the program is public, and nothing but packages.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use vedetta_core::store::Store;

use crate::address::Address;
use crate::app::Shared;
use crate::failure::Failure;
use crate::packages::PackageName;

/// How much of a file is sent at once, in bytes.
const BLOCK_BYTES: u64 = 64 * 1024;
/// Blocks that wait for a slow reader.
const BLOCKS_WAITING_MAX: usize = 2;
/// Longest wait for a reader to take one block.
const BLOCK_TIME_MAX: Duration = Duration::from_secs(60);

pub(crate) async fn serve<S: Store>(State(app): State<Shared<S>>, address: Address) -> Result<Response, Failure> {
    let name = PackageName::parse(&address.part::<String>("name")?).ok_or(Failure::NotFound)?;
    let (packages, wanted) = (Arc::clone(&app.hooks.packages), name.clone());
    let opened = tokio::task::spawn_blocking(move || packages.open(&wanted)).await.map_err(Failure::broken)?;
    let (file, size) = opened.ok_or(Failure::NotFound)?;
    let (sender, blocks) = mpsc::channel(BLOCKS_WAITING_MAX);
    tokio::spawn(send(File::from_std(file), size, sender));
    let saved_as = format!("attachment; filename=\"{}\"", name.as_str());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(name.kind().media())),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&saved_as).map_err(Failure::broken)?),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(blocks))).into_response())
}

/// Sends the file block by block, as fast as it is read; a reader that is gone or too slow ends it.
async fn send(mut file: File, size: u64, blocks: mpsc::Sender<std::io::Result<Bytes>>) {
    let mut left = size;
    while left > 0 {
        let length = usize::try_from(left.min(BLOCK_BYTES)).unwrap_or(0);
        let mut block = vec![0; length];
        let read = file.read_exact(&mut block).await.map(|_| Bytes::from(block));
        let is_last = read.is_err();
        left = left.saturating_sub(BLOCK_BYTES);
        match tokio::time::timeout(BLOCK_TIME_MAX, blocks.send(read)).await {
            Ok(Ok(())) if !is_last => {}
            Ok(Ok(()) | Err(_)) | Err(_) => return,
        }
    }
}
