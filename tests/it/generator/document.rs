//! Random documents. Their keys are those that policies ask for.

use serde_json::{Map, Value as Json, json};

use super::Writer;

/// The keys of objects.
pub(super) const KEYS: [&str; 8] = ["x", "a", "b", "y", "xs", "m", "r0", "0"];
/// The texts.
pub(super) const TEXTS: [&str; 8] = ["a", "b", "", "x", "ab", "B", "a,b", "1"];

impl Writer<'_, '_> {
    /// An input: most of what policies ask for is there.
    pub(super) fn input(&mut self) -> Json {
        let mut input = Map::new();
        for key in ["xs", "m", "a", "n", "s", "o"] {
            let value = match key {
                "xs" => self.list(2),
                "m" => self.map(2),
                "n" => self.number(),
                "s" => json!(*self.choices.pick(&TEXTS)),
                _ => self.document(3),
            };
            if !self.choices.once_in(8) {
                input.insert(key.to_owned(), value);
            }
        }
        Json::Object(input)
    }

    /// A document of at most this depth.
    pub(super) fn document(&mut self, depth: usize) -> Json {
        match self.choices.among(if depth == 0 { 7 } else { 12 }) {
            0 | 1 => self.number(),
            2..4 => json!(*self.choices.pick(&TEXTS)),
            4 => json!(true),
            5 => json!(false),
            6 => Json::Null,
            7..9 => self.list(depth - 1),
            _ => self.map(depth - 1),
        }
    }

    fn number(&mut self) -> Json {
        match self.choices.among(7) {
            6 => json!(*self.choices.pick(&[0.5, 1.0, -2.5, 1e20])),
            number => json!(number),
        }
    }

    fn list(&mut self, depth: usize) -> Json {
        (0..self.choices.among(4)).map(|_| self.document(depth)).collect()
    }

    fn map(&mut self, depth: usize) -> Json {
        let mut map = Map::new();
        for _ in 0..self.choices.among(5) {
            let key = *self.choices.pick(&KEYS);
            map.insert(key.to_owned(), self.document(depth));
        }
        Json::Object(map)
    }
}
