//! Ports for servers that accept only a fixed one.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// The first port, and how many there are. The kernel takes none of these for connections, unlike one that it gave for port 0: a
/// connection, even one that tries whether a server listens there yet, cannot take the port before the server does.
const FIRST: u16 = 12_000;
const COUNT: u16 = 10_000;

/// Returns a free port of the loopback interface, another one each time.
///
/// The port 10,000 above is free as well, for the other members of a Redis cluster.
///
/// # Panics
///
/// Panics if the loopback interface has no free port.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    // Test programs that run at the same time begin at different places.
    let next = NEXT.get_or_init(|| AtomicU16::new((std::process::id().wrapping_mul(127) % u32::from(COUNT)) as u16));
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (0..COUNT)
        .map(|_| FIRST + next.fetch_add(1, Ordering::Relaxed) % COUNT)
        .find(|port| is_free(*port) && is_free(port + COUNT))
        .expect("a port is free")
}

/// Returns an address of the loopback interface with a free port.
///
/// # Panics
///
/// As [`free_port`].
#[must_use]
pub fn free_address() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, free_port()).into()
}
