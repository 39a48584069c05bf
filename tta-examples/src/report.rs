//! Formats answers, and tables of calls, tokens and costs.

use std::fmt::Write as _;

use tta_runtime::{ModelStats, Outcome, Stats};

use crate::assistant::answer::Answer;
use crate::table::Table;

/// The width at which lines are wrapped, in characters.
const LINE_WIDTH: usize = 100;

/// Formats an answer with its sources.
pub(crate) fn answer(question: &str, answer: &Answer) -> String {
    let mut text = format!("{question}\n\n{}\n", wrapped(&answer.text));
    if answer.sources.is_empty() {
        text.push_str("  (no source cited)\n");
    }
    for source in &answer.sources {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  [{}] {}  {}", source.number, source.part_id, source.heading);
    }
    if answer.missing_notes > 0 {
        let _ = writeln!(text, "  (relevant parts skipped, since they have no note: {})", answer.missing_notes);
    }
    text
}

fn wrapped(text: &str) -> String {
    let mut lines = vec![String::from(" ")];
    for word in text.split_whitespace() {
        let is_full = lines.last().is_some_and(|line| line.chars().count() + word.chars().count() >= LINE_WIDTH);
        if is_full {
            lines.push(String::from(" "));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

/// Formats calls by primitive, and tokens and costs by model.
pub(crate) fn numbers(stats: &Stats) -> String {
    format!("Calls\n{}\nTokens and money\n{}\n{}", calls(stats), money(&stats.models), savings(&stats.models))
}

fn calls(stats: &Stats) -> Table {
    let outcomes: Vec<_> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    let headings = [&["primitive", "calls"], outcomes.as_slice(), &["p50", "p95", "p99"]].concat();
    let mut table = Table::new(&headings);
    for primitive in stats.primitives.iter().filter(|primitive| primitive.started > 0) {
        let name = format!("{} ({}.{})", primitive.name, primitive.primitive_type, primitive.action);
        let ended = Outcome::ALL.iter().map(|outcome| primitive.ended.get(outcome).copied().unwrap_or(0));
        let seconds = [primitive.seconds.p50, primitive.seconds.p95, primitive.seconds.p99];
        let counts = [primitive.started].into_iter().chain(ended).map(|count| count.to_string());
        table.row([name].into_iter().chain(counts).chain(seconds.map(duration)));
    }
    table
}

fn money(models: &[ModelStats]) -> Table {
    let kinds = ["input", "cached_input", "output", "reasoning"];
    let headings =
        ["model", "requests", "input", "cached input", "output", "reasoning", "USD", "saved by cache", "by routing"];
    let mut table = Table::new(&headings);
    for model in models {
        let tokens = kinds.map(|kind| model.tokens.get(kind).copied().unwrap_or(0));
        let counts = [model.requests].into_iter().chain(tokens).map(|count| count.to_string());
        let usd = [model.cost_usd, saved(model, "cache"), saved(model, "router")].map(|usd| format!("{usd:.6}"));
        let name = if model.unpriced > 0 { format!("{} (no known price)", model.model) } else { model.model.clone() };
        table.row([name].into_iter().chain(counts).chain(usd));
    }
    let count = |kind| models.iter().filter_map(|model| model.tokens.get(kind)).sum::<u64>();
    let requests = models.iter().map(|model| model.requests).sum::<u64>();
    let counts = [requests].into_iter().chain(kinds.map(count)).map(|count| count.to_string());
    let sums = [cost(models), saved_by_all(models, "cache"), saved_by_all(models, "router")];
    table.row(["total".to_owned()].into_iter().chain(counts).chain(sums.map(|usd| format!("{usd:.6}"))));
    table
}

fn savings(models: &[ModelStats]) -> String {
    let (cache, router) = (saved_by_all(models, "cache"), saved_by_all(models, "router"));
    let without = cost(models) + cache + router;
    let percent = |usd: f64| if without > 0.0 { 100.0 * usd / without } else { 0.0 };
    format!(
        "The cache and the routing saved ${:.6}, which is {:.1} % of the ${without:.6} that the same answers would have \
         cost\nwithout them: the cache {:.1} %, the routing {:.1} %.",
        cache + router,
        percent(cache + router),
        percent(cache),
        percent(router),
    )
}

fn cost(models: &[ModelStats]) -> f64 {
    sum(models, |model| model.cost_usd)
}

fn saved(model: &ModelStats, source: &str) -> f64 {
    model.savings_usd.get(source).copied().unwrap_or(0.0)
}

fn saved_by_all(models: &[ModelStats], source: &str) -> f64 {
    sum(models, |model| saved(model, source))
}

/// Returns the sum over all models. That of none is 0: the standard library's is -0, which is written with its sign.
fn sum(models: &[ModelStats], amount: impl Fn(&ModelStats) -> f64) -> f64 {
    models.iter().fold(0.0, |sum, model| sum + amount(model))
}

fn duration(seconds: f64) -> String {
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 1e-3 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{:.1} µs", seconds * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::answer::Source;

    #[test]
    fn an_answer_names_its_sources() {
        let source = Source { number: 2, part_id: "a.md#1".to_owned(), heading: "Lamps › Oil".to_owned() };
        let shown = Answer { text: "Oil burns. [2]".to_owned(), sources: vec![source], missing_notes: 1 };
        assert_eq!(
            answer("What burns?", &shown),
            "What burns?\n\n  Oil burns. [2]\n\n  [2] a.md#1  Lamps › Oil\n  \
             (relevant parts skipped, since they have no note: 1)\n"
        );
    }

    #[test]
    fn nothing_spent_has_no_sign() {
        assert!(
            savings(&[]).starts_with("The cache and the routing saved $0.000000, which is 0.0 % of the $0.000000 ")
        );
        assert!(!money(&[]).to_string().contains('-'), "{}", money(&[]));
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        let text = wrapped(&"lighthouse ".repeat(20));
        assert!(text.lines().all(|line| line.chars().count() <= LINE_WIDTH), "{text}");
        assert_eq!(text.split_whitespace().count(), 20);
    }

    #[test]
    fn durations_have_the_unit_that_suits_them() {
        assert_eq!([2.345, 0.0123, 0.000_045].map(duration), ["2.35 s", "12.3 ms", "45.0 µs"]);
    }
}
