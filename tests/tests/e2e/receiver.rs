//! An OpenTelemetry collector on loopback: receives traces, metrics and logs, and answers as configured.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flate2::read::GzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::https::certificate;

/// The collector's reaction to a request that it has read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Status(u16),
    /// Never answers.
    Hang,
    /// Closes the connection.
    Close,
}

/// A collector that runs until it is dropped.
pub(crate) struct Receiver {
    scheme: &'static str,
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    runtime: Option<Runtime>,
}

/// The received data, in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) spans: Vec<Span>,
    /// The resource attributes of each batch of spans, and of each request with metrics.
    pub(crate) resources: Vec<Vec<KeyValue>>,
    /// The schemas of all scopes.
    pub(crate) schemas: BTreeSet<String>,
    /// All requests as received: the path and the bytes.
    pub(crate) bodies: Vec<(String, Bytes)>,
    /// The path and the headers of each request.
    pub(crate) headers: Vec<(String, HeaderMap)>,
    /// The size of all compressed requests, before they were decompressed.
    pub(crate) compressed_bytes: usize,
    /// The metrics of the latest request.
    pub(crate) metrics: Vec<Metric>,
    pub(crate) logs: Vec<LogRecord>,
}

impl Receiver {
    /// Starts a collector that accepts every request.
    pub(crate) fn start() -> Self {
        Self::answering(Answer::Status(200))
    }

    pub(crate) fn answering(answer: Answer) -> Self {
        Self::over(None, answer)
    }

    /// Starts a collector that is certified by an authority, and accepts requests from clients that it certifies too.
    pub(crate) fn demanding_certificates_of(authority: &Authority) -> Self {
        authority.issue("collector");
        Self::over(Some(acceptor(authority)), Answer::Status(200))
    }

    fn over(tls: Option<TlsAcceptor>, answer: Answer) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let received = Arc::<Mutex<Received>>::default();
        let scheme = if tls.is_some() { "https" } else { "http" };
        runtime.spawn(serve(listener, tls, Arc::clone(&received), answer));
        Self { scheme, address, received, runtime: Some(runtime) }
    }

    /// Returns the value for `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    pub(crate) fn received(&self) -> MutexGuard<'_, Received> {
        lock(&self.received)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

fn lock(received: &Mutex<Received>) -> MutexGuard<'_, Received> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}

fn acceptor(authority: &Authority) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificate(&authority.certificate())).expect("it is an authority");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let key = PrivateKeyDer::from_pem_slice(&authority.read("collector.key")).expect("it is a key");
    let settings = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_client_cert_verifier(verifier.expect("there is an authority"))
        .with_single_cert(vec![certificate(&authority.read("collector.pem"))], key);
    TlsAcceptor::from(Arc::new(settings.expect("they belong together")))
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, received: Arc<Mutex<Received>>, answer: Answer) {
    while let Ok((stream, _)) = listener.accept().await {
        let received = Arc::clone(&received);
        let service = service_fn(move |request| take(request, Arc::clone(&received), answer));
        let http = hyper::server::conn::http1::Builder::new();
        // A client that disconnects is not an error of this collector.
        match tls.clone() {
            None => drop(tokio::spawn(async move { drop(http.serve_connection(TokioIo::new(stream), service).await) })),
            Some(tls) => drop(tokio::spawn(async move {
                if let Ok(stream) = tls.accept(stream).await {
                    drop(http.serve_connection(TokioIo::new(stream), service).await);
                }
            })),
        }
    }
}

async fn take(
    request: Request<Incoming>,
    received: Arc<Mutex<Received>>,
    answer: Answer,
) -> Result<Response<Full<Bytes>>, &'static str> {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let is_compressed = request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    let body = request.into_body().collect().await.map_err(|_| "the client went away")?.to_bytes();
    let sent = body.len();
    let body = if is_compressed { decompress(&body) } else { body };
    match answer {
        Answer::Hang => std::future::pending().await,
        Answer::Close => Err("closed as told"),
        Answer::Status(status) => {
            if status == 200 {
                let mut received = lock(&received);
                received.headers.push((path.clone(), headers));
                received.compressed_bytes += if is_compressed { sent } else { 0 };
                keep(&mut received, &path, body);
            }
            Ok(Response::builder().status(status).body(Full::default()).expect("it is valid"))
        }
    }
}

fn decompress(body: &[u8]) -> Bytes {
    let mut decompressed = Vec::new();
    GzDecoder::new(body).read_to_end(&mut decompressed).expect("it is compressed as the header says");
    decompressed.into()
}

fn keep(received: &mut Received, path: &str, body: Bytes) {
    received.bodies.push((path.to_owned(), body.clone()));
    match path {
        "/v1/traces" => {
            let request = ExportTraceServiceRequest::decode(body).expect("it is a request with traces");
            for batch in request.resource_spans {
                received.resources.push(batch.resource.unwrap_or_default().attributes);
                for scope in batch.scope_spans {
                    received.schemas.insert(scope.schema_url);
                    received.spans.extend(scope.spans);
                }
            }
        }
        "/v1/metrics" => {
            let request = ExportMetricsServiceRequest::decode(body).expect("it is a request with metrics");
            received.metrics.clear();
            for of_resource in request.resource_metrics {
                received.resources.push(of_resource.resource.unwrap_or_default().attributes);
                for scope in of_resource.scope_metrics {
                    received.schemas.insert(scope.schema_url);
                    received.metrics.extend(scope.metrics);
                }
            }
        }
        "/v1/logs" => {
            let request = ExportLogsServiceRequest::decode(body).expect("it is a request with logs");
            for batch in request.resource_logs {
                received.resources.push(batch.resource.unwrap_or_default().attributes);
                for scope in batch.scope_logs {
                    received.schemas.insert(scope.schema_url);
                    received.logs.extend(scope.log_records);
                }
            }
        }
        other => panic!("no collector has the path {other}"),
    }
}
