//! Layers that make HTTP services of the crate `tower` primitives: one for servers, one for clients.
//!
//! Each request is a call, with a span, a duration, a count by outcome and an edge of the service map. W3C headers carry the
//! trace from client to server.
//!
//! ```
//! use tower::{Layer, Service, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let answer = service_fn(|_: http::Request<()>| async { Ok::<_, std::io::Error>(http::Response::new("Because.")) });
//! let mut api = tta_runtime::tower::server("questions").layer(answer);
//! let response = api.ready().await.unwrap().call(http::Request::new(())).await.unwrap();
//! assert_eq!(*response.body(), "Because.");
//! assert!(tta_runtime::metrics_text().contains(
//!     r#"tta_primitive_executions_total{primitive_type="service",primitive_name="questions",action="serve",status="success"} 1"#
//! ));
//! # }
//! ```

use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use crate::call::classification::CallEnd;
use crate::call::classification::error_name::short_name;
use crate::call::future::{self, CallFuture};
use crate::call::{self, Call, Inputs};
use crate::context::propagation;
use crate::outcome::Outcome;
use crate::schema::buckets;
use crate::site::{CallSite, Role};

/// Creates a layer for a server: each incoming request is a call with this name.
///
/// The call continues the trace in the request's headers. A status of 500 or above is a failure.
#[track_caller]
pub fn server(name: &'static str) -> ServerLayer {
    ServerLayer { site: site(name, "serve", "primitive.service.serve") }
}

/// Creates a layer for a client: each outgoing request is a call with this name.
///
/// The call writes its trace into the request's headers. A status of 400 or above is a failure.
#[track_caller]
pub fn client(name: &'static str) -> ClientLayer {
    ClientLayer { site: site(name, "request", "primitive.service.request") }
}

#[track_caller]
fn site(name: &'static str, action: &'static str, span: &'static str) -> &'static CallSite {
    CallSite::dynamic(Role::Other, ["service", action, name, span, name], buckets::DEFAULT)
}

/// A layer that makes a server's service a primitive; see [`server`].
#[derive(Clone, Copy, Debug)]
pub struct ServerLayer {
    site: &'static CallSite,
}

/// A layer that makes a client's service a primitive; see [`client`].
#[derive(Clone, Copy, Debug)]
pub struct ClientLayer {
    site: &'static CallSite,
}

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, service: S) -> Server<S> {
        Server { site: self.site, service }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, service: S) -> Client<S> {
        Client { site: self.site, service }
    }
}

/// A server's service that is a primitive; see [`server`].
#[derive(Clone, Copy, Debug)]
pub struct Server<S> {
    site: &'static CallSite,
    service: S,
}

/// A client's service that is a primitive; see [`client`].
#[derive(Clone, Copy, Debug)]
pub struct Client<S> {
    site: &'static CallSite,
    service: S,
}

/// Classifies a call by its response.
type Classifier<R, E> = fn(&Result<Response<R>, E>, &mut CallEnd);

impl<S, B, R> Service<Request<B>> for Server<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CallFuture<S::Future, Classifier<R, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let context = propagation::extract(request.headers());
        let mut call = context.run(|| begin(self.site, &request));
        let body = call.run(|| self.service.call(request));
        future::future(call, body, |response, end| classify(response, 500, end))
    }
}

impl<S, B, R> Service<Request<B>> for Client<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CallFuture<S::Future, Classifier<R, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut call = begin(self.site, &request);
        let body = call.run(|| {
            propagation::inject(request.headers_mut());
            self.service.call(request)
        });
        future::future(call, body, |response, end| classify(response, 400, end))
    }
}

fn begin<B>(site: &'static CallSite, request: &Request<B>) -> Call {
    call::begin_with(site, Inputs::NONE, |attributes| {
        attributes.set("http.request.method", request.method().as_str());
    })
}

/// Classifies a call by the response's status, a failure from `first_failure` on.
fn classify<R, E>(response: &Result<Response<R>, E>, first_failure: u16, end: &mut CallEnd) {
    match response {
        Ok(response) if response.status().as_u16() < first_failure => {}
        Ok(response) => {
            end.outcome = Outcome::Failure;
            end.error_type(Some(error_type(response.status())));
        }
        Err(_) => {
            end.outcome = Outcome::Failure;
            end.error_name = short_name::<E>;
        }
    }
}

/// Returns the status as the label `error_type`; rare ones share `4xx` and `5xx`.
fn error_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        408 => "408",
        409 => "409",
        413 => "413",
        422 => "422",
        429 => "429",
        500 => "500",
        501 => "501",
        502 => "502",
        503 => "503",
        504 => "504",
        ..500 => "4xx",
        _ => "5xx",
    }
}
