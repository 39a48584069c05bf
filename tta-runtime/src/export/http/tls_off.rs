//! No TLS: the program is built without the feature `exporter-tls`.

use tokio::net::TcpStream;

use super::connection::Visit;

/// The TLS side of the server, which does not exist.
#[derive(Debug)]
pub(crate) enum Tls {}

impl Tls {
    pub(super) async fn serve(&self, _: TcpStream, _: Visit) {
        match *self {}
    }
}
