//! What the ports probe can see.

use vedetta_checks::fact::Fact;

vedetta_checks::facts! {
    /// Which TCP ports of a host answer from where this agent stands.
    pub struct PortsFacts {
        /// Addresses that were tried, as the name resolves from here.
        pub addresses: Vec<String>,
        /// Every port that was tried.
        pub ports: Fact<Vec<PortFacts>>,
        /// The ports that were tried, as texts: `22,80,8000-8010`.
        pub tried: Vec<String>,
        /// The ports that accept connections, as texts; unknown when nothing of the host answers: it may be off, or shield
        /// everything.
        pub reached: Fact<Vec<String>>,
    }

    /// One port.
    pub struct PortFacts {
        /// Its number.
        pub port: i64,
        /// `open` (accepts connections), `closed` (refuses them) or `silent` (nothing comes back: a filter drops them).
        pub state: String,
        /// Usual name of the service at that port; `other` when none is.
        pub service: String,
        /// Kind of the service, as of the probe `services`.
        pub kind: String,
    }
}
