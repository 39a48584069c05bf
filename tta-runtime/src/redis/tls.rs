//! TLS connections to Redis: the certificates to trust, that of the client, and the cryptography provider.

use std::sync::Arc;

use redis::{Client, ClientTlsConfig, TlsCertificates};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use super::address::{RedisAddress, cluster};
use super::{Redis, RedisAddressError};
use crate::pem;

/// The certificates that a program has set, in PEM.
#[derive(Clone, Default)]
pub(super) struct Credentials {
    trusted: Option<Vec<u8>>,
    client: Option<ClientTlsConfig>,
}

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
        let credentials = Credentials { trusted: Some(pem), ..self.credentials.clone() };
        self.presenting(credentials)
    }

    /// Presents this certificate to the servers, for those that demand one (`tls-auth-clients yes`, which is their
    /// default).
    ///
    /// The certificate is followed by those that certify it, if any; it and its private key are PEM. The store must have
    /// addresses that begin with `rediss://`. Earlier clones keep their own connection and certificate. A server that
    /// refuses the certificate is no error here: look-ups count as `error`.
    ///
    /// ```
    /// use tta_runtime::block::Redis;
    ///
    /// let redis = Redis::server("rediss://cache.internal:6380").unwrap();
    /// let error = redis.client_certificate("", "").unwrap_err();
    /// assert!(error.to_string().starts_with("cannot present the client certificate: it has no certificate in PEM"));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a text has no certificate or no private key, or an invalid one, if the key does not belong to
    /// the certificate, or if an address does not use TLS.
    pub fn client_certificate(
        self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Result<Self, RedisAddressError> {
        if !self.address.is_tls() {
            return Err(RedisAddressError::ClientCertificateWithoutTls);
        }
        let (certificate, key) = (certificate.into(), key.into());
        pem::pair(pem::certificates(&certificate)?, pem::key(&key)?)?;
        let client = Some(ClientTlsConfig { client_cert: certificate, client_key: key });
        let credentials = Credentials { client, ..self.credentials.clone() };
        self.presenting(credentials)
    }

    fn presenting(self, credentials: Credentials) -> Result<Self, RedisAddressError> {
        let Credentials { trusted, client } = credentials.clone();
        let address = self.address.with(TlsCertificates { client_tls: client, root_cert: trusted });
        let address = address.map_err(|source| RedisAddressError::Certificates { source: Some(source) })?;
        Ok(Self { address, credentials, cache_link: Arc::default(), budget_link: Arc::default(), ..self })
    }
}

/// The first line of a PEM certificate.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

impl RedisAddress {
    fn with(self, certificates: TlsCertificates) -> redis::RedisResult<Self> {
        match self {
            Self::Server(client) => {
                Ok(Self::Server(Box::new(Client::build_with_tls(client.get_connection_info().clone(), certificates)?)))
            }
            Self::Cluster { nodes, .. } => {
                let client = cluster(&nodes).certs(certificates).build()?;
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
