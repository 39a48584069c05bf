//! The hosts that a request may name.

use std::io;
use std::net::{IpAddr, Ipv6Addr};

/// The allowed hosts: loopback names, the server's own address and the configured list.
///
/// Checking the host prevents DNS rebinding. A web page whose name is made to resolve to 127.0.0.1 can send requests to
/// a server on loopback through the visitor's browser, and the browser lets the page read the responses. The `Host`
/// header of such a request still carries the page's name.
#[derive(Debug)]
pub(super) struct Hosts {
    bound: IpAddr,
    listed: Vec<Host>,
}

impl Hosts {
    /// Parses the configured list of hosts for a server bound to `bound`.
    ///
    /// # Errors
    ///
    /// Returns an error if a listed host is not a host name or address.
    pub(super) fn new(bound: IpAddr, listed: &[String]) -> io::Result<Self> {
        let listed = listed.iter().map(|text| {
            let message = || format!("the allowed host `{text}` is not a host name or address");
            Host::parse(text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, message()))
        });
        Ok(Self { bound: bound.to_canonical(), listed: listed.collect::<io::Result<_>>()? })
    }

    /// Returns whether `host` is allowed on a connection that the server accepted at its address `local`.
    pub(super) fn contain(&self, host: &Host, local: IpAddr) -> bool {
        let ours = match &host.name {
            Name::Domain(domain) => domain == "localhost",
            // An address needs no DNS lookup, so DNS rebinding cannot forge it. A server bound to all addresses allows
            // the one that the client connected to.
            Name::Address(address) => {
                address.is_loopback() || *address == self.bound || *address == local.to_canonical()
            }
        };
        ours || self.listed.iter().any(|listed| listed.covers(host))
    }
}

/// A host name or address with an optional port, as in the `Host` header and the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    name: Name,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    /// In lower case, without a trailing dot.
    Domain(String),
    /// An IPv4-mapped IPv6 address is stored as IPv4.
    Address(IpAddr),
}

impl Host {
    /// Parses `name`, `name:port`, `address`, `address:port` and `[address]:port`, or returns `None`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Self { name: Name::Address(address.to_canonical()), port: None });
        }
        if let Some((address, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            let address = IpAddr::V6(address.parse::<Ipv6Addr>().ok()?).to_canonical();
            return Some(Self { name: Name::Address(address), port: port(rest).ok()? });
        }
        let end = text.find(':').unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        Some(Self { name: domain_or_address(name)?, port: port(rest).ok()? })
    }

    /// Returns whether `other` has the same name and, if this host has a port, the same port.
    fn covers(&self, other: &Self) -> bool {
        self.name == other.name && (self.port.is_none() || self.port == other.port)
    }
}

fn domain_or_address(text: &str) -> Option<Name> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(Name::Address(address));
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (!name.is_empty() && name.bytes().all(is_allowed)).then(|| Name::Domain(name.to_ascii_lowercase()))
}

struct NotAPort;

/// Parses `:80`. Both `:` and the empty string mean that there is no port.
fn port(text: &str) -> Result<Option<u16>, NotAPort> {
    match text.strip_prefix(':') {
        None if text.is_empty() => Ok(None),
        Some("") => Ok(None),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map(Some).map_err(|_| NotAPort)
        }
        None | Some(_) => Err(NotAPort),
    }
}

#[cfg(test)]
mod tests {
    use super::{Host, Hosts};

    /// Returns whether each host is allowed, or `None` if it is not a valid host.
    fn check<const N: usize>(bound: &str, local: &str, hosts: [&str; N]) -> [Option<bool>; N] {
        let listed = ["Metrics.Example".to_owned(), "scrape.example:9464".to_owned(), "fd00::7".to_owned()];
        let ours = Hosts::new(bound.parse().expect("an address"), &listed).expect("the list is valid");
        let local = local.parse().expect("an address");
        hosts.map(|host| Some(ours.contain(&Host::parse(host)?, local)))
    }

    #[test]
    fn loopback_names_are_ours_at_any_port() {
        let hosts = ["localhost", "LocalHost:1", "localhost.", "127.0.0.1:9464", "127.8.9.10", "[::1]", "[::1]:80"];
        assert_eq!(check("127.0.0.1", "127.0.0.1", hosts), [Some(true); 7]);
        assert_eq!(check("127.0.0.1", "127.0.0.1", ["[::ffff:127.0.0.1]:80", "localhost:"]), [Some(true); 2]);
    }

    #[test]
    fn other_names_are_foreign() {
        let hosts = ["attacker.example", "localhost.attacker.example", "127.0.0.1.nip.io", "x.localhost", "10.0.0.1"];
        assert_eq!(check("127.0.0.1", "127.0.0.1", hosts), [Some(false); 5]);
        assert_eq!(check("127.0.0.1", "127.0.0.1", ["[fe80::1]:80", "2130706433", "0x7f.1"]), [Some(false); 3]);
    }

    #[test]
    fn the_bound_address_is_ours_and_on_a_wildcard_the_address_that_accepted_the_connection() {
        assert_eq!(check("10.0.0.1", "10.0.0.1", ["10.0.0.1:9464", "10.0.0.2"]), [Some(true), Some(false)]);
        assert_eq!(check("0.0.0.0", "10.0.0.2", ["10.0.0.2", "10.0.0.3"]), [Some(true), Some(false)]);
        assert_eq!(check("::", "::ffff:10.0.0.2", ["10.0.0.2", "10.0.0.3"]), [Some(true), Some(false)]);
    }

    #[test]
    fn a_listed_host_is_ours_at_its_port_or_without_a_port_at_any() {
        let hosts = ["metrics.example:1", "METRICS.example", "scrape.example:9464", "[fd00::7]:80"];
        assert_eq!(check("127.0.0.1", "127.0.0.1", hosts), [Some(true); 4]);
        let hosts = ["scrape.example:80", "scrape.example", "sub.metrics.example"];
        assert_eq!(check("127.0.0.1", "127.0.0.1", hosts), [Some(false); 3]);
    }

    #[test]
    fn an_invalid_host_is_distinct_from_a_foreign_one() {
        let hosts = ["", ":80", "a b", "user@localhost", "localhost:http", "localhost:+1", "localhost:65536", "[::1"];
        assert_eq!(check("127.0.0.1", "127.0.0.1", hosts), [None; 8]);
    }

    #[test]
    fn a_list_with_an_invalid_host_is_an_error() {
        let error = Hosts::new([127, 0, 0, 1].into(), &["http://a.example".to_owned()]).expect_err("it is a URL");
        assert_eq!(error.to_string(), "the allowed host `http://a.example` is not a host name or address");
    }
}
