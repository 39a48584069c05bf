//! `tta mcp` as a coding agent uses it: questions whose answers are known, to a running program.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use tta_runtime::block::{Block as _, Cache, Retry};
use tta_runtime::llm::{self, Budget, Estimate, NanoUsd, Usage};
use tta_runtime::{Telemetry, primitive};

use crate::run::tta;
use crate::stand_in::serve;

/// The longest answer of a tool.
const LONGEST: usize = 8 * 1_024;

/// A client of `tta mcp`, which is killed on drop.
struct Agent {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    asked: u64,
}

impl Agent {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tta"))
            .arg("mcp")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let questions = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut agent = Self { child, questions, answers, asked: 0 };
        let client = json!({ "name": "test", "version": "1" });
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client });
        let server = agent.request("initialize", &hello);
        assert_eq!(server["result"]["serverInfo"]["name"], "tta");
        agent.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        agent
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.questions, "{message}").expect("it reads");
        self.questions.flush().expect("it reads");
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut line = String::new();
            assert!(self.answers.read_line(&mut line).expect("it writes text") > 0, "it ended");
            let answer: Value = serde_json::from_str(&line).expect("each line is a message");
            if answer["id"] == id {
                return answer;
            }
        }
    }

    /// Returns the text of a tool's answer, and whether it is an error.
    fn call(&mut self, tool: &str, arguments: &Value) -> (String, bool) {
        let answer = self.request("tools/call", &json!({ "name": tool, "arguments": arguments }));
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        assert!(text.len() <= LONGEST, "{tool}: {} bytes", text.len());
        (text, result["isError"] == true)
    }

    fn ask(&mut self, tool: &str, arguments: &Value) -> Value {
        let (text, is_error) = self.call(tool, arguments);
        assert!(!is_error, "{tool}: {text}");
        serde_json::from_str(&text).expect("the answer is JSON")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Clone, Debug, thiserror::Error)]
#[error("the provider is overloaded")]
struct Overloaded;

/// Asks a model; `first` attempts of the question fail.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn ask(question: &'static str) -> Result<Usage, Overloaded> {
    use std::sync::atomic::{AtomicBool, Ordering};
    static HAS_FAILED: AtomicBool = AtomicBool::new(false);
    match question {
        "What fails?" => Err(Overloaded),
        "What is retried?" if !HAS_FAILED.swap(true, Ordering::SeqCst) => Err(Overloaded),
        "What is dear?" => Ok(Usage::new(10_000, 2_000)),
        _ => Ok(Usage::new(1_000, 200)),
    }
}

#[primitive(type = "tool", action = "call")]
async fn think() {
    tokio::time::sleep(Duration::from_millis(60)).await;
}

#[primitive(type = "workflow", name = "answer_question", slo(availability = 99.0))]
async fn answer(
    question: &'static str,
    budget: &Budget,
    notes: &impl tta_runtime::block::Block<&'static str>,
) -> Result<(), Overloaded> {
    if question == "What is slow?" {
        think().await;
    }
    let _ = notes.run(question).await;
    let retry =
        Retry::when(|_: &Overloaded| true).attempts(2).backoff(Duration::from_millis(1), Duration::from_millis(1));
    let asked = ask.with(retry.named("ask_again")).with(budget.reserving(|_: &&'static str| Estimate::usd(0.1)));
    asked.run(question).await.map(drop).map_err(|_| Overloaded)
}

const TOKEN: &str = "s3cret";

/// The program of these tests: there is one telemetry in a process.
static PROGRAM: LazyLock<(Telemetry, Budget)> = LazyLock::new(run_program);

/// Writes a file with a token, and returns its path.
fn token_file(token: &str) -> String {
    let path = format!("{}/token of {token}", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&path, format!("{token}\n")).expect("it is writable");
    path
}

/// Runs five workflows: a slow one, a dear one, a retried one, a failing one, and one with a cached note.
fn run_program() -> (Telemetry, Budget) {
    let telemetry = tta_runtime::builder()
        .service_name("assistant")
        .metrics_addr(([127, 0, 0, 1], 0).into())
        .bearer_token(TOKEN)
        .init()
        .expect("it starts");
    let budget = Budget::usd(1.0).named("daily");
    // The prices are decoded once, which would make the first workflow the slowest.
    assert!(llm::price("openai", "gpt-4o", &Usage::new(1, 1)).is_some());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("it starts");
    runtime.block_on(async {
        let key: fn(&&'static str) -> String = |question| (*question).to_owned();
        let write = async |question: &'static str| Ok::<_, Overloaded>(question.len());
        let notes = write.named("write_note").with(Cache::memory(10).named("notes").key(key));
        for question in ["What is slow?", "What is dear?", "What is retried?", "What fails?", "What is slow?"] {
            let _ = answer(question, &budget, &notes).await;
        }
    });
    assert!(telemetry.flush(Duration::from_secs(10)));
    (telemetry, budget)
}

#[test]
fn twenty_questions_have_the_known_answers() {
    let (telemetry, budget) = &*PROGRAM;
    let address = telemetry.page_url().expect("it has the page");
    let mut agent = Agent::start(&[&address, "--token-file", &token_file(TOKEN)]);
    let tools = agent.request("tools/list", &json!({}));
    let tools = tools["result"]["tools"].as_array().expect("a list");
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["overview", "traces", "trace", "models", "budgets", "explain"]);
    assert!(tools.iter().all(|tool| tool["annotations"]["readOnlyHint"] == true));

    // Four calls succeed: three with 1,000 tokens in and 200 out at $0.0045, one with ten times as many.
    let overview = agent.ask("overview", &json!({}));
    assert_eq!(overview["service_name"], "assistant");
    assert_eq!(overview["cost_usd"], json!(0.0585));
    assert_eq!(overview["tokens"], 15_600);
    assert_eq!(overview["active_workflows"], 0);
    assert_eq!(overview["unknown_cost_calls"], 3);
    assert_eq!(overview["circuit_breakers_not_closed"], json!([]));

    let row = |traces: &Value, index: usize| traces["traces"][index].clone();
    let all = agent.ask("traces", &json!({}));
    assert_eq!((&all["kept"], &all["matching"]), (&json!(5), &json!(5)));
    let slowest = row(&agent.ask("traces", &json!({ "order": "slowest", "limit": 1 })), 0);
    assert!(slowest["duration_ms"].as_f64().is_some_and(|duration| duration >= 60.0), "{slowest}");
    let dearest = row(&agent.ask("traces", &json!({ "order": "dearest" })), 0);
    assert_eq!((&dearest["cost_usd"], &dearest["tokens"]), (&json!(0.045), &json!(12_000)));
    assert_eq!(dearest["models"], json!(["gpt-4o"]));
    let failed = agent.ask("traces", &json!({ "outcome": "failure" }));
    assert_eq!((&failed["matching"], &row(&failed, 0)["error_type"]), (&json!(1), &json!("Overloaded")));
    assert_eq!(agent.ask("traces", &json!({ "order": "failed" }))["matching"], 2);
    assert_eq!(agent.ask("traces", &json!({ "min_cost": 0.04 }))["matching"], 1);
    assert_eq!(agent.ask("traces", &json!({ "primitive": "think" }))["matching"], 2);
    assert_eq!(agent.ask("traces", &json!({ "text": "OVERLOADED" }))["matching"], 2);
    assert_eq!(agent.ask("traces", &json!({ "workflow": "nobody" }))["matching"], 0);

    let id = |row: &Value| json!({ "trace_id": row["trace_id"] });
    let tree = agent.ask("trace", &id(&dearest));
    let lines: Vec<_> = tree["tree"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
    assert!(lines[0].starts_with("answer_question (workflow) ") && lines[0].ends_with("ms success"), "{lines:#?}");
    let call = lines.iter().find(|line| line.contains("ask (llm)")).expect("the call");
    assert!(call.ends_with("success model=gpt-4o tokens=10000+2000 cost_usd=0.045"), "{call}");

    let model = agent.ask("models", &json!({}))["models"][0].clone();
    assert_eq!((&model["provider"], &model["model"]), (&json!("openai"), &json!("gpt-4o")));
    assert_eq!((&model["requests"]["success"], &model["requests"]["failure"]), (&json!(4), &json!(3)));
    assert_eq!((&model["tokens"]["input"], &model["tokens"]["output"]), (&json!(13_000), &json!(2_600)));
    assert_eq!(model["calls_by_price"], json!({ "priced": 4, "no_usage": 3 }));

    let budgets = agent.ask("budgets", &json!({}));
    let daily = &budgets["budgets"][0];
    assert_eq!((&daily["name"], &daily["limit_usd"]), (&json!("daily"), &json!(1.0)));
    assert_eq!(daily["left_usd"], json!(budget.remaining().usd().map(NanoUsd::to_usd)));
    assert!(budget.remaining() < NanoUsd(1_000_000_000));
    let objective = &budgets["objectives"][0];
    assert_eq!(
        (&objective["primitive"], &objective["good"], &objective["bad"]),
        (&json!("answer_question"), &json!(4), &json!(1))
    );

    let dear = agent.ask("explain", &id(&dearest));
    assert_eq!(dear["share_of_cost_by_call"][0]["share"], json!(1.0));
    let slow = agent.ask("explain", &id(&slowest));
    assert_eq!(slow["critical_path"][0]["primitive"], "think");
    let failing = agent.ask("explain", &id(&row(&failed, 0)));
    assert_eq!(failing["attempts_after_the_first"], 1);
    assert_eq!(failing["cache"], json!({ "hits": 0, "misses": 1 }));
    assert_eq!(failing["calls_of_unknown_cost"], 2);
    let cached = agent.ask("explain", &id(&row(&all, 0)));
    assert_eq!(cached["cache"], json!({ "hits": 1, "misses": 0 }));

    let (unknown, is_error) = agent.call("trace", &json!({ "trace_id": "0".repeat(31) + "1" }));
    assert!(is_error && unknown.contains("This trace is not kept, or no longer."), "{unknown}");
    let (wrong, is_error) = agent.call("explain", &json!({}));
    assert_eq!((wrong.as_str(), is_error), ("`trace_id` is missing, or is no text of 32 hexadecimal digits", true));
    let (refused, is_error) = agent.call("traces", &json!({ "order": "best" }));
    assert!(is_error && refused.contains("`order` is not one of latest, slowest, dearest, failed."), "{refused}");
    let none = agent.request("tools/call", &json!({ "name": "delete", "arguments": {} }));
    assert!(none["error"]["message"].as_str().is_some_and(|message| message.starts_with("there is no tool `delete`")));
}

#[test]
fn a_program_with_a_token_answers_those_who_have_it() {
    let address = PROGRAM.0.page_url().expect("it has the page");
    let [right, wrong] = [TOKEN, "wrong"].map(token_file);
    let top = |arguments: &[&str]| tta(&[&["top", &address, "--once"], arguments].concat());
    let shown = top(&["--token-file", &right]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    assert!(shown.stdout.contains("$0.058") && shown.stdout.contains("active workflows"), "{}", shown.stdout);
    for (arguments, reason) in [
        (&[][..], "it needs a bearer token; give it with `--token-file`"),
        (
            &["--token-file", &wrong][..],
            "it refuses the bearer token; write the token of the program into the file of `--token-file`",
        ),
    ] {
        let mut agent = Agent::start(&[&[address.as_str()], arguments].concat());
        for tool in ["overview", "traces", "models", "budgets"] {
            let (told, is_error) = agent.call(tool, &json!({}));
            assert!(is_error && told.starts_with("cannot read http://127.0.0.1:") && told.ends_with(reason), "{told}");
        }
        let refused = top(arguments);
        assert!(refused.code != 0 && refused.stderr.contains(reason), "{}: {}", refused.code, refused.stderr);
    }
}

/// Returns the data of an endpoint of a program with very much of everything, all of it with long names.
fn hostile_data(path: &str) -> Value {
    let long = |n: usize| format!("{n:04}{}", "\u{1}\"\\名\u{202e}".repeat(2_000));
    let many = |row: &dyn Fn(usize) -> Value| Value::from((0..300).map(row).collect::<Vec<_>>());
    match path {
        "overview" => json!({
            "service_name": long(0), "version": "1", "calls_per_second": { "success": 1.0 }, "seconds": { "p50": 1.0 }, "error_ratio": 0.5,
            "unknown_cost_calls": u64::MAX, "cost_nano_usd": "1", "cost_nano_usd_per_hour": "1", "tokens": "1", "tokens_per_second": 0.1,
            "active_workflows": 1,
            "movers": many(&|n| json!({ "primitive": long(n), "measure": "error_ratio", "before": 0.1, "now": 0.2 })),
        }),
        "blocks" => json!({ "circuit_breakers": many(&|n| json!({ "name": long(n), "state": "open" })) }),
        "library" => json!({
            "failing_exports": many(&|n| json!({ "signal": "traces", "for_seconds": 1, "error": long(n) })),
        }),
        "traces" => json!({ "held": 900, "left_out": 600, "traces": many(&|n| json!({
            "trace_id": format!("{n:032x}"), "root": long(n), "workflow": long(n), "outcome": "failure", "error_type": long(n),
            "duration_ns": u64::MAX, "cost_nano_usd": u64::MAX.to_string(), "tokens": "1", "models": [long(1), long(2)],
            "spans": 1, "failed_spans": 1, "complete": true,
        })) }),
        "models" => json!({ "left_out": 7, "models": many(&|n| json!({
            "provider": long(n), "model": long(n), "requests": { "success": 1 }, "unknown_outcomes": 0, "tokens": { "input": "1" },
            "cost_nano_usd": "1", "calls_by_price": { "priced": 1 }, "seconds": { "p50": 1.0 }, "first_token_seconds": null,
        })) }),
        "budgets" => json!({ "left_out": 5, "budgets": many(&|n| json!({
            "name": long(n), "owner": long(n), "scope": "tenant", "shared": false, "refused_calls": 1, "unit": "nano_usd",
            "limit": "9", "spent": "8", "reserved": "0",
        })) }),
        "objectives" => {
            json!({ "objectives": many(&|n| json!({ "primitive": long(n), "slo": "latency", "burn": { "hour": 1.0 } })) })
        }
        _ => {
            json!({ "trace_id": "1", "duration_ns": 1_000_000, "complete": true, "lost_spans": 3, "next": null, "spans": many(&|n| json!({
            "span_id": format!("{n:016x}"), "parent_id": (n > 0).then(|| format!("{:016x}", 0)), "name": long(n), "primitive": long(if n < 200 { n } else { 998 }),
            "primitive_type": long(n), "start_ns": n * 1_000, "duration_ns": if n == 0 { 1_000_000 } else { 900 }, "outcome": "failure",
            // The most frequent failure is the last one by its name.
            "error_type": long(if n < 200 { n } else { 999 }), "model": long(n), "input_tokens": u64::MAX, "cached_input_tokens": 1,
            "output_tokens": 1, "cost_nano_usd": (n + 1).to_string(), "cost_basis": "priced", "cache_hit": true, "retry_attempt": 2,
        })) })
        }
    }
}

#[test]
fn answers_of_a_large_and_hostile_program_are_short_and_say_how_much_is_missing() {
    let address = serve(|request| {
        let path = request.split(' ').nth(1).and_then(|target| target.strip_prefix("/api/v1/")).expect("the API");
        let path = path.split('?').next().unwrap_or_default();
        json!({ "instance": "1", "now_unix_ns": "2", "data": hostile_data(path) }).to_string()
    });
    let mut agent = Agent::start(&[&address]);
    let mut check = |tool: &str, arguments: &Value, lists: &[(&str, u64, usize)]| {
        let answer = agent.ask(tool, arguments);
        for (list, all, least) in lists {
            let rows = answer[list].as_array().unwrap_or_else(|| panic!("{tool} has no {list}: {answer}")).len();
            let left_out = answer[format!("left_out_{list}")].as_u64().unwrap_or(0);
            assert_eq!(rows as u64 + left_out, *all, "{tool}: {list}");
            assert!(rows >= *least, "{tool} has {rows} of {list}");
        }
        answer
    };
    let id = json!({ "trace_id": "0".repeat(31) + "1" });
    check(
        "overview",
        &json!({}),
        &[("failing_exports", 300, 5), ("circuit_breakers_not_closed", 300, 10), ("movers", 300, 5)],
    );
    check("traces", &json!({}), &[("traces", 900, 5)]);
    check("models", &json!({}), &[("models", 307, 5)]);
    check("budgets", &json!({}), &[("budgets", 305, 5), ("objectives", 300, 1)]);
    let tree = check("trace", &id, &[]);
    assert_eq!(
        tree["tree"].as_array().map_or(0, Vec::len) as u64 + tree["spans_not_shown"].as_u64().expect("a count"),
        300
    );
    // The root fills the gaps between its 299 calls.
    let lists = [("critical_path", 300, 12), ("share_of_cost_by_call", 300, 5), ("failures", 201, 1)];
    let explained = check("explain", &id, &lists);
    assert_eq!(explained["failures"][0]["spans"], 100);
}

#[test]
fn a_program_that_does_not_answer_is_told_as_an_error_of_the_tool() {
    let mut agent = Agent::start(&["http://127.0.0.1:1"]);
    let (told, is_error) = agent.call("overview", &json!({}));
    assert!(is_error && told.starts_with("cannot read http://127.0.0.1:1/api/v1/overview: "), "{told}");
}
