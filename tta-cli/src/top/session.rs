//! A session at a terminal, from the first frame to the last key.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::crossterm::event::{self, Event};

use super::drawing;
use super::reader::Reader;
use super::terminal::Screen;
use super::view::{Next, Tab, View};
use crate::live::LiveProgram;

/// The longest time until an answer or a signal is seen.
const TICK: Duration = Duration::from_millis(50);

/// Shows a program on the terminal until the user quits, or until `stop_requested` is true.
///
/// # Errors
///
/// Returns an error if there is no terminal, or it is gone.
pub fn show(program: LiveProgram, tab: Tab, filter: String, stop_requested: &Arc<AtomicBool>) -> io::Result<()> {
    let mut view = View::new(program.address(), tab, filter);
    let reader = Reader::start(program)?;
    let mut screen = Screen::take()?;
    let mut asked = view.question();
    reader.ask(asked.clone());
    let mut has_changed = true;
    while !stop_requested.load(Ordering::Relaxed) {
        if has_changed {
            screen.terminal.draw(|frame| drawing::draw(&mut view, frame))?;
            has_changed = false;
        }
        if event::poll(TICK)? {
            has_changed = true;
            if let Event::Key(key) = event::read()?
                && view.press(key) == Next::Quit
            {
                break;
            }
        }
        while let Some(answer) = reader.answer().map_err(|_| io::Error::other("the reading of answers failed"))? {
            view.take(answer);
            has_changed = true;
        }
        let question = view.question();
        if question != asked {
            asked = question;
            reader.ask(asked.clone());
        }
    }
    Ok(())
}
