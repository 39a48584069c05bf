//! A client of HTTPS that trusts one authority.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// The timeout of each wait for a server.
const PATIENCE: Duration = Duration::from_secs(20);

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The bytes of the head and the body.
    pub(crate) text: String,
    /// The certificate that the server presented.
    pub(crate) certificate: CertificateDer<'static>,
}

/// Returns the first certificate of a text in PEM.
pub(crate) fn certificate(pem: &[u8]) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem).expect("it is a certificate")
}

/// Sends bytes to a server that the authority of `trusted` certifies for its address, and reads until it closes.
///
/// # Errors
///
/// Fails if the handshake does, for example because the server is certified by another authority.
pub(crate) fn send(address: SocketAddr, trusted: &[u8], bytes: &str) -> io::Result<Answer> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(trusted)).expect("it is an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let settings = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::IpAddress(address.ip().into());
    let client = ClientConnection::new(Arc::new(settings), name).map_err(io::Error::other)?;
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut stream = StreamOwned::new(client, stream);
    stream.write_all(bytes.as_bytes())?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    let presented = stream.conn.peer_certificates().and_then(<[_]>::first).expect("it has a certificate");
    let text = String::from_utf8(answer).expect("the answer is text");
    Ok(Answer { text, certificate: presented.clone().into_owned() })
}
