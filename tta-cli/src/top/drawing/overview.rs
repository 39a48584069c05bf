//! The overview: figures, the last hour as sparklines, and what moved most.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Sparkline;

use super::super::number::{count, money, percent, rate, seconds};
use super::super::question::{Mover, Overview, Series, whole};
use super::super::screen_text::within;
use super::columns::{self, Column};
use super::style::{ALARM, QUIET, STRONG, outcome_style};

const PRIMITIVE: Column<Mover> = Column::text("what moved most", 0, 0, |mover| (mover.primitive.clone(), STRONG));

const COLUMNS: [Column<Mover>; 3] = [
    Column::text("measure", 17, 44, |mover| (mover.measure.replace('_', " "), Style::new())),
    Column::number("before", 12, 58, |mover| (measured(mover, mover.before), QUIET)),
    Column::number("now", 12, 24, |mover| (measured(mover, mover.now), Style::new())),
];

/// The height of a sparkline with its title.
const CHART_ROWS: u16 = 3;

/// Draws the overview.
pub(super) fn draw(overview: &Overview, series: &Series, frame: &mut Frame<'_>, area: Rect) {
    let figures = figures(overview);
    let lines = figures.len() as u16;
    // Sparklines are left out where the figures and some rows take the space.
    let charts = if area.height >= lines + CHART_ROWS + 5 { CHART_ROWS } else { 0 };
    let [above, middle, below] =
        Layout::vertical([Constraint::Length(lines), Constraint::Length(charts), Constraint::Min(0)]).areas(area);
    for (line, row) in figures.into_iter().zip(above.rows()) {
        frame.render_widget(line, row);
    }
    let [calls, slow, cost] = Layout::horizontal([Constraint::Fill(1); 3]).spacing(2).areas(middle);
    sparkline("calls/s", &all_calls(series), rate, frame, calls);
    sparkline("p95", series.values("p95_seconds"), seconds, frame, slow);
    sparkline("cost/h", series.values("cost_per_hour"), dollars, frame, cost);
    if overview.movers.is_empty() {
        frame.render_widget(Line::styled("Nothing moved by more than a tenth in the last 5 minutes.", QUIET), below);
    } else {
        columns::draw(&PRIMITIVE, &COLUMNS, &overview.movers, None, frame, below);
    }
}

fn figures(overview: &Overview) -> Vec<Line<'static>> {
    let calls = &overview.calls_per_second;
    let by_outcome = [
        ("success", calls.success),
        ("failure", calls.failure),
        ("timeout", calls.timeout),
        ("cancelled", calls.cancelled),
        ("panicked", calls.panicked),
    ];
    let mut outcomes = vec![named("calls")];
    for (outcome, per_second) in by_outcome.into_iter().filter(|(name, value)| *value > 0.0 || *name == "success") {
        outcomes.push(Span::styled(format!("{} {outcome}  ", rate(per_second)), outcome_style(Some(outcome))));
    }
    let errors = if overview.error_ratio > 0.0 { ALARM } else { Style::new() };
    let Overview { seconds: durations, .. } = overview;
    let unknown = match overview.unknown_cost_calls {
        0 => String::new(),
        calls => format!("  {} calls of unknown cost", count(calls)),
    };
    vec![
        Line::from(outcomes),
        Line::from(vec![
            named("errors"),
            Span::styled(percent(overview.error_ratio), errors),
            Span::raw(format!("  active workflows {}", count(overview.active_workflows))),
        ]),
        Line::from(vec![
            named("duration"),
            Span::raw(format!(
                "p50 {}  p95 {}  p99 {}",
                seconds(durations.p50),
                seconds(durations.p95),
                seconds(durations.p99)
            )),
        ]),
        Line::from(vec![
            named("cost"),
            Span::styled(money(whole(&overview.cost_nano_usd)), STRONG),
            Span::raw(format!("  {}/h{unknown}", money(whole(&overview.cost_nano_usd_per_hour)))),
        ]),
        Line::from(vec![
            named("tokens"),
            Span::raw(format!("{}  {}", count(whole(&overview.tokens)), rate(overview.tokens_per_second))),
        ]),
    ]
}

fn named(name: &str) -> Span<'static> {
    Span::styled(format!("{name:<10}"), QUIET)
}

/// Returns the calls of all outcomes, by sample.
fn all_calls(series: &Series) -> Vec<Option<f64>> {
    let outcomes = ["success", "failure", "timeout", "cancelled", "panicked"];
    let all = outcomes.map(|outcome| series.values(&format!("calls_{outcome}")));
    let sum = |place: usize| all.iter().filter_map(|values| values.get(place).copied().flatten()).reduce(|a, b| a + b);
    (0..all[0].len()).map(sum).collect()
}

/// Draws the samples of the last hour, each column the largest of its samples, under a title with the largest of all.
fn sparkline(title: &str, values: &[Option<f64>], write: fn(f64) -> String, frame: &mut Frame<'_>, area: Rect) {
    let [above, below] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let columns = usize::from(below.width).max(1);
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    let title = format!("{title}, at most {}", write(most));
    frame.render_widget(Line::styled(within(&title, usize::from(above.width)), QUIET), above);
    let samples = values.chunks(values.len().div_ceil(columns).max(1));
    let heights = samples.map(|samples| samples.iter().flatten().copied().reduce(f64::max));
    let heights: Vec<_> = heights.map(|value| value.map(|value| height(value, most))).collect();
    frame.render_widget(Sparkline::default().data(heights).max(HEIGHTS).style(Style::new().fg(Color::Cyan)), below);
}

/// The steps of a column.
const HEIGHTS: u64 = 1_000;

fn height(value: f64, most: f64) -> u64 {
    if most > 0.0 { (value / most * HEIGHTS as f64) as u64 } else { 0 }
}

fn measured(mover: &Mover, value: f64) -> String {
    match mover.measure.as_str() {
        "calls_per_second" => rate(value),
        "p95_seconds" => seconds(value),
        "error_ratio" => percent(value),
        "cost_usd_per_hour" => format!("{}/h", dollars(value)),
        _ => value.to_string(),
    }
}

fn dollars(usd: f64) -> String {
    money((usd * 1e9).round() as u64)
}
