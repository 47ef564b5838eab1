//! What differs between the systems that the agent runs on, in one place: the same names on each, chosen when compiling.
//!
//! Where files live, who may read them, how the agent is asked to stop or to look at once, and what the host is called.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::*;

#[cfg(windows)]
mod log_file;
#[cfg(windows)]
pub use log_file::LogFile;
#[cfg(windows)]
mod program;
#[cfg(windows)]
pub mod service_control;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::*;
