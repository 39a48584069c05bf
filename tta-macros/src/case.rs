//! Letter cases of names: checking for `snake_case`, and the conversions that `rename_all` names.

/// Joins the words of a name.
pub(crate) type Rename = fn(&[String]) -> String;

/// The letter cases that `rename_all` accepts, each with its conversion.
pub(crate) const RENAME_RULES: &[(&str, Rename)] = &[
    ("snake_case", |words| words.join("_")),
    ("kebab-case", |words| words.join("-")),
    ("lowercase", |words| words.concat()),
    ("UPPERCASE", |words| words.concat().to_uppercase()),
    ("SCREAMING_SNAKE_CASE", |words| words.join("_").to_uppercase()),
    ("PascalCase", |words| words.iter().map(|word| capitalize(word)).collect()),
    ("camelCase", |words| {
        let mut words = words.iter();
        let first = words.next().cloned().unwrap_or_default();
        first + &words.map(|word| capitalize(word)).collect::<String>()
    }),
];

/// Returns whether a text is `[a-z][a-z0-9_]*`.
pub(crate) fn is_snake_case(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// Converts a name with capitals, hyphens or dots, if the result is [snake case](is_snake_case).
pub(crate) fn to_snake_case(text: &str) -> Option<String> {
    let mut snake = String::new();
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(if letter == '-' || letter == '.' { '_' } else { letter.to_ascii_lowercase() });
    }
    is_snake_case(&snake).then_some(snake)
}

/// Splits a name into its words: `HTTPServerError2` into `http`, `server` and `error2`.
pub(crate) fn split_words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let starts = match before {
            None | Some('_') => true,
            Some(before) if letter.is_uppercase() => {
                !before.is_uppercase() || letters.get(index + 1).is_some_and(|next| next.is_lowercase())
            }
            Some(_) => false,
        };
        if letter == '_' {
            continue;
        }
        if starts || words.is_empty() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

fn capitalize(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_capitals() {
        for (name, expected) in [
            ("InternalOnly", "internal_only"),
            ("HTTPServer", "http_server"),
            ("V2", "v2"),
            ("Gpt4oMini", "gpt4o_mini"),
            ("a_b", "a_b"),
        ] {
            assert_eq!(split_words(name).join("_"), expected);
        }
    }

    #[test]
    fn each_rule_converts_to_its_case() {
        let words = split_words("InternalOnly");
        let forms: Vec<String> = RENAME_RULES.iter().map(|(_, rename)| rename(&words)).collect();
        let expected = [
            "internal_only",
            "internal-only",
            "internalonly",
            "INTERNALONLY",
            "INTERNAL_ONLY",
            "InternalOnly",
            "internalOnly",
        ];
        assert_eq!(forms, expected);
    }
}
