//! The workflow: from documents and a question to an answer with its sources.

pub(crate) mod answer;
mod calls;
mod note;
mod note_writer;
mod prompts;
mod steps;

use std::borrow::Cow;
use std::time::Duration;

use tta_runtime::block::{
    Block as _, BlockError, By, Cache, Fallback, Layer, Memory, Parallel, RouteError, Router, Sequential,
};
use tta_runtime::{LabelValue, primitive};

use crate::assistant::answer::{Answer, AnswerFault, check_answer};
use crate::assistant::calls::{Model, Request, in_pieces};
use crate::assistant::note::Note;
use crate::assistant::note_writer::{NoteError, NoteWriter};
use crate::assistant::steps::{NothingFound, search_parts, split_texts};
use crate::client::{ChatClient, ChatError};
use crate::corpus::Document;
use crate::text::difficulty::{Difficulty, difficulty};
use crate::text::retrieval::Hit;
use crate::text::split::{self, Part};

/// Notes that are written at once for one question.
const NOTES_AT_ONCE: usize = 4;
const KEPT_NOTES: u64 = 1_000;

/// Who is asked for what; the names live as long as the program, as the labels of metrics do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Models {
    /// For notes on easy parts.
    pub(crate) cheap: &'static str,
    /// For notes on hard parts, and for answers.
    pub(crate) dear: &'static str,
}

/// Answers questions about one set of documents, and keeps the notes that it takes for the next question.
#[derive(Debug)]
pub(crate) struct Assistant {
    documents: Vec<Document>,
    cheap: Model,
    dear: Model,
    notes: KeptNotes,
}

/// The notes on the relevant parts.
struct Notes {
    notes: Vec<Note>,
    /// Parts of which no note could be had.
    missing: usize,
}

type KeyOfPart = fn(&Part) -> String;
type KeptNotes = <Cache<Memory, By<KeyOfPart>> as Layer<Part, NoteRouter>>::Block;
type NoteRouter = Router<Part, Note, NoteError>;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkflowError {
    #[error(transparent)]
    NothingFound(#[from] NothingFound),
    #[error("of {parts} relevant parts not one note could be had")]
    NoNotes { parts: usize, source: BlockError<NoteError> },
    #[error("no answer could be had")]
    Chat(#[from] BlockError<ChatError>),
    #[error("the answer is not fit to be shown")]
    Answer(#[from] AnswerFault),
    #[error("the steps to the answer were not taken: {0}")]
    Steps(String),
}

/// The types of failures that are told apart in metrics.
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
    /// Makes an assistant that keeps each note for `note_ttl`.
    ///
    /// # Errors
    ///
    /// The router's, if it had no such default route.
    pub(crate) fn new(
        documents: Vec<Document>,
        client: ChatClient,
        models: Models,
        note_ttl: Duration,
    ) -> Result<Self, RouteError> {
        let instruction = prompts::note_instruction(&split::parts(&documents));
        let (cheap, dear) = (Model::new(client.clone(), models.cheap), Model::new(client, models.dear));
        let writer = |model: &Model| {
            let writer = NoteWriter::new(model.clone(), &instruction);
            move |part| writer.clone().write(part)
        };
        let router: NoteRouter = Router::new("write_note", route)
            .route("fast", writer(&cheap))
            .route("quality", writer(&dear))
            .try_default_route("quality")?
            .model("openai", models.cheap)
            .model("openai", models.dear);
        let cache = Cache::memory(KEPT_NOTES).named("note_cache").key(key as KeyOfPart).ttl(note_ttl);
        Ok(Self { documents, cheap, dear, notes: cache.around(router) })
    }

    /// Answers a question from the parts of the documents that are relevant to it.
    ///
    /// A part of which no note can be had is left out, and counted in the answer.
    ///
    /// # Errors
    ///
    /// Nothing relevant, no note at all, or no fit answer.
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
        match steps.run(question).await {
            Ok(answer) => Ok(answer),
            Err(BlockError::Inner(error)) => Err(error),
            Err(error) => Err(WorkflowError::Steps(error.to_string())),
        }
    }

    async fn take_notes(&self, hits: Vec<Hit>) -> Result<Notes, WorkflowError> {
        let parts = hits.len();
        let branches = Parallel::each("notes", self.notes.by_ref()).limit(NOTES_AT_ONCE);
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

    /// Asks the dear model for the answer, and the cheap one where the dear one gives none.
    #[primitive(type = "agent", action = "invoke", name = "answer_writer", error_type = WorkflowError::error_type,
                attributes("notes.count" = notes.notes.len(), "notes.missing" = notes.missing))]
    async fn write_answer(&self, question: &str, notes: Notes) -> Result<Answer, WorkflowError> {
        let cheap = self.cheap.clone();
        let ask_cheap = move |request: Request| in_pieces(Request { model: cheap.clone(), ..request });
        let flow = self.dear.patiently(in_pieces).with(Fallback::to(self.cheap.patiently(ask_cheap).named("cheap")));
        let text = flow.run(self.dear.request(prompts::answer(question, &notes.notes))).await?;
        Ok(check_answer(text, &notes.notes, notes.missing)?)
    }
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

/// A part that says the same gets the same note, and one that was edited another.
fn key(part: &Part) -> String {
    format!("{}\n{}\n{}", part.id, part.heading, part.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus;
    use crate::server::{Behaviour, FaultShare, Server};
    use crate::session::with_causes;

    const MODELS: Models = Models { cheap: "gpt-4o-mini", dear: "gpt-4o" };

    async fn assistant(fault_percent: f64, models: Models) -> (Server, Assistant) {
        let faults = FaultShare::from_percent(fault_percent).expect("a percentage");
        let server = Server::start(Behaviour { seed: 1, faults, latency_factor: 0.0 }).await.expect("a server");
        let client = ChatClient::new(&server.base_url(), None, Duration::from_secs(60)).expect("a client");
        let assistant = Assistant::new(corpus::lighthouses(), client, models, Duration::from_secs(60));
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
    async fn a_question_about_something_else_says_so() {
        let (_server, assistant) = assistant(0.0, MODELS).await;
        let error = assistant.answer_question("Xylophone?").await.expect_err("an error");
        assert_eq!(error.to_string(), "nothing in the documents has to do with the question; they share no word");
    }

    #[tokio::test]
    async fn a_failure_is_told_with_its_causes() {
        let (_server, assistant) = assistant(0.0, Models { cheap: "gpt-9", dear: "gpt-9" }).await;
        let error = assistant.answer_question("What is a racon?").await.expect_err("an error");
        assert_eq!(
            with_causes(&error),
            "of 1 relevant parts not one note could be had: the model gave no note: status 404 Not Found: The model \
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
