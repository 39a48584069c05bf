//! No TLS: the program is built without the feature `exporter-tls`.

use std::future::Ready;

use tokio::net::TcpStream;

use super::visit::Visit;

/// The TLS side of the server, which does not exist.
#[derive(Debug)]
pub(crate) enum Tls {}

impl Tls {
    pub(super) fn serve(&self, _: TcpStream, _: Visit) -> Ready<()> {
        match *self {}
    }
}
