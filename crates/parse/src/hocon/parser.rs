//! HOCON's grammar.

use std::sync::Arc;

use super::MAX_DEPTH;
use super::store::{ObjectId, Raw, Store, Substitution};
use super::text::{is_blank, scalar, unquoted};
use crate::ParseError;
use crate::document::{Node, Span};
use crate::imports::Imports;
use kpolicy_value::{LineIndex, Value};

/// How many files may include each other.
const MAX_INCLUDES: usize = 20;

/// What a text defines, and its root.
pub(super) fn parse(text: &str, imports: &dyn Imports) -> Result<(Store, Raw), ParseError> {
    let mut store = Store::default();
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        store: &mut store,
        imports,
        name: String::new(),
        included: None,
        level: 0,
        path: Vec::new(),
        prefix: Arc::default(),
    };
    let root = parser.root()?;
    Ok((store, root))
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    depth: usize,
    store: &'a mut Store,
    imports: &'a dyn Imports,
    /// The file's name, as imports know it.
    name: String,
    /// Where the document includes the file, if it is not the document.
    included: Option<Span>,
    /// How many files include it.
    level: usize,
    /// The keys that the current object is under.
    path: Vec<Arc<str>>,
    /// Those that the file was included under.
    prefix: Arc<[Arc<str>]>,
}

type Parse<T> = Result<T, ParseError>;

impl Parser<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The span from `start`; in an included file that of its include.
    fn span(&self, start: usize) -> Span {
        self.included.unwrap_or_else(|| Span::new(start, self.at.max(start)))
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = self.peek().map_or("the end of the file".to_owned(), |char| {
            format!("`{}`", char.escape_debug())
        });
        let width = self.peek().map_or(0, char::len_utf8);
        ParseError::new(
            format!("expected {wanted}, found {found}"),
            Span::new(self.at, self.at + width),
        )
    }

    fn nest(&mut self) -> Parse<()> {
        if self.depth + self.path.len() >= MAX_DEPTH {
            let message = format!("objects and arrays nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, Span::new(self.at, self.at)));
        }
        self.depth += 1;
        Ok(())
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_blank).len();
    }

    /// Skips blanks, line breaks and comments; whether there was a line break.
    fn skip_lines(&mut self) -> bool {
        let mut found = false;
        loop {
            self.skip_blanks();
            let rest = self.rest();
            if rest.starts_with('\n') {
                found = true;
                self.at += 1;
            } else if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                return found;
            }
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn root(&mut self) -> Parse<Raw> {
        self.skip_lines();
        let root = match self.peek() {
            Some('{' | '[') => self.value()?,
            _ => {
                let object = self.store.new_object();
                self.fields(object)?;
                Raw::Object(object, Span::new(0, self.text.len()))
            }
        };
        self.skip_lines();
        match self.peek() {
            None => Ok(root),
            Some(_) => Err(self.unexpected("the end of the file")),
        }
    }

    /// The fields of an object, to its end.
    fn fields(&mut self, object: ObjectId) -> Parse<()> {
        self.skip_lines();
        while !matches!(self.peek(), None | Some('}')) {
            if !self.include(object)? {
                self.field(object)?;
            }
            if !self.separator() && !matches!(self.peek(), None | Some('}')) {
                return Err(self.unexpected("`,` or a line break"));
            }
        }
        Ok(())
    }

    /// Skips what is between two items: a comma, or a line break.
    fn separator(&mut self) -> bool {
        let line = self.skip_lines();
        let comma = self.eat(",");
        self.skip_lines();
        line || comma
    }

    fn field(&mut self, object: ObjectId) -> Parse<()> {
        let path = self.key("=:{")?;
        let depth = self.path.len();
        self.path.extend(path.iter().map(|(key, _)| Arc::clone(key)));
        self.nest()?;
        self.skip_lines();
        let start = self.at;
        let raw = if self.eat("+=") {
            self.skip_lines();
            let item = self.value()?;
            Raw::Append(Box::new(item), self.span(start))
        } else if self.peek() == Some('{') || self.eat("=") || self.eat(":") {
            self.skip_lines();
            self.value()?
        } else {
            return Err(self.unexpected("`=`, `:` or `{` after a key"));
        };
        self.depth -= 1;
        self.path.truncate(depth);
        self.store.assign(object, &path, raw);
        Ok(())
    }

    /// A key as the path that it is, with the place of each part.
    fn key(&mut self, ends: &str) -> Parse<Vec<(Arc<str>, Span)>> {
        let mut path = Vec::new();
        let (mut part, mut start, mut end) = (String::new(), None, self.at);
        let mut has_text = false;
        loop {
            let blank = self.at;
            self.skip_blanks();
            let blank = blank..self.at;
            let at = self.at;
            match self.peek() {
                Some('"') => {
                    let text = self.quoted()?;
                    if has_text {
                        part.push_str(&self.text[blank]);
                    }
                    part.push_str(&text);
                    has_text = true;
                }
                Some(char) if !ends.contains(char) && unquoted(self.rest()) > 0 => {
                    let length = unquoted(self.rest());
                    let text = self.text[at..at + length].to_owned();
                    if has_text && !text.starts_with('.') {
                        part.push_str(&self.text[blank]);
                    }
                    let mut from = at;
                    for (index, piece) in text.split('.').enumerate() {
                        if index > 0 {
                            self.part(&mut path, &mut part, start.take(), end, has_text)?;
                            has_text = false;
                        }
                        if !piece.is_empty() {
                            start = start.or(Some(from));
                            end = from + piece.len();
                            has_text = true;
                            part.push_str(piece);
                        }
                        from += piece.len() + 1;
                    }
                    self.at = at + length;
                    continue;
                }
                _ => break,
            }
            start = start.or(Some(at));
            end = self.at;
        }
        if path.is_empty() && !has_text {
            return Err(self.unexpected("a key"));
        }
        self.part(&mut path, &mut part, start, end, has_text)?;
        Ok(path)
    }

    /// Ends a part of a path.
    fn part(
        &self,
        path: &mut Vec<(Arc<str>, Span)>,
        part: &mut String,
        start: Option<usize>,
        end: usize,
        has_text: bool,
    ) -> Parse<()> {
        let start = start.unwrap_or(end);
        if !has_text {
            let message = "a part of the path is empty: write it as `\"\"`, or quote the key";
            return Err(ParseError::new(message, Span::new(start, self.at.max(start))));
        }
        if self.path.len() + path.len() >= MAX_DEPTH {
            let message = format!("objects and arrays nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, Span::new(start, end)));
        }
        let span = self.included.unwrap_or(Span::new(start, end));
        path.push((std::mem::take(part).into(), span));
        Ok(())
    }

    /// A value: pieces side by side, to the end of the line or of what is around.
    fn value(&mut self) -> Parse<Raw> {
        self.nest()?;
        let start = self.at;
        let mut pieces = Vec::<(Arc<str>, Raw)>::new();
        let mut end = start;
        loop {
            let blank = self.at;
            self.skip_blanks();
            let blank: Arc<str> = self.text[blank..self.at].into();
            let at = self.at;
            let raw = match self.peek() {
                Some('{') => self.object()?,
                Some('[') => self.array()?,
                Some('"') => {
                    let text = self.quoted()?;
                    let span = self.span(at);
                    Raw::Scalar(Node::scalar(Value::string(&*text), span), text)
                }
                Some('$') => self.substitution()?,
                Some(_) if unquoted(self.rest()) > 0 => {
                    self.at += unquoted(self.rest());
                    scalar(&self.text[at..self.at], self.span(at))
                }
                _ => break,
            };
            end = self.at;
            pieces.push((blank, raw));
        }
        self.depth -= 1;
        match pieces.len() {
            0 => Err(self.unexpected("a value")),
            1 => Ok(pieces.remove(0).1),
            _ => {
                let span = self.included.unwrap_or(Span::new(start, end));
                Ok(Raw::Joined(pieces, span))
            }
        }
    }

    fn object(&mut self) -> Parse<Raw> {
        let start = self.at;
        self.nest()?;
        self.at += 1;
        let object = self.store.new_object();
        self.fields(object)?;
        self.close(start, "{", "}")?;
        Ok(Raw::Object(object, self.span(start)))
    }

    fn array(&mut self) -> Parse<Raw> {
        let start = self.at;
        self.nest()?;
        self.at += 1;
        let mut items = Vec::new();
        self.skip_lines();
        while !matches!(self.peek(), None | Some(']')) {
            items.push(self.value()?);
            if !self.separator() && !matches!(self.peek(), None | Some(']')) {
                return Err(self.unexpected("`,`, a line break or `]`"));
            }
        }
        self.close(start, "[", "]")?;
        Ok(Raw::Array(items, self.span(start)))
    }

    fn close(&mut self, start: usize, open: &str, close: &str) -> Parse<()> {
        self.depth -= 1;
        match self.eat(close) {
            true => Ok(()),
            false => {
                let message = format!("this `{open}` is never closed");
                Err(ParseError::new(message, Span::new(start, start + 1)))
            }
        }
    }

    fn substitution(&mut self) -> Parse<Raw> {
        let start = self.at;
        if !self.eat("${") {
            return Err(self.unexpected("a value").with_help("write `$` in double quotes"));
        }
        let is_optional = self.eat("?");
        let path = self.key("}")?;
        self.skip_blanks();
        if !self.eat("}") {
            return Err(self.unexpected("`}`"));
        }
        Ok(Raw::Substitution(Substitution {
            path: path.into_iter().map(|(key, _)| key).collect(),
            prefix: Arc::clone(&self.prefix),
            is_optional,
            span: self.span(start),
        }))
    }

    /// Reads an include into an object; whether there is one.
    fn include(&mut self, object: ObjectId) -> Parse<bool> {
        let start = self.at;
        let Some(rest) = self.rest().strip_prefix("include") else {
            return Ok(false);
        };
        let argument = rest.trim_start_matches(is_blank);
        let forms = ["file(", "required(", "url(", "classpath(", "package("];
        let form = forms.iter().find(|form| argument.starts_with(**form));
        if argument.len() == rest.len() || (form.is_none() && !argument.starts_with('"')) {
            return Ok(false);
        }
        self.at = self.text.len() - argument.len();
        let mut open = 0;
        while let Some(form) = forms.iter().find(|form| self.rest().starts_with(**form)) {
            self.at += form.len();
            if !matches!(*form, "file(" | "required(") {
                let message = format!("`include {form}…)` is not supported");
                return Err(ParseError::new(message, Span::new(start, self.at))
                    .with_help("include a file beside this one: `include \"name\"`"));
            }
            open += 1;
            self.skip_blanks();
        }
        if self.peek() != Some('"') {
            return Err(self.unexpected("the name of a file in double quotes"));
        }
        let path = self.quoted()?;
        for _ in 0..open {
            self.skip_blanks();
            if !self.eat(")") {
                return Err(self.unexpected("`)`"));
            }
        }
        self.read(&path, object, self.span(start), Span::new(start, self.at))?;
        Ok(true)
    }

    /// Reads a file into an object.
    fn read(&mut self, path: &str, object: ObjectId, span: Span, here: Span) -> Parse<()> {
        if self.level == MAX_INCLUDES {
            let message = format!("includes nest deeper than {MAX_INCLUDES} levels");
            return Err(ParseError::limit(message, here));
        }
        let failed = |reason: &str| ParseError::new(format!("could not include {path:?}: {reason}"), here);
        let (name, bytes) = self.imports.read(&self.name, path).map_err(|reason| failed(&reason))?;
        let text = crate::text::decode(bytes).map_err(|error| failed(&error.message))?;
        let mut parser = Parser {
            text: &text,
            at: 0,
            depth: self.depth,
            store: &mut *self.store,
            imports: self.imports,
            name: name.clone(),
            included: Some(span),
            level: self.level + 1,
            path: self.path.clone(),
            prefix: self.path.clone().into(),
        };
        let root = parser.root().map_err(|error| {
            let (line, column) = LineIndex::new(&text).position(error.span.start as usize);
            ParseError {
                message: format!("{name}:{line}:{column}: {}", error.message),
                span: here,
                ..error
            }
        })?;
        match root {
            Raw::Object(root, _) => {
                self.store.merge(object, root);
                Ok(())
            }
            _ => Err(failed("it is not an object")),
        }
    }
}
