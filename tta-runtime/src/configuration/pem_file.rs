//! Files with certificates and private keys.

use std::io;
use std::path::{Path, PathBuf};

use rustls::sign::CertifiedKey;

use super::{EnvironmentError, ReadVariable};
use crate::pem::{self, PemProblem};

/// The reason that a file with certificates or a private key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PemFileError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        reason: io::Error,
    },
    /// The file's text cannot be used.
    #[error("cannot use `{}`: {problem}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// The reason.
        problem: PemProblem,
    },
    /// The private key belongs to another certificate.
    #[error("the private key in `{}` does not belong to the first certificate in `{}`", key.display(), certificate.display())]
    Mismatch {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
}

/// The files of a certificate, followed by those that certify it, and of its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertifiedFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The texts of both files.
#[derive(PartialEq, Eq)]
pub(crate) struct CertifiedTexts {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl CertifiedFiles {
    /// Returns the files that two variables name; `None` if neither is set.
    pub(crate) fn configured(
        certificate: &'static str,
        key: &'static str,
        read: ReadVariable<'_>,
    ) -> Result<Option<Self>, EnvironmentError> {
        let missing = |variable, expected| EnvironmentError { variable, value: String::new(), expected };
        match (read(certificate), read(key)) {
            (Some(certificate), Some(key)) => Ok(Some(Self { certificate: certificate.into(), key: key.into() })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(missing(key, "the path of the certificate's private key in PEM")),
            (None, Some(_)) => Err(missing(certificate, "the path of the private key's certificate in PEM")),
        }
    }

    pub(crate) fn read(&self) -> Result<CertifiedTexts, PemFileError> {
        Ok(CertifiedTexts { certificate: read(&self.certificate)?, key: read(&self.key)? })
    }

    /// Checks that the texts are a certificate and its key.
    pub(crate) fn check(&self, texts: &CertifiedTexts) -> Result<CertifiedKey, PemFileError> {
        let refused = |path: &Path, problem| PemFileError::Refused { path: path.to_owned(), problem };
        let certificates =
            pem::certificates(&texts.certificate).map_err(|problem| refused(&self.certificate, problem))?;
        let key = pem::key(&texts.key).map_err(|problem| refused(&self.key, problem))?;
        pem::pair(certificates, key).map_err(|problem| match problem {
            PemProblem::Mismatch => {
                PemFileError::Mismatch { certificate: self.certificate.clone(), key: self.key.clone() }
            }
            problem => refused(&self.certificate, problem),
        })
    }

    /// Returns the error of a certificate that the TLS library refuses.
    #[cfg(feature = "exporter-tls")]
    pub(crate) fn refused(&self, error: &rustls::Error) -> PemFileError {
        let problem = PemProblem::Unusable { reason: error.to_string() };
        PemFileError::Refused { path: self.certificate.clone(), problem }
    }
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, PemFileError> {
    std::fs::read(path).map_err(|reason| PemFileError::Unreadable { path: path.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::CertifiedFiles;

    #[test]
    fn a_certificate_without_a_key_is_an_error_and_so_is_a_key_without_a_certificate() {
        let of = |set: &'static [&'static str]| {
            let read = |name: &str| set.contains(&name).then(|| format!("/etc/{name}"));
            CertifiedFiles::configured("CERT", "KEY", &read).map_err(|error| error.to_string())
        };
        assert_eq!(of(&[]), Ok(None));
        let both = CertifiedFiles { certificate: "/etc/CERT".into(), key: "/etc/KEY".into() };
        assert_eq!(of(&["CERT", "KEY"]), Ok(Some(both)));
        let no_key = "KEY=`` cannot be used; write the path of the certificate's private key in PEM";
        assert_eq!(of(&["CERT"]), Err(no_key.to_owned()));
        let no_certificate = "CERT=`` cannot be used; write the path of the private key's certificate in PEM";
        assert_eq!(of(&["KEY"]), Err(no_certificate.to_owned()));
    }
}
