//! Lists in columns, of which as many are drawn as fit.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Row, Table};

use super::super::screen_text::within;
use super::style::{QUIET, SELECTED};

/// The space between two columns.
const GAP: u16 = 1;

/// A column of a list.
pub(super) struct Column<T> {
    title: &'static str,
    /// In cells of the terminal.
    width: u16,
    alignment: Alignment,
    /// From this width of the list on, the column is drawn.
    from: u16,
    cell: fn(&T) -> (String, Style),
}

impl<T> Column<T> {
    /// Returns a column of texts.
    pub(super) const fn text(title: &'static str, width: u16, from: u16, cell: fn(&T) -> (String, Style)) -> Self {
        Self { title, width, alignment: Alignment::Left, from, cell }
    }

    /// Returns a column of numbers, which end at its right side.
    pub(super) const fn number(title: &'static str, width: u16, from: u16, cell: fn(&T) -> (String, Style)) -> Self {
        Self { title, width, alignment: Alignment::Right, from, cell }
    }
}

/// Draws a list whose first column takes the space that the others leave. As many rows are drawn as fit, the selected one among them.
pub(super) fn draw<T>(
    first: &Column<T>,
    columns: &[Column<T>],
    rows: &[T],
    selected: Option<usize>,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let drawn: Vec<_> = columns.iter().filter(|column| area.width >= column.from).collect();
    let others: u16 = drawn.iter().map(|column| column.width + GAP).sum();
    let flexible = area.width.saturating_sub(others);
    let titles = std::iter::once(first).chain(drawn.iter().copied());
    let titles = titles.map(|column| Cell::new(Line::raw(column.title).alignment(column.alignment)));
    let height = usize::from(area.height.saturating_sub(1));
    let shown = rows.iter().enumerate().skip(offset(selected.unwrap_or(0), rows.len(), height)).take(height);
    let shown = shown.map(|(place, row)| {
        let widths = std::iter::once((first, flexible)).chain(drawn.iter().map(|column| (*column, column.width)));
        let cells = widths.map(|(column, width)| {
            let (text, style) = (column.cell)(row);
            let text = within(&text, usize::from(width));
            Cell::new(Line::from(Span::styled(text, style)).alignment(column.alignment))
        });
        Row::new(cells).style(if selected == Some(place) { SELECTED } else { Style::new() })
    });
    let widths =
        std::iter::once(Constraint::Fill(1)).chain(drawn.iter().map(|column| Constraint::Length(column.width)));
    frame.render_widget(Table::new(shown, widths).column_spacing(GAP).header(Row::new(titles).style(QUIET)), area);
}

/// Returns the first row that is drawn, so that the selected one is in the middle where there are rows around it.
pub(super) fn offset(selected: usize, rows: usize, height: usize) -> usize {
    selected.saturating_sub(height / 2).min(rows.saturating_sub(height))
}
