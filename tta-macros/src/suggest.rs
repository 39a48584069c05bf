//! Suggests the known word that is nearest to an unknown one, for messages such as "did you mean `llm`?".

/// Returns the end of a message: the nearest known word as a question, or `otherwise` if no known word is near.
pub(crate) fn did_you_mean_or(word: &str, known: &[&str], otherwise: &str) -> String {
    let near = nearest(word, known.iter().copied());
    near.map_or_else(|| format!("; {otherwise}"), |near| format!("; did you mean `{near}`?"))
}

/// Returns the words as a list for a message: `a`, `b` or `c`.
pub(crate) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Returns the known word with the smallest edit distance, if that is at most a third of its length.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (edit_distance(&lower, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().max(3)) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Counts the insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
fn edit_distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (row, cells) in rows.iter_mut().enumerate() {
        cells[0] = row;
    }
    rows[0] = (0..=right.len()).collect();
    for row in 1..=left.len() {
        for column in 1..=right.len() {
            let replaced = rows[row - 1][column - 1] + usize::from(left[row - 1] != right[column - 1]);
            let mut best = replaced.min(rows[row - 1][column] + 1).min(rows[row][column - 1] + 1);
            let swapped =
                row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
            if swapped {
                best = best.min(rows[row - 2][column - 2] + 1);
            }
            rows[row][column] = best;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_word() {
        let known = ["llm", "tool", "retrieval", "latency_target"];
        assert_eq!(nearest("lmm", known), Some("llm"));
        assert_eq!(nearest("LLM", known), Some("llm"));
        assert_eq!(nearest("retreival", known), Some("retrieval"));
        assert_eq!(nearest("latency_taget", known), Some("latency_target"));
    }

    #[test]
    fn a_distant_word_finds_nothing() {
        assert_eq!(nearest("database", ["llm", "tool"]), None);
        assert_eq!(did_you_mean_or("database", &["llm", "tool"], "write `llm`"), "; write `llm`");
    }

    #[test]
    fn a_list_reads_as_a_sentence() {
        assert_eq!(one_of(&["a"]), "`a`");
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
