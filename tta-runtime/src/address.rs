//! Addresses from configuration, which are never printed with their secrets.

use std::fmt;

/// An address that prints without user, password, query and fragment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    pub(crate) fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }

    /// Returns the whole address, for the client that connects.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", masked(&self.0).escape_debug())
    }
}

/// Returns an address, or what was meant to be one, with `***` for user, password, query and fragment.
pub(crate) fn masked(address: &str) -> String {
    let (scheme, rest) = match address.find("://") {
        Some(end) => address.split_at(end + 3),
        None => ("", address),
    };
    let extra = rest.find(['?', '#']);
    match (rest.rfind('@'), extra) {
        // A password may have such a character unescaped: nothing of the rest is certain.
        (Some(at), Some(extra)) if extra < at => format!("{scheme}***"),
        (at, extra) => {
            let (user, host) = at.map_or(("", rest), |at| ("***", rest.get(at..).unwrap_or_default()));
            let host_length = host.find(['?', '#']).unwrap_or(host.len());
            let host = host.get(..host_length).unwrap_or_default();
            format!("{scheme}{user}{host}{}", if extra.is_some() { "?***" } else { "" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, masked};

    #[test]
    fn user_password_and_query_are_masked() {
        for (address, printed) in [
            ("http://127.0.0.1:9091", "http://127.0.0.1:9091"),
            ("https://push.example/gate", "https://push.example/gate"),
            ("http://ann:s3cret@push.example:9091/gate", "http://***@push.example:9091/gate"),
            ("http://push.example/gate?token=s3cret#s3cret", "http://push.example/gate?***"),
            ("http://push.example#s3cret", "http://push.example?***"),
            ("redis://:s3cret@redis.example:6379/0?password=s3cret", "redis://***@redis.example:6379/0?***"),
            ("http://ann:s3/cr@et@push.example", "http://***@push.example"),
            ("http://ann:s3?cr#et@push.example", "http://***"),
            ("http://push.example?user=a@b&token=s3cret", "http://***"),
            ("ann:s3cret@push.example", "***@push.example"),
            ("push.example?token=s3cret", "push.example?***"),
            ("", ""),
        ] {
            assert_eq!(masked(address), printed);
            assert_eq!(Address::new(address).to_string(), printed);
            assert_eq!(format!("{:?}", Address::new(address)), format!("{printed:?}"));
        }
    }
}
