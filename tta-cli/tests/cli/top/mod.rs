//! `tta top` as a person uses it: in a terminal, in front of a program under load.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::run::tta;
use crate::stand_in::serve;

mod example;
mod terminal;

use example::Example;
use terminal::Terminal;

/// Returns the number behind a word on the screen, without what groups its digits.
fn figure(screen: &str, name: &str) -> Option<f64> {
    let line = screen.lines().find_map(|line| line.strip_prefix(name))?;
    let number = line.split_whitespace().next()?;
    number.trim_start_matches('$').replace(',', "").parse().ok()
}

/// Returns whether an amount on the screen is this one, to the last digit that is shown.
fn is_shown_as(shown: f64, usd: f64) -> bool {
    shown > 0.0
        && (shown - usd).abs()
            <= if usd < 0.01 {
                usd * 0.006
            } else if usd < 1.0 {
                0.000_051
            } else {
                0.005_1
            }
}

#[test]
fn a_program_under_load_is_shown_with_the_numbers_of_its_metrics() {
    let mut program = Example::start(0);
    let mut terminal = Terminal::start(24, 80, &[&program.address]);
    // The numbers of one moment: the metrics grow meanwhile, so the screen has them soon or never.
    let screen = terminal.wait_for(|screen| {
        let (Some(cost), Some(tokens)) = (figure(screen, "cost "), figure(screen, "tokens ")) else { return false };
        let is_counted = tokens > 0.0 && tokens.to_bits() == program.sum("tta_llm_tokens_total").to_bits();
        is_counted && is_shown_as(cost, program.sum("tta_llm_cost_total"))
    });
    assert!(screen.contains("1 Overview") && screen.contains("p95"), "{screen}");

    terminal.press("4");
    // Those in progress may have no cost yet.
    let has_cost = |line: &&str| line.contains("answer_question") && line.contains('$');
    terminal.wait_for(|screen| screen.lines().filter(has_cost).count() > 1 && screen.contains("1 of "));
    terminal.press("p");
    terminal.wait_for(|screen| screen.contains(" paused "));
    terminal.press("j");
    terminal.wait_for(|screen| screen.contains("2 of "));
    terminal.press("\r");
    let screen = terminal.wait_for(|screen| screen.contains("in + out"));
    let id = screen.lines().nth(2).and_then(|line| line.split_whitespace().next()).expect("the trace's id").to_owned();
    let trace = program.read(&format!("traces/{id}"));
    let spans = trace["spans"].as_array().expect("a list");
    let nanos = spans.iter().filter_map(|span| span["cost_nano_usd"].as_str()?.parse::<u64>().ok()).sum::<u64>();
    let summary = screen.lines().nth(2).expect("a line");
    assert!(summary.contains(&format!("  {} spans  $", spans.len())), "{summary}");
    let cost = summary.split_whitespace().find_map(|word| word.strip_prefix('$')?.parse::<f64>().ok());
    assert!(cost.is_some_and(|cost| is_shown_as(cost, nanos as f64 / 1e9)), "{summary}: {nanos}");
    let call = spans.iter().find(|span| span["output_tokens"].as_u64() > Some(0)).expect("a call to a model");
    let grouped = |tokens: &Value| match tokens.as_u64().expect("a count") {
        thousands @ 1_000.. => format!("{},{:03}", thousands / 1_000, thousands % 1_000),
        few => few.to_string(),
    };
    let tokens = format!("{} + {}", grouped(&call["input_tokens"]), grouped(&call["output_tokens"]));
    assert!(screen.contains(&tokens), "{tokens} is not on\n{screen}");

    terminal.resize(12, 44);
    terminal.wait_for(|screen| screen.contains(" 1  2  3  4 Dearest  5") && screen.contains("span"));
    terminal.resize(30, 100);
    terminal.press("\u{1b}");
    terminal.wait_for(|screen| screen.contains("started ago"));
    terminal.press("p5");
    terminal.wait_for(|screen| screen.contains("5 Failed") && !screen.contains(" paused "));
    terminal.press("/outcome=success zzz-nowhere\r");
    terminal.wait_for(|screen| screen.contains("No trace matches."));
    terminal.press("/");
    terminal.press("\u{15}text=\"zzz nowhere\" min_cost=dear\r");
    let screen = terminal.wait_for(|screen| screen.contains(" refused "));
    assert!(screen.contains("`min_cost` is not a number of 0 or more.") && !screen.contains("no answer"), "{screen}");
    terminal.press("\u{1b}");
    terminal.wait_for(|screen| !screen.contains(" refused ") && screen.contains(" kept in "));
    terminal.press("?");
    terminal.wait_for(|screen| screen.contains("any key: back"));
    terminal.press("x1");
    terminal.wait_for(|screen| screen.contains("active workflows"));

    let port = program.port();
    program.kill();
    terminal.wait_for(|screen| screen.contains(" no answer ") && screen.contains("active workflows"));
    let program = Example::start(port);
    terminal.wait_for(|screen| screen.contains(" restarted "));
    terminal.press("q");
    assert!(terminal.assert_restored().success());
    drop(program);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut terminal = Terminal::start(10, 60, &["http://127.0.0.1:1"]);
        terminal.wait_for(|screen| screen.contains(" no answer "));
        terminal.signal(signal);
        assert!(terminal.assert_restored().success(), "{signal:?}");
    }
    let mut terminal = Terminal::start(10, 60, &["http://127.0.0.1:1"]);
    terminal.wait_for(|screen| screen.contains(" no answer "));
    terminal.press("\u{3}");
    assert!(terminal.assert_restored().success());
}

/// Answers each request with a list of one trace, all of whose texts are this one. Ends with the process.
fn serve_traces(text: &str) -> String {
    let data = traces_data(text);
    let body = json!({ "instance": text, "now_unix_ns": "2", "data": data }).to_string();
    serve(move |_| body.clone())
}

/// Returns a list of one trace, all of whose texts are this one.
fn traces_data(text: &str) -> Value {
    let row = json!({
        "trace_id": "0".repeat(31) + "1", "root": text, "start_unix_ns": "1", "duration_ns": 1, "outcome": text,
        "error_type": text, "spans": 1, "failed_spans": 1, "tokens": "1", "cost_nano_usd": "1",
    });
    json!({ "traces": [row], "left_out": 0, "held": 1, "held_bytes": 1, "limit_bytes": 1 })
}

#[test]
fn no_text_of_a_program_steers_the_terminal() {
    let hostile = "\u{1b}]52;c;b3duZWQ=\u{7}\u{9b}8t\u{202e}\u{1b}[?1049l\u{1b}c名前";
    let address = serve_traces(hostile);
    let mut terminal = Terminal::start(24, 160, &[&address, "--view", "latest"]);
    let screen = terminal.wait_for(|screen| screen.contains("名前"));
    assert!(screen.contains("␛]52;c;b3duZWQ=␇␦8t␦␛[?1049l␛c名前"), "{screen}");
    terminal.press("q");
    assert!(terminal.assert_restored().success());
    let written = String::from_utf8(terminal.bytes()).expect("it writes UTF-8");
    for steering in ["\u{1b}]", "\u{1b}c", "\u{9b}", "\u{7}", "\u{202e}"] {
        assert!(!written.contains(steering), "{steering:?}");
    }
    assert_eq!(written.matches("\u{1b}[?1049l").count(), 1);

    let ran = tta(&["top", &address, "--view", "latest"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("␛]52;c") && !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().count(), 24);
}

#[test]
fn a_span_that_outlives_the_root_of_an_open_trace_is_shown() {
    let mut read = 0;
    let address = serve(move |request| {
        let is_trace = request.contains("/api/v1/traces/");
        read += u32::from(is_trace);
        let span = |id: u32| {
            json!({
                "span_id": format!("{id:016x}"), "parent_id": (id > 1).then(|| format!("{:016x}", 1)), "name": format!("step {id}"),
                "primitive": null, "primitive_type": null, "start_ns": id, "duration_ns": 1, "outcome": "success",
                "error_type": null, "model": null, "input_tokens": 0, "cached_input_tokens": 0, "output_tokens": 0,
                "cost_nano_usd": null, "cost_basis": null, "cache_hit": null, "retry_attempt": null,
            })
        };
        let data = if is_trace {
            let spans: Vec<_> = (1..=read).map(span).collect();
            json!({ "trace_id": "1", "duration_ns": 9, "complete": true, "lost_spans": 0, "spans": spans, "next": null })
        } else {
            traces_data("answer")
        };
        json!({ "instance": "1", "now_unix_ns": "2", "data": data }).to_string()
    });
    let mut terminal = Terminal::start(12, 80, &[&address, "--view", "latest"]);
    terminal.wait_for(|screen| screen.contains("1 of 1"));
    terminal.press("\r");
    terminal.wait_for(|screen| screen.contains("step 1") && !screen.contains("step 2"));
    terminal.wait_for(|screen| screen.contains("step 1") && screen.contains("step 2"));
    terminal.press("q");
    assert!(terminal.assert_restored().success());
}

#[test]
fn a_program_that_does_not_answer_fails_one_frame() {
    let ran = tta(&["top", "http://127.0.0.1:1", "--once"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.starts_with("error: cannot read http://127.0.0.1:1/api/v1/overview: "), "{}", ran.stderr);
}
