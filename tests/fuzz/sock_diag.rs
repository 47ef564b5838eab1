//! What the kernel tells of sockets and of the packet filter, and what `nft` and `iptables-save` print.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vedetta_probes::services::fuzz(bytes));
