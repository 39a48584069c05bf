//! Redis servers that are spoken to over TLS: whom they are to be certified by.

use redis::{Client, TlsCertificates};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use super::connection::{RedisAddress, cluster};
use super::{Redis, RedisAddressError};

impl Redis {
    /// Trusts servers that these authorities certify, in PEM, instead of those that the system trusts.
    ///
    /// To be called on the name of a server or cluster whose addresses begin with `rediss://`. Clones made before keep their own
    /// connection and trust.
    ///
    /// What the system trusts is read all the same, by the Redis client before each attempt to connect: where some of it cannot be
    /// read, or is no certificate, there is no connection, and look-ups count as `error`. The thread of all connections waits
    /// for the reading meanwhile, so that attempts that fail over TLS are made ever more seldom, at last every 1.6 s.
    ///
    /// ```
    /// use tta_runtime::block::Redis;
    ///
    /// let redis = Redis::server("rediss://cache.internal:6380").unwrap();
    /// let error = redis.root_certificates("-----BEGIN NOTHING-----").unwrap_err();
    /// assert_eq!(error.to_string(), "no certificates in PEM, or for a server whose address does not begin with `rediss://`");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the text holds no certificate, or one that cannot be read, or if an address is not one of TLS.
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

/// What a certificate begins with.
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

/// Sees to it that there is an implementation of the ciphers: the program's, where it has chosen one before.
pub(super) fn prepare(address: &RedisAddress) {
    if address.is_tls() && CryptoProvider::get_default().is_none() {
        // Another thread may have chosen one meanwhile, which does as well.
        let _ = aws_lc_rs::default_provider().install_default();
    }
}
