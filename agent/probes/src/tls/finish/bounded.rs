//! A connection that reads no more than it is allowed to, whatever the other side sends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that fails with [`io::ErrorKind::FileTooLarge`] when it is read after its allowance was used up.
#[derive(Debug)]
pub(crate) struct Bounded<S> {
    stream: S,
    allowance: usize,
}

impl<S> Bounded<S> {
    /// Allows `bytes_max` bytes to be read in all.
    pub(crate) const fn new(stream: S, bytes_max: usize) -> Self {
        Self { stream, allowance: bytes_max }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let size = buffer.remaining().min(self.allowance);
        if size == 0 {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::FileTooLarge, "the server sends too much")));
        }
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(size));
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        self.allowance = self.allowance.saturating_sub(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn less_than_allowed_can_be_read_to_the_end() {
        let mut read = Vec::new();
        assert_eq!(Bounded::new(&b"12345"[..], 6).read_to_end(&mut read).await.expect("five bytes"), 5);
    }

    #[tokio::test]
    async fn reading_on_after_the_allowance_is_an_error() {
        let mut read = Vec::new();
        let error = Bounded::new(&b"12345"[..], 4).read_to_end(&mut read).await.expect_err("five bytes");
        assert_eq!((error.kind(), read.as_slice()), (io::ErrorKind::FileTooLarge, &b"1234"[..]));
    }
}
