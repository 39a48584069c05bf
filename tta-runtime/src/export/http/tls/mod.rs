//! TLS connections: the handshake is bounded like the head of a request.

mod certificate;

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use self::certificate::Certificate;
use super::rejection::{LATE, Rejection, reject};
use super::visit::{End, Visit};
use crate::configuration::{CertifiedFiles, PemFileError};

/// The TLS side of the server.
pub(crate) struct Tls(Certificate);

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be read, has no certificate or no private key, or if the two do not belong
    /// together.
    pub(crate) fn open(files: CertifiedFiles) -> Result<Self, PemFileError> {
        Certificate::open(files).map(Self)
    }

    /// Serves one request on a new connection.
    pub(super) async fn serve(&self, stream: TcpStream, mut visit: Visit) {
        match visit.wait_for_client(first_byte(&stream)).await {
            Some(Ok(HANDSHAKE)) => {}
            Some(Ok(_)) => return reject(stream, PLAIN_TEXT),
            Some(Err(_)) => return,
            None => return drop(stream.set_zero_linger()),
        }
        let handshake = self.acceptor().accept(stream);
        // A client that gives up, or trusts another certificate, is not the server's error.
        let Some(Ok(stream)) = visit.wait_for_client(handshake).await else { return };
        let (mut stream, end) = visit.exchange(stream).await;
        match end {
            End::Late => {
                // Nothing was sent after the handshake, so the send buffer has room: this does not wait.
                let _ = stream.write_all(LATE.response().as_bytes()).await;
                let _ = stream.shutdown().await;
            }
            End::Done => {}
            End::Abandoned => drop(stream.get_ref().0.set_zero_linger()),
        }
    }

    fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::<ServerConfig>::clone(&self.0.current()))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// The first byte of every TLS connection: the content type `handshake` (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

const PLAIN_TEXT: Rejection =
    Rejection { status: "400 Bad Request", text: "This address is served over TLS: write `https://`." };

/// Waits for the first byte of a connection, and leaves it there.
async fn first_byte(stream: &TcpStream) -> io::Result<u8> {
    let mut byte = [0];
    match stream.peek(&mut byte).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(byte[0]),
    }
}
