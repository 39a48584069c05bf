//! The HTTP client of all exporters.

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::redirect::Policy;

use crate::address::Address;

/// Returns a client for an address. Built by the thread that sends: a blocking client must not be built inside an async runtime.
///
/// It follows no redirect, which would carry tokens, and what is recorded, to another host.
pub(super) fn client(address: &Address) -> ClientBuilder {
    let client = Client::builder().redirect(Policy::none());
    if uses_tls(address, std::env::vars_os()) { client } else { without_roots(client) }
}

/// Returns whether a connection to the address, or to a proxy before it, may use TLS.
fn uses_tls<V>(address: &Address, mut environment: impl Iterator<Item = (std::ffi::OsString, V)>) -> bool {
    let is_proxy = |name: &std::ffi::OsStr| name.to_string_lossy().to_ascii_lowercase().ends_with("_proxy");
    !address.secret().starts_with("http://") || environment.any(|(name, _)| is_proxy(&name))
}

/// The operating system's certificates take some 10 MiB, which a plain connection does not need.
fn without_roots(client: ClientBuilder) -> ClientBuilder {
    client.tls_certs_only(std::iter::empty())
}

#[cfg(test)]
mod tests {
    use super::{client, uses_tls};
    use crate::address::Address;

    #[test]
    fn only_a_plain_connection_goes_without_certificates() {
        let uses =
            |address, names: &[&str]| uses_tls(&Address::new(address), names.iter().map(|name| (name.into(), ())));
        assert!(!uses("http://127.0.0.1:4318/v1/traces", &["PATH", "NO_PROXIES"]));
        assert!(uses("https://collector.example/v1/traces", &[]));
        assert!(uses("HTTP://collector.example", &[]), "the address is not in its usual form");
        assert!(uses("http://collector.example", &["https_proxy"]));
        assert!(client(&Address::new("http://127.0.0.1:4318")).build().is_ok());
    }
}
