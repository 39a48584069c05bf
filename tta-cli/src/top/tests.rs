//! Views as they are drawn, at several sizes.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::{Value, json};

use super::plain::drawn;
use super::question::{Answer, Data, Question, Read, Trouble};
use super::screen_text::screen_texts;
use super::view::{Next, Tab, View};

const NOW: u64 = 1_764_291_630_000_000_000;
const TRACE_ID: &str = "000000000000000000000000000000a1";

fn view(tab: Tab) -> View {
    View::new("http://127.0.0.1:9464".to_owned(), tab, String::new())
}

/// Gives a view the answer to its question.
fn give(view: &mut View, instance: &str, data: Data) {
    let question = view.question().expect("it asks");
    view.take(Answer { question, data: Ok(Read { instance: instance.to_owned(), now_unix_ns: NOW, data }) });
}

fn fail(view: &mut View, trouble: Trouble) {
    let question = view.question().expect("it asks");
    view.take(Answer { question, data: Err(trouble) });
}

fn read<T: serde::de::DeserializeOwned>(answer: Value) -> T {
    serde_json::from_value(screen_texts(answer)).expect("it is one of the API")
}

fn overview() -> Data {
    let overview = json!({
        "service_name": "assistant", "started_unix_ns": (NOW - 125_000_000_000).to_string(),
        "calls_per_second": { "success": 12.4, "failure": 0.25, "timeout": 0, "cancelled": 0, "panicked": 0 },
        "seconds": { "p50": 0.21, "p95": 1.25, "p99": 3.4 }, "error_ratio": 0.0125,
        "cost_nano_usd": "41300000", "cost_nano_usd_per_hour": "1180000000", "unknown_cost_calls": 3,
        "tokens": "15600", "tokens_per_second": 120.4, "active_workflows": 2,
        "movers": [
            { "primitive": "answer_question", "measure": "p95_seconds", "before": 0.5, "now": 1.25 },
            { "primitive": "ask", "measure": "cost_usd_per_hour", "before": 0.5, "now": 1.18 },
        ],
    });
    let rising: Vec<_> = (0..720).map(|sample| json!(f64::from(sample))).collect();
    let series = json!({ "series": [{ "name": "calls_success", "values": rising }, { "name": "p95_seconds", "values": [null, 1.5, 0.5] }] });
    Data::Overview(read(overview), read(series))
}

fn row(id: u32, fields: &Value) -> Value {
    let mut row = json!({
        "trace_id": format!("{id:032x}"), "root": "answer_question", "start_unix_ns": (NOW - 12_000_000_000).to_string(),
        "duration_ns": 1_250_000_000, "outcome": "success", "error_type": null, "spans": 12, "failed_spans": 0,
        "tokens": "1200", "cost_nano_usd": "4500000",
    });
    for (name, value) in fields.as_object().into_iter().flatten() {
        row[name] = value.clone();
    }
    row
}

fn traces(rows: &[Value]) -> Data {
    let list = json!({ "traces": rows, "left_out": 40, "held": 240, "held_bytes": 3_482, "limit_bytes": 4_194_304 });
    Data::Traces(read(list))
}

fn span(id: u32, parent: Option<u32>, fields: &Value) -> Value {
    let mut span = json!({
        "span_id": format!("{id:016x}"), "parent_id": parent.map(|id| format!("{id:016x}")), "name": "chat gpt-4o",
        "primitive": "ask", "primitive_type": "llm", "start_ns": 0, "duration_ns": 1_000_000, "outcome": "success",
        "error_type": null, "model": null, "input_tokens": 0, "cached_input_tokens": 0, "output_tokens": 0,
        "cost_nano_usd": null, "cost_basis": null, "cache_hit": null, "retry_attempt": null,
    });
    for (name, value) in fields.as_object().into_iter().flatten() {
        span[name] = value.clone();
    }
    span
}

fn trace(spans: Vec<Value>) -> Data {
    let whole = json!({ "trace_id": TRACE_ID, "duration_ns": 100_000_000, "complete": true, "lost_spans": 0 });
    Data::Trace(read(whole), read(Value::Array(spans)))
}

fn usual_trace() -> Data {
    trace(vec![
        span(
            1,
            None,
            &json!({ "primitive": "answer_question", "primitive_type": "workflow", "duration_ns": 100_000_000 }),
        ),
        span(
            2,
            Some(1),
            &json!({
                "start_ns": 10_000_000, "duration_ns": 40_000_000, "outcome": "timeout", "error_type": "Elapsed",
                "model": "gpt-4o", "retry_attempt": 1,
            }),
        ),
        span(
            3,
            Some(1),
            &json!({
                "start_ns": 50_000_000, "duration_ns": 50_000_000, "model": "gpt-4o", "input_tokens": 1_000,
                "cached_input_tokens": 200, "output_tokens": 200, "cost_nano_usd": "4500000", "cost_basis": "priced", "retry_attempt": 2,
            }),
        ),
    ])
}

fn press(view: &mut View, code: KeyCode) -> Next {
    view.press(KeyEvent::new(code, KeyModifiers::NONE))
}

fn write(view: &mut View, text: &str) {
    for letter in text.chars() {
        press(view, KeyCode::Char(letter));
    }
}

#[track_caller]
fn check(view: &mut View, columns: u16, rows: u16, expected: &Expect) {
    expected.assert_eq(&drawn(view, columns, rows));
}

#[test]
fn the_overview_has_figures_sparklines_and_what_moved() {
    let mut view = view(Tab::Overview);
    give(&mut view, "1", overview());
    check(
        &mut view,
        80,
        24,
        &expect![[r#"
            assistant  up 2 min 5 s   http://127.0.0.1:9464
             1 Overview  2 Latest  3 Slowest  4 Dearest  5 Failed
            calls     12.4/s success  0.25/s failure
            errors    1.25 %  active workflows 2
            duration  p50 210.0 ms  p95 1.25 s  p99 3.40 s
            cost      $0.0413  $1.18/h  3 calls of unknown cost
            tokens    15,600  120/s
            calls/s, at most 719/s     p95, at most 1.50 s         cost/h, at most $0
                         ▁▁▂▂▃▄▄▅▆▆▇█   █
             ▁▁▂▃▃▄▅▅▆▇▇█████████████   █▅
            what moved most                      measure                 before          now
            answer_question                      p95 seconds           500.0 ms       1.25 s
            ask                                  cost usd per hour    $0.5000/h      $1.18/h










            1-5 views  p pause  ? help  q quit
        "#]],
    );
}

#[test]
fn a_small_overview_keeps_the_figures() {
    let mut view = view(Tab::Overview);
    give(&mut view, "1", overview());
    check(
        &mut view,
        40,
        9,
        &expect![[r#"
        assistant  up 2 min 5 s   http://127.0.0
         1 Overview  2  3  4  5
        calls     12.4/s success  0.25/s failure
        errors    1.25 %  active workflows 2
        duration  p50 210.0 ms  p95 1.25 s  p99
        cost      $0.0413  $1.18/h  3 calls of u
        tokens    15,600  120/s
        what moved most                      now
        1-5 views  p pause  ? help  q quit
    "#]],
    );
}

#[test]
fn a_list_has_a_row_for_each_trace() {
    let mut view = view(Tab::Slowest);
    let failed = json!({ "outcome": "failure", "error_type": "Overloaded", "failed_spans": 2, "cost_nano_usd": null, "tokens": "0" });
    give(&mut view, "1", traces(&[row(1, &json!({})), row(2, &failed), row(3, &json!({ "outcome": null }))]));
    press(&mut view, KeyCode::Char('j'));
    check(
        &mut view,
        80,
        9,
        &expect![[r#"
        tta top   http://127.0.0.1:9464
         1 Overview  2 Latest  3 Slowest  4 Dearest  5 Failed
        trace                    outcome      duration        cost  tokens  spans failed
        answer_question          success        1.25 s    $0.00450   1,200     12      0
        answer_question          failure        1.25 s           –       0     12      2
        answer_question          –              1.25 s    $0.00450   1,200     12      0

        2 of 43  240 kept in 3.4 KiB of 4.00 MiB
        Enter open  j/k row  / filter  1-5 views  p pause  ? help  q quit
    "#]],
    );
    check(
        &mut view,
        130,
        6,
        &expect![[r#"
        tta top   http://127.0.0.1:9464
         1 Overview  2 Latest  3 Slowest  4 Dearest  5 Failed
        trace                                outcome      duration        cost  tokens  spans failed  started ago error
        answer_question                      failure        1.25 s           –       0     12      2          0 s Overloaded
        2 of 43  240 kept in 3.4 KiB of 4.00 MiB
        Enter open  j/k row  / filter  1-5 views  p pause  ? help  q quit
    "#]],
    );
    check(
        &mut view,
        30,
        7,
        &expect![[r#"
        tta top   http://127.0.0.1:946
         1  2  3 Slowest  4  5
        trace                 duration
        answer_question         1.25 s
        answer_question         1.25 s
        2 of 43  240 kept in 3.4 KiB …
        Enter open  j/k row  / filter…
    "#]],
    );
}

#[test]
fn an_open_trace_is_a_waterfall_with_its_selected_span() {
    let mut view = view(Tab::Latest);
    give(&mut view, "1", traces(&[row(0xa1, &json!({}))]));
    press(&mut view, KeyCode::Enter);
    assert_eq!(view.question(), Some(Question::Trace { id: TRACE_ID.to_owned() }));
    give(&mut view, "1", usual_trace());
    press(&mut view, KeyCode::Down);
    check(
        &mut view,
        80,
        12,
        &expect![[r#"
        tta top   http://127.0.0.1:9464
         1 Overview  2 Latest  3 Slowest  4 Dearest  5 Failed
        000000000000000000000000000000a1  100.0 ms  3 spans  $0.00450  1 failed
        span                 time         outcome      duration     in + out        cost
        answer_question      ████████████ success      100.0 ms
          ask                 █████       timeout       40.0 ms
          ask                      ██████ success       50.0 ms  1,000 + 200    $0.00450


        2 of 3  ask  error Elapsed
        type llm  model gpt-4o  attempt 1
        Esc back  j/k span  p pause  ? help  q quit
    "#]],
    );
    check(
        &mut view,
        40,
        10,
        &expect![[r#"
        tta top   http://127.0.0.1:9464
         1  2 Latest  3  4  5
        000000000000000000000000000000a1  100.0…
        span               outcome      duration
        answer_question    success      100.0 ms
          ask              timeout       40.0 ms
          ask              success       50.0 ms
        2 of 3  ask  error Elapsed
        type llm  model gpt-4o  attempt 1
        Esc back  j/k span  p pause  ? help  q …
    "#]],
    );
    press(&mut view, KeyCode::Esc);
    assert!(matches!(view.question(), Some(Question::Traces { .. })));
}

#[test]
fn keys_switch_views_and_quit() {
    let mut view = view(Tab::Overview);
    let mut after = |key| {
        assert_eq!(press(&mut view, key), Next::GoOn);
        view.tab
    };
    assert_eq!(after(KeyCode::Tab), Tab::Latest);
    assert_eq!(after(KeyCode::Char('5')), Tab::Failed);
    assert_eq!(after(KeyCode::Tab), Tab::Overview);
    assert_eq!(after(KeyCode::BackTab), Tab::Failed);
    assert_eq!(after(KeyCode::Char('?')), Tab::Failed);
    check(
        &mut view,
        80,
        17,
        &expect![[r#"
        tta top   http://127.0.0.1:9464
         1 Overview  2 Latest  3 Slowest  4 Dearest  5 Failed
        1-5, Tab     the views
        j, k, arrows the next and the former row; PgUp, PgDn, g, G
        Enter        opens the trace
        Esc          goes back, then removes the filter
        /            filters traces by a text, and by words such as
                     outcome=timeout, min_cost=0.01, min_seconds=2;
                     spaces between quotes belong to a word: workflow="a b"
        p            pauses, and goes on
        ?            this list
        q, Ctrl-C    quits

        Words of the filter: outcome, workflow, model, primitive, min_cost, max_cost,
        min_seconds, max_seconds, text

        any key: back
    "#]],
    );
    press(&mut view, KeyCode::Esc);
    assert!(!view.shows_help);
    assert_eq!(press(&mut view, KeyCode::Char('q')), Next::Quit);
    assert_eq!(view.press(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)), Next::Quit);
}

#[test]
fn a_filter_is_typed_and_removed() {
    let mut view = view(Tab::Failed);
    give(&mut view, "1", traces(&[row(1, &json!({}))]));
    press(&mut view, KeyCode::Char('/'));
    write(&mut view, "outcome=timeout rate q");
    assert!(drawn(&mut view, 80, 6).ends_with("/ outcome=timeout rate q▏\n"));
    press(&mut view, KeyCode::Backspace);
    press(&mut view, KeyCode::Enter);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let filter = vec![pair("outcome", "timeout"), pair("text", "rate")];
    assert_eq!(view.question(), Some(Question::Traces { order: "failed", filter }));
    fail(&mut view, Trouble::Refused("`outcome` is not one of success, failure, timeout, cancelled.".to_owned()));
    check(
        &mut view,
        60,
        6,
        &expect![[r#"
        tta top   refused  http://127.0.0.1:9464
         1 Overview  2 Latest  3 Slowest  4 Dearest  5 Failed   / o…
        `outcome` is not one of success, failure, timeout,
        cancelled.

        Enter open  j/k row  / filter  1-5 views  p pause  ? help  …
    "#]],
    );
    press(&mut view, KeyCode::Esc);
    assert_eq!(view.question(), Some(Question::Traces { order: "failed", filter: vec![] }));
}

#[test]
fn a_pause_keeps_what_is_shown_and_a_new_view_is_asked_for_once() {
    let mut view = view(Tab::Latest);
    give(&mut view, "1", traces(&[row(1, &json!({}))]));
    let question = view.question().expect("it asks");
    press(&mut view, KeyCode::Char('p'));
    assert_eq!(view.question(), None);
    let data = Ok(Read { instance: "1".to_owned(), now_unix_ns: NOW, data: traces(&[]) });
    view.take(Answer { question, data });
    assert_eq!(view.list.as_ref().map(|list| list.rows.len()), Some(1));
    press(&mut view, KeyCode::Char('3'));
    give(&mut view, "1", traces(&[]));
    assert_eq!(view.question(), None);
    press(&mut view, KeyCode::Char('p'));
    assert!(view.question().is_some());
}

#[test]
fn the_selection_stays_with_its_trace() {
    let mut view = view(Tab::Latest);
    give(&mut view, "1", traces(&[row(2, &json!({})), row(1, &json!({}))]));
    press(&mut view, KeyCode::Char('j'));
    give(&mut view, "1", traces(&[row(4, &json!({})), row(3, &json!({})), row(2, &json!({})), row(1, &json!({}))]));
    assert_eq!(view.selected_row, 3);
    give(&mut view, "1", traces(&[row(5, &json!({}))]));
    assert_eq!(view.selected_row, 0);
}

#[test]
fn a_trace_goes_on_after_its_root_and_the_selection_stays_with_its_span() {
    let mut view = view(Tab::Latest);
    give(&mut view, "1", traces(&[row(0xa1, &json!({}))]));
    press(&mut view, KeyCode::Enter);
    let root = span(1, None, &json!({ "duration_ns": 100_000_000 }));
    let call = |id: u32, start: u64| span(id, Some(1), &json!({ "start_ns": start }));
    give(&mut view, "1", trace(vec![root.clone(), call(3, 50)]));
    press(&mut view, KeyCode::Down);
    give(&mut view, "1", trace(vec![root.clone(), call(2, 20), call(3, 50)]));
    assert!(drawn(&mut view, 80, 12).contains("  3 spans  ") && view.selected_span == 2);
    give(&mut view, "1", trace(vec![root]));
    assert_eq!(view.selected_span, 0);
}

#[test]
fn a_chain_of_calls_is_counted_whole() {
    let mut view = view(Tab::Latest);
    give(&mut view, "1", traces(&[row(0xa1, &json!({}))]));
    press(&mut view, KeyCode::Enter);
    let call =
        |id: u32| span(id, (id > 1).then(|| id - 1), &json!({ "cost_nano_usd": "1000000", "outcome": "failure" }));
    give(&mut view, "1", trace((1..=1_000).map(call).collect()));
    let frame = drawn(&mut view, 80, 12);
    assert!(frame.contains(&format!("{TRACE_ID}  100.0 ms  1,000 spans  $1.00  1,000 failed\n")), "{frame}");
}

#[test]
fn a_program_that_is_away_is_told_above_its_last_data_and_a_restart_once_it_is_back() {
    let mut view = view(Tab::Overview);
    give(&mut view, "1", overview());
    let refused = "cannot read http://127.0.0.1:9464/api/v1/overview: Connection refused (os error 111)";
    fail(&mut view, Trouble::NoAnswer(refused.to_owned()));
    check(
        &mut view,
        80,
        12,
        &expect![[r#"
            assistant  up 2 min 5 s   no answer  http://127.0.0.1:9464
             1 Overview  2 Latest  3 Slowest  4 Dearest  5 Failed
            cannot read http://127.0.0.1:9464/api/v1/overview: Connection refused (os error
            111). Asking again each second.

            calls     12.4/s success  0.25/s failure
            errors    1.25 %  active workflows 2
            duration  p50 210.0 ms  p95 1.25 s  p99 3.40 s
            cost      $0.0413  $1.18/h  3 calls of unknown cost
            tokens    15,600  120/s
            what moved most                      measure                 before          now
            1-5 views  p pause  ? help  q quit
        "#]],
    );
    give(&mut view, "2", overview());
    let frame = drawn(&mut view, 80, 12);
    assert!(frame.starts_with("assistant  up 2 min 5 s   restarted  http://127.0.0.1:9464\n"), "{frame}");
}

#[test]
fn hostile_texts_are_drawn_as_text_at_every_size() {
    let hostile = "\u{1b}[2J\u{1b}]52;c;b3duZWQ=\u{7}\u{202e}日本語👩‍👩‍👧e\u{301}\u{301}\u{301}\u{301}".to_owned()
        + &"w".repeat(10_000);
    let mut hostiles = BTreeMap::new();
    for name in ["root", "error_type", "outcome"] {
        hostiles.insert(name, hostile.clone());
    }
    let list = traces(&[row(0xa1, &json!(hostiles))]);
    let mut view = View::new("http://127.0.0.1:9464".to_owned(), Tab::Latest, hostile.clone());
    give(&mut view, "1", list);
    let hostile_span = json!({
        "primitive": hostile, "primitive_type": hostile, "model": hostile, "error_type": hostile, "outcome": hostile,
        "cost_basis": hostile,
    });
    let hostile_trace = || trace((1..40).map(|id| span(id, (id > 1).then(|| id - 1), &hostile_span)).collect());
    for step in 0..3 {
        match step {
            1 => {
                press(&mut view, KeyCode::Char('/'));
                write(&mut view, &hostile.chars().take(40).collect::<String>());
            }
            2 => {
                press(&mut view, KeyCode::Esc);
                press(&mut view, KeyCode::Enter);
                give(&mut view, "1", hostile_trace());
                press(&mut view, KeyCode::End);
            }
            _ => {}
        }
        for (columns, rows) in [(200, 50), (80, 24), (40, 10), (20, 5), (7, 3), (1, 1), (1, 24), (80, 1)] {
            let frame = drawn(&mut view, columns, rows);
            assert_eq!(frame.lines().count(), usize::from(rows));
            let is_harmless = |letter: char| letter == '\n' || (!letter.is_control() && letter != '\u{202e}');
            assert!(frame.chars().all(is_harmless), "{frame:?}");
            for line in frame.lines() {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= usize::from(columns), "{line:?}");
            }
        }
    }
    assert!(drawn(&mut view, 80, 24).contains("␛[2J␛]52;c;b3duZWQ=␇␦日本語"));
}
