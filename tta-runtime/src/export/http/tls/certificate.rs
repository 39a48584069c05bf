//! The certificate that the server presents, read again when its files change.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::pki_types::UnixTime;
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, Error, RootCertStore, ServerConfig};

use crate::configuration::{CertifiedFiles, CertifiedTexts, PemFileError};
use crate::host_log::catch_panic;
use crate::pem;

/// The shortest time between two readings of the files: a handshake after it reads them again.
const READ_INTERVAL: Duration = Duration::from_secs(1);

/// A certificate with its private key, in files.
pub(super) struct Certificate {
    files: CertifiedFiles,
    state: Mutex<State>,
}

struct State {
    /// The texts in force.
    texts: CertifiedTexts,
    served: Served,
    read_at: Instant,
    /// Whether the files have been unusable since the last time they were read.
    failing: bool,
}

/// A certificate in force.
struct Served {
    settings: Arc<ServerConfig>,
    certified: CertifiedKey,
    /// Why it is not valid, as the log has it.
    known_reason: Option<&'static str>,
}

impl Certificate {
    pub(super) fn open(files: CertifiedFiles) -> Result<Self, PemFileError> {
        let texts = files.read()?;
        let mut served = Served::new(&files, &texts)?;
        served.warn_if_invalid(&files);
        Ok(Self { files, state: Mutex::new(State { texts, served, read_at: Instant::now(), failing: false }) })
    }

    /// Returns the settings of a handshake that starts now.
    ///
    /// The texts are compared, not the times of the files, which a copy or a clock may set. A pair that is written at
    /// this moment does not fit together, so that the one before stays in force until the next reading.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.read_at.elapsed() >= READ_INTERVAL {
            state.read_at = Instant::now();
            state.read_again(&self.files);
            state.served.warn_if_invalid(&self.files);
        }
        Arc::clone(&state.served.settings)
    }
}

impl State {
    fn read_again(&mut self, files: &CertifiedFiles) {
        let changed = files.read().and_then(|texts| {
            if texts == self.texts { Ok(None) } else { Served::new(files, &texts).map(|served| Some((texts, served))) }
        });
        match changed {
            Ok(None) => self.failing = false,
            Ok(Some((texts, served))) => {
                *self = Self { texts, served, failing: false, read_at: self.read_at };
                catch_panic(|| {
                    let certificate = files.certificate.display();
                    tracing::info!(target: "tta::telemetry", %certificate, "metrics are served with the new certificate");
                });
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    catch_panic(|| {
                        tracing::warn!(
                            target: "tta::telemetry",
                            %error,
                            "the new certificate for metrics cannot be used: the one before stays in force"
                        );
                    });
                }
            }
        }
    }
}

impl Served {
    fn new(files: &CertifiedFiles, texts: &CertifiedTexts) -> Result<Self, PemFileError> {
        let certified = files.check(texts)?;
        let builder = ServerConfig::builder_with_provider(pem::provider()).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| files.refused(&error))?.with_no_client_auth();
        let mut settings = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified.clone())));
        settings.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { settings: Arc::new(settings), certified, known_reason: None })
    }

    /// Logs once for each reason that the certificate is not valid at this time: clients will refuse it.
    fn warn_if_invalid(&mut self, files: &CertifiedFiles) {
        let found = invalid_at(&self.certified, UnixTime::now());
        if std::mem::replace(&mut self.known_reason, found) == found {
            return;
        }
        let Some(reason) = found else { return };
        catch_panic(|| {
            let certificate = files.certificate.display();
            tracing::warn!(
                target: "tta::telemetry",
                %certificate,
                reason = %reason,
                "clients will refuse the certificate for metrics"
            );
        });
    }
}

/// Returns why the server's certificate is not valid at a time, if that is so.
fn invalid_at(certified: &CertifiedKey, time: UnixTime) -> Option<&'static str> {
    let certificate = ParsedCertificate::try_from(certified.end_entity_cert().ok()?).ok()?;
    // Without roots the verification fails. Its error is about the time if that is wrong: the time is checked first.
    match verify_server_cert_signed_by_trust_anchor(&certificate, &RootCertStore::empty(), &[], time, &[]).err()? {
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            Some("expired")
        }
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            Some("not valid yet")
        }
        _ => None,
    }
}
