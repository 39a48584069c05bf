//! `tta prices diff`: the models whose prices differ between two sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use tta_runtime::llm::{NanoUsd, PriceList, Usage};

use crate::command::failure::Failure;
use crate::command::output::Output;
use crate::command::verdict::Verdict;

/// Prints the models whose prices differ
///
/// A line has the prices of a million tokens in US dollars, in A and in B, and the factor from A to B, or says that one of them
/// has none. Prices are those that a call would have: without a price of its own, a dated model has that of its family, and
/// cached tokens have that of input. The models of a file are compared with the bundled prices. The exit code is 1 if a price differs.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// A price file in LiteLLM's format, or `bundled` for the prices of the library
    a: PathBuf,
    /// The other price file, or `bundled`
    b: PathBuf,
}

/// The name of the library's own prices.
const BUNDLED: &str = "bundled";

/// The number of tokens that are priced: few enough for the prices of short inputs.
const TOKENS: u64 = 1_000;

/// A kind of token.
struct Kind {
    name: &'static str,
    is_output: bool,
    /// Makes tokens of a usage tokens of this kind.
    part: fn(Usage) -> Usage,
}

impl Kind {
    const fn input(name: &'static str, part: fn(Usage) -> Usage) -> Self {
        Self { name, is_output: false, part }
    }

    const fn output(name: &'static str, part: fn(Usage) -> Usage) -> Self {
        Self { name, is_output: true, part }
    }

    /// Returns the price of [`TOKENS`] tokens of this kind.
    fn price(&self, list: &PriceList, provider: &str, model: &str) -> Option<NanoUsd> {
        let whole = if self.is_output { Usage::new(0, TOKENS) } else { Usage::new(TOKENS, 0) };
        list.price(provider, model, &(self.part)(whole))
    }
}

/// The kinds of token that others are parts of: first that of input, then that of output.
const WHOLES: &[Kind] = &[Kind::input("input", |usage| usage), Kind::output("output", |usage| usage)];

/// The kinds of token that are parts of others.
const PARTS: &[Kind] = &[
    Kind::input("cached input", |usage| usage.with_cached_input_tokens(TOKENS)),
    Kind::input("cache write", |usage| usage.with_cache_write_5m_tokens(TOKENS)),
    Kind::input("cache write for 1 h", |usage| usage.with_cache_write_1h_tokens(TOKENS)),
    Kind::input("audio input", |usage| usage.with_audio_input_tokens(TOKENS)),
    Kind::input("image input", |usage| usage.with_image_input_tokens(TOKENS)),
    Kind::output("reasoning", |usage| usage.with_reasoning_tokens(TOKENS)),
    Kind::output("audio output", |usage| usage.with_audio_output_tokens(TOKENS)),
    Kind::output("image output", |usage| usage.with_image_output_tokens(TOKENS)),
];

impl Diff {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let mut output = Output::default();
        let lists = [read(&self.a)?, read(&self.b)?];
        let lists = match lists {
            [Ok(a), Ok(b)] => [a, b],
            refused => {
                for error in refused.into_iter().filter_map(Result::err) {
                    output.line(error);
                }
                output.finish()?;
                return Ok(Verdict::Found);
            }
        };
        let [a, b] = &lists;
        let entries = lists.each_ref().map(|list| list.models().into_iter().collect::<BTreeSet<_>>());
        let [in_a, in_b] = &entries;
        let (mut both, mut different) = (0, 0);
        for name in &self.compared(a, b) {
            let (provider, model) = name;
            // An entry may have no price per token, such as one that is billed by the second.
            let prices = |list, entries: &BTreeSet<_>| {
                Prices::of(list, provider, model).or_else(|| entries.contains(name).then(Prices::none))
            };
            let (Some(of_a), Some(of_b)) = (prices(a, in_a), prices(b, in_b)) else { continue };
            both += 1;
            let changes = of_a.changes(&of_b);
            if !changes.is_empty() {
                different += 1;
                let name = if provider.is_empty() { model.clone() } else { format!("{provider} {model}") };
                output.line(format_args!("{name}: {}", changes.join(", ")));
            }
        }
        let only_a = in_a.difference(in_b).filter(|name| is_lacking(b, name)).count();
        let only_b = in_b.difference(in_a).filter(|name| is_lacking(a, name)).count();
        output.line(format_args!(
            "{different} of {both} models have other prices; {only_a} are only in {}, {only_b} only in {}",
            self.a.display(),
            self.b.display()
        ));
        output.finish()?;
        Ok(if different > 0 { Verdict::Found } else { Verdict::Clean })
    }
}

impl Diff {
    /// Returns the names to compare: all names, but those of the file alone where the other side is bundled.
    fn compared(&self, a: &PriceList, b: &PriceList) -> BTreeSet<(String, String)> {
        let [a_is_bundled, b_is_bundled] = [&self.a, &self.b].map(|path| path == Path::new(BUNDLED));
        let of_a = a.models().into_iter().filter(|_| !a_is_bundled || b_is_bundled);
        of_a.chain(b.models().into_iter().filter(|_| !b_is_bundled)).collect()
    }
}

/// Reads a list of prices, or the reason that it is refused.
fn read(path: &Path) -> Result<Result<PriceList, String>, Failure> {
    if path == Path::new(BUNDLED) {
        return Ok(Ok(PriceList::bundled()));
    }
    // A missing file is a failure of the command, not a mistake in prices.
    std::fs::File::open(path).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    Ok(PriceList::read(path).map_err(|error| error.to_string()))
}

/// Returns whether a model that has no entry in a list has no price there either, such as that of its family.
fn is_lacking(list: &PriceList, (provider, model): &(String, String)) -> bool {
    Prices::of(list, provider, model).is_none()
}

/// The prices of one model.
struct Prices {
    wholes: Vec<Option<NanoUsd>>,
    parts: Vec<Option<NanoUsd>>,
}

impl Prices {
    /// Returns the prices, `None` without any.
    fn of(list: &PriceList, provider: &str, model: &str) -> Option<Self> {
        let of = |kinds: &[Kind]| kinds.iter().map(|kind| kind.price(list, provider, model)).collect::<Vec<_>>();
        let prices = Self { wholes: of(WHOLES), parts: of(PARTS) };
        prices.wholes.iter().any(Option::is_some).then_some(prices)
    }

    /// Returns the prices of a model without any.
    fn none() -> Self {
        Self { wholes: vec![None; WHOLES.len()], parts: vec![None; PARTS.len()] }
    }

    /// Returns the prices that differ.
    fn changes(&self, other: &Self) -> Vec<String> {
        let wholes = WHOLES.iter().zip(self.wholes.iter().zip(&other.wholes));
        // A part that costs what its whole costs, in both lists, has no price of its own.
        let is_own = |kind: &Kind, a: &Option<NanoUsd>, b: &Option<NanoUsd>| {
            let whole = usize::from(kind.is_output);
            self.wholes.get(whole) != Some(a) || other.wholes.get(whole) != Some(b)
        };
        let parts = PARTS.iter().zip(self.parts.iter().zip(&other.parts));
        let parts = parts.filter(|(kind, (a, b))| is_own(kind, a, b));
        wholes.chain(parts).filter_map(|(kind, (a, b))| change(kind.name, *a, *b)).collect()
    }
}

/// Returns the prices of a million tokens and their factor, `None` if they are equal.
fn change(kind: &str, a: Option<NanoUsd>, b: Option<NanoUsd>) -> Option<String> {
    let of_million = |nanos: NanoUsd| NanoUsd(nanos.0.saturating_mul(1_000_000 / TOKENS));
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (Some(a), None) => return Some(format!("{kind} {} → none (no price any more)", of_million(a))),
        (None, Some(b)) => return Some(format!("{kind} none → {} (new price)", of_million(b))),
        (None, None) => return None,
    };
    let factor = match (a.0, b.0) {
        (a, b) if a == b => return None,
        (0, _) => "not free any more".to_owned(),
        (a, b) => format!("{} ×", (b as f64 / a as f64 * 1_000.0).round() / 1_000.0),
    };
    Some(format!("{kind} {} → {} ({factor})", of_million(a), of_million(b)))
}
