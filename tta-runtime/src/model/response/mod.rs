//! Parsing of the usage in a provider's response.

mod body_parts;
mod counts;
mod keys;
mod path;
mod shapes;
mod tables;

use serde_json::Value;

use self::body_parts::Node;
use self::counts::Counts;
use self::keys::KeySet;
pub(super) use self::keys::is_key_of_usage;
use self::path::Path;
use self::shapes::{EVERYWHERE, MOST_ENVELOPES};
use self::tables::{ParsedShape, TABLES};
use super::nano_usd::NanoUsd;
use super::service_tier::ServiceTier;
use super::usage::Usage;
use crate::schema::providers::Provider;

/// The largest plausible cost of a call, a million dollars.
const MOST_COST: NanoUsd = NanoUsd(1_000_000_000_000_000);

/// The most choices of a response that are read.
const MOST_CHOICES: usize = 128;

/// The longest identifier or name, in bytes; longer text is ignored.
const LONGEST_TEXT: usize = 256;

impl Usage {
    /// Parses the usage in a response, or in one event of a streamed response. Returns `None` if it reports no tokens.
    ///
    /// `provider` is the provider of the call, such as `openai`, `azure`, `anthropic`, `google`, `bedrock`, `cohere`, `mistral`
    /// or `ollama`. It resolves fields that providers use with different meanings. All shapes are recognized for any provider,
    /// since gateways pass them on: by the counts that they have, and if several fit by those that are not zero.
    ///
    /// Counts are normalized: the input includes tokens read from and written to a cache, the output includes reasoning.
    /// The body may be a whole response, an event of a stream, all events as a list, or a result of a batch.
    ///
    /// In a list that begins with a number, a vector, no usage is looked for.
    ///
    /// A count that is negative, fractional, above 10¹² or not a number is ignored. Without any count there is no usage. No
    /// body makes this function panic.
    ///
    /// ```
    /// use tta_runtime::llm::Usage;
    ///
    /// let body = serde_json::json!({
    ///     "model": "claude-sonnet-4-5",
    ///     "usage": { "input_tokens": 500, "cache_read_input_tokens": 400, "output_tokens": 200 },
    /// });
    /// let usage = Usage::from_response("anthropic", &body).unwrap();
    /// assert_eq!((usage.input_tokens, usage.cached_input_tokens, usage.output_tokens), (900, 400, 200));
    /// assert_eq!(Usage::from_response("anthropic", &serde_json::json!({ "type": "ping" })), None);
    /// ```
    #[must_use]
    pub fn from_response(provider: &str, body: &Value) -> Option<Self> {
        read(provider, &Node::of(body))
    }

    /// Parses the usage in the text of a response, as [`from_response`](Self::from_response) does in a parsed one. Returns `None` if
    /// it reports no tokens.
    ///
    /// Only the parts of the text in which usage may stand are parsed: texts, vectors and images are skipped without a copy. Names of
    /// fields, and texts that are skipped, are not checked for whether they are UTF-8.
    ///
    /// ```
    /// use tta_runtime::llm::Usage;
    ///
    /// let body = br#"{"choices": [{"message": {"content": "Bergen"}}], "usage": {"prompt_tokens": 12, "completion_tokens": 3}}"#;
    /// assert_eq!(Usage::from_response_text("openai", body).unwrap(), Some(Usage::new(12, 3)));
    /// assert!(Usage::from_response_text("openai", b"upstream timed out").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not one value in JSON. A stream of events has one in each event.
    pub fn from_response_text(provider: &str, text: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        Ok(read(provider, &Node::parse(text)?))
    }

    /// Counts the searches that an answer of Gemini's is grounded in: since its third generation each one is billed, before
    /// that each answer.
    fn add_grounding(&mut self, wrapper: &Node<'_>) {
        let mut queries = 0;
        TABLES.grounding.each(wrapper, &mut |_| queries += 1);
        let per_answer = ["gemini-1", "gemini-2"];
        let model = self.response_model.as_deref().unwrap_or_default();
        let billed = if per_answer.iter().any(|start| model.starts_with(start)) { queries.min(1) } else { queries };
        self.web_searches = self.web_searches.max(billed);
    }
}

/// Reads the usage in the parts of a response, or of several ones.
fn read(provider: &str, body: &Node<'_>) -> Option<Usage> {
    let row = Provider::in_name(provider).map(|row| row.name);
    if let Node::List(parts) = body {
        let usages = parts.iter().filter_map(|part| read(provider, part));
        return usages.reduce(|mut whole, part| {
            whole.merge(part);
            whole
        });
    }
    let (wrapper, mut counts) = best_counts(row, body)?;
    for (path, kind) in &TABLES.tool_calls {
        path.each(wrapper, &mut |call| {
            // Opening a page that was found is part of the search.
            let action = TABLES.search_action.first(call).and_then(Node::as_str);
            if matches!(action, None | Some("search")) {
                counts.add_to(*kind, 1);
            }
        });
    }
    let mut usage = counts.usage();
    let first = |path: &Path| path.first(wrapper).or_else(|| path.first(body));
    // The id of a batch's result is not that of the response in it.
    let is_of_batch = body.get(TABLES.batch_key).is_some();
    usage.response_model = text(wrapper, &TABLES.models).or_else(|| text(body, &TABLES.models));
    usage.response_id = text(wrapper, &TABLES.ids).or_else(|| text(body, &TABLES.ids).filter(|_| !is_of_batch));
    let tier = |path: &Path| ServiceTier::from_name(first(path)?.as_str()?);
    usage.service_tier = TABLES.service_tiers.iter().find_map(tier);
    if matches!(usage.service_tier, None | Some(ServiceTier::Standard)) {
        let is_fast = first(&TABLES.speed).and_then(Node::as_str) == Some("fast");
        let of_batch = is_of_batch.then_some(ServiceTier::Batch);
        usage.service_tier = is_fast.then_some(ServiceTier::Fast).or(of_batch).or(usage.service_tier);
    }
    let region = first(&TABLES.inference_geo).and_then(Node::as_str).map(str::to_lowercase);
    usage.inference_geo =
        region.filter(|region| !EVERYWHERE.contains(&region.as_str()) && region.len() <= LONGEST_TEXT);
    usage.cost = row.and_then(|row| reported_cost(row, wrapper));
    usage.finish_reasons = finish_reasons(wrapper);
    if usage.finish_reasons.is_empty() {
        usage.finish_reasons = finish_reasons(body);
    }
    if first(&TABLES.annotation).is_some_and(|annotation| *annotation != Node::Null) {
        usage.annotated_document_pages = usage.document_pages;
    }
    usage.add_grounding(wrapper);
    Some(usage)
}

/// Finds the counts of a body, and the part of the body that has them: the first object in which a shape has counts that are
/// not zero, and of several shapes there the provider's own or else the one with the largest counts.
fn best_counts<'n, 'a>(row: Option<&str>, body: &'n Node<'a>) -> Option<(&'n Node<'a>, Counts)> {
    let mut zero = None;
    counts_inside(row, body, MOST_ENVELOPES, &mut zero).or(zero)
}

fn counts_inside<'n, 'a>(
    row: Option<&str>,
    body: &'n Node<'a>,
    depth: usize,
    zero: &mut Option<(&'n Node<'a>, Counts)>,
) -> Option<(&'n Node<'a>, Counts)> {
    match counts_in(row, body) {
        Some(counts) if counts.own() > 0 => return Some((body, counts)),
        Some(counts) if zero.is_none() => *zero = Some((body, counts)),
        Some(_) | None => {}
    }
    let depth = depth.checked_sub(1)?;
    let inner = TABLES.envelopes.iter().filter_map(|key| body.get(*key));
    // Of lists, only those of choices are short.
    inner.filter(|inner| inner.is_object()).find_map(|inner| counts_inside(row, inner, depth, zero)).or_else(|| {
        let choices = body.get(TABLES.choices)?.items();
        choices.iter().take(MOST_CHOICES).find_map(|choice| counts_inside(row, choice, depth, zero))
    })
}

fn counts_in(row: Option<&str>, wrapper: &Node<'_>) -> Option<Counts> {
    let mut best: Option<((bool, bool, bool, u64), Fit<'_, '_>)> = None;
    let keys = wrapper.keys();
    // Most shapes look at the same object.
    let mut latest: Option<(&Node<'_>, KeySet)> = None;
    for shape in &TABLES.shapes {
        let is_own = row.is_some_and(|row| shape.providers.contains(&row));
        if !shape.providers.is_empty() && !is_own {
            continue;
        }
        for place in shape.objects.iter().filter(|place| place.may_be_in(&keys)) {
            let Some(object) = place.path.first(wrapper) else { continue };
            let known = latest.take().filter(|(latest, _)| std::ptr::eq(*latest, object));
            let (_, keys) = latest.insert(known.unwrap_or_else(|| (object, object.keys())));
            let Some(counts) = Counts::own_of(shape, object, keys) else { continue };
            let rank = (counts.own() > 0, place.is_billed, is_own, counts.own());
            if best.as_ref().is_none_or(|(best, _)| rank > *best) {
                best = Some((rank, Fit { counts, shape, object, keys: *keys }));
            }
        }
    }
    best.map(|(_, Fit { counts, shape, object, keys })| counts.with_others(shape, object, &keys))
}

/// The own counts of a shape, and the object that has them.
struct Fit<'n, 'a> {
    counts: Counts,
    shape: &'static ParsedShape,
    object: &'n Node<'a>,
    keys: KeySet,
}

/// Returns the cost that a provider reports; `None` for 0, which gateways also report for what they do not bill themselves.
fn reported_cost(row: &str, wrapper: &Node<'_>) -> Option<NanoUsd> {
    let usd = |path: &Path, one: f64| {
        let cost = path.first(wrapper)?.as_f64()?;
        NanoUsd::from_usd(cost * one).filter(|cost| *cost <= MOST_COST)
    };
    let cost = TABLES.costs.iter().filter(|(name, ..)| *name == row).find_map(|(_, path, one)| usd(path, *one))?;
    let upstream = usd(&TABLES.upstream_cost, 1.0).unwrap_or_default();
    let cost = match TABLES.pays_upstream.first(wrapper).and_then(Node::as_bool) {
        // The fee alone is not the cost.
        Some(true) if upstream == NanoUsd(0) => return None,
        Some(true) => cost.saturating_add(upstream),
        None if cost == NanoUsd(0) => upstream,
        Some(false) | None => cost,
    };
    (cost > NanoUsd(0)).then_some(cost)
}

/// Reads the usage of a streamed response, event by event.
///
/// ```
/// use serde_json::json;
/// use tta_runtime::llm::UsageReader;
///
/// let mut reader = UsageReader::new("anthropic");
/// for event in [
///     json!({ "type": "message_start", "message": { "usage": { "input_tokens": 25, "output_tokens": 1 } } }),
///     json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": "Bergen" } }),
///     json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 15 } }),
/// ] {
///     reader.read(&event);
/// }
/// let usage = reader.usage().unwrap();
/// assert_eq!((usage.input_tokens, usage.output_tokens), (25, 15));
/// ```
#[derive(Clone, Debug)]
pub struct UsageReader {
    provider: String,
    usage: Option<Usage>,
    /// Kept apart: the reasons may arrive before the counts.
    finish_reasons: Vec<String>,
}

impl UsageReader {
    /// Creates a reader for a response of this provider; see [`Usage::from_response`].
    #[must_use]
    pub fn new(provider: impl Into<String>) -> Self {
        Self { provider: provider.into(), usage: None, finish_reasons: Vec::new() }
    }

    /// Reads one event of the response; ignores events without usage.
    pub fn read(&mut self, part: &Value) {
        let part = Node::of(part);
        let reasons = finish_reasons(&part);
        if !reasons.is_empty() {
            self.finish_reasons = reasons;
        }
        if let Some(usage) = read(&self.provider, &part) {
            if !usage.finish_reasons.is_empty() {
                self.finish_reasons.clone_from(&usage.finish_reasons);
            }
            match &mut self.usage {
                Some(before) => before.merge(usage),
                before @ None => *before = Some(usage),
            }
        }
    }

    /// Returns the usage that the events so far report together, `None` if none reported tokens.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        let mut usage = self.usage.clone()?;
        usage.finish_reasons.clone_from(&self.finish_reasons);
        Some(usage)
    }
}

fn text(body: &Node<'_>, paths: &[Path]) -> Option<String> {
    let text = paths.iter().find_map(|path| path.first(body)?.as_str())?;
    (!text.is_empty() && text.len() <= LONGEST_TEXT).then(|| text.to_owned())
}

fn finish_reasons(body: &Node<'_>) -> Vec<String> {
    let mut reasons = Vec::new();
    for path in &TABLES.finish_reasons {
        path.each(body, &mut |reason| {
            if let Some(reason) = reason.as_str().filter(|reason| (1..=LONGEST_TEXT).contains(&reason.len()))
                && reasons.len() < MOST_CHOICES
            {
                reasons.push(reason.to_owned());
            }
        });
        if !reasons.is_empty() {
            break;
        }
    }
    reasons
}

#[cfg(test)]
mod extractor_tests;
#[cfg(test)]
mod tests;
