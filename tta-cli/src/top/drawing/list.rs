//! A list of traces.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;

use super::super::number::{bytes, count, duration, money};
use super::super::question::{Row, Traces, whole};
use super::super::screen_text::within;
use super::super::view::View;
use super::columns::{self, Column};
use super::style::{ALARM, QUIET, STRONG, outcome_style};

const TRACE: Column<Row> = Column::text("trace", 0, 0, |row| (row.root.clone(), STRONG));

const COLUMNS: [Column<Row>; 8] = [
    Column::text("outcome", 9, 36, |row| outcome(row.outcome.as_deref())),
    Column::number("duration", 11, 24, |row| (duration(row.duration_ns), Style::new())),
    Column::number("cost", 11, 50, |row| (cost(row.cost_nano_usd.as_deref()), Style::new())),
    Column::number("tokens", 7, 62, |row| (count(whole(&row.tokens)), Style::new())),
    Column::number("spans", 6, 70, |row| (count(row.spans), Style::new())),
    Column::number("failed", 6, 78, |row| (count(row.failed_spans), if row.failed_spans == 0 { QUIET } else { ALARM })),
    Column::number("started ago", 12, 100, |row| (age(row.age_ns), QUIET)),
    Column::text("error", 24, 126, |row| (row.error_type.clone().unwrap_or_default(), ALARM)),
];

/// Draws the list, and below it how many traces the program keeps.
pub(super) fn draw(view: &View, traces: &Traces, frame: &mut Frame<'_>, area: Rect) {
    let [rows, note] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(area);
    let selected = (!traces.rows.is_empty()).then_some(view.selected_row);
    columns::draw(&TRACE, &COLUMNS, &traces.rows, selected, frame, rows);
    let text = if traces.rows.is_empty() {
        if view.filter.is_empty() { "No trace has ended yet.".to_owned() } else { "No trace matches.".to_owned() }
    } else {
        let place = format!("{} of {}", view.selected_row + 1, count(traces.rows.len() as u64 + traces.left_out));
        let kept =
            format!("{} kept in {} of {}", count(traces.held), bytes(traces.held_bytes), bytes(traces.limit_bytes));
        format!("{place}  {kept}")
    };
    frame.render_widget(Line::styled(within(&text, usize::from(note.width)), QUIET), note);
}

/// Writes an outcome in its colour; `–` while it is not known.
pub(super) fn outcome(outcome: Option<&str>) -> (String, Style) {
    (outcome.unwrap_or("–").to_owned(), outcome_style(outcome))
}

/// Writes an amount of the API; `–` if it is not known.
pub(super) fn cost(nanos: Option<&str>) -> String {
    nanos.map_or_else(|| "–".to_owned(), |nanos| money(whole(nanos)))
}

/// Writes an age in whole seconds.
fn age(nanoseconds: u64) -> String {
    match nanoseconds / 1_000_000_000 {
        seconds @ ..60 => format!("{seconds} s"),
        seconds => duration(seconds * 1_000_000_000),
    }
}
