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
//!
//! A server's spans have the kind `SERVER` and the attributes `http.request.method`, `http.response.status_code` and, if the
//! layer knows it, [`http.route`](ServerLayer::route); those of a client have the kind `CLIENT`, `server.address` and
//! [`url.template`](ClientLayer::template).

mod body;
mod response;
mod status;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

pub use self::body::{CallBody, CallBodyFuture, UntilBodyEnds};
pub use self::response::ResponseFuture;
use crate::call::{self, Call, Inputs};
use crate::context::propagation;
use crate::panics::caught;
use crate::schema::buckets;
use crate::site::{CallSite, Role};

/// Creates a layer for a server: each incoming request is a call with this name.
///
/// The call continues the trace in the request's headers. A status of 500 or above is a failure.
#[track_caller]
pub fn server(name: &'static str) -> ServerLayer {
    ServerLayer { site: site(name, "serve", "primitive.service.serve"), route: None }
}

/// Creates a layer for a client: each outgoing request is a call with this name.
///
/// The call writes its trace into the request's headers. A status of 400 or above is a failure.
#[track_caller]
pub fn client(name: &'static str) -> ClientLayer {
    ClientLayer { site: site(name, "request", "primitive.service.request"), template: None }
}

#[track_caller]
fn site(name: &'static str, action: &'static str, span: &'static str) -> &'static CallSite {
    CallSite::dynamic(Role::Other, ["service", action, name, span, name], buckets::DEFAULT)
}

/// The lowest status of a server that is a failure of the server.
const SERVER_FAILURE: u16 = 500;

/// The lowest status that a client counts as a failure.
const CLIENT_FAILURE: u16 = 400;

/// Reads the name of a route from a request.
type ReadRoute = Arc<dyn Fn(&Parts) -> Option<String> + Send + Sync>;

/// A layer that makes a server's service a primitive; see [`server`].
#[derive(Clone)]
pub struct ServerLayer {
    site: &'static CallSite,
    route: Option<ReadRoute>,
}

/// A layer that makes a client's service a primitive; see [`client`].
#[derive(Clone)]
pub struct ClientLayer {
    site: &'static CallSite,
    template: Option<ReadRoute>,
}

impl ServerLayer {
    /// Sets how to read a request's route, such as `/users/{id}`: the attribute `http.route`.
    ///
    /// Under axum, the router stores it in the request's extensions as `MatchedPath`; the repository's
    /// `docs/integrations.md` has the line.
    ///
    /// ```
    /// let api = tta_runtime::tower::server("api").route(|request| {
    ///     let is_user = request.uri.path().starts_with("/users/");
    ///     is_user.then(|| "/users/{id}".to_owned())
    /// });
    /// # drop(api);
    /// ```
    #[must_use]
    pub fn route(mut self, read: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.route = Some(Arc::new(read));
        self
    }

    /// Makes each call last until the response's body ends, as for server-sent events.
    ///
    /// A body that fails makes the call a failure, and one that is dropped before its end makes it cancelled. The type of
    /// the response's body becomes [`CallBody`].
    #[must_use]
    pub fn until_body_ends(self) -> UntilBodyEnds<Self> {
        UntilBodyEnds(self)
    }
}

impl ClientLayer {
    /// Sets how to read the template of a request's path, such as `/users/{id}`: the attribute `url.template`.
    #[must_use]
    pub fn template(mut self, read: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.template = Some(Arc::new(read));
        self
    }

    /// Makes each call last until the response's body ends; see [`ServerLayer::until_body_ends`].
    #[must_use]
    pub fn until_body_ends(self) -> UntilBodyEnds<Self> {
        UntilBodyEnds(self)
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, service: S) -> Server<S> {
        Server { layer: self.clone(), service }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, service: S) -> Client<S> {
        Client { layer: self.clone(), service }
    }
}

/// A server's service that is a primitive; see [`server`].
#[derive(Clone, Debug)]
pub struct Server<S> {
    layer: ServerLayer,
    service: S,
}

/// A client's service that is a primitive; see [`client`].
#[derive(Clone, Debug)]
pub struct Client<S> {
    layer: ClientLayer,
    service: S,
}

impl<S, B, R> Service<Request<B>> for Server<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let context = propagation::extract(request.headers());
        let ReadRequest { request, route } = ReadRequest::of(request, self.layer.route.as_ref());
        let mut call = Call::UNOBSERVED;
        context.run(|| {
            call::begin_with(&mut call, self.layer.site, &Inputs::NONE, |attributes| {
                attributes.set("http.request.method", request.method().as_str());
                attributes.set("http.route", &route);
            });
        });
        let response = call.run(|| self.service.call(request));
        ResponseFuture::new(call, response, SERVER_FAILURE)
    }
}

impl<S, B, R> Service<Request<B>> for Client<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let ReadRequest { mut request, route } = ReadRequest::of(request, self.layer.template.as_ref());
        let mut call = Call::UNOBSERVED;
        call::begin_with(&mut call, self.layer.site, &Inputs::NONE, |attributes| {
            attributes.set("http.request.method", request.method().as_str());
            attributes.set("server.address", &request.uri().host());
            attributes.set("url.template", &route);
        });
        let response = call.run(|| {
            propagation::inject(request.headers_mut());
            self.service.call(request)
        });
        ResponseFuture::new(call, response, CLIENT_FAILURE)
    }
}

/// A request whose route was read.
struct ReadRequest<B> {
    request: Request<B>,
    route: Option<String>,
}

impl<B> ReadRequest<B> {
    fn of(request: Request<B>, read: Option<&ReadRoute>) -> Self {
        let Some(read) = read else { return Self { request, route: None } };
        let (parts, body) = request.into_parts();
        // The closure is user code: if it panics, the request continues without a route.
        let route = caught(|| read(&parts)).flatten();
        Self { request: Request::from_parts(parts, body), route }
    }
}

impl fmt::Debug for ServerLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServerLayer").field("site", &self.site).finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ClientLayer").field("site", &self.site).finish_non_exhaustive()
    }
}
