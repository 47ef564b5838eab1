//! The signal that everything stops, handed to every long-running part.

use tokio::sync::watch;

/// Holds the collector running until it stops it.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Tells a part when to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A new pair.
#[must_use]
pub fn pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Tells every part to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Ends when the collector stops, or whoever could stop it is gone.
    pub async fn wait(mut self) {
        // An error means that the sender is gone, which ends everything as well.
        let _gone = self.0.wait_for(|stopped| *stopped).await.is_err();
    }
}
