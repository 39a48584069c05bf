//! The list of keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::filter::NAMES;
use super::style::STRONG;

const KEYS: [(&str, &str); 10] = [
    ("1-5, Tab", "the views"),
    ("j, k, arrows", "the next and the former row; PgUp, PgDn, g, G"),
    ("Enter", "opens the trace"),
    ("Esc", "goes back, then removes the filter"),
    ("/", "filters traces by a text, and by words such as"),
    ("", "outcome=timeout, min_cost=0.01, min_seconds=2;"),
    ("", "spaces between quotes belong to a word: workflow=\"a b\""),
    ("p", "pauses, and goes on"),
    ("?", "this list"),
    ("q, Ctrl-C", "quits"),
];

/// Draws the list of keys.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect) {
    let lines =
        KEYS.map(|(keys, meaning)| Line::from(vec![Span::styled(format!("{keys:<13}"), STRONG), Span::raw(meaning)]));
    let names = Line::raw(format!("Words of the filter: {}", NAMES.join(", ")));
    let lines: Vec<_> = lines.into_iter().chain([Line::default(), names]).collect();
    frame.render_widget(Paragraph::new(lines).wrap(ratatui::widgets::Wrap { trim: false }), area);
}
