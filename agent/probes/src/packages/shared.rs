//! One look at the package manager serves every probe of a run that needs it: the lists are large, and reading them is most
//! of the work.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use vedetta_checks::fact::Unknown;

use super::see;
use super::seen::Seen;
use crate::ProbeContext;
use crate::host::os_release::OsRelease;

/// What the package manager of the host showed in one run. A clone shares it; a new run starts with an empty one, since a
/// look grows old.
#[derive(Debug, Clone, Default)]
pub struct SharedPackages(Arc<OnceLock<Looked>>);

/// A look, and of which host and moment it is.
#[derive(Debug)]
struct Looked {
    root: PathBuf,
    now: Timestamp,
    seeing: Arc<Seeing>,
}

/// What the package manager of this host shows.
#[derive(Debug)]
pub(super) struct Seeing {
    /// Its word: `dpkg`, `rpm`; `none` when the host has none.
    pub(super) manager: &'static str,
    /// What it shows.
    pub(super) seen: Seen,
    /// What the host says it is, or why that cannot be read.
    pub(super) os: Result<OsRelease, Unknown>,
}

/// Looks, or takes what another probe of the run saw; the second of two at the same time waits for the first.
pub(super) fn look_once(context: &ProbeContext) -> Arc<Seeing> {
    let looked = context.packages.0.get_or_init(|| Looked {
        root: context.root.clone(),
        now: context.now,
        seeing: Arc::new(see(context)),
    });
    if looked.root == context.root && looked.now == context.now {
        return Arc::clone(&looked.seeing);
    }
    Arc::new(see(context))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_look_serves_a_run_and_never_another_host_or_moment() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a temporary folder"));
        let now: Timestamp = "2026-11-22T08:00:00Z".parse().expect("a moment");
        let context = |folder: &tempfile::TempDir| ProbeContext {
            root: folder.path().to_owned(),
            ..ProbeContext::new(now, Duration::from_secs(1))
        };
        let first = context(&folders[0]);
        let seen = look_once(&first);
        assert!(Arc::ptr_eq(&seen, &look_once(&first.clone())), "shared within a run");
        assert!(!Arc::ptr_eq(&seen, &look_once(&first.for_another_run())), "left behind after it");
        let elsewhere = ProbeContext { root: folders[1].path().to_owned(), ..first.clone() };
        assert!(!Arc::ptr_eq(&seen, &look_once(&elsewhere)), "another host");
        let later = ProbeContext { now: now + Duration::from_secs(1), ..first };
        assert!(!Arc::ptr_eq(&seen, &look_once(&later)), "another moment");
    }
}
