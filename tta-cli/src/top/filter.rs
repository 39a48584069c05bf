//! The filter of traces as it is typed.

/// The parameters of the API that a filter may name.
pub(super) const NAMES: [&str; 8] =
    ["outcome", "workflow", "model", "primitive", "min_cost", "max_cost", "min_seconds", "max_seconds"];

/// Splits a filter into parameters of the API: words such as `outcome=timeout`, and the text that is looked for.
pub(super) fn parameters(filter: &str) -> Vec<(String, String)> {
    let named = |word: &&str| word.split_once('=').is_some_and(|(name, _)| NAMES.contains(&name));
    let (named, texts): (Vec<_>, Vec<_>) = filter.split_whitespace().partition(named);
    let mut parameters: Vec<_> = named
        .into_iter()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if !texts.is_empty() {
        parameters.push(("text".to_owned(), texts.join(" ")));
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn words_that_name_a_parameter_are_one_and_the_others_are_the_text() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(parameters("  "), []);
        assert_eq!(parameters("rate limit"), [pair("text", "rate limit")]);
        assert_eq!(
            parameters("outcome=timeout a=b min_cost=0.01 slow"),
            [pair("outcome", "timeout"), pair("min_cost", "0.01"), pair("text", "a=b slow")]
        );
    }
}
