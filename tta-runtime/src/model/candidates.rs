//! The names under which prices may list a model, from the one that was given to the least specific one.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::quality::RandomState;

use super::bundled::Remembered;
use crate::schema::providers::{PROVIDERS, Provider};

/// A name under which prices may list a model.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The provider's row, `None` if it has none.
    pub(super) row: Option<&'static Provider>,
    pub(super) provider: String,
    /// The provider's name in price files.
    pub(super) provider_in_files: String,
    pub(super) model: String,
    pub(super) variant: Variant,
    /// Its bundled prices.
    pub(super) remembered: Remembered,
}

/// The parts of the given name that the candidate lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Variant {
    /// Nothing that affects the price.
    #[default]
    Same,
    /// A fine-tuned model, which costs more than its base.
    FineTuned,
    /// The provider adds the results of web searches, and bills them.
    WithWebSearch,
    /// The provider offers it for nothing.
    Free,
}

/// The most names that are tried for one model.
const MOST_CANDIDATES: usize = 24;

/// The longest name of a model that is taken apart, in bytes.
const LONGEST_NAME: usize = 512;

/// The candidates of a model, by provider and model.
type Known = HashMap<String, HashMap<String, Arc<[Candidate]>, RandomState>, RandomState>;

/// The most providers that are remembered, and the most models of each. Names may come from input without bound.
const MOST_KNOWN: [usize; 2] = [64, 256];

/// Returns the names to look for, the given one first. They follow from the given name alone, so they are remembered.
pub(super) fn candidates(provider: &str, model: &str) -> Arc<[Candidate]> {
    static KNOWN: RwLock<Option<Known>> = RwLock::new(None);
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.as_ref().and_then(|known| known.get(provider)?.get(model)) {
        return Arc::clone(found);
    }
    drop(known);
    let found: Arc<[Candidate]> = all(provider, model).into();
    if provider.len().max(model.len()) <= LONGEST_NAME {
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        let known = known.get_or_insert_default();
        let [most_providers, most_models] = MOST_KNOWN;
        if known.len() < most_providers || known.contains_key(provider) {
            let models = known.entry(provider.to_owned()).or_default();
            if models.len() < most_models {
                models.insert(model.to_owned(), Arc::clone(&found));
            }
        }
    }
    found
}

/// Returns whether two names, each a provider and a model, are those of one model to the prices.
pub(crate) fn is_same_model(one: [&str; 2], other: [&str; 2]) -> bool {
    let lists = |[provider, model]: [&str; 2], [_, wanted]: [&str; 2]| {
        let wanted = wanted.trim().to_lowercase();
        candidates(provider, model)
            .iter()
            .any(|candidate| candidate.variant == Variant::Same && candidate.model == wanted)
    };
    lists(one, other) || lists(other, one)
}

fn all(provider: &str, model: &str) -> Vec<Candidate> {
    let row = Provider::in_name(provider);
    let first = Candidate {
        row,
        provider: provider.to_owned(),
        provider_in_files: name_in_files(provider),
        model: model.trim().to_lowercase(),
        variant: Variant::Same,
        remembered: Remembered::default(),
    };
    let mut found = vec![first];
    if model.len() > LONGEST_NAME {
        return found;
    }
    let mut next = 0;
    while let Some(candidate) = found.get(next).cloned() {
        next += 1;
        for shorter in shorter(&candidate) {
            let is_new = found.iter().all(|known| {
                (known.row.map(|row| row.name), &known.model) != (shorter.row.map(|row| row.name), &shorter.model)
            });
            if is_new && !shorter.model.is_empty() && found.len() < MOST_CANDIDATES {
                found.push(shorter);
            }
        }
    }
    // The models of other providers come last, since a gateway's own price applies first.
    found.sort_by_key(|candidate| candidate.row.map(|row| row.name) != row.map(|row| row.name));
    found
}

/// Returns the names that lack one prefix or suffix of a candidate's.
fn shorter(candidate: &Candidate) -> Vec<Candidate> {
    let mut names = Vec::new();
    let model = candidate.model.as_str();
    let named = |model: &str| Candidate { model: model.to_owned(), ..candidate.clone() };
    let is = |name: &str| candidate.row.is_some_and(|row| row.name == name);

    // `arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0`
    if model.starts_with("arn:") {
        names.extend(model.split('/').nth(1).map(named));
        return names;
    }
    // `projects/p/locations/l/publishers/google/models/gemini-2.5-pro`, `models/gemini-2.5-pro`, `accounts/a/models/m`
    if let Some((start, rest)) = model.rsplit_once("models/")
        && (start.is_empty() || start.ends_with('/'))
    {
        names.push(named(rest));
    }
    if let Some(rest) = model.strip_prefix("publishers/").and_then(|rest| rest.split_once('/')) {
        names.push(named(rest.1));
    }
    if let Some((prefix, rest)) = model.split_once('/') {
        match Provider::named(prefix) {
            // `openrouter/…` at OpenRouter, `bedrock/…` at Bedrock.
            Some(row) if candidate.row.is_some_and(|own| std::ptr::eq(own, row)) => names.push(named(rest)),
            // `anthropic/…` at a gateway, or at a provider that sells models of others.
            Some(row) => {
                names.push(Candidate {
                    row: Some(row),
                    provider: row.name.to_owned(),
                    provider_in_files: name_in_files(row.name),
                    ..named(rest)
                });
                names.push(named(rest));
            }
            None if is("bedrock") && is_path_of_bedrock(prefix) => names.push(named(rest)),
            None => {}
        }
    }
    // `us.anthropic.claude-…`: an inference profile for a part of the world.
    if let Some((geography, rest)) = model.split_once('.')
        && GEOGRAPHIES.contains(&geography)
        && rest.contains('.')
    {
        names.push(named(rest));
    }
    // `ft:gpt-4o-mini-2024-07-18:organization::id`
    if let Some(rest) = model.strip_prefix("ft:")
        && let Some(base) = rest.split(':').next()
    {
        names.push(named(&format!("ft:{base}")));
        names.push(Candidate { variant: Variant::FineTuned, ..named(base) });
        return names;
    }
    // `gpt-4o-mini-2024-07-18.ft-0123`: a deployment of a fine-tuned model at Azure.
    if let Some((base, _)) = model.split_once(".ft-") {
        names.push(Candidate { variant: Variant::FineTuned, ..named(base) });
    }
    if let Some((base, suffix)) = model.rsplit_once(':')
        && let Some((_, variant)) = SUFFIXES.iter().find(|(known, _)| *known == suffix)
        && (*variant != Variant::Free || is("openrouter"))
    {
        let variant = if candidate.variant == Variant::Same { *variant } else { candidate.variant };
        names.push(Candidate { variant, ..named(base) });
    }
    // `claude-sonnet-4-5@20250929`, `gemini-2.0-flash@001`
    if let Some((base, _)) = model.split_once('@') {
        names.push(named(base));
    }
    names.extend(without_version(model).map(named));
    names.extend(without_date(model).map(named));
    names
}

/// The parts of the world in the names of Bedrock's inference profiles.
const GEOGRAPHIES: &[&str] = &[
    "us", "eu", "apac", "global", "jp", "au", "ca", "sa", "us-gov", "uk", "in", "me", "il", "af", "mx", "kr", "sg",
    "cn",
];

/// The suffixes that select how a gateway serves a model, and what they mean for its price.
const SUFFIXES: &[(&str, Variant)] = &[
    ("free", Variant::Free),
    ("online", Variant::WithWebSearch),
    ("nitro", Variant::Same),
    ("floor", Variant::Same),
    ("thinking", Variant::Same),
    ("exacto", Variant::Same),
    ("extended", Variant::Same),
    ("beta", Variant::Same),
    ("batch", Variant::Same),
    ("latest", Variant::Same),
];

/// Returns whether a part of a path says where or how Bedrock serves a model: `us-east-1`, `converse`, `1-month-commitment`.
fn is_path_of_bedrock(part: &str) -> bool {
    let is_region = part.split('-').count() >= 3 && part.ends_with(|last: char| last.is_ascii_digit());
    is_region || part.ends_with("-commitment") || ["converse", "invoke", "converse_like", "mantle"].contains(&part)
}

/// Returns the name without a revision at its end: `-v1:0`, `:0`, `-001` or `-latest`.
fn without_version(model: &str) -> Option<&str> {
    if let Some((base, revision)) = model.rsplit_once(':')
        && is_number(revision)
    {
        return Some(base);
    }
    let (base, last) = model.rsplit_once('-')?;
    let is_version = last == "latest"
        || (last.len() == 3 && last.starts_with('0') && is_number(last))
        || last.strip_prefix('v').is_some_and(is_number);
    is_version.then_some(base)
}

/// Returns the name without a date at its end: `-20250929` or `-2025-09-29`.
fn without_date(model: &str) -> Option<&str> {
    let is_date = |date: &str| date.starts_with("20") && date.len() == 8 && is_number(date);
    if let Some((base, last)) = model.rsplit_once('-')
        && is_date(last)
    {
        return Some(base);
    }
    let base = model.get(..model.len().checked_sub("-2025-09-29".len())?)?;
    let date = model.get(base.len()..)?;
    let parts: Vec<_> = date.split('-').map(str::len).collect();
    (parts == [0, 4, 2, 2] && is_date(&date.replace('-', ""))).then_some(base)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the name of a provider among those of price files.
///
/// LiteLLM splits Vertex AI by the makers of the models (`vertex_ai-anthropic_models`), and prices of a model at each of two
/// providers of one company stay apart (`azure` and `azure_ai`).
pub(super) fn name_in_files(provider: &str) -> String {
    let name = provider.trim().to_lowercase();
    if PROVIDERS.iter().any(|row| row.files.contains(&name.as_str())) {
        return name;
    }
    let whole = Provider::named(&name).or_else(|| Provider::named(name.split('-').next()?));
    whole.and_then(|row| row.files.first()).map_or(name, |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{candidates, is_same_model};

    fn names(provider: &str, model: &str) -> Vec<String> {
        let named = |candidate: super::Candidate| match candidate.row {
            Some(row) => format!("{} {}", row.name, candidate.model),
            None => candidate.model,
        };
        candidates(provider, model).iter().cloned().map(named).collect()
    }

    #[test]
    fn names_are_the_same_when_they_are_remembered_and_when_too_many_are_known() {
        for n in 0..400 {
            let model = format!("models/model-{n}-2024-11-20");
            let expected = [
                format!("models/model-{n}-2024-11-20"),
                format!("model-{n}-2024-11-20"),
                format!("models/model-{n}"),
                format!("model-{n}"),
            ];
            for _ in 0..2 {
                assert_eq!(names("remembering", &model), expected);
            }
        }
    }

    #[test]
    fn the_given_name_is_tried_first_and_the_least_specific_last() {
        assert_eq!(names("openai", "GPT-4o"), ["openai gpt-4o"]);
        assert_eq!(names("openai", "gpt-4o-2024-11-20"), ["openai gpt-4o-2024-11-20", "openai gpt-4o"]);
        assert_eq!(
            names("aws.bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-x-20250929-v1:0"),
            [
                "bedrock arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-x-20250929-v1:0",
                "bedrock us.anthropic.claude-x-20250929-v1:0",
                "bedrock anthropic.claude-x-20250929-v1:0",
                "bedrock us.anthropic.claude-x-20250929-v1",
                "bedrock anthropic.claude-x-20250929-v1",
                "bedrock us.anthropic.claude-x-20250929",
                "bedrock anthropic.claude-x-20250929",
                "bedrock us.anthropic.claude-x",
                "bedrock anthropic.claude-x",
            ]
        );
        assert_eq!(
            names("vertex_ai", "publishers/google/models/gemini-9@001"),
            [
                "vertex_ai publishers/google/models/gemini-9@001",
                "vertex_ai gemini-9@001",
                "vertex_ai models/gemini-9@001",
                "vertex_ai publishers/google/models/gemini-9",
                "vertex_ai gemini-9",
                "vertex_ai models/gemini-9",
            ]
        );
        assert_eq!(
            names("openrouter", "openrouter/anthropic/claude-x:nitro"),
            [
                "openrouter openrouter/anthropic/claude-x:nitro",
                "openrouter anthropic/claude-x:nitro",
                "openrouter openrouter/anthropic/claude-x",
                "openrouter claude-x:nitro",
                "openrouter anthropic/claude-x",
                "openrouter claude-x",
                "anthropic claude-x:nitro",
                "anthropic claude-x",
            ]
        );
        assert_eq!(
            names("openai", "ft:gpt-4o-mini-2024-07-18:us:help:9"),
            [
                "openai ft:gpt-4o-mini-2024-07-18:us:help:9",
                "openai ft:gpt-4o-mini-2024-07-18",
                "openai gpt-4o-mini-2024-07-18",
                "openai gpt-4o-mini",
            ]
        );
    }

    #[test]
    fn two_names_are_of_one_model_if_one_is_a_longer_form_of_the_other() {
        for (one, other) in [
            (["openai", "gpt-4o"], ["openai", " GPT-4o"]),
            (["openai", "gpt-4o-2024-11-20"], ["azure", "gpt-4o"]),
            (["openrouter", "openai/gpt-4o:nitro"], ["openai", "gpt-4o"]),
        ] {
            assert!(is_same_model(one, other) && is_same_model(other, one), "{one:?} {other:?}");
        }
        for (one, other) in [
            (["openai", "gpt-4o"], ["openai", "gpt-4o-mini"]),
            (["openai", "gpt-4o-2024-11-20"], ["openai", "gpt-4o-2024-05-13"]),
            (["openai", "ft:gpt-4o-2024-11-20:us:help:9"], ["openai", "gpt-4o"]),
        ] {
            assert!(!is_same_model(one, other) && !is_same_model(other, one), "{one:?} {other:?}");
        }
    }
}
