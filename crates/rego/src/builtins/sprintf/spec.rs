//! The flags, width and precision of one verb, and how they pad text.

use kpolicy_value::Runes;

/// How a verb wants its argument written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spec {
    /// `#`: the alternate form.
    pub(super) sharp: bool,
    /// `0`: pad with zeros on the left.
    pub(super) zero: bool,
    /// `+`: always a sign.
    pub(super) plus: bool,
    /// `-`: pad on the right.
    pub(super) minus: bool,
    /// A space where a plus sign would be.
    pub(super) space: bool,
    /// `%#v`: Go syntax.
    pub(crate) sharp_v: bool,
    /// `%+v`: with field names.
    pub(super) plus_v: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

impl Spec {
    /// For `%v` the flags `#` and `+` have a meaning of their own.
    pub(super) fn ask_for_syntax(&mut self) {
        self.sharp_v = std::mem::take(&mut self.sharp);
        self.plus_v = std::mem::take(&mut self.plus);
    }

    /// Whether numbers fill their width with zeros.
    pub(super) fn fills_with_zeros(&self) -> bool {
        self.zero && !self.minus && self.width.is_some()
    }

    /// The sign that goes before a number.
    pub(super) fn sign(&self, negative: bool) -> &'static str {
        match negative {
            true => "-",
            false if self.plus => "+",
            false if self.space => " ",
            false => "",
        }
    }

    /// Writes `text` in the width asked for, in characters.
    pub(crate) fn pad(&self, out: &mut Vec<u8>, text: &str) {
        self.pad_bytes(out, text.as_bytes());
    }

    /// Writes a string in the width asked for, in characters as Go counts them.
    pub(crate) fn pad_bytes(&self, out: &mut Vec<u8>, text: &[u8]) {
        if self.width.is_none() {
            return out.extend_from_slice(text);
        }
        let missing = self.missing(Runes::of(text).text().chars().count());
        if !self.minus {
            self.push_padding(out, missing);
        }
        out.extend_from_slice(text);
        if self.minus {
            self.push_padding(out, missing);
        }
    }

    /// Writes `text` in the width asked for, with blanks only.
    pub(super) fn pad_with_blanks(&self, out: &mut Vec<u8>, text: &str) {
        Self {
            zero: false,
            ..self.clone()
        }
        .pad(out, text);
    }

    /// How much a text of this length lacks to the width.
    pub(super) fn missing(&self, length: usize) -> usize {
        self.width.unwrap_or(0).saturating_sub(length)
    }

    fn push_padding(&self, out: &mut Vec<u8>, count: usize) {
        let fill = if self.zero && !self.minus { b'0' } else { b' ' };
        out.extend(std::iter::repeat_n(fill, count));
    }

    /// `text` with at most as many characters as the precision says.
    pub(crate) fn truncate<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(count) = self.precision else { return text };
        let runes = Runes::of(text);
        let end = runes.text().char_indices().nth(count);
        end.map_or(text, |(end, _)| runes.bytes(0, end))
    }
}

/// Writes strings one after the other.
pub(crate) fn push(out: &mut Vec<u8>, all: &[&str]) {
    all.iter().for_each(|text| out.extend_from_slice(text.as_bytes()));
}
