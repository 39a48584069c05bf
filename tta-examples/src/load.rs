//! Generates an open load: workflows start at random times, whether or not earlier ones have ended.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

use indicatif::ProgressBar;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tta_runtime::WorkflowContext;

use crate::assistant::Assistant;
use crate::progress;

/// The most workflows that run at once; more are skipped, or a service that hangs would fill the memory.
const MAX_RUNNING: usize = 500;
/// The time for running workflows to end after the stop signal.
const GRACE: Duration = Duration::from_secs(3);
/// The number of simulated readers; each has a session id.
const READERS: u32 = 50;

/// The questions of a load, and its rate.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) questions: Vec<String>,
    /// Workflows to start per second.
    pub(crate) rate: f64,
    pub(crate) seed: u64,
}

/// The outcomes of the workflows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) started: u64,
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    /// Workflows that were still running at the end of the grace period.
    pub(crate) cancelled: u64,
    /// Workflows that were not started, since too many were running.
    pub(crate) skipped: u64,
}

impl Load {
    /// Starts workflows until `stop` completes, then waits up to 3 s for running ones to end.
    pub(crate) async fn run(self, assistant: Arc<Assistant>, stop: impl Future<Output = ()>) -> Tally {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut tally = Tally::default();
        let mut running = JoinSet::new();
        let mut next = Instant::now();
        let bar = progress::spinner();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(ended) = running.join_next() => tally.count(ended),
                () = tokio::time::sleep_until(next) => {
                    next += interval(self.rate, &mut random);
                    if running.len() < MAX_RUNNING {
                        tally.started += 1;
                        running.spawn(self.workflow(Arc::clone(&assistant), &mut random));
                    } else {
                        tally.skipped += 1;
                    }
                }
            }
            show(&bar, tally, running.len());
        }
        bar.set_message("stopping…");
        let drained = async {
            while let Some(ended) = running.join_next().await {
                tally.count(ended);
            }
        };
        // Workflows left after the grace period are cancelled below, and counted as such.
        let _ = tokio::time::timeout(GRACE, drained).await;
        running.abort_all();
        while let Some(ended) = running.join_next().await {
            tally.count(ended);
        }
        bar.finish_and_clear();
        tally
    }

    fn workflow(
        &self,
        assistant: Arc<Assistant>,
        random: &mut fastrand::Rng,
    ) -> impl Future<Output = bool> + Send + 'static {
        let question = random.choice(&self.questions).cloned().unwrap_or_default();
        let session = format!("reader-{}", random.u32(..READERS));
        async move {
            let context = WorkflowContext::new().with_session_id(session);
            context.scope(assistant.answer_question(&question)).await.is_ok()
        }
    }
}

impl Tally {
    fn count(&mut self, ended: Result<bool, JoinError>) {
        match ended {
            Ok(true) => self.answered += 1,
            Err(error) if error.is_cancelled() => self.cancelled += 1,
            Ok(false) | Err(_) => self.failed += 1,
        }
    }
}

impl Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, answered, failed, cancelled, skipped } = self;
        write!(
            formatter,
            "{started} workflows started: {answered} answered, {failed} failed, {cancelled} cancelled; {skipped} skipped"
        )
    }
}

/// Draws the time until the next arrival of a Poisson process.
fn interval(rate: f64, random: &mut fastrand::Rng) -> Duration {
    Duration::from_secs_f64(-(1.0 - random.f64()).ln() / rate)
}

fn show(bar: &ProgressBar, tally: Tally, running: usize) {
    bar.set_message(format!("{tally}; {running} running"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_keep_the_rate() {
        let mut random = fastrand::Rng::with_seed(5);
        let whole: Duration = (0..10_000).map(|_| interval(20.0, &mut random)).sum();
        assert!((490.0..510.0).contains(&whole.as_secs_f64()), "{whole:?}");
    }
}
