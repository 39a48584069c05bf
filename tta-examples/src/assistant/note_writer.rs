//! Writes a note on a part.

use std::sync::Arc;

use tta_runtime::block::{Block as _, BlockError};
use tta_runtime::{llm, primitive};

use crate::assistant::calls::{Model, ask};
use crate::assistant::note::{Note, NoteFault, check_note};
use crate::assistant::prompts;
use crate::client::ChatError;
use crate::text::split::Part;

/// A model that writes notes.
#[derive(Clone, Debug)]
pub(crate) struct NoteWriter {
    model: Model,
    instruction: Arc<str>,
}

/// The reason why there is no note.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoteError {
    #[error("the model returned no note")]
    Chat(#[from] BlockError<ChatError>),
    #[error("the note is rejected")]
    Fault(#[from] NoteFault),
}

impl NoteWriter {
    pub(crate) fn new(model: Model, instruction: &str) -> Self {
        Self { model, instruction: instruction.into() }
    }

    /// Asks the model for a note on `part`, and checks it.
    #[primitive(type = "agent", action = "invoke", name = "note_writer", attributes("note.part" = &part.id))]
    pub(crate) async fn write(self, part: Part) -> Result<Note, NoteError> {
        let request = self.model.request(prompts::note(&self.instruction, &part));
        llm::content(|content| {
            content.input_messages(&part.text);
        });
        let text = self.model.with_retries(ask).run(request).await?;
        llm::content(|content| {
            content.output_messages(&text);
        });
        let note = Note { part_id: part.id.clone(), heading: part.heading.clone(), text };
        Ok(check_note(&part, note)?)
    }
}
