//! What of a query can be completed, and with what.

/// Where the word at a place begins, and the words that start with it.
pub(super) fn complete(words: &[String], line: &str, at: usize) -> (usize, Vec<String>) {
    let before = line.get(..at).unwrap_or(line);
    let is_word = |letter: char| letter.is_alphanumeric() || "_.:[]\"-".contains(letter);
    let mut start = before.len();
    let mut open = 0;
    for (place, letter) in before.char_indices().rev() {
        // A bracket that is open before the word is no part of it: `[input.x`.
        match letter {
            ']' => open += 1,
            '[' if open == 0 => {
                let rest = &before[place + 1..];
                if !rest.is_empty() && !rest.starts_with('"') && !rest.starts_with(|next: char| next.is_ascii_digit()) {
                    break;
                }
            }
            '[' => open -= 1,
            _ => {}
        }
        if !is_word(letter) {
            break;
        }
        start = place;
    }
    let word = &before[start..];
    if word.is_empty() {
        return (start, Vec::new());
    }
    // One step at a time: what stands after the next dot is for the next time.
    let step = |candidate: &String| {
        let rest = candidate.strip_prefix(word)?;
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, letter)| matches!(letter, '.' | '['));
        Some(format!("{word}{}", end.map_or(rest, |(end, _)| &rest[..end])))
    };
    let mut found: Vec<String> = words.iter().filter_map(step).filter(|found| found != word).collect();
    found.dedup();
    (start, found)
}

#[cfg(test)]
mod tests {
    use super::complete;

    #[test]
    fn the_word_before_the_cursor_is_completed_step_by_step() {
        let words = [
            "count",
            "data.main.deny",
            "data.main.warn",
            "input",
            "input.kind",
            "input.spec",
            "input.spec.a",
            "input.list[0].x",
            ":input",
        ];
        let words: Vec<String> = words.map(str::to_owned).into();
        let at_end = |line: &str| complete(&words, line, line.len());
        assert_eq!(at_end("cou"), (0, vec!["count".to_owned()]));
        assert_eq!(at_end("x := data.m"), (5, vec!["data.main".to_owned()]));
        assert_eq!(
            at_end("data.main."),
            (0, vec!["data.main.deny".to_owned(), "data.main.warn".to_owned()])
        );
        assert_eq!(at_end("f(input.s"), (2, vec!["input.spec".to_owned()]));
        assert_eq!(at_end("[input.k"), (1, vec!["input.kind".to_owned()]));
        assert_eq!(at_end("input.list[0]."), (0, vec!["input.list[0].x".to_owned()]));
        assert_eq!(at_end(":in"), (0, vec![":input".to_owned()]));
        assert_eq!(at_end("x "), (2, vec![]));
    }
}
