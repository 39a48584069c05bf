//! Certificates and private keys in PEM, checked before they are used.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{Error, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};

/// The reason that a text in PEM cannot be used as a certificate or as a private key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PemProblem {
    /// There is no certificate.
    #[error("it has no certificate in PEM, which begins with `-----BEGIN CERTIFICATE-----`")]
    NoCertificate,
    /// There is no private key, or an encrypted one.
    #[error("it has no private key in PEM, such as one after `-----BEGIN PRIVATE KEY-----`; decrypt an encrypted key")]
    NoKey,
    /// The text is not PEM.
    #[error("it is not valid PEM: {reason}")]
    Malformed {
        /// The parser's error.
        reason: String,
    },
    /// A certificate or a key is damaged, or of a kind that is not supported.
    #[error("{reason}")]
    Unusable {
        /// The error of the TLS library.
        reason: String,
    },
    /// The private key does not belong to the certificate.
    #[error("the private key does not belong to the first certificate")]
    Mismatch,
}

impl PemProblem {
    fn unusable(error: &rustls::Error) -> Self {
        Self::Unusable { reason: error.to_string() }
    }
}

/// Returns the cryptography provider that the program has installed, or else `aws-lc-rs`.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()))
}

/// Returns all certificates of a text, in its order; at least one.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemProblem> {
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| PemProblem::Malformed { reason: error.to_string() })?;
    if certificates.is_empty() { Err(PemProblem::NoCertificate) } else { Ok(certificates) }
}

/// Returns the first private key of a text.
pub(crate) fn key(pem: &[u8]) -> Result<Arc<dyn SigningKey>, PemProblem> {
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        Error::NoItemsFound => PemProblem::NoKey,
        error => PemProblem::Malformed { reason: error.to_string() },
    })?;
    provider().key_provider.load_private_key(key).map_err(|error| PemProblem::unusable(&error))
}

/// Returns the certificates with the private key of the first one.
pub(crate) fn pair(
    certificates: Vec<CertificateDer<'static>>,
    key: Arc<dyn SigningKey>,
) -> Result<CertifiedKey, PemProblem> {
    use rustls::{Error, InconsistentKeys};
    let pair = CertifiedKey::new(certificates, key);
    match pair.keys_match() {
        // A provider may be unable to compare.
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(pair),
        Err(Error::InconsistentKeys(_)) => Err(PemProblem::Mismatch),
        Err(error) => Err(PemProblem::unusable(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::{PemProblem, certificates, key};

    #[test]
    fn a_text_without_the_wanted_part_is_refused() {
        let other = b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        for text in [&b""[..], b"no PEM", other] {
            assert_eq!(certificates(text), Err(PemProblem::NoCertificate));
            assert_eq!(key(text).unwrap_err(), PemProblem::NoKey);
        }
        let encrypted = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        assert_eq!(key(encrypted).unwrap_err(), PemProblem::NoKey);
    }

    #[test]
    fn a_half_written_text_is_malformed() {
        let half = certificates(b"-----BEGIN CERTIFICATE-----\nMIIB").unwrap_err();
        assert!(matches!(half, PemProblem::Malformed { .. }), "{half}");
        let half = key(b"-----BEGIN PRIVATE KEY-----\nMIIB").unwrap_err();
        assert!(matches!(half, PemProblem::Malformed { .. }), "{half}");
        let no_key = key(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap_err();
        assert!(matches!(no_key, PemProblem::Unusable { .. }), "{no_key}");
    }
}
