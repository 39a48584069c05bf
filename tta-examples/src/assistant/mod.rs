//! The workflow that answers a question from documents, with sources.

pub(crate) mod answer;
mod calls;
mod note;
mod note_writer;
mod prompts;
mod steps;

use std::borrow::Cow;
use std::time::Duration;

use tta_runtime::block::cache::KeyedBy;
use tta_runtime::block::{
    Block as _, BlockError, Cache, Fallback, Layer, Memory, Parallel, RouteError, Router, Sequential, Timeout,
};
use tta_runtime::llm::{self, Budget, Estimate, Usage};
use tta_runtime::{LabelValue, primitive};

use crate::assistant::answer::{Answer, AnswerFault, check_answer};
use crate::assistant::calls::{Model, Request, ask_streaming};
use crate::assistant::note::Note;
use crate::assistant::note_writer::{NoteError, NoteWriter};
use crate::assistant::steps::{NothingFound, search_parts, split_texts};
use crate::client::{ChatClient, ChatError};
use crate::corpus::Document;
use crate::text::difficulty::{Difficulty, difficulty};
use crate::text::retrieval::Hit;
use crate::text::split::{self, Part};

/// The most notes that are written at once for a question.
const MAX_PARALLEL_NOTES: usize = 4;
const MAX_CACHED_NOTES: u64 = 1_000;

/// The names of the models; they are `'static`, since they are labels of metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Models {
    /// For notes on easy parts.
    pub(crate) cheap: &'static str,
    /// For notes on hard parts, and for answers.
    pub(crate) strong: &'static str,
}

/// Answers questions about a set of documents, and caches notes for later questions.
#[derive(Debug)]
pub(crate) struct Assistant {
    documents: Vec<Document>,
    cheap: Model,
    strong: Model,
    notes: NoteCache,
    limits: Limits,
}

/// The limits of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// The time that it may take, with all attempts.
    pub(crate) time: Duration,
    /// The US dollars that all answers may cost per hour.
    pub(crate) budget: Budget,
}

impl Limits {
    pub(crate) fn new(time: Duration, usd_per_hour: f64) -> Self {
        Self { time, budget: Budget::usd(usd_per_hour).named("answers").per(Duration::from_secs(3_600)) }
    }
}

/// The notes on the relevant parts.
struct Notes {
    notes: Vec<Note>,
    /// The number of parts without a note.
    missing: usize,
}

type KeyOfPart = fn(&Part) -> String;
type NoteCache = <Cache<Memory, KeyedBy<KeyOfPart>> as Layer<Part, NoteRouter>>::Block;
type NoteRouter = Router<Part, Note, NoteError>;

/// The reason why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkflowError {
    #[error(transparent)]
    NothingFound(#[from] NothingFound),
    #[error("none of {parts} relevant parts has a note")]
    NoNotes { parts: usize, source: BlockError<NoteError> },
    #[error("the model returned no answer")]
    Chat(#[from] BlockError<ChatError>),
    #[error("the answer is rejected")]
    Answer(#[from] AnswerFault),
    #[error("a step failed: {0}")]
    Steps(String),
}

/// The types of errors in metrics.
#[derive(Clone, Copy, Debug, LabelValue)]
enum WorkflowErrorType {
    NothingFound,
    NoNotes,
    NoAnswer,
    UnfitAnswer,
}

impl WorkflowError {
    fn error_type(&self) -> WorkflowErrorType {
        match self {
            Self::NothingFound(_) => WorkflowErrorType::NothingFound,
            Self::NoNotes { .. } => WorkflowErrorType::NoNotes,
            Self::Chat(_) | Self::Steps(_) => WorkflowErrorType::NoAnswer,
            Self::Answer(_) => WorkflowErrorType::UnfitAnswer,
        }
    }
}

impl Assistant {
    /// Creates an assistant that caches each note for `note_ttl`.
    ///
    /// # Errors
    ///
    /// Returns the router's error if it lacks the default route.
    pub(crate) fn new(
        documents: Vec<Document>,
        client: ChatClient,
        models: Models,
        note_ttl: Duration,
        limits: Limits,
    ) -> Result<Self, RouteError> {
        let instruction = prompts::note_instruction(&split::parts(&documents));
        let (cheap, strong) = (Model::new(client.clone(), models.cheap), Model::new(client, models.strong));
        let writer = |model: &Model| {
            let writer = NoteWriter::new(model.clone(), &instruction);
            move |part| writer.clone().write(part)
        };
        let router: NoteRouter = Router::new("write_note", route)
            .route("fast", writer(&cheap))
            .route("quality", writer(&strong))
            .try_default_route("quality")?
            .model("openai", models.cheap)
            .model("openai", models.strong);
        let cache = Cache::memory(MAX_CACHED_NOTES).named("note_cache").key(key as KeyOfPart).ttl(note_ttl);
        Ok(Self { documents, cheap, strong, notes: cache.around(router), limits })
    }

    /// Answers a question from the relevant parts of the documents.
    ///
    /// A part without a note is skipped, and counted in the answer.
    ///
    /// # Errors
    ///
    /// Returns an error if no part is relevant, if no part has a note, or if there is no valid answer.
    #[primitive(
        type = "workflow",
        name = "answer_question",
        slo(availability = 99.0, latency = "10s", latency_target = 95)
    )]
    pub(crate) async fn answer_question(&self, question: &str) -> Result<Answer, WorkflowError> {
        let search = async |question: &str| Ok(search_parts(&split_texts(&self.documents), question)?);
        let take_notes = async |hits| self.take_notes(hits).await;
        let write_answer = async |notes| self.write_answer(question, notes).await;
        let steps = Sequential::new("answer_steps")
            .then(search.named("search"))
            .then(take_notes.named("take_notes"))
            .then(write_answer.named("write_answer"));
        llm::content(|content| {
            content.input_messages(question);
        });
        match steps.run(question).await {
            Ok(answer) => {
                llm::content(|content| {
                    content.output_messages(&answer.text);
                });
                Ok(answer)
            }
            Err(BlockError::Inner(error)) => Err(error),
            Err(error) => Err(WorkflowError::Steps(error.to_string())),
        }
    }

    async fn take_notes(&self, hits: Vec<Hit>) -> Result<Notes, WorkflowError> {
        let parts = hits.len();
        let branches = Parallel::each("notes", self.notes.by_ref()).limit(MAX_PARALLEL_NOTES);
        let (mut notes, mut last_error) = (Vec::new(), None);
        for result in branches.run_all(hits.into_iter().map(|hit| hit.part)).await {
            match result {
                Ok(note) => notes.push(note),
                Err(error) => last_error = Some(error),
            }
        }
        match last_error {
            Some(source) if notes.is_empty() => Err(WorkflowError::NoNotes { parts, source }),
            _ => Ok(Notes { missing: parts - notes.len(), notes }),
        }
    }

    /// Asks the strong model for the answer, within the limits, and falls back to the cheap one.
    #[primitive(type = "agent", action = "invoke", name = "answer_writer", error_type = WorkflowError::error_type,
                attributes("notes.count" = notes.notes.len(), "notes.missing" = notes.missing))]
    async fn write_answer(&self, question: &str, notes: Notes) -> Result<Answer, WorkflowError> {
        let cheap = self.cheap.clone();
        let ask_cheap = move |request: Request| ask_streaming(Request { model: cheap.clone(), ..request });
        let flow = self
            .strong
            .with_retries(ask_streaming)
            .with(Fallback::to(self.cheap.with_retries(ask_cheap).named("cheap")))
            .with(Timeout::after(self.limits.time).named("answer_limit"))
            .with(self.limits.budget.reserving(|request: &Request| most_cost(request)));
        llm::content(|content| {
            content.input_messages(question);
        });
        let text = flow.run(self.strong.request(prompts::answer(question, &notes.notes))).await?;
        llm::content(|content| {
            content.output_messages(&text);
        });
        Ok(check_answer(text, &notes.notes, notes.missing)?)
    }
}

/// The most tokens of an answer that is not out of hand.
const MOST_ANSWER_TOKENS: u64 = 1_000;

/// Returns the most that a request may cost. A model without a price reserves nothing, since its cost stays unknown.
fn most_cost(Request { model, prompt }: &Request) -> Estimate {
    let model = model.name();
    if llm::price("openai", model, &Usage::new(1, 1)).is_none() {
        return Estimate::usd(0.0);
    }
    // A token has at least one byte.
    let most_tokens = (prompt.instruction.len() + prompt.text.len()) as u64;
    Estimate::tokens("openai", model, most_tokens).max_output_tokens(MOST_ANSWER_TOKENS)
}

fn route(part: &Part) -> Difficulty {
    difficulty(&part.text)
}

impl From<Difficulty> for Cow<'static, str> {
    fn from(difficulty: Difficulty) -> Self {
        match difficulty {
            Difficulty::Easy => "fast".into(),
            Difficulty::Hard => "quality".into(),
        }
    }
}

/// Returns the cache key of a part, which includes its text, so that an edited part gets a new note.
fn key(part: &Part) -> String {
    format!("{}\n{}\n{}", part.id, part.heading, part.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus;
    use crate::server::{Behaviour, FaultShare, Server};
    use crate::session::with_causes;

    const MODELS: Models = Models { cheap: "gpt-4o-mini", strong: "gpt-4o" };

    async fn assistant(fault_percent: f64, models: Models) -> (Server, Assistant) {
        let faults = FaultShare::from_percent(fault_percent).expect("a percentage");
        let server = Server::start(Behaviour { seed: 1, faults, latency_factor: 0.0 }).await.expect("a server");
        let client = ChatClient::new(&server.base_url(), None, Duration::from_secs(60)).expect("a client");
        let assistant = Assistant::new(
            corpus::lighthouses(),
            client,
            models,
            Duration::from_secs(60),
            Limits::new(Duration::from_secs(20), 100.0),
        );
        (server, assistant.expect("an assistant"))
    }

    #[tokio::test]
    async fn an_answer_comes_from_the_part_that_has_it() {
        let (_server, assistant) = assistant(0.0, MODELS).await;
        let answer = assistant.answer_question("How does a racon answer a ship's radar?").await.expect("an answer");
        let expected = "When a pulse from a ship's radar strikes it, the racon replies on the same frequency with a \
                        Morse letter, which appears on the radar screen as a line of dashes and dots behind the true \
                        position. [1]";
        assert!(answer.text.contains(expected), "{}", answer.text);
        assert_eq!(answer.sources[0].part_id, "07-fog-and-radio.md#5");
        assert_eq!(answer.missing_notes, 0);
    }

    #[tokio::test]
    async fn the_same_question_gets_the_same_answer() {
        let question = "Who pays for lighthouses in Britain and in the United States?";
        let (_server, one) = assistant(0.0, MODELS).await;
        let (_server, other) = assistant(0.0, MODELS).await;
        let first = one.answer_question(question).await.expect("an answer");
        assert_eq!(one.answer_question(question).await.expect("an answer"), first);
        assert_eq!(other.answer_question(question).await.expect("an answer"), first);
    }

    #[tokio::test]
    async fn a_question_without_relevant_parts_is_an_error() {
        let (_server, assistant) = assistant(0.0, MODELS).await;
        let error = assistant.answer_question("Xylophone?").await.expect_err("an error");
        assert_eq!(error.to_string(), "no part of the documents shares a word with the question");
    }

    #[tokio::test]
    async fn an_error_is_printed_with_its_causes() {
        let (_server, assistant) = assistant(0.0, Models { cheap: "gpt-9", strong: "gpt-9" }).await;
        let error = assistant.answer_question("What is a racon?").await.expect_err("an error");
        assert_eq!(
            with_causes(&error),
            "none of 1 relevant parts has a note: the model returned no note: status 404 Not Found: The model \
             `gpt-9` does not exist or you do not have access to it."
        );
    }

    #[test]
    fn hard_parts_are_the_smaller_share() {
        let parts = split::parts(&corpus::lighthouses());
        let hard = parts.iter().filter(|part| route(part) == Difficulty::Hard).count();
        assert!((parts.len() / 5..parts.len() / 2).contains(&hard), "{hard} of {}", parts.len());
    }
}
