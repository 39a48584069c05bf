//! Work that is chosen by its input.

mod choice;
mod measured;
mod taken;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use opentelemetry::KeyValue;

use super::boxed::Boxed;
use super::error::BlockError;
use super::name::BlockName;
use super::part::{Name, Part, current_recorder, inside};
use super::span_name::SpanName;
use super::work::Block;
use crate::context::frame::Connection;
use crate::model::{Ledger, ModelName};
use crate::outcome::Outcome;
use crate::schema::Id;
use choice::{Choice, Known, Measure, Random};
use measured::{Measured, Sample};
use taken::Taken;

/// Chooses one of its routes for each input: by a key, by weight, or the route that was cheapest or fastest of late.
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
    work: Box<dyn Boxed<I, O, E>>,
    measured: Measured,
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
        Self::with_choice(name, Choice::Key(Box::new(move |input: &I| choose(input).into())))
    }

    /// Makes a router whose routes are taken at random, each in its share of the sum of the weights.
    ///
    /// A weight of a name that is no route counts as an unknown key.
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

    /// Makes a router that takes the route whose model calls cost the least, by the mean of its last 16 successful calls.
    ///
    /// Each route is tried first, and one call in twenty takes any of them.
    pub fn by_cost(name: &'static str) -> Self {
        Self::with_choice(name, Choice::Best(Measure::Cost))
    }

    /// Makes a router that takes the fastest route, by the mean of its last 16 calls.
    ///
    /// A call that failed, panicked or whose time ran out counts twice what a success takes on the slowest route, or what
    /// it took itself where that is more; one that was cancelled counts what it had taken by then, if that is more than the
    /// mean.
    /// Each route is tried first, and one call in twenty takes any of them.
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
        self.routes.push(Route { name, work: Box::new(work), measured: Measured::default() });
        self
    }

    /// Sets the route for keys that name none, and for choices that panic.
    ///
    /// # Panics
    ///
    /// Panics if there is no such route yet, which is a mistake in the program; for a name that comes from outside,
    /// there is [`try_default_route`](Self::try_default_route).
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
        if let Some(route) = self.routes.get(place) {
            for reason in ["unknown_key", "choice_failed"] {
                current_recorder().declare(Id::RouterDecisions, &[self.name, route.name, reason]);
            }
        }
        Ok(self)
    }

    /// Names a model that one of the routes asks.
    ///
    /// What a call to one of these models costs less than the dearest of them would have, at the same usage, counts as
    /// saved by the router.
    pub fn model(mut self, provider: impl Into<Cow<'static, str>>, model: impl Into<Cow<'static, str>>) -> Self {
        let named = ModelName { provider: provider.into(), model: model.into() };
        self.alternatives =
            Some(self.alternatives.iter().flat_map(|known| known.iter()).cloned().chain([named]).collect());
        self
    }

    fn known(&self) -> Vec<String> {
        self.routes.iter().map(|route| route.name.to_owned()).collect()
    }

    /// Returns the route to take and why, or the key that names none.
    fn decide(&self, input: &I) -> Result<(&Route<I, O, E>, &'static str), String> {
        let default = |reason| Some((self.routes.get(self.default_route?)?, reason));
        let (key, reason) = match &self.choice {
            // The choice is the user's: should it panic, the work can still be done.
            Choice::Key(key_of) => match catch_unwind(AssertUnwindSafe(|| key_of(input))) {
                Ok(key) => (key, "chosen"),
                Err(_) => return default("choice_failed").ok_or_else(|| "(the choice panicked)".to_owned()),
            },
            Choice::Weights(weights) => {
                let place = choice::weighted(weights.iter().map(|(_, weight)| *weight), fastrand::f64());
                let key = place.and_then(|place| weights.get(place)).map(|(key, _)| key.clone());
                (key.unwrap_or("(no weight)".into()), "weighted")
            }
            Choice::Best(measure) => {
                let known: Vec<Known> = self.routes.iter().map(|route| route.measured.known()).collect();
                let random = Random { whether: fastrand::f64(), which: fastrand::f64() };
                let best = choice::best(&known, *measure, random);
                return best
                    .and_then(|(place, reason)| Some((self.routes.get(place)?, reason)))
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
        let name = Name {
            block: BlockName::Own(self.name),
            primitive_type: "router",
            span: SpanName::Of("primitive.router.route"),
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
        let ledger = Arc::new(Ledger::default());
        let wants_cost = matches!(self.choice, Choice::Best(Measure::Cost));
        if self.alternatives.is_some() || wants_cost {
            part.change_facts(|workflow| {
                if let Some(alternatives) = &self.alternatives {
                    workflow.alternatives = Some(Arc::clone(alternatives));
                }
                workflow.ledgers.extend(wants_cost.then(|| Arc::clone(&ledger)));
            });
        }
        let recorder = part.recorder();
        recorder.add(Id::RouterDecisions, &[self.name, route.name, reason], 1);
        route.measured.take();
        let by_latency = matches!(self.choice, Choice::Best(Measure::Latency));
        let measured = by_latency.then_some(&route.measured);
        let taken = Taken::begin(recorder, [self.name, route.name], part.start_time(), measured);
        let (result, part) = match AssertUnwindSafe(inside(part, route.work.run(input))).catch_unwind().await {
            Ok(ended) => ended,
            Err(payload) => {
                taken.end(Outcome::Panicked);
                resume_unwind(payload)
            }
        };
        taken.end(if result.is_ok() { Outcome::Success } else { Outcome::Failure });
        // What a failure cost is no sign of what an answer costs, and a price that is not known is not a low one.
        if wants_cost
            && result.is_ok()
            && let Some(cost) = ledger.whole_cost().await
        {
            route.measured.note(Sample::Succeeded(cost.0 as f64));
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
