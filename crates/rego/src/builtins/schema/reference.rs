//! References of schemas: URLs, resolved against each other, with a JSON pointer behind the `#`.
//!
//! Follows gojsonreference and gojsonpointer, and Go 1.26 net/url: URL.ResolveReference, URL.String

use std::fmt;

use crate::builtins::Failure;
use crate::builtins::encoding::{Part, check_url, escape, unescape};
use kpolicy_value::Value;

/// A reference, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reference {
    scheme: String,
    /// What follows the scheme where no slash does.
    opaque: String,
    authority: String,
    path: String,
    query: Option<String>,
    /// Without escapes.
    fragment: String,
}

impl Reference {
    /// Reads a reference; the error is Go's for one that is no URL.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        check_url(text).map_err(Failure::Builtin)?;
        let (front, fragment) = text.split_once('#').unwrap_or((text, ""));
        let fragment = unescape(fragment.as_bytes(), Part::Fragment).unwrap_or_default();
        let mut reference = Self {
            fragment: String::from_utf8_lossy(&fragment).into_owned(),
            ..Self::default()
        };
        let mut rest = front;
        if let Some((scheme, after)) = front.split_once(':')
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        {
            reference.scheme = scheme.to_ascii_lowercase();
            rest = after;
        }
        if let Some((before, query)) = rest.split_once('?') {
            reference.query = Some(query.to_owned());
            rest = before;
        }
        if !rest.starts_with('/') && !reference.scheme.is_empty() {
            reference.opaque = rest.to_owned();
            return Ok(reference);
        }
        if let Some(after) = rest.strip_prefix("//")
            && (!reference.scheme.is_empty() || !rest.starts_with("///"))
        {
            let end = after.find('/').unwrap_or(after.len());
            reference.authority = after[..end].to_owned();
            rest = &after[end..];
        }
        reference.path = rest.to_owned();
        Ok(reference)
    }

    /// The reference that `child` is where this one is the base.
    pub(super) fn join(&self, child: &Self) -> Self {
        let mut joined = child.clone();
        if child.scheme.is_empty() {
            joined.scheme.clone_from(&self.scheme);
        }
        if !child.scheme.is_empty() || !child.authority.is_empty() {
            joined.path = resolve(&child.path, "");
            return joined;
        }
        if !child.opaque.is_empty() {
            return joined;
        }
        if child.path.is_empty() && child.query.is_none() {
            joined.query.clone_from(&self.query);
        }
        if child.path.is_empty() && !self.opaque.is_empty() {
            joined.opaque.clone_from(&self.opaque);
            return joined;
        }
        joined.authority.clone_from(&self.authority);
        joined.path = resolve(&self.path, &child.path);
        joined
    }

    /// The reference without what follows its `#`.
    pub(super) fn document(&self) -> Self {
        Self {
            fragment: String::new(),
            ..self.clone()
        }
    }

    /// Whether it says where its document is, whatever it is resolved against.
    pub(super) fn is_canonical(&self) -> bool {
        match &*self.scheme {
            "file" => self.path.starts_with('/'),
            scheme => !scheme.is_empty() && !self.authority.is_empty(),
        }
    }

    /// Whether it names a file.
    pub(super) fn is_file(&self) -> bool {
        self.scheme == "file"
    }

    /// The part of a document that the pointer leads to; all of it where there is no pointer.
    pub(super) fn part<'v>(&self, document: &'v Value) -> Result<&'v Value, Failure> {
        let Some(pointer) = self.fragment.strip_prefix('/') else {
            return Ok(document);
        };
        let mut found = document;
        for token in pointer.split('/') {
            found = match found {
                Value::Object(object) => {
                    let name = token.replace("~1", "/").replace("~0", "~");
                    let missing = || Failure::Builtin(format!("Object has no key '{name}'"));
                    object.field(&name).ok_or_else(missing)?
                }
                Value::Array(items) => {
                    let wrong = |_| Failure::Builtin(format!("Invalid array index '{token}'"));
                    let index: i64 = token.parse().map_err(wrong)?;
                    let length = items.len();
                    let item = usize::try_from(index).ok().and_then(|index| items.get(index));
                    item.ok_or_else(|| Failure::Builtin(format!("Out of bound array[0,{length}] index '{index}'")))?
                }
                _ => return Err(Failure::Builtin(format!("Invalid token reference '{token}'"))),
            };
        }
        Ok(found)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(out, "{}:", self.scheme)?;
        }
        if !self.opaque.is_empty() {
            out.write_str(&self.opaque)?;
        } else {
            if !self.authority.is_empty() || (self.scheme == "file" && self.path.starts_with('/')) {
                write!(out, "//{}", self.authority)?;
            }
            out.write_str(&self.path)?;
        }
        if let Some(query) = &self.query {
            write!(out, "?{query}")?;
        }
        if !self.fragment.is_empty() {
            write!(out, "#{}", escape(self.fragment.as_bytes(), Part::Fragment))?;
        }
        Ok(())
    }
}

/// A path without `.` and `..`.
fn resolve(base: &str, path: &str) -> String {
    let full = match path {
        "" => base.to_owned(),
        _ if path.starts_with('/') => path.to_owned(),
        _ => format!("{}{path}", &base[..base.rfind('/').map_or(0, |slash| slash + 1)]),
    };
    if full.is_empty() {
        return full;
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = full.trim_start_matches('/').split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if segments.peek().is_none() {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}
