//! The order of keys in written YAML: letters after other characters except after a digit, numbers in a key
//! by their size.

use std::cmp::Ordering;
use std::sync::LazyLock;

static DIGIT: LazyLock<regex::Regex> = LazyLock::new(|| regex::Regex::new(r"^\p{Nd}$").expect("the pattern is valid"));
static LETTER: LazyLock<regex::Regex> = LazyLock::new(|| regex::Regex::new(r"^\p{L}$").expect("the pattern is valid"));

/// Which key comes first.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    match a.iter().zip(&b).position(|(a, b)| a != b) {
        None => a.len().cmp(&b.len()),
        Some(at) => compare_at(&a, &b, at),
    }
}

fn is_digit(character: char) -> bool {
    DIGIT.is_match(character.encode_utf8(&mut [0; 4]))
}

fn compare_at(a: &[char], b: &[char], at: usize) -> Ordering {
    let letter = |character: char| LETTER.is_match(character.encode_utf8(&mut [0; 4]));
    let behind_digit = at > 0 && is_digit(a[at - 1]);
    match (letter(a[at]), letter(b[at])) {
        (true, true) => return a[at].cmp(&b[at]),
        // `1a` comes before `10`, though letters come after other characters.
        (a, b) if a != b => {
            return if a == behind_digit {
                Ordering::Less
            } else {
                Ordering::Greater
            };
        }
        _ => {}
    }
    // After a number that is not zero alone a further zero counts.
    let before = a[..at].iter().rev().take_while(|character| character.is_ascii_digit());
    let zero = a[at] == '0' || b[at] == '0';
    let start = i64::from(zero && before.into_iter().any(|digit| *digit != '0'));
    let number = |text: &[char]| {
        let digits = text[at..].iter().map_while(|character| character.to_digit(10));
        digits.fold((start, 0), |(number, length), digit| {
            (number.wrapping_mul(10).wrapping_add(i64::from(digit)), length + 1)
        })
    };
    number(a).cmp(&number(b)).then(a[at].cmp(&b[at]))
}
