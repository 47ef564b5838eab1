//! The agent as a service of Windows: registered by `sc`, started and stopped by the service control manager.

use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;
use windows_services::{Command, Service, State};

use super::program::run_system_program;

/// Name of the service.
pub const SERVICE_NAME: &str = "vedetta-agent";
/// The name that people see.
const DISPLAY_NAME: &str = "Vedetta: controllo della sicurezza di questo computer";
/// Restarts after it ended by itself: so long until it counts as well again, in seconds, and the pauses before each start,
/// in milliseconds.
const RECOVERY: (&str, &str) = ("86400", "restart/60000/restart/60000/restart/600000");
/// How often, and after which pause, it is asked whether the service has stopped.
const STOP_ATTEMPTS_MAX: u32 = 150;
const STOP_PAUSE: Duration = Duration::from_millis(200);
/// Exit code after it broke off.
const BROKE_OFF: i32 = 2;
/// How often the state of the service is looked at, and how often at most after it was told to stop.
const STATE_PAUSE: Duration = Duration::from_millis(250);
const STATE_ATTEMPTS_MAX: u32 = 40;

/// Registers the service: started with the system, a little after everything else, and again after it broke off.
///
/// # Errors
/// What `sc` said, as without the rights of an administrator.
pub fn install(program: &str) -> io::Result<()> {
    let command = format!("\"{program}\" service run");
    let create = ["create", SERVICE_NAME, "binPath=", &command, "start=", "delayed-auto", "DisplayName=", DISPLAY_NAME];
    run_system_program("sc.exe", &create)?;
    recover()
}

/// Has Windows start the registered service again after it broke off. The MSI asks for it by itself, since it registers the
/// service without this program; what an administrator changes later stays until the next
/// upgrade or repair.
///
/// # Errors
/// What `sc` said, as without the rights of an administrator or without the service.
pub fn recover() -> io::Result<()> {
    let (reset, actions) = RECOVERY;
    run_system_program("sc.exe", &["failure", SERVICE_NAME, "reset=", reset, "actions=", actions]).map(drop)
}

/// Stops the service and takes it out of the register.
///
/// # Errors
/// What `sc` said.
pub fn remove() -> io::Result<()> {
    // One that does not run cannot be stopped, and need not be.
    let stopped = run_system_program("sc.exe", &["stop", SERVICE_NAME]);
    if let Err(error) = stopped {
        tracing::debug!("{error}");
    }
    run_system_program("sc.exe", &["delete", SERVICE_NAME]).map(drop)
}

/// The service at rest; it starts again when this is dropped.
#[derive(Debug)]
pub struct Resting(());

impl Resting {
    /// Stops the service, if it runs, while a person changes the identity that it works with.
    ///
    /// # Errors
    /// What `sc` said, or that the service did not stop in time.
    pub fn begin() -> io::Result<Option<Self>> {
        // No service of that name is an answer too.
        let says =
            |state: &str| run_system_program("sc.exe", &["query", SERVICE_NAME]).is_ok_and(|said| said.contains(state));
        if !says("RUNNING") {
            return Ok(None);
        }
        run_system_program("sc.exe", &["stop", SERVICE_NAME])?;
        for _ in 0..STOP_ATTEMPTS_MAX {
            if says("STOPPED") {
                return Ok(Some(Self(())));
            }
            std::thread::sleep(STOP_PAUSE);
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("the service {SERVICE_NAME} does not stop")))
    }
}

impl Drop for Resting {
    fn drop(&mut self) {
        if let Err(error) = run_system_program("sc.exe", &["start", SERVICE_NAME]) {
            tracing::warn!("the service does not start again, `net start {SERVICE_NAME}` starts it: {error}");
        }
    }
}

/// Works under the service control manager until it says stop: `work` runs on a thread of its own, and ends when its watch
/// turns true.
///
/// # Errors
/// That this process was not started by the service control manager.
pub fn run(work: impl FnOnce(watch::Receiver<bool>) + Send + Sync + 'static) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let mut work = Some(work);
    let outcome = Service::new().can_stop().run(move |service, command| match command {
        // Some dispatchers take a service for ended when its start returns: it works until it shall stop. Nothing else is
        // told to this closure meanwhile, so the state says when that is.
        Command::Start => {
            service.set_state(State::Running);
            let working = work.take().map(|work| start(work, stopping.clone()));
            while service.state() != State::StopPending {
                std::thread::sleep(STATE_PAUSE);
            }
            let _nobody_works = stop.send(true);
            if let Some(thread) = working {
                let _ended = thread.join();
            }
        }
        // When the start has returned the service is said to run once more; only then may it be said to have stopped.
        Command::Stop => {
            for _ in 0..STATE_ATTEMPTS_MAX {
                if service.state() == State::Running {
                    break;
                }
                std::thread::sleep(STATE_PAUSE);
            }
        }
        Command::Pause | Command::Resume | Command::Extended(_) => {}
    });
    outcome.map_err(io::Error::other)
}

/// Works on a thread of its own. When it ends without having been told to, or no thread can be had, so does the process: the
/// control manager then starts another.
fn start(work: impl FnOnce(watch::Receiver<bool>) + Send + 'static, stopping: watch::Receiver<bool>) -> JoinHandle<()> {
    let thread = std::thread::Builder::new().name("service".to_owned()).spawn(move || {
        let watched = stopping.clone();
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(stopping)));
        if worked.is_err() || !*watched.borrow() {
            std::process::exit(BROKE_OFF);
        }
    });
    thread.unwrap_or_else(|error| {
        tracing::error!("no thread for the service: {error}");
        std::process::exit(BROKE_OFF)
    })
}
