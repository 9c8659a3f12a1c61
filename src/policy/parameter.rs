//! What policies can be set by: a parameter's name, type and default, as METADATA declares them.

use std::fmt;

use kpolicy_value::{Number, Value};

pub(super) mod check;

/// A parameter of a policy.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, the last key below `data.params`.
    pub name: String,
    /// What values it takes.
    pub kind: Type,
    /// What holds where it is not set; nothing of one that has to be set.
    pub default: Option<Value>,
    /// Whether it has to be given: its policy is not run without.
    pub required: bool,
    /// What it is for.
    pub description: String,
}

/// What values a parameter takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A list, of values of one type or of any.
    Array(Option<Box<Type>>),
    /// A table of any keys, with values of one type or of any.
    Object(Option<Box<Type>>),
}

/// A part of a value that does not have the expected type.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch<'a> {
    /// Where in the value.
    pub path: Vec<Value>,
    /// The expected type.
    pub wanted: &'a Type,
    /// What is there.
    pub found: &'a Value,
}

impl Parameter {
    /// A parameter as METADATA declares it, or what is wrong with the declaration.
    pub fn read(name: &str, declared: &Value) -> Result<Self, String> {
        let text = |field: &str| {
            let text = declared.field(field).and_then(Value::as_str);
            text.map(|text| text.trim().to_owned())
                .ok_or(format!("parameter {name} has no {field}"))
        };
        let words = text("type")?;
        let kind = Type::of_words(&words).ok_or(format!("parameter {name}: {words} is not a type"))?;
        let default = declared.field("default").cloned();
        if default.as_ref().is_some_and(|default| !kind.holds(default)) {
            return Err(format!("parameter {name}: the default is not of type {kind}"));
        }
        let required = declared.field("required") == Some(&Value::Bool(true));
        if required == default.is_some() {
            return Err(format!("parameter {name} requires either a default or required: true"));
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            default,
            required,
            description: text("description")?,
        })
    }
}

impl Type {
    /// The type that words such as `array of strings` name.
    pub fn of_words(words: &str) -> Option<Self> {
        let (word, of) = match words.split_once(" of ") {
            Some((word, of)) => (word, Some(Box::new(Self::of_words(of)?))),
            None => (words, None),
        };
        match (word.strip_suffix('s').unwrap_or(word), of) {
            ("boolean", None) => Some(Self::Boolean),
            ("integer", None) => Some(Self::Integer),
            ("number", None) => Some(Self::Number),
            ("string", None) => Some(Self::String),
            ("array", of) => Some(Self::Array(of)),
            ("object", of) => Some(Self::Object(of)),
            _ => None,
        }
    }

    /// Whether a value is of this type, with all that is in it.
    pub fn holds(&self, value: &Value) -> bool {
        self.mismatch(value).is_none()
    }

    /// The first part of a value that is not of its type.
    pub fn mismatch<'a>(&'a self, value: &'a Value) -> Option<Mismatch<'a>> {
        match (self, value) {
            (Self::Boolean, Value::Bool(_)) | (Self::Number, Value::Number(_)) | (Self::String, Value::String(_)) => {
                None
            }
            (Self::Integer, Value::Number(number)) if is_whole(number) => None,
            (Self::Array(of), Value::Array(items)) => {
                let indexes = (0..).map(|index: i64| Value::from(index));
                first_mismatch(of.as_deref(), indexes.zip(items.iter()))
            }
            (Self::Object(of), Value::Object(object)) => {
                first_mismatch(of.as_deref(), object.iter().map(|(key, value)| (key.clone(), value)))
            }
            _ => Some(Mismatch {
                path: Vec::new(),
                wanted: self,
                found: value,
            }),
        }
    }

    /// The words for one value of this type, or for several.
    fn words(&self, several: bool) -> String {
        let (word, of) = match self {
            Self::Boolean => ("boolean", &None),
            Self::Integer => ("integer", &None),
            Self::Number => ("number", &None),
            Self::String => ("string", &None),
            Self::Array(of) => ("array", of),
            Self::Object(of) => ("object", of),
        };
        let plural = if several { "s" } else { "" };
        let of = of
            .as_ref()
            .map_or_else(String::new, |of| format!(" of {}", of.words(true)));
        format!("{word}{plural}{of}")
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words(false))
    }
}

fn first_mismatch<'a>(of: Option<&'a Type>, parts: impl Iterator<Item = (Value, &'a Value)>) -> Option<Mismatch<'a>> {
    let of = of?;
    parts.into_iter().find_map(|(key, part)| {
        let mut mismatch = of.mismatch(part)?;
        mismatch.path.insert(0, key);
        Some(mismatch)
    })
}

fn is_whole(number: &Number) -> bool {
    number
        .to_string()
        .bytes()
        .all(|byte| byte == b'-' || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Type;
    use kpolicy_value::Value;

    #[test]
    fn a_type_is_named_by_words_and_says_them_again() {
        for words in ["boolean", "integer", "number", "string", "array", "object"] {
            assert_eq!(Type::of_words(words).expect("a type").to_string(), words);
        }
        for words in ["array of strings", "object of arrays of integers", "array of objects"] {
            assert_eq!(Type::of_words(words).expect("a type").to_string(), words);
        }
        for words in ["text", "string of numbers", "array of", "array of lists", ""] {
            assert_eq!(Type::of_words(words), None, "{words}");
        }
    }

    #[test]
    fn a_type_holds_its_values_and_no_others() {
        let cases = [
            ("boolean", json!(true), json!("true")),
            ("integer", json!(-3), json!(3.5)),
            ("number", json!(3.5), json!("3")),
            ("string", json!(""), json!(null)),
            ("array", json!([1, "a"]), json!({})),
            ("array of strings", json!(["a"]), json!(["a", 1])),
            ("object", json!({"a": 1}), json!([])),
            ("object of arrays of strings", json!({"a": ["b"]}), json!({"a": "b"})),
        ];
        for (words, fits, other) in cases {
            let kind = Type::of_words(words).expect("a type");
            assert!(kind.holds(&Value::from_json(&fits)), "{words}: {fits}");
            assert!(!kind.holds(&Value::from_json(&other)), "{words}: {other}");
        }
    }
}
