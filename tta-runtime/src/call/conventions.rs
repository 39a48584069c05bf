//! The metrics of OpenTelemetry's conventions that a model call adds to.

use crate::clock::Monotonic;
use crate::metric::NearSeries;
use crate::model::{ModelCall, Usage};
use crate::recorder::Recorder;
use crate::schema::Id;
use crate::schema::genai;

/// The modality of tokens if the provider does not report it.
const UNKNOWN: &str = "unknown";

const AUDIO: &str = "audio";
const IMAGE: &str = "image";

/// Counts an item of a stream that came so many nanoseconds after the one before.
pub(super) fn count_chunk(recorder: &'static Recorder, operation: &str, call: &ModelCall, waited: u64) {
    let provider = genai::provider(&call.name.provider).unwrap_or(&call.name.provider);
    let labels = [operation, provider, &call.name.model];
    recorder.add_of(call.sampled(recorder), Id::GenAiTimePerOutputChunk, &labels, waited);
}

/// Counts a model call between its start and its end; `error` is the type of its error.
pub(super) fn count(
    recorder: &'static Recorder,
    operation: &str,
    call: &ModelCall,
    (start, at): (Monotonic, Monotonic),
    error: Option<&str>,
) {
    let sampled = call.sampled(recorder);
    let provider = genai::provider(&call.name.provider).unwrap_or(&call.name.provider);
    let model = &*call.name.model;
    let response = call.reported.iter().rev().find_map(|usage| usage.response_model.as_deref()).unwrap_or_default();

    let labels = [operation, provider, model, response, error.unwrap_or_default()];
    let has_usage = !call.reported.is_empty();
    let went_well = has_usage && error.is_none();
    let near = call.cells.map(|cells| &cells.conventions).filter(|near| near.are_of(labels, went_well));
    let add = |series: Option<&NearSeries>, id: Id, labels: &[&str], n: u64| match series {
        Some(series) => recorder.add_same(series, sampled, id, labels, n),
        None => recorder.add_of(sampled, id, labels, n),
    };
    let since_start = |at: Monotonic| at.0.saturating_sub(start.0);
    add(near.map(|near| &near.duration), Id::GenAiOperationDuration, &labels, since_start(at));
    if let Some(times) = &call.items {
        // The first chunk came, whatever became of the call.
        let [operation, provider, model, response, _] = labels;
        let labels = [operation, provider, model, response];
        recorder.add_of(sampled, Id::GenAiTimeToFirstChunk, &labels, since_start(times.first));
    }
    // By the conventions, a call that reports nothing adds 0 to the counters of an unknown modality, and is not in the histograms.
    let sum = |part: fn(&Usage) -> u64| call.reported.iter().map(part).fold(0_u64, u64::saturating_add);
    let (input, output) = (sum(|usage| usage.input_tokens), sum(|usage| usage.output_tokens));
    if has_usage {
        add(near.map(|near| &near.input), Id::GenAiInputTokens, &labels, input);
    }
    if has_usage && !call.is_embedding {
        add(near.map(|near| &near.output), Id::GenAiOutputTokens, &labels, output);
    }
    let cached = sum(|usage| usage.cached_input_tokens);
    let (cached_image, cached_audio) = (sum(|usage| usage.cached_image_tokens), sum(|usage| usage.cached_audio_tokens));
    let (image, audio) = (sum(|usage| usage.image_input_tokens), sum(|usage| usage.audio_input_tokens));
    let [image_read, audio_read, read] = apart(cached, cached_image, cached_audio);
    let [image_input, audio_input, other_input] =
        apart(input, image.saturating_add(cached_image), audio.saturating_add(cached_audio));
    let [image_output, audio_output, other_output] =
        apart(output, sum(|usage| usage.image_output_tokens), sum(|usage| usage.audio_output_tokens));
    let by_modality = [
        (IMAGE, "input", image_input),
        (AUDIO, "input", audio_input),
        (UNKNOWN, "input", other_input),
        (IMAGE, "output", image_output),
        (AUDIO, "output", audio_output),
        (UNKNOWN, "output", other_output),
        (IMAGE, "cache_read", image_read),
        (AUDIO, "cache_read", audio_read),
        (UNKNOWN, "cache_read", read),
        (UNKNOWN, "cache_write", sum(Usage::cache_write_tokens)),
        (UNKNOWN, "reasoning", sum(|usage| usage.reasoning_tokens)),
    ];
    for (place, (modality, part, tokens)) in by_modality.into_iter().enumerate() {
        // A request for embeddings has input alone.
        let is_part_of_all = part == "input" || !call.is_embedding;
        if tokens > 0 || (modality == UNKNOWN && is_part_of_all) {
            let near = near.and_then(|near| near.usage.get(place));
            let labels = [operation, provider, model, response, modality, part];
            add(near, Id::GenAiUsage, &labels, tokens);
        }
    }
}

/// Splits tokens into those of images, those of audio, and the rest: together never more than all of them.
fn apart(all: u64, image: u64, audio: u64) -> [u64; 3] {
    let image = image.min(all);
    let audio = audio.min(all - image);
    [image, audio, all - image - audio]
}
