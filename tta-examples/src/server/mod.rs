//! A server on loopback that implements `OpenAI`'s chat completions API and answers with sentences of the prompt.
//!
//! It is not a language model: it scores sentences and returns the best ones. Token counts, latencies and faults resemble those of
//! the real service, so that a workflow has something to show without a key.

mod answer;
mod behaviour;
mod chat;
mod completion;
mod faults;
mod latency;
mod models;
mod prefix;
mod protocol;
mod refusal;
mod seed;
mod stream;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) use crate::server::behaviour::Behaviour;
use crate::server::chat::Service;
pub(crate) use crate::server::faults::FaultShare;

/// A running server, stopped on drop.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server on a free port of loopback.
    ///
    /// # Errors
    ///
    /// Returns an error if no port can be opened.
    pub(crate) async fn start(behaviour: Behaviour) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        // Words of a stream are small packets, which Nagle's algorithm would delay.
        let listener = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        let routes = routes(Arc::new(Service::new(behaviour)));
        let task = tokio::spawn(async move {
            // `serve` handles errors of connections and never returns.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, task })
    }

    /// Returns the value for `OPENAI_BASE_URL`.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn routes(service: Arc<Service>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat::complete))
        .route("/v1/models", get(models::list))
        .fallback(refusal::unknown_url)
        .method_not_allowed_fallback(refusal::unknown_url)
        .with_state(service)
}
