//! One frame as plain text, for pipes.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::drawing;
use super::view::{Tab, View};
use crate::live::LiveProgram;

/// Returns one frame of a view as lines of text, without colours and without spaces at the ends of lines.
///
/// # Errors
///
/// Returns the reason if the program does not answer, or what it says if it refuses the question.
pub fn plain_frame(program: &LiveProgram, tab: Tab, filter: String, columns: u16, rows: u16) -> Result<String, String> {
    let mut view = View::new(program.address(), tab, filter);
    if let Some(question) = view.question() {
        view.take(question.ask(program));
    }
    match view.trouble.take() {
        Some(trouble) => Err(trouble.into_text()),
        None => Ok(drawn(&mut view, columns, rows)),
    }
}

/// Draws a view into memory.
pub(super) fn drawn(view: &mut View, columns: u16, rows: u16) -> String {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(columns, rows));
    let Ok(frame) = terminal.draw(|frame| drawing::draw(view, frame));
    text(frame.buffer)
}

fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in buffer.content.chunks(usize::from(buffer.area.width).max(1)) {
        let mut line = String::new();
        let mut hidden = 0;
        for cell in row {
            // A wide character covers the cell behind it.
            if hidden == 0 {
                line.push_str(cell.symbol());
                hidden = unicode_width::UnicodeWidthStr::width(cell.symbol()).max(1);
            }
            hidden -= 1;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
