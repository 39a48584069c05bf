//! The state of the terminal view: what is shown, and what the keys change.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::filter;
use super::question::{Answer, Data, Overview, Question, Read, Series, Trace, Traces, Trouble};
use crate::live::{SpanTree, TracedSpan};

/// The views of the first level, in the order of their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Tab {
    /// Rates, durations, cost and what moved most
    Overview,
    /// The latest traces
    Latest,
    /// The traces that took longest
    Slowest,
    /// The traces that cost most
    Dearest,
    /// The latest traces with a failed span
    Failed,
}

impl Tab {
    /// All tabs: the key of each is its place.
    pub(super) const ALL: [Self; 5] = [Self::Overview, Self::Latest, Self::Slowest, Self::Dearest, Self::Failed];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Latest => "Latest",
            Self::Slowest => "Slowest",
            Self::Dearest => "Dearest",
            Self::Failed => "Failed",
        }
    }

    /// Returns the order of its list in the API.
    fn order(self) -> Option<&'static str> {
        match self {
            Self::Overview => None,
            Self::Latest => Some("latest"),
            Self::Slowest => Some("slowest"),
            Self::Dearest => Some("dearest"),
            Self::Failed => Some("failed"),
        }
    }

    fn place(self) -> usize {
        Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0)
    }

    fn beside(self, steps: usize) -> Self {
        Self::ALL.into_iter().cycle().nth(self.place() + steps).unwrap_or(self)
    }
}

/// The consequence of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    GoOn,
    Quit,
}

/// A trace as it is shown: its spans in the order of the tree.
#[derive(Debug)]
pub(super) struct OpenTrace {
    pub(super) trace: Trace,
    pub(super) spans: Vec<(usize, TracedSpan)>,
}

/// The state of the terminal view.
pub(super) struct View {
    pub(super) address: String,
    pub(super) tab: Tab,
    pub(super) filter: String,
    /// The filter while it is typed.
    pub(super) typed: Option<String>,
    pub(super) is_paused: bool,
    pub(super) shows_help: bool,
    pub(super) overview: Option<(Overview, Series)>,
    pub(super) list: Option<Traces>,
    pub(super) selected_row: usize,
    /// The id of the trace that is open, with its spans once they are read.
    pub(super) opened: Option<(String, Option<OpenTrace>)>,
    pub(super) selected_span: usize,
    pub(super) now_unix_ns: u64,
    /// Why the last question has no answer.
    pub(super) trouble: Option<Trouble>,
    pub(super) has_restarted: bool,
    instance: Option<String>,
    /// Rows of the body in the last frame: what Page Down moves by.
    pub(super) page: usize,
}

impl View {
    pub(super) fn new(address: String, tab: Tab, filter: String) -> Self {
        Self {
            address,
            tab,
            filter,
            typed: None,
            is_paused: false,
            shows_help: false,
            overview: None,
            list: None,
            selected_row: 0,
            opened: None,
            selected_span: 0,
            now_unix_ns: 0,
            trouble: None,
            has_restarted: false,
            instance: None,
            page: 1,
        }
    }

    /// Returns what the view wants to know: nothing once it is paused and has something to show.
    pub(super) fn question(&self) -> Option<Question> {
        (!self.is_paused || !self.has_data()).then(|| match (&self.opened, self.tab.order()) {
            (Some((id, _)), _) => Question::Trace { id: id.clone() },
            (None, None) => Question::Overview,
            (None, Some(order)) => Question::Traces { order, filter: filter::parameters(&self.filter) },
        })
    }

    fn has_data(&self) -> bool {
        match (&self.opened, self.tab) {
            (Some((_, trace)), _) => trace.is_some(),
            (None, Tab::Overview) => self.overview.is_some(),
            (None, _) => self.list.is_some(),
        }
    }

    /// Takes an answer, unless another view is open meanwhile.
    pub(super) fn take(&mut self, answer: Answer) {
        if self.question().as_ref() != Some(&answer.question) {
            return;
        }
        let Read { instance, now_unix_ns, data } = match answer.data {
            Ok(read) => read,
            Err(trouble) => {
                self.trouble = Some(trouble);
                return;
            }
        };
        self.trouble = None;
        self.now_unix_ns = now_unix_ns;
        self.has_restarted |= self.instance.as_ref().is_some_and(|former| *former != instance);
        self.instance = Some(instance);
        match data {
            Data::Overview(overview, series) => self.overview = Some((overview, series)),
            Data::Traces(traces) => self.take_list(traces),
            Data::Trace(trace, spans) => self.take_trace(OpenTrace { trace, spans: in_order(spans) }),
        }
    }

    /// Takes a new reading of the open trace; the selection stays with its span.
    fn take_trace(&mut self, trace: OpenTrace) {
        let Some((_, opened)) = &mut self.opened else { return };
        let selected = opened.as_ref().and_then(|former| former.spans.get(self.selected_span));
        let place = selected.and_then(|(_, span)| trace.spans.iter().position(|(_, new)| new.id() == span.id()));
        self.selected_span = place.unwrap_or(self.selected_span).min(trace.spans.len().saturating_sub(1));
        *opened = Some(trace);
    }

    /// Takes a new list; the selection stays with its trace.
    fn take_list(&mut self, traces: Traces) {
        let selected = self.list.as_ref().and_then(|list| list.rows.get(self.selected_row));
        let place = selected.and_then(|row| traces.rows.iter().position(|new| new.trace_id == row.trace_id));
        // The first row stays selected while new traces come in above it.
        self.selected_row = match self.selected_row {
            0 => 0,
            former => place.unwrap_or(former).min(traces.rows.len().saturating_sub(1)),
        };
        self.list = Some(traces);
    }

    /// Does what a key says.
    pub(super) fn press(&mut self, key: KeyEvent) -> Next {
        if key.kind == KeyEventKind::Release {
            return Next::GoOn;
        }
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return Next::Quit;
        }
        self.has_restarted = false;
        if let Some(typed) = self.typed.take() {
            self.typed = self.edit(typed, key);
            return Next::GoOn;
        }
        if self.shows_help {
            self.shows_help = false;
            return Next::GoOn;
        }
        match key.code {
            KeyCode::Char('q') => return Next::Quit,
            KeyCode::Char('?') => self.shows_help = true,
            KeyCode::Char('p') => self.is_paused = !self.is_paused,
            KeyCode::Char('/') if self.tab != Tab::Overview && self.opened.is_none() => {
                self.typed = Some(self.filter.clone());
            }
            KeyCode::Tab | KeyCode::Right => self.open_tab(self.tab.beside(1)),
            KeyCode::BackTab | KeyCode::Left => self.open_tab(self.tab.beside(Tab::ALL.len() - 1)),
            KeyCode::Char(digit @ '1'..='5') => {
                self.open_tab(Tab::ALL[digit as usize - '1' as usize]);
            }
            KeyCode::Enter => self.open(),
            KeyCode::Esc => self.close(),
            KeyCode::Char('j') | KeyCode::Down => self.move_to(|place, _| place + 1),
            KeyCode::Char('k') | KeyCode::Up => self.move_to(|place, _| place.saturating_sub(1)),
            KeyCode::PageDown => self.move_to(|place, page| place + page),
            KeyCode::PageUp => self.move_to(usize::saturating_sub),
            KeyCode::Char('g') | KeyCode::Home => self.move_to(|_, _| 0),
            KeyCode::Char('G') | KeyCode::End => self.move_to(|_, _| usize::MAX),
            _ => {}
        }
        Next::GoOn
    }

    /// Returns the filter as it is typed after a key, nothing once it is done.
    fn edit(&mut self, mut typed: String, key: KeyEvent) -> Option<String> {
        match key.code {
            KeyCode::Enter => {
                self.filter = typed;
                (self.list, self.selected_row, self.trouble) = (None, 0, None);
                None
            }
            KeyCode::Esc => None,
            KeyCode::Backspace => {
                typed.pop();
                Some(typed)
            }
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => Some(String::new()),
            KeyCode::Char(letter) if !key.modifiers.contains(KeyModifiers::CONTROL) => {
                typed.push(letter);
                Some(typed)
            }
            _ => Some(typed),
        }
    }

    fn open_tab(&mut self, tab: Tab) {
        if self.tab != tab {
            (self.list, self.selected_row) = (None, 0);
        }
        (self.tab, self.opened, self.trouble) = (tab, None, None);
    }

    fn open(&mut self) {
        let row = self.list.as_ref().and_then(|list| list.rows.get(self.selected_row));
        if let (None, Some(row), true) = (&self.opened, row, self.tab != Tab::Overview) {
            (self.opened, self.selected_span, self.trouble) = (Some((row.trace_id.clone(), None)), 0, None);
        }
    }

    fn close(&mut self) {
        if self.opened.take().is_none() && !self.filter.is_empty() {
            self.filter.clear();
            (self.list, self.selected_row) = (None, 0);
        }
        self.trouble = None;
    }

    fn move_to(&mut self, next: impl Fn(usize, usize) -> usize) {
        let page = self.page.max(1);
        let (place, rows) = match &self.opened {
            Some((_, opened)) => (&mut self.selected_span, opened.as_ref().map_or(0, |trace| trace.spans.len())),
            None => (&mut self.selected_row, self.list.as_ref().map_or(0, |list| list.rows.len())),
        };
        *place = next(*place, page).min(rows.saturating_sub(1));
    }
}

/// Returns the spans in the order of the tree, parents first, each with its depth.
fn in_order(spans: Vec<TracedSpan>) -> Vec<(usize, TracedSpan)> {
    let tree = SpanTree::new(spans);
    let mut rows = Vec::with_capacity(tree.spans.len());
    tree.walk(&mut |depth, span| rows.push((depth, span.clone())));
    rows
}
