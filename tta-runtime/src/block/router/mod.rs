//! A block that runs one of its routes.

mod choice;
mod recent_samples;
mod route_call;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use opentelemetry::KeyValue;

use super::block_call::{BlockCall, BlockCallNames, current_recorder};
use super::dyn_block::DynBlock;
use super::error::BlockError;
use super::name::BlockName;
use super::span_name::SpanName;
use super::work::Block;
use crate::context::frame::Connection;
use crate::model::{Ledger, ModelName};
use crate::outcome::Outcome;
use crate::panics::caught;
use crate::schema::Id;
use crate::span::SpanDetail;
use choice::{Choice, Measure, Random, RouteStatistics};
use recent_samples::{RecentSamples, Sample};
use route_call::RouteCall;

/// Runs one of its routes for each input: by key, by weight, or the route that was recently cheapest or fastest.
///
/// An unknown key takes the default route, and so does a key function that panics. Without a default route the result
/// is [`BlockError::NoRoute`].
///
/// ```
/// use tta_runtime::block::{Block, BlockError, Router};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let router = Router::new("write", |text: &String| if text.len() > 20 { "quality" } else { "fast" })
///     .route("fast", async |text: String| Ok::<_, String>(format!("fast: {text}")))
///     .route("quality", async |text: String| Ok(format!("quality: {text}")))
///     .default_route("fast");
/// assert_eq!(router.run("short".to_owned()).await.unwrap(), "fast: short");
/// # }
/// ```
#[must_use = "blocks do nothing unless they are run"]
pub struct Router<I, O, E> {
    name: &'static str,
    choice: Choice<I>,
    routes: Vec<Route<I, O, E>>,
    default_route: Option<usize>,
    alternatives: Option<Arc<[ModelName]>>,
}

struct Route<I, O, E> {
    name: &'static str,
    work: Box<dyn DynBlock<I, O, E>>,
    recent: RecentSamples,
}

/// A route that the router does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("router `{router}` has no route `{route}`; add the route first; known routes: {}", .known.join(", "))]
pub struct RouteError {
    /// The name of the router.
    pub router: &'static str,
    /// The name of the missing route.
    pub route: String,
    /// The names of the router's routes.
    pub known: Vec<String>,
}

impl<I, O, E> Router<I, O, E> {
    /// Makes a router without routes; `choose` returns the name of the route to take.
    pub fn new<K>(name: &'static str, choose: impl Fn(&I) -> K + Send + Sync + 'static) -> Self
    where
        K: Into<Cow<'static, str>>,
    {
        Self::with_choice(name, Choice::Key(Box::new(move |input: &I| choose(input).into())))
    }

    /// Makes a router that takes routes at random, in proportion to their weights.
    ///
    /// The name of a weight without a route counts as an unknown key. If all weights are zero, the key is unknown, too.
    ///
    /// ```
    /// use tta_runtime::block::{Block, Router};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let router = Router::weighted("trial", [("new", 0), ("proven", 9)])
    ///     .route("new", async |n: u32| Ok::<_, String>(n + 1))
    ///     .route("proven", async |n: u32| Ok(n));
    /// assert_eq!(router.run(7).await, Ok(7));
    /// # }
    /// ```
    pub fn weighted<K: Into<Cow<'static, str>>>(
        name: &'static str,
        weights: impl IntoIterator<Item = (K, u32)>,
    ) -> Self {
        let weights = weights.into_iter().map(|(route, weight)| (route.into(), weight)).collect();
        Self::with_choice(name, Choice::Weights(weights))
    }

    /// Makes a router that takes the route whose model calls cost least, by the mean of its last 16 successful calls.
    ///
    /// Each route is tried first, and one call in twenty goes to a random route. Calls whose cost is unknown do not
    /// count.
    pub fn by_cost(name: &'static str) -> Self {
        Self::with_choice(name, Choice::Best(Measure::Cost))
    }

    /// Makes a router that takes the fastest route, by the mean of its last 16 calls.
    ///
    /// A call that fails, panics or times out counts twice the mean success of the slowest route, or its own duration
    /// if that is longer. A cancelled call counts the time until it was dropped, if that is longer than the mean. Each
    /// route is tried first, and one call in twenty goes to a random route.
    pub fn by_latency(name: &'static str) -> Self {
        Self::with_choice(name, Choice::Best(Measure::Latency))
    }

    fn with_choice(name: &'static str, choice: Choice<I>) -> Self {
        Self { name, choice, routes: Vec::new(), default_route: None, alternatives: None }
    }

    /// Adds a route.
    pub fn route(mut self, name: &'static str, work: impl Block<I, Output = O, Error = E> + 'static) -> Self
    where
        I: Send,
    {
        let recorder = current_recorder();
        recorder.declare(Id::RouterErrors, &[self.name, name]);
        for reason in self.choice.reasons() {
            recorder.declare(Id::RouterDecisions, &[self.name, name, reason]);
        }
        self.routes.push(Route { name, work: Box::new(work), recent: RecentSamples::default() });
        self
    }

    /// Sets the route for unknown keys, and for key functions that panic.
    ///
    /// # Panics
    ///
    /// Panics if the router does not have the route yet, which is a bug of the program. For a name from outside of the
    /// program, use [`try_default_route`](Self::try_default_route).
    #[track_caller]
    #[expect(clippy::panic, reason = "a flow is built when the program starts, and should not start with this mistake")]
    pub fn default_route(self, route: &str) -> Self {
        match self.try_default_route(route) {
            Ok(router) => router,
            Err(error) => panic!("{error}"),
        }
    }

    /// Sets the route for unknown keys, and for key functions that panic.
    ///
    /// ```
    /// use tta_runtime::block::Router;
    ///
    /// let router = Router::<u32, u32, String>::by_cost("write").route("fast", async |n: u32| Ok(n));
    /// let error = router.try_default_route("quality").unwrap_err();
    /// assert_eq!(error.to_string(), "router `write` has no route `quality`; add the route first; known routes: fast");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the router does not have the route yet.
    pub fn try_default_route(mut self, route: &str) -> Result<Self, RouteError> {
        let index = self.routes.iter().position(|have| have.name == route);
        let index = index.ok_or_else(|| RouteError {
            router: self.name,
            route: route.to_owned(),
            known: self.route_names(),
        })?;
        self.default_route = Some(index);
        if let Some(route) = self.routes.get(index) {
            for reason in ["unknown_key", "choice_failed"] {
                current_recorder().declare(Id::RouterDecisions, &[self.name, route.name, reason]);
            }
        }
        Ok(self)
    }

    /// Adds a model that one of the routes calls, by the names of its provider and the model.
    ///
    /// The savings of a call to one of these models are the cost of the most expensive of them at the same usage, minus
    /// the call's own cost. They count in `tta_llm_savings_total` with `source="router"`.
    pub fn model(mut self, provider: impl Into<Cow<'static, str>>, model: impl Into<Cow<'static, str>>) -> Self {
        let named = ModelName { provider: provider.into(), model: model.into() };
        self.alternatives =
            Some(self.alternatives.iter().flat_map(|known| known.iter()).cloned().chain([named]).collect());
        self
    }

    fn route_names(&self) -> Vec<String> {
        self.routes.iter().map(|route| route.name.to_owned()).collect()
    }

    /// Returns the route and the reason for taking it, or the unknown key.
    fn decide(&self, input: &I) -> Result<(&Route<I, O, E>, &'static str), String> {
        let default = |reason| Some((self.routes.get(self.default_route?)?, reason));
        let (key, reason) = match &self.choice {
            // The key function is the program's: if it panics, the default route can still run.
            Choice::Key(route_key) => match caught(|| route_key(input)) {
                Some(key) => (key, "chosen"),
                None => return default("choice_failed").ok_or_else(|| "(the choice panicked)".to_owned()),
            },
            Choice::Weights(weights) => {
                let index = choice::weighted(weights.iter().map(|(_, weight)| *weight), fastrand::f64());
                let key = index.and_then(|index| weights.get(index)).map(|(key, _)| key.clone());
                (key.unwrap_or("(no weight)".into()), "weighted")
            }
            Choice::Best(measure) => {
                let statistics: Vec<RouteStatistics> =
                    self.routes.iter().map(|route| route.recent.statistics()).collect();
                let random = Random { explore: fastrand::f64(), route: fastrand::f64() };
                let best = choice::best(&statistics, *measure, random);
                return best
                    .and_then(|(index, reason)| Some((self.routes.get(index)?, reason)))
                    .ok_or_else(|| "(no route)".to_owned());
            }
        };
        let chosen = self.routes.iter().find(|route| route.name == key).map(|route| (route, reason));
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
        let names = BlockCallNames {
            block: BlockName::Own(self.name),
            primitive_type: "router",
            span: SpanName::Fixed("primitive.router.route"),
            connection: Some(Connection::Route),
            detail: SpanDetail::Full,
        };
        let mut call = BlockCall::start(names, Vec::new);
        let (route, reason) = match self.decide(&input) {
            Ok(decided) => decided,
            Err(key) => {
                let result = Err(BlockError::NoRoute { key, known: self.route_names() });
                call.end(&result);
                return result;
            }
        };
        call.set(KeyValue::new("route.key", route.name));
        call.set(KeyValue::new("route.reason", reason));
        let ledger = Arc::new(Ledger::default());
        let wants_cost = matches!(self.choice, Choice::Best(Measure::Cost));
        if self.alternatives.is_some() || wants_cost {
            call.update_workflow(|workflow| {
                if let Some(alternatives) = &self.alternatives {
                    workflow.alternatives = Some(Arc::clone(alternatives));
                }
                workflow.ledgers.extend(wants_cost.then(|| Arc::clone(&ledger)));
            });
        }
        let recorder = call.recorder();
        recorder.add(Id::RouterDecisions, &[self.name, route.name, reason], 1);
        route.recent.count_call();
        let by_latency = matches!(self.choice, Choice::Best(Measure::Latency));
        let recent = by_latency.then_some(&route.recent);
        let route_call = RouteCall::begin(recorder, [self.name, route.name], call.start_time(), recent);
        let (result, call) = match AssertUnwindSafe(call.instrument(route.work.run(input))).catch_unwind().await {
            Ok(ended) => ended,
            Err(payload) => {
                route_call.end(Outcome::Panicked);
                resume_unwind(payload)
            }
        };
        route_call.end(if result.is_ok() { Outcome::Success } else { Outcome::Failure });
        // The cost of a failed call says nothing about the cost of an output, and an unknown price is not a low price.
        if wants_cost
            && result.is_ok()
            && let Some(cost) = ledger.whole_cost().await
        {
            route.recent.add(Sample::Succeeded(cost.0 as f64));
        }
        call.end(&result);
        result
    }
}

impl<I, O, E> std::fmt::Debug for Router<I, O, E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Router")
            .field("name", &self.name)
            .field("routes", &self.route_names())
            .finish_non_exhaustive()
    }
}
