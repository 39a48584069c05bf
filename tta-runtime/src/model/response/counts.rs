//! The counts of one shape in one object of a body.

use super::body_parts::Node;
use super::keys::KeySet;
use super::path::Path;
use super::shapes::{BILLED_ITERATIONS, Count, Inclusion};
use super::tables::{ParsedRow, ParsedShape, TABLES};
use crate::model::usage::Usage;

/// The largest plausible count of tokens; the largest models read about ten million.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// The sums of the counts in an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    usage: Usage,
    /// The sum of the shape's own counts, as they are written.
    own: u64,
    has_input: bool,
    written: u64,
    text: u64,
    audio: u64,
    image: u64,
    video: u64,
    cached_video: u64,
    text_output: u64,
    total: Option<u64>,
    /// Read with the own counts, which they may exceed, and added after all others.
    iterations: Option<Box<Iterations>>,
}

impl Counts {
    /// Reads the counts of a shape in an object with these keys; `None` if the object has none of the shape's own.
    fn read(shape: &ParsedShape, object: &Node<'_>, keys: &KeySet) -> Option<Self> {
        Some(Self::own_of(shape, object, keys)?.with_others(shape, object, keys))
    }

    /// Reads the shape's own counts in an object with these keys; `None` if the object has none of them.
    pub(super) fn own_of(shape: &ParsedShape, object: &Node<'_>, keys: &KeySet) -> Option<Self> {
        if !shape.may_be_in(keys) {
            return None;
        }
        let mut counts = Self::default();
        let mut fits = false;
        for row in &shape.own {
            fits |= counts.add(row, object, keys);
        }
        if !fits {
            return None;
        }
        counts.own = counts.usage.total_tokens().saturating_add(counts.usage.quantities().iter().sum());
        counts.iterations = Iterations::read(shape, object).map(Box::new);
        Some(counts)
    }

    /// Adds the other counts of the object in which the shape's own were read.
    pub(super) fn with_others(mut self, shape: &ParsedShape, object: &Node<'_>, keys: &KeySet) -> Self {
        let excludes_cache = excludes_cache(shape.inclusion, object);
        let cache: &[ParsedRow] = match excludes_cache {
            Some(true) => &TABLES.besides_input,
            Some(false) => &TABLES.in_input,
            None => &[],
        };
        for row in shape.others.iter().chain(cache) {
            self.add(row, object, keys);
        }
        self.complete(shape.inclusion, excludes_cache != Some(true));
        if let Some(iterations) = self.iterations.take() {
            self.add_iterations(*iterations);
        }
        self
    }

    /// Returns the sum of the shape's own counts; 0 says nothing about the shape.
    pub(super) fn own(&self) -> u64 {
        let in_iterations = self.iterations.as_ref().map_or(0, |iterations| iterations.billed.total_tokens());
        self.own.max(in_iterations)
    }

    /// Adds a number of an object with these keys; returns whether the object has it.
    fn add(&mut self, row: &ParsedRow, object: &Node<'_>, keys: &KeySet) -> bool {
        let mut most = None;
        for number in row.paths.iter().filter(|number| number.may_be_in(keys)) {
            let mut sum: Option<u64> = None;
            number.path.each(object, &mut |found| {
                let read = if number.is_length {
                    found.list_length()
                } else if row.counts.contains(&Count::Seconds) {
                    milliseconds(found)
                } else {
                    count(found)
                };
                if let Some(read) = read {
                    sum = Some(sum.unwrap_or(0).saturating_add(read));
                }
            });
            most = most.max(sum);
        }
        let Some(number) = most else { return false };
        for kind in row.counts {
            self.add_to(*kind, number);
        }
        true
    }

    /// Adds a number to a sum.
    pub(super) fn add_to(&mut self, kind: Count, number: u64) {
        let usage = &mut self.usage;
        let sum = match kind {
            Count::Input => {
                self.has_input = true;
                &mut usage.input_tokens
            }
            Count::Cached => &mut usage.cached_input_tokens,
            Count::CachedAudio => &mut usage.cached_audio_tokens,
            Count::CachedImage => &mut usage.cached_image_tokens,
            Count::CachedVideo => &mut self.cached_video,
            Count::Written => &mut self.written,
            Count::Written5m => &mut usage.cache_write_5m_tokens,
            Count::Written1h => &mut usage.cache_write_1h_tokens,
            Count::Text => &mut self.text,
            Count::Audio => &mut self.audio,
            Count::Image => &mut self.image,
            Count::Video => &mut self.video,
            Count::Output => &mut usage.output_tokens,
            Count::Reasoning => &mut usage.reasoning_tokens,
            Count::TextOutput => &mut self.text_output,
            Count::AudioOutput => &mut usage.audio_output_tokens,
            Count::ImageOutput => &mut usage.image_output_tokens,
            Count::VideoOutput => &mut usage.video_output_tokens,
            Count::Citation => &mut usage.citation_tokens,
            Count::Total => self.total.get_or_insert(0),
            Count::WebSearches => &mut usage.web_searches,
            Count::FileSearches => &mut usage.file_searches,
            Count::CodeExecutions => &mut usage.code_executions,
            Count::OtherTools => &mut usage.other_tool_calls,
            Count::Reranks => &mut usage.rerank_searches,
            Count::Pages => &mut usage.document_pages,
            Count::Seconds => &mut usage.audio_milliseconds,
            Count::Characters => &mut usage.input_characters,
            Count::Messages => &mut usage.text_messages,
        };
        *sum = sum.saturating_add(number);
    }

    /// Completes the usage: parts that are beside their whole, cached modalities, and the total.
    fn complete(&mut self, inclusion: Inclusion, may_exclude_cache: bool) {
        let Self { written, cached_video, total, .. } = *self;
        let usage = &mut self.usage;
        // Cache writes of unreported duration last 5 minutes, the default.
        usage.cache_write_5m_tokens =
            usage.cache_write_5m_tokens.max(written.saturating_sub(usage.cache_write_1h_tokens));
        let written_parts = usage.cache_write_tokens();

        if !self.has_input {
            usage.input_tokens = self.text.saturating_add(self.audio).saturating_add(self.image);
        }
        if usage.output_tokens == 0 {
            usage.output_tokens = self.text_output.saturating_add(usage.audio_output_tokens);
        }
        let base = usage.total_tokens();
        let (reasoning, cached) = (usage.reasoning_tokens, usage.cached_input_tokens.saturating_add(written_parts));
        let says = |sum: u64| total == Some(sum);
        if inclusion != Inclusion::AsInRows && reasoning > 0 {
            let is_excluded = match inclusion {
                Inclusion::WithoutReasoning => !says(base),
                _ => reasoning > usage.output_tokens || says(base.saturating_add(reasoning)),
            };
            if is_excluded {
                usage.output_tokens = usage.output_tokens.saturating_add(reasoning);
            }
        }
        if inclusion != Inclusion::AsInRows && may_exclude_cache && cached > 0 {
            let whole = usage.total_tokens();
            if cached > usage.input_tokens || (says(whole.saturating_add(cached)) && !says(whole)) {
                usage.input_tokens = usage.input_tokens.saturating_add(cached);
            }
        }
        usage.audio_input_tokens = self.audio.saturating_sub(usage.cached_audio_tokens);
        usage.image_input_tokens = self.image.saturating_sub(usage.cached_image_tokens);
        usage.video_input_tokens = self.video.saturating_sub(cached_video);
        // Some providers leave what is beside their own counts out of the total.
        let known = [self.own, base, usage.total_tokens()];
        usage.reported_total_tokens = total.filter(|total| !known.contains(total));
    }

    /// Adds the parts of one answer that are billed apart, which Anthropic's counts of the answer leave out.
    fn add_iterations(&mut self, Iterations { billed, others }: Iterations) {
        self.usage.other_tool_calls = self.usage.other_tool_calls.saturating_add(others);
        if billed.total_tokens() > 0 {
            self.usage.reported_total_tokens = None;
            self.own = self.own.max(billed.total_tokens());
            self.usage.merge(billed);
        }
    }

    pub(super) fn usage(self) -> Usage {
        self.usage
    }
}

/// The parts of one answer that are billed apart.
#[derive(Clone, Debug, Default)]
struct Iterations {
    /// Those that have the price of the model.
    billed: Usage,
    /// The number of the others.
    others: u64,
}

impl Iterations {
    /// Reads the parts in the object with the counts of an answer; `None` if it has none.
    fn read(shape: &ParsedShape, object: &Node<'_>) -> Option<Self> {
        let mut sum = Self::default();
        for iteration in object.get(TABLES.iterations)?.items() {
            let kind = iteration.get(TABLES.kind).and_then(Node::as_str).unwrap_or("message");
            let Some(part) = Counts::read(shape, iteration, &iteration.keys()) else { continue };
            if BILLED_ITERATIONS.contains(&kind) {
                sum.billed.add(part.usage);
            } else if part.own() > 0 {
                sum.others = sum.others.saturating_add(1);
            }
        }
        Some(sum)
    }
}

/// Returns whether the input of an object excludes the counts of its cache, by Anthropic's names, in the shape that shares the
/// others with OpenAI's; `None` in other shapes.
fn excludes_cache(inclusion: Inclusion, object: &Node<'_>) -> Option<bool> {
    if inclusion != Inclusion::ExceptAnthropicCache {
        return None;
    }
    let is_included = |path: &Path| path.first(object).and_then(count).is_some_and(|cached| cached > 0);
    Some(!TABLES.includes_cached.iter().any(is_included))
}

/// Parses a count of tokens; some providers write it as a float.
fn count(number: &Node<'_>) -> Option<u64> {
    let whole = number.as_u64().or_else(|| {
        let number = number.as_f64()?;
        (number.fract() == 0.0 && (0.0..=MOST_TOKENS as f64).contains(&number)).then_some(number as u64)
    });
    whole.filter(|&number| number <= MOST_TOKENS)
}

/// Parses a number of seconds into milliseconds.
fn milliseconds(number: &Node<'_>) -> Option<u64> {
    let milliseconds = (number.as_f64()? * 1e3).round();
    (0.0..=MOST_TOKENS as f64).contains(&milliseconds).then_some(milliseconds as u64)
}
