//! A block that runs the work for some keys of its input.

use std::borrow::Cow;
use std::sync::Arc;

use super::conditional::{run_branch, start_branch};
use super::dyn_block::DynBlock;
use super::error::BlockError;
use super::span_name::SpanName;
use super::work::Block;

/// Runs the work of the case that matches the input's key; an input without a matching case passes through unchanged.
///
/// A [`Router`](super::Router) differs: it always takes a route, and its output may have another type than its input.
///
/// ```
/// use tta_runtime::block::{Block, Switch};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tidy = Switch::new("tidy", |text: &String| text.get(..1).unwrap_or_default().to_owned())
///     .case(" ", async |text: String| Ok::<_, String>(text.trim().to_owned()))
///     .case("#", async |_: String| Ok(String::new()));
/// assert_eq!(tidy.run(" a".to_owned()).await.unwrap(), "a");
/// assert_eq!(tidy.run("# a comment".to_owned()).await.unwrap(), "");
/// assert_eq!(tidy.run("plain".to_owned()).await.unwrap(), "plain");
/// # }
/// ```
#[derive(Clone)]
#[must_use = "blocks do nothing unless they are run"]
pub struct Switch<I, E> {
    name: &'static str,
    key: CaseKeyFn<I>,
    cases: Vec<(&'static str, CaseWork<I, E>)>,
}

/// Returns the key of an input.
type CaseKeyFn<I> = Arc<dyn Fn(&I) -> Cow<'static, str> + Send + Sync>;

/// The work of a case; shared, so that the block can be cloned.
type CaseWork<I, E> = Arc<dyn DynBlock<I, I, E>>;

impl<I: Send, E> Switch<I, E> {
    /// Makes a switch without cases; `key` returns the key of an input.
    pub fn new<K>(name: &'static str, key: impl Fn(&I) -> K + Send + Sync + 'static) -> Self
    where
        K: Into<Cow<'static, str>>,
    {
        Self { name, key: Arc::new(move |input: &I| key(input).into()), cases: Vec::new() }
    }

    /// Adds the work for a key. Of several cases with the same key, the first one runs.
    pub fn case(mut self, key: &'static str, work: impl Block<I, Output = I, Error = E> + 'static) -> Self {
        self.cases.push((key, Arc::new(work)));
        self
    }
}

impl<I, E> Block<I> for Switch<I, E>
where
    I: Send,
    E: Send,
{
    type Output = I;
    type Error = E;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, input: I) -> Result<I, BlockError<E>> {
        let call = start_branch(self.name, "switch", SpanName::Fixed("primitive.switch.branch"));
        let key = (self.key)(&input);
        match self.cases.iter().find(|(case, _)| *case == key) {
            Some((case, work)) => run_branch(call, case, work.run(input)).await,
            None => run_branch(call, "none", std::future::ready(Ok(input))).await,
        }
    }
}

impl<I, E> std::fmt::Debug for Switch<I, E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cases: Vec<_> = self.cases.iter().map(|(case, _)| case).collect();
        formatter.debug_struct("Switch").field("name", &self.name).field("cases", &cases).finish_non_exhaustive()
    }
}
