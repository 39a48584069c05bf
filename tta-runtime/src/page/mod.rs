//! The live page: what it remembers of the program, and the answers of its API.

mod answer;
mod cursor;
mod history;
mod model_calls;
mod number;
#[cfg_attr(not(target_os = "linux"), path = "no_own_cpu.rs")]
mod own_cpu;
mod problem;
mod query;
mod ring;
pub(crate) mod shell;
#[cfg(all(test, feature = "testing"))]
mod tests;

use std::hash::{BuildHasher, Hasher};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;
use opentelemetry::Key;
use opentelemetry_sdk::Resource;

pub(crate) use self::answer::Answer;
use self::answer::{Recorded, Source};
use self::history::History;
use self::model_calls::ModelCalls;
use self::number::unix_ns;
pub(crate) use self::problem::Problem;
use self::ring::Ring;
use crate::panics::caught;
use crate::recorder::{Recorder, StateChanges};
use crate::span::OnSpan;

/// The memory of the page, and its thread, which takes samples.
pub(crate) struct Page {
    memory: Arc<Memory>,
    /// Closes when the page is dropped, which ends the thread; `None` before it starts.
    stop: Mutex<Option<Sender<()>>>,
}

struct Memory {
    source: Source,
    ring: Ring,
    model_calls: ModelCalls,
    history: Mutex<History>,
    hasher: RandomState,
}

/// The bytes of the traces that are kept, unless the program configures them.
pub(crate) const TRACE_BYTES: usize = 4 << 20;

/// With less, hardly a trace would fit.
const LEAST_TRACE_BYTES: usize = 64 << 10;

/// Linux limits the name of a thread to 15 characters.
const THREAD_NAME: &str = "tta-page";

impl Page {
    /// Creates the page of a recorder, which keeps traces in at most this many bytes.
    pub(crate) fn new(recorder: &'static Recorder, resource: &Resource, trace_bytes: usize) -> Self {
        let attribute = |key| resource.get(&Key::from_static_str(key)).map(|value| value.as_str().into_owned());
        let now = recorder.clock.now();
        let memory = Arc::new(Memory {
            source: Source {
                recorder,
                instance: format!("{:016x}", fastrand::u64(..)),
                service_name: attribute("service.name").unwrap_or_default(),
                service_instance_id: attribute("service.instance.id"),
                resource: resource.clone(),
                started: unix_ns(recorder.clock.anchor().wall(now)),
                started_at: now,
            },
            ring: Ring::new(trace_bytes.max(LEAST_TRACE_BYTES)),
            model_calls: ModelCalls::default(),
            history: Mutex::default(),
            hasher: RandomState::default(),
        });
        Self { memory, stop: Mutex::new(None) }
    }

    /// Starts to sample the recorder, whose settings are fixed from now on.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if it refuses the thread.
    pub(crate) fn begin(&self) -> std::io::Result<()> {
        let memory = Arc::clone(&self.memory);
        let recorder = memory.source.recorder;
        recorder.keep_usages(true);
        recorder.state_changes.set(Some(StateChanges::new()));
        let (stop, stopped) = mpsc::channel::<()>();
        std::thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            loop {
                // A level that the program computes is its code.
                let _ = caught(|| memory.history().sample(recorder));
                let wait = memory.history().wait(recorder);
                if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        Ok(())
    }

    /// Returns what keeps each span that ended.
    pub(crate) fn on_span(&self) -> OnSpan {
        let memory = Arc::clone(&self.memory);
        Arc::new(move |span, anchor| {
            memory.ring.add(span, anchor);
            memory.model_calls.add(span);
        })
    }

    /// Answers a request for a path below `/api/v1/`. Runs on a thread that may wait: a snapshot takes a while.
    pub(crate) fn answer(&self, path: &str, query: &str) -> Result<Answer, Problem> {
        let Memory { source, ring, model_calls, .. } = &*self.memory;
        let mut history = self.memory.history();
        history.take_changes(source.recorder);
        Recorded { source, ring, model_calls, history: &history }.answer(path, query)
    }

    /// Has answers wait as long as this lives.
    #[cfg(test)]
    pub(crate) fn hold(&self) -> impl Drop + '_ {
        self.memory.history()
    }

    /// Puts the data of an answer into its envelope.
    pub(crate) fn envelope(&self, data: &[u8]) -> Vec<u8> {
        let Source { instance, recorder, .. } = &self.memory.source;
        let now = unix_ns(recorder.clock.anchor().wall(recorder.clock.now())).0;
        let start = format!(r#"{{"instance":"{instance}","now_unix_ns":"{now}","data":"#);
        [start.as_bytes(), data, b"}"].concat()
    }

    /// Returns the `ETag` of an answer with this data.
    pub(crate) fn etag(&self, data: &[u8]) -> String {
        let mut hasher = self.memory.hasher.build_hasher();
        hasher.write(self.memory.source.instance.as_bytes());
        hasher.write(data);
        format!("W/\"{:016x}\"", hasher.finish())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let recorder = self.memory.source.recorder;
        recorder.keep_usages(false);
        recorder.state_changes.set(None);
    }
}

impl Memory {
    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Page").field("instance", &self.memory.source.instance).finish_non_exhaustive()
    }
}
