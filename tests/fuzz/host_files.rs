//! Configuration of sshd, sudo, PAM, rsyslog, and mounts.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_probes::host::fuzz(bytes));
