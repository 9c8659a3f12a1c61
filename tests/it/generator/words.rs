//! Texts changed word by word: most of what comes out of a policy is one still.

use super::choices::Choices;

/// The text with words taken out, doubled, swapped or replaced by words of its own or of another text, here or wherever
/// they stand, so often at most.
pub(crate) fn changed(text: &str, other: &str, most: usize, choices: &mut Choices) -> String {
    let others = words(other);
    let mut words = words(text);
    for _ in 0..=choices.among(most) {
        // Names make other policies, the rest mostly texts that are none.
        let is_name = |word: &String| word.starts_with(char::is_alphanumeric);
        let names: Vec<usize> = (0..words.len()).filter(|at| is_name(&words[*at])).collect();
        let mut place = || match names.is_empty() || choices.once_in(5) {
            true => choices.among(words.len()),
            false => *choices.pick(&names),
        };
        let (at, other) = (place(), place());
        match choices.among(7) {
            0 => {
                words.remove(at);
            }
            1 => words.insert(at, words[other].clone()),
            2 => words.swap(at, other),
            3 | 4 => words[at] = words[other].clone(),
            5 => {
                let (old, new) = (words[at].clone(), words[other].clone());
                words
                    .iter_mut()
                    .filter(|word| **word == old)
                    .for_each(|word| word.clone_from(&new));
            }
            _ => words[at] = choices.pick(&others).clone(),
        }
        if words.is_empty() {
            break;
        }
    }
    words.concat()
}

/// The words of a text: names, numbers, white space, and every other character by itself.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let sort = |letter: char| match letter {
        _ if letter.is_alphanumeric() || letter == '_' => 1,
        _ if letter.is_whitespace() => 2,
        _ => 0,
    };
    for letter in text.chars() {
        match words.last_mut() {
            Some(word) if sort(letter) > 0 && word.chars().last().map(sort) == Some(sort(letter)) => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    if words.is_empty() {
        words.push(" ".to_owned());
    }
    words
}
