//! Services that never answer, or never end, cost a look no more than its limits.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use crate::place::alone;
use crate::truth::{look, port};

/// Longest time for all questions, and what the rest of a look may take on a busy machine.
const LOOK_TIME_MAX: Duration = Duration::from_secs(12);
/// Ports of services that are asked by their ports.
const PORTS: [u16; 8] = [21, 23, 389, 1883, 3306, 5432, 6379, 9200];

#[test]
fn services_that_are_silent_or_endless_do_not_hold_up_the_look() {
    alone("misbehaving::services_that_are_silent_or_endless_do_not_hold_up_the_look", || {
        for (host, is_silent) in [(Ipv4Addr::new(127, 0, 0, 1), true), (Ipv4Addr::new(127, 0, 0, 2), false)] {
            for port in PORTS {
                serve(TcpListener::bind((host, port)).unwrap(), is_silent);
            }
        }
        let started = Instant::now();
        let said = look();
        assert!(started.elapsed() < LOOK_TIME_MAX, "{:?}", started.elapsed());
        for service in said["services"].as_array().unwrap() {
            assert_eq!(service["authentication"], "not_tested", "{service}");
            let is_silent = service["address"] == "127.0.0.1";
            assert_eq!(service["reason"] == "timeout", is_silent, "{service}");
            assert_eq!(service["name"] == "other", !is_silent, "{}: {service}", port(service));
        }
        assert_eq!(said["services"].as_array().unwrap().len(), 2 * PORTS.len());
    });
}

/// Accepts, and then says nothing, or nonsense without an end.
fn serve(listener: TcpListener, is_silent: bool) {
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if is_silent {
                held.push(stream);
            } else {
                std::thread::spawn(move || while stream.write_all(&[b'~'; 4096]).is_ok() {});
            }
        }
    });
}
