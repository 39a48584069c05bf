//! Draws the terminal view: a line with the program's state, the tabs, the body, and a line for keys.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::number::duration;
use super::question::{Trouble, whole};
use super::screen_text::{screen_text, within};
use super::view::{Tab, View};

mod columns;
mod help;
mod list;
mod overview;
mod style;
mod trace;

use style::{ALARM, QUIET, SELECTED, STRONG};

/// Draws the view over the whole frame.
pub(super) fn draw(view: &mut View, frame: &mut Frame<'_>) {
    let [state, tabs, body, keys] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)])
            .areas(frame.area());
    frame.render_widget(state_line(view, usize::from(state.width)), state);
    frame.render_widget(tab_line(view, usize::from(tabs.width)), tabs);
    let body = draw_trouble(view, frame, body);
    // A list has a line of titles above its rows.
    view.page = usize::from(body.height.saturating_sub(1));
    match (&view.opened, view.tab) {
        _ if view.shows_help => help::draw(frame, body),
        (Some((_, Some(trace))), _) => trace::draw(trace, view.selected_span, frame, body),
        (None, Tab::Overview) if view.overview.is_some() => {
            view.overview.iter().for_each(|(overview, series)| overview::draw(overview, series, frame, body));
        }
        (None, tab) if tab != Tab::Overview && view.list.is_some() => {
            view.list.iter().for_each(|traces| list::draw(view, traces, frame, body));
        }
        _ if view.trouble.is_none() => frame.render_widget(Line::styled("Asking the program…", QUIET), body),
        _ => {}
    }
    frame.render_widget(key_line(view, usize::from(keys.width)), keys);
}

fn state_line(view: &View, columns: usize) -> Line<'_> {
    let overview = view.overview.as_ref().map(|(overview, _)| overview);
    let name = overview.map_or("tta top", |overview| overview.service_name.as_str());
    let state = match view {
        View { trouble: Some(trouble), .. } => Span::styled(label(trouble), ALARM.add_modifier(Modifier::REVERSED)),
        View { is_paused: true, .. } => Span::styled(" paused ", SELECTED),
        View { has_restarted: true, .. } => Span::styled(" restarted ", SELECTED),
        _ => Span::raw(""),
    };
    let up = overview.map_or_else(String::new, |overview| {
        let uptime = view.now_unix_ns.saturating_sub(whole(&overview.started_unix_ns));
        format!("up {}  ", duration(uptime))
    });
    let left = columns.saturating_sub(state.width() + up.len() + 2);
    let name = within(name, left.min(40));
    let address = within(&view.address, left.saturating_sub(Span::raw(&name).width()));
    Line::from(vec![
        Span::styled(name, STRONG),
        Span::raw("  "),
        Span::raw(up),
        state,
        Span::styled(if address.chars().count() > 8 { format!(" {address}") } else { String::new() }, QUIET),
    ])
}

fn label(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::NoAnswer(_) => " no answer ",
        Trouble::Refused(_) => " refused ",
    }
}

fn tab_line(view: &View, columns: usize) -> Line<'static> {
    let mut spans = Vec::new();
    // Where the names do not fit, the keys alone stand for those that are closed.
    let is_narrow = columns < 56;
    for (place, tab) in Tab::ALL.into_iter().enumerate() {
        let is_open = tab == view.tab;
        let title = if is_narrow && !is_open { String::new() } else { format!(" {}", tab.title()) };
        spans.push(Span::styled(format!(" {}{title} ", place + 1), if is_open { SELECTED } else { QUIET }));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    if !view.filter.is_empty() && view.tab != Tab::Overview {
        let filter = format!("  / {}", screen_text(&view.filter));
        spans.push(Span::raw(within(&filter, columns.saturating_sub(used))));
    }
    Line::from(spans)
}

/// Draws the reason why there is no answer, and returns the space below it.
fn draw_trouble(view: &View, frame: &mut Frame<'_>, body: Rect) -> Rect {
    let Some(trouble) = &view.trouble else { return body };
    let text = match trouble {
        Trouble::NoAnswer(text) => format!("{text}. Asking again each second."),
        Trouble::Refused(text) => text.clone(),
    };
    let rows = Line::raw(text.as_str()).width().div_ceil(usize::from(body.width).max(1)) + 1;
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(body.height / 2 + 1);
    let [above, below] = Layout::vertical([Constraint::Length(rows), Constraint::Min(0)]).areas(body);
    frame.render_widget(Paragraph::new(text).style(ALARM).wrap(Wrap { trim: true }), above);
    below
}

fn key_line(view: &View, columns: usize) -> Line<'static> {
    if let Some(typed) = &view.typed {
        // The end is what is being typed.
        let shown: Vec<_> = screen_text(typed).chars().collect();
        let first = shown.len().saturating_sub(columns.saturating_sub(4));
        return Line::from(format!("/ {}▏", shown[first..].iter().collect::<String>()));
    }
    let keys = match (&view.opened, view.tab) {
        _ if view.shows_help => "any key: back",
        (Some(_), _) => "Esc back  j/k span  p pause  ? help  q quit",
        (None, Tab::Overview) => "1-5 views  p pause  ? help  q quit",
        (None, _) => "Enter open  j/k row  / filter  1-5 views  p pause  ? help  q quit",
    };
    Line::styled(within(keys, columns), QUIET)
}
