//! Calls that last until the body of the response ends.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::response::{Answered, ResponseFuture};
use super::{Client, ClientLayer, Server, ServerLayer, status};
use crate::call::Call;
use crate::call::classification::CallEnd;
use crate::context::frame;

/// A layer, or its service, whose calls last until the body of the response ends; see [`ServerLayer::until_body_ends`].
#[derive(Clone, Debug)]
pub struct UntilBodyEnds<S>(pub(super) S);

impl<S> Layer<S> for UntilBodyEnds<ServerLayer> {
    type Service = UntilBodyEnds<Server<S>>;

    fn layer(&self, service: S) -> Self::Service {
        UntilBodyEnds(self.0.layer(service))
    }
}

impl<S> Layer<S> for UntilBodyEnds<ClientLayer> {
    type Service = UntilBodyEnds<Client<S>>;

    fn layer(&self, service: S) -> Self::Service {
        UntilBodyEnds(self.0.layer(service))
    }
}

impl<S, B, R, F> Service<Request<B>> for UntilBodyEnds<S>
where
    S: Service<Request<B>, Response = Response<R>, Future = ResponseFuture<F>>,
    F: Future<Output = Result<Response<R>, S::Error>>,
    R: Body,
{
    type Response = Response<CallBody<R>>;
    type Error = S::Error;
    type Future = CallBodyFuture<F>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        CallBodyFuture { response: self.0.call(request) }
    }
}

pin_project! {
    /// The response of a service whose calls last until the body ends.
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct CallBodyFuture<F> {
        #[pin]
        response: ResponseFuture<F>,
    }
}

impl<F, R, E> Future for CallBodyFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<CallBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Answered { mut call, response, first_failure } = ready!(self.project().response.poll_with_call(context));
        let end = status::read(&mut call, &response, first_failure);
        Poll::Ready(match response {
            Ok(response) => Ok(response.map(|body| CallBody::new(body, call, end))),
            Err(error) => {
                call.finish_with(end);
                Err(error)
            }
        })
    }
}

pin_project! {
    /// The body of a response; the call ends with it.
    #[derive(Debug)]
    pub struct CallBody<B> {
        #[pin]
        body: Option<B>,
        call: Call,
        // How the call ends with the body; `None` once it has ended.
        end: Option<CallEnd>,
    }

    impl<B> PinnedDrop for CallBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.call.drop_inside(|| this.body.set(None));
            if let Some(mut end) = this.end.take() {
                // The status of a failure is known, whoever stops reading its body.
                if !end.outcome.is_bad() {
                    end.outcome = frame::outcome_if_dropped();
                }
                this.call.finish_with(end);
            }
        }
    }
}

impl<B: Body> CallBody<B> {
    fn new(body: B, mut call: Call, end: CallEnd) -> Self {
        // A server does not poll a body that says it has ended.
        let end = if body.is_end_stream() {
            call.finish_with(end);
            None
        } else {
            Some(end)
        };
        Self { body: Some(body), call, end }
    }
}

impl<B: Body> Body for CallBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(mut body) = this.body.as_pin_mut() else { return Poll::Ready(None) };
        let frame = ready!(this.call.run(|| body.as_mut().poll_frame(context)));
        let has_ended = match &frame {
            Some(Ok(_)) => body.is_end_stream(),
            Some(Err(_)) => {
                this.end.as_mut().into_iter().for_each(status::fail::<B::Error>);
                true
            }
            None => true,
        };
        if has_ended && let Some(end) = this.end.take() {
            this.call.finish_with(end);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
