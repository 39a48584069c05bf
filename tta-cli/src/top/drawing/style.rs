//! The colours of the view. Each is beside a word that says the same.

use ratatui::style::{Color, Modifier, Style};

pub(super) const QUIET: Style = Style::new().fg(Color::DarkGray);
pub(super) const STRONG: Style = Style::new().add_modifier(Modifier::BOLD);
pub(super) const SELECTED: Style = Style::new().add_modifier(Modifier::REVERSED);
pub(super) const ALARM: Style = Style::new().fg(Color::Red);

/// Returns the colour of an outcome.
pub(super) fn outcome_style(outcome: Option<&str>) -> Style {
    match outcome {
        Some("success") => Style::new().fg(Color::Green),
        Some("failure" | "panicked") => ALARM,
        Some("timeout") => Style::new().fg(Color::Magenta),
        Some("cancelled") => Style::new().fg(Color::Yellow),
        _ => QUIET,
    }
}
