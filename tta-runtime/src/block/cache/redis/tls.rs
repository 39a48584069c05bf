//! TLS connections to Redis: the certificates to trust, and the cryptography provider.

use redis::{Client, TlsCertificates};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use super::connection::{RedisAddress, cluster};
use super::{Redis, RedisAddressError};

impl Redis {
    /// Trusts servers that are certified by these PEM certificates, instead of those that the system trusts.
    ///
    /// The store must have addresses that begin with `rediss://`. Earlier clones keep their own connection and trust.
    ///
    /// The Redis client reads the system's trusted certificates all the same, before each attempt to connect. If one of
    /// them cannot be read or is invalid, there is no connection, and look-ups count as `error`. The reading blocks the
    /// thread of all connections, so the delay between failed attempts over TLS doubles, up to 1.6 s.
    ///
    /// ```
    /// use tta_runtime::block::Redis;
    ///
    /// let redis = Redis::server("rediss://cache.internal:6380").unwrap();
    /// let error = redis.root_certificates("-----BEGIN NOTHING-----").unwrap_err();
    /// assert_eq!(error.to_string(), "no valid certificate in PEM, or an address that does not begin with `rediss://`");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the text contains no certificate or an invalid one, or if an address does not use TLS.
    pub fn root_certificates(self, pem: impl Into<Vec<u8>>) -> Result<Self, RedisAddressError> {
        let pem = pem.into();
        if !self.address.is_tls() || !pem.windows(BEGIN.len()).any(|part| part == BEGIN) {
            return Err(RedisAddressError::Certificates { source: None });
        }
        let trusted = TlsCertificates { client_tls: None, root_cert: Some(pem) };
        let address = self.address.trusting(trusted);
        let address = address.map_err(|source| RedisAddressError::Certificates { source: Some(source) })?;
        Ok(Self { address, link: std::sync::Arc::default(), ..self })
    }
}

/// The first line of a PEM certificate.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

impl RedisAddress {
    fn trusting(self, trusted: TlsCertificates) -> redis::RedisResult<Self> {
        match self {
            Self::Server(client) => {
                Ok(Self::Server(Box::new(Client::build_with_tls(client.get_connection_info().clone(), trusted)?)))
            }
            Self::Cluster { nodes, .. } => {
                let client = cluster(&nodes).certs(trusted).build()?;
                Ok(Self::Cluster { nodes, client: Box::new(client) })
            }
        }
    }
}

/// Installs `aws-lc-rs` as the cryptography provider of the process, unless the program has installed one.
pub(super) fn prepare(address: &RedisAddress) {
    if address.is_tls() && CryptoProvider::get_default().is_none() {
        // Another thread may have installed a provider meanwhile, which serves as well.
        let _ = aws_lc_rs::default_provider().install_default();
    }
}
