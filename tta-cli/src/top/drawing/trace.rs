//! A trace as a waterfall, and the span that is selected.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::number::{count, duration, money};
use super::super::screen_text::within;
use super::super::view::OpenTrace;
use super::columns;
use super::list::{cost, outcome};
use super::style::{QUIET, SELECTED, STRONG, outcome_style};
use crate::live::TracedSpan;

/// From this width on, a bar shows when each span ran.
const WIDTH_WITH_BAR: u16 = 70;

/// The deepest indentation, in levels.
const DEEPEST: usize = 12;

/// Draws the trace.
pub(super) fn draw(open: &OpenTrace, selected: usize, frame: &mut Frame<'_>, area: Rect) {
    let [above, rows, detail] =
        Layout::vertical([Constraint::Length(2), Constraint::Min(0), Constraint::Length(2)]).areas(area);
    let [summary, titles] = Layout::vertical([Constraint::Length(1); 2]).areas(above);
    frame.render_widget(summary_line(open, usize::from(summary.width)), summary);
    let widths = Widths::of(rows.width);
    frame.render_widget(title_line(&widths), titles);
    let height = usize::from(rows.height);
    let first = columns::offset(selected, open.spans.len(), height);
    for ((place, (depth, span)), row) in open.spans.iter().enumerate().skip(first).zip(rows.rows()) {
        let style = if place == selected { SELECTED } else { Style::new() };
        frame.render_widget(span_line(span, *depth, open.trace.duration_ns, &widths).style(style), row);
    }
    if let Some((_, span)) = open.spans.get(selected) {
        for (line, row) in detail_lines(span, selected, open.spans.len()).into_iter().zip(detail.rows()) {
            frame.render_widget(Line::styled(within(&line, usize::from(row.width)), QUIET), row);
        }
    }
}

fn summary_line(open: &OpenTrace, columns: usize) -> Line<'static> {
    let costs: Vec<_> = open.spans.iter().filter_map(|(_, span)| span.cost()).collect();
    let cost = if costs.is_empty() { "–".to_owned() } else { money(costs.into_iter().fold(0, u64::saturating_add)) };
    let failed = open.spans.iter().filter(|(_, span)| span.is_failed()).count();
    let spans = format!("{} spans", count(open.spans.len() as u64));
    let mut words = vec![open.trace.id.clone(), duration(open.trace.duration_ns), spans, cost];
    if failed > 0 {
        words.push(format!("{} failed", count(failed as u64)));
    }
    if !open.trace.complete {
        words.push("running".to_owned());
    }
    if open.trace.lost_spans > 0 {
        words.push(format!("{} spans lost", count(open.trace.lost_spans)));
    }
    Line::styled(within(&words.join("  "), columns), STRONG)
}

/// The widths of the columns; 0 for those that do not fit.
struct Widths {
    name: usize,
    bar: usize,
    outcome: usize,
    duration: usize,
    tokens: usize,
    cost: usize,
}

impl Widths {
    fn of(columns: u16) -> Self {
        let if_from = |from: u16, width: usize| if columns >= from { width } else { 0 };
        let (outcome, duration) = (if_from(36, 10), if_from(24, 11));
        let (tokens, cost) = (if_from(60, 13), if_from(48, 12));
        let left = usize::from(columns).saturating_sub(outcome + duration + tokens + cost);
        let bar = if columns >= WIDTH_WITH_BAR { left * 2 / 5 } else { 0 };
        Self { name: left - bar, bar, outcome, duration, tokens, cost }
    }
}

fn title_line(widths: &Widths) -> Line<'static> {
    let Widths { name, bar, outcome, duration, tokens, cost } = widths;
    let title = |text: &str, width: usize| within(text, width.saturating_sub(1));
    let text = format!(
        "{:<name$}{:<bar$}{:<outcome$}{:>duration$}{:>tokens$}{:>cost$}",
        title("span", *name),
        title("time", *bar),
        title("outcome", *outcome),
        title("duration", *duration),
        title("in + out", *tokens),
        title("cost", *cost),
    );
    Line::styled(text, QUIET)
}

fn span_line(span: &TracedSpan, depth: usize, whole_ns: u64, widths: &Widths) -> Line<'static> {
    let indented = format!("{}{}", "  ".repeat(depth.min(DEEPEST)), span.label());
    let (word, colour) = outcome(span.outcome.as_deref());
    let tokens = match (span.input_tokens, span.output_tokens) {
        (0, 0) => String::new(),
        (input, output) => format!("{} + {}", count(input), count(output)),
    };
    let own_cost = span.cost_nano_usd.as_deref().map_or_else(String::new, |nanos| cost(Some(nanos)));
    Line::from(vec![
        padded(&indented, widths.name),
        Span::styled(bar(span, whole_ns, widths.bar), outcome_style(span.outcome.as_deref())),
        Span::styled(padded(&word, widths.outcome).content, colour),
        Span::raw(right(&duration(span.duration_ns), widths.duration)),
        Span::raw(right(&tokens, widths.tokens)),
        Span::raw(right(&own_cost, widths.cost)),
    ])
}

/// Returns a text at the left of a column, with a space behind it.
fn padded(text: &str, width: usize) -> Span<'static> {
    let short = within(text, width.saturating_sub(1));
    let space = width.saturating_sub(Span::raw(&short).width());
    Span::raw(short + &" ".repeat(space))
}

/// Returns a text at the right of a column.
fn right(text: &str, width: usize) -> String {
    let short = within(text, width.saturating_sub(1));
    " ".repeat(width.saturating_sub(Span::raw(&short).width())) + &short
}

/// Returns a bar over the time of a span; at least one cell, so that the shortest span has its place.
fn bar(span: &TracedSpan, whole_ns: u64, width: usize) -> String {
    let Some(cells) = width.checked_sub(1).filter(|cells| *cells > 0) else { return " ".repeat(width) };
    let place = |ns: u64| if whole_ns == 0 { 0.0 } else { ns as f64 / whole_ns as f64 * cells as f64 };
    let start = (place(span.start_ns) as usize).min(cells - 1);
    let end = (place(span.start_ns.saturating_add(span.duration_ns)).ceil() as usize).clamp(start + 1, cells);
    format!("{}{}{}", " ".repeat(start), "█".repeat(end - start), " ".repeat(width - end))
}

fn detail_lines(span: &TracedSpan, selected: usize, spans: usize) -> [String; 2] {
    let place = format!("{} of {}", selected + 1, count(spans as u64));
    let error = span.error_type.as_ref().map(|error| format!("error {error}"));
    let first: Vec<_> = [place, span.label().to_owned()].into_iter().chain(error).collect();
    let mut second = Vec::new();
    for (name, value) in [("type", &span.primitive_type), ("model", &span.model), ("cost", &span.cost_basis)] {
        second.extend(value.as_ref().map(|value| format!("{name} {value}")));
    }
    if span.cached_input_tokens > 0 {
        second.push(format!("{} of the input from the cache", count(span.cached_input_tokens)));
    }
    second.extend(span.cache_hit.map(|hit| if hit { "cache hit" } else { "cache miss" }.to_owned()));
    second.extend(span.retry_attempt.map(|attempt| format!("attempt {attempt}")));
    [first.join("  "), second.join("  ")]
}
