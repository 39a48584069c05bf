//! Work that is chosen by its input.

use std::borrow::Cow;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use opentelemetry::KeyValue;

use super::error::BlockError;
use super::name::BlockName;
use super::part::{Name, Part, inside};
use super::work::Block;
use crate::frame::Connection;
use crate::model::ModelName;
use crate::schema::Id;

/// Chooses one of its routes for each input.
///
/// A key that names no route, and a choice that panics, take the default route where there is one.
///
/// ```
/// use tta_runtime::block::{Block, BlockError, Router};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let router = Router::new("write", |text: &String| if text.len() > 20 { "quality" } else { "fast" })
///     .route("fast", async |text: String| Ok::<_, String>(format!("fast: {text}")))
///     .route("quality", async |text: String| Ok(format!("quality: {text}")));
/// assert_eq!(router.run("short".to_owned()).await.unwrap(), "fast: short");
/// # }
/// ```
pub struct Router<I, O, E> {
    name: &'static str,
    choose: Choice<I>,
    routes: Vec<Route<I, O, E>>,
    default_route: Option<usize>,
    alternatives: Option<Arc<[ModelName]>>,
}

/// Boxed, so that the router's type does not depend on it.
type Choice<I> = Box<dyn Fn(&I) -> Cow<'static, str> + Send + Sync>;

struct Route<I, O, E> {
    name: &'static str,
    work: Box<dyn Boxed<I, O, E>>,
}

/// A block whose future is boxed, so that routes of different types fit in one list.
trait Boxed<I, O, E>: Send + Sync {
    fn run<'a>(&'a self, input: I) -> Pin<Box<dyn Future<Output = Result<O, BlockError<E>>> + Send + 'a>>
    where
        I: 'a;
}

impl<I: Send, O, E, B: Block<I, Output = O, Error = E>> Boxed<I, O, E> for B {
    fn run<'a>(&'a self, input: I) -> Pin<Box<dyn Future<Output = Result<O, BlockError<E>>> + Send + 'a>>
    where
        I: 'a,
    {
        Box::pin(Block::run(self, input))
    }
}

/// A route was named that the router does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("router `{router}` has no route `{route}`; add it before it is named, known are {}", .known.join(", "))]
pub struct RouteError {
    /// The router.
    pub router: &'static str,
    /// What was named.
    pub route: String,
    /// The routes that there are.
    pub known: Vec<String>,
}

impl<I, O, E> Router<I, O, E> {
    /// Makes a router without routes; `choose` returns the name of the route to take.
    pub fn new<K>(name: &'static str, choose: impl Fn(&I) -> K + Send + Sync + 'static) -> Self
    where
        K: Into<Cow<'static, str>>,
    {
        let choose = Box::new(move |input: &I| choose(input).into());
        Self { name, choose, routes: Vec::new(), default_route: None, alternatives: None }
    }

    /// Adds a route.
    #[must_use]
    pub fn route(mut self, name: &'static str, work: impl Block<I, Output = O, Error = E> + 'static) -> Self
    where
        I: Send,
    {
        self.routes.push(Route { name, work: Box::new(work) });
        self
    }

    /// Sets the route for keys that name none, and for choices that panic.
    ///
    /// # Panics
    ///
    /// Panics if there is no such route yet, which is a mistake in the program; for a name that comes from outside,
    /// there is [`try_default_route`](Self::try_default_route).
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "a flow is built when the program starts, and should not start with this mistake")]
    pub fn default_route(self, route: &str) -> Self {
        match self.try_default_route(route) {
            Ok(router) => router,
            Err(error) => panic!("{error}"),
        }
    }

    /// Sets the route for keys that name none, and for choices that panic.
    ///
    /// # Errors
    ///
    /// There is no such route yet.
    pub fn try_default_route(mut self, route: &str) -> Result<Self, RouteError> {
        let place = self.routes.iter().position(|have| have.name == route);
        let place =
            place.ok_or_else(|| RouteError { router: self.name, route: route.to_owned(), known: self.known() })?;
        self.default_route = Some(place);
        Ok(self)
    }

    /// Names a model that one of the routes asks.
    ///
    /// What a call to one of these models costs less than the dearest of them would have, at the same usage, counts as
    /// saved by the router.
    #[must_use]
    pub fn model(mut self, provider: impl Into<Cow<'static, str>>, model: impl Into<Cow<'static, str>>) -> Self {
        let named = ModelName { provider: provider.into(), model: model.into() };
        self.alternatives =
            Some(self.alternatives.iter().flat_map(|known| known.iter()).cloned().chain([named]).collect());
        self
    }

    fn known(&self) -> Vec<String> {
        self.routes.iter().map(|route| route.name.to_owned()).collect()
    }

    fn decide(&self, input: &I) -> Result<(&Route<I, O, E>, &'static str), String> {
        let default = |reason| Some((self.routes.get(self.default_route?)?, reason));
        // The choice is the user's: should it panic, the work can still be done.
        let Ok(key) = catch_unwind(AssertUnwindSafe(|| (self.choose)(input))) else {
            return default("choice_failed").ok_or_else(|| "(the choice panicked)".to_owned());
        };
        let chosen = self.routes.iter().find(|route| route.name == key).map(|route| (route, "chosen"));
        chosen.or_else(|| default("unknown_key")).ok_or_else(|| key.into_owned())
    }
}

impl<I, O, E> Block<I> for Router<I, O, E>
where
    I: Send,
    O: Send,
    E: Send,
{
    type Output = O;
    type Error = E;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<O, BlockError<E>> {
        let name = Name {
            block: BlockName::Own(self.name),
            primitive_type: "router",
            span: "primitive.router.route".into(),
            connection: Some(Connection::Route),
        };
        let mut part = Part::start(name, Vec::new);
        let (route, reason) = match self.decide(&input) {
            Ok(decided) => decided,
            Err(key) => {
                let result = Err(BlockError::NoRoute { key, known: self.known() });
                part.end(&result);
                return result;
            }
        };
        part.set(KeyValue::new("route.key", route.name));
        part.set(KeyValue::new("route.reason", reason));
        if let Some(alternatives) = &self.alternatives {
            part.change_facts(|facts| facts.alternatives = Some(Arc::clone(alternatives)));
        }
        let recorder = part.recorder();
        recorder.add(Id::RouterDecisions, &[self.name, route.name, reason], 1);
        let (result, part) = inside(part, route.work.run(input)).await;
        recorder.add(Id::RouterDuration, &[self.name, route.name], part.elapsed());
        if result.is_err() {
            recorder.add(Id::RouterErrors, &[self.name, route.name], 1);
        }
        part.end(&result);
        result
    }
}

impl<I, O, E> std::fmt::Debug for Router<I, O, E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Router")
            .field("name", &self.name)
            .field("routes", &self.known())
            .finish_non_exhaustive()
    }
}
