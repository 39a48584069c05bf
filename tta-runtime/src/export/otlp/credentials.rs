//! The certificates of a connection to a collector: those that it trusts, and its own.

use reqwest::blocking::ClientBuilder;
use reqwest::{Certificate, Identity};
use rustls::RootCertStore;

use super::signal_variables::SignalVariables;
use crate::address::Address;
use crate::configuration::{CertifiedFiles, CertifiedTexts, InitError, PemFileError, ReadVariable, read_pem};
use crate::pem::{self, PemProblem};

const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
const CLIENT_CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
const CLIENT_KEY: &str = "OTEL_EXPORTER_OTLP_CLIENT_KEY";

/// The certificates of a connection to a collector, none of them by default.
#[derive(Default)]
pub(super) struct Credentials {
    /// The certificates to trust in place of the system's.
    trusted: Option<Vec<Certificate>>,
    client: Option<Identity>,
}

impl Credentials {
    /// Returns the certificates that the environment names for a signal: each variable of the signal wins over the common
    /// one. A collector that is not asked over TLS has none.
    pub(super) fn configured(
        signal: &SignalVariables,
        address: &Address,
        read: ReadVariable<'_>,
    ) -> Result<Self, InitError> {
        if !address.secret().trim_start().to_ascii_lowercase().starts_with("https:") {
            return Ok(Self::default());
        }
        let trusted = read(signal.certificate).or_else(|| read(CERTIFICATE)).map(|path| trusted(&path)).transpose()?;
        let of_signal = |own, common| if read(own).is_some() { own } else { common };
        let files = CertifiedFiles::configured(
            of_signal(signal.client_certificate, CLIENT_CERTIFICATE),
            of_signal(signal.client_key, CLIENT_KEY),
            read,
        )?;
        Ok(Self { trusted, client: files.map(|files| identity(&files)).transpose()? })
    }

    pub(super) fn apply(&self, client: ClientBuilder) -> ClientBuilder {
        let client = match &self.trusted {
            Some(trusted) => client.tls_certs_only(trusted.iter().cloned()),
            None => client,
        };
        match &self.client {
            Some(identity) => client.identity(identity.clone()),
            None => client,
        }
    }
}

fn trusted(path: &str) -> Result<Vec<Certificate>, PemFileError> {
    let refused = |problem| PemFileError::Refused { path: path.into(), problem };
    let certificates = pem::certificates(&read_pem(path.as_ref())?).map_err(refused)?;
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        let added = store.add(certificate.clone());
        added.map_err(|error| refused(PemProblem::Unusable { reason: error.to_string() }))?;
    }
    let trusted = certificates.iter().map(|certificate| Certificate::from_der(certificate)).collect::<Result<_, _>>();
    trusted.map_err(|error| refused(PemProblem::Unusable { reason: error.to_string() }))
}

fn identity(files: &CertifiedFiles) -> Result<Identity, PemFileError> {
    let texts = files.read()?;
    files.check(&texts)?;
    let CertifiedTexts { certificate, key } = texts;
    let joined = [&key[..], b"\n", &certificate[..]].concat();
    Identity::from_pem(&joined).map_err(|error| PemFileError::Refused {
        path: files.certificate.clone(),
        problem: PemProblem::Unusable { reason: error.to_string() },
    })
}
