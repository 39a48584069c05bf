//! The names by which this server may be called.

use std::io;
use std::net::{IpAddr, Ipv6Addr};

/// Tells our names from foreign ones.
///
/// A web page can make its visitor's browser ask a server on loopback, under the page's own name, once that name
/// resolves to 127.0.0.1; the browser then lets the page read the answer. The name in `Host` gives it away.
#[derive(Debug)]
pub(super) struct Hosts {
    bound: IpAddr,
    listed: Vec<Host>,
}

impl Hosts {
    /// # Errors
    ///
    /// A listed host is none.
    pub(super) fn new(bound: IpAddr, listed: &[String]) -> io::Result<Self> {
        let listed = listed.iter().map(|text| {
            let unreadable = || format!("the allowed host `{text}` is not a host name or address");
            Host::parse(text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, unreadable()))
        });
        Ok(Self { bound: bound.to_canonical(), listed: listed.collect::<io::Result<_>>()? })
    }

    /// Returns whether `host` is one of our names on a connection that came to our address `local`.
    pub(super) fn contain(&self, host: &Host, local: IpAddr) -> bool {
        let ours = match &host.name {
            Name::Domain(domain) => domain == "localhost",
            // An address needs no name service that could lie. Where we listen at all addresses, the one that the
            // client has reached is the bound one.
            Name::Address(address) => {
                address.is_loopback() || *address == self.bound || *address == local.to_canonical()
            }
        };
        ours || self.listed.iter().any(|listed| listed.covers(host))
    }
}

/// A host as `Host` and configuration write it: a name or address, and perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    name: Name,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    /// In lower case, without the root's dot.
    Domain(String),
    /// IPv4 where it is IPv4 in the clothes of IPv6.
    Address(IpAddr),
}

impl Host {
    /// Reads `name`, `name:port`, `address`, `address:port` and `[address]:port`.
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

    /// Returns whether another host is this one, at this port if it has one and else at any.
    fn covers(&self, other: &Self) -> bool {
        self.name == other.name && (self.port.is_none() || self.port == other.port)
    }
}

fn domain_or_address(text: &str) -> Option<Name> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(Name::Address(address));
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let readable = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (!name.is_empty() && name.bytes().all(readable)).then(|| Name::Domain(name.to_ascii_lowercase()))
}

struct NotAPort;

/// Reads `:80`, or `:` alone or nothing at all where there is no port.
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

    /// Returns whether each host is served, nothing where it is no host.
    fn check<const N: usize>(bound: &str, local: &str, hosts: [&str; N]) -> [Option<bool>; N] {
        let listed = ["Metrics.Example".to_owned(), "scrape.example:9464".to_owned(), "fd00::7".to_owned()];
        let ours = Hosts::new(bound.parse().expect("an address"), &listed).expect("the list is right");
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
    fn the_bound_address_is_ours_and_behind_a_wildcard_the_one_that_was_reached() {
        assert_eq!(check("10.0.0.1", "10.0.0.1", ["10.0.0.1:9464", "10.0.0.2"]), [Some(true), Some(false)]);
        assert_eq!(check("0.0.0.0", "10.0.0.2", ["10.0.0.2", "10.0.0.3"]), [Some(true), Some(false)]);
        assert_eq!(check("::", "::ffff:10.0.0.2", ["10.0.0.2", "10.0.0.3"]), [Some(true), Some(false)]);
    }

    #[test]
    fn a_listed_host_is_ours_at_its_port_and_without_one_at_any() {
        let hosts = ["metrics.example:1", "METRICS.example", "scrape.example:9464", "[fd00::7]:80"];
        assert_eq!(check("127.0.0.1", "127.0.0.1", hosts), [Some(true); 4]);
        let hosts = ["scrape.example:80", "scrape.example", "sub.metrics.example"];
        assert_eq!(check("127.0.0.1", "127.0.0.1", hosts), [Some(false); 3]);
    }

    #[test]
    fn what_is_no_host_is_told_from_a_foreign_one() {
        let hosts = ["", ":80", "a b", "user@localhost", "localhost:http", "localhost:+1", "localhost:65536", "[::1"];
        assert_eq!(check("127.0.0.1", "127.0.0.1", hosts), [None; 8]);
    }

    #[test]
    fn a_list_with_something_else_than_hosts_is_an_error() {
        let error = Hosts::new([127, 0, 0, 1].into(), &["http://a.example".to_owned()]).expect_err("it is a URL");
        assert_eq!(error.to_string(), "the allowed host `http://a.example` is not a host name or address");
    }
}
