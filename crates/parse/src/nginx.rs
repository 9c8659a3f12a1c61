//! nginx's configuration: directives with their parameters and blocks, in the order of the file and in conftest's shape.
//!
//! Any name of a directive is accepted, and `include` is not followed.

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::{Comments, HASH};
use crate::document::{Entry, Node, Span};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "nginx",
    aliases: &[],
    files: &["nginx.conf", "*.nginx"],
    further: &[],
    about: "An object with the `directives` in their order: the name, the parameters as they are written, quotes \
            included, and the block. The code of a `…_by_lua_block` is its last parameter.",
    comments: Comments::Code(&HASH),
    imports: |_| Vec::new(),
    example: ("nginx.conf", "server {\n  listen 443 ssl;\n}\n"),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// How deep blocks may nest.
const MAX_DEPTH: usize = 200;

/// A piece of the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Word,
    Semicolon,
    Open,
    Close,
}

/// A block that is being read.
struct Block {
    /// The words before it; none for the file itself.
    words: Vec<Span>,
    directives: Vec<Node>,
    open: usize,
}

fn parse(text: &str, mut meter: Meter) -> Result<Node, ParseError> {
    let mut scanner = Scanner { text, at: 0 };
    let mut blocks = Vec::new();
    let mut block = Block {
        words: Vec::new(),
        directives: Vec::new(),
        open: 0,
    };
    let mut words: Vec<Span> = Vec::new();
    while let Some((token, span)) = scanner.next()? {
        meter.count(1, span)?;
        match token {
            Token::Word => words.push(span),
            Token::Semicolon => {
                let words = std::mem::take(&mut words);
                check(text, &words, span, false)?;
                block.directives.push(directive(text, &words, None, span));
            }
            Token::Open => {
                check(text, &words, span, true)?;
                if blocks.len() == MAX_DEPTH {
                    return Err(ParseError::limit(
                        format!("blocks nest more than {MAX_DEPTH} levels"),
                        span,
                    ));
                }
                let mut words = std::mem::take(&mut words);
                if words[0].of(text).ends_with("_by_lua_block") {
                    let code = scanner.lua(span)?;
                    words.push(code);
                    let whole = Span::new(words[0].start as usize, scanner.at);
                    let inner = directives(Vec::new(), whole);
                    block.directives.push(directive(text, &words, Some(inner), whole));
                    continue;
                }
                let inner = Block {
                    words,
                    directives: Vec::new(),
                    open: span.start as usize,
                };
                blocks.push(std::mem::replace(&mut block, inner));
            }
            Token::Close => {
                if let Some(first) = words.first() {
                    return Err(unfinished(first.to(words[words.len() - 1])));
                }
                let Some(outer) = blocks.pop() else {
                    return Err(ParseError::new("this `}` closes no block", span));
                };
                let closed = std::mem::replace(&mut block, outer);
                let whole = Span::new(closed.open, span.end as usize);
                let inner = directives(closed.directives, whole);
                block.directives.push(directive(text, &closed.words, Some(inner), span));
            }
        }
    }
    if let Some(first) = words.first() {
        return Err(unfinished(first.to(words[words.len() - 1])));
    }
    if !blocks.is_empty() {
        return Err(ParseError::new(
            "this block is never closed",
            Span::new(block.open, block.open + 1),
        ));
    }
    Ok(directives(block.directives, Span::new(0, text.len())))
}

fn unfinished(span: Span) -> ParseError {
    ParseError::new("this directive is not finished", span).with_help("end it with `;`")
}

/// What nginx requires of a directive before it looks it up.
fn check(text: &str, words: &[Span], end: Span, has_block: bool) -> Result<(), ParseError> {
    let Some(first) = words.first() else {
        let message = format!("there is no directive before `{}`", end.of(text));
        return Err(ParseError::new(message, end));
    };
    let count = words.len() - 1;
    let wrong = match (first.of(text), has_block) {
        ("include", true) => "include has no block",
        ("include", false) if count != 1 => "include takes exactly one parameter",
        ("location", true) if count == 0 || count > 2 => "location takes one or two parameters",
        ("upstream", true) if count == 0 => "upstream takes a name",
        ("http" | "server" | "location" | "upstream", false) if first.of(text) == "http" || is_context(text, words) => {
            "this directive must have a block"
        }
        _ => return Ok(()),
    };
    Err(ParseError::new(wrong, *first))
}

/// Whether a directive without a block needs one: `server` is one of an upstream as well, with an address.
fn is_context(text: &str, words: &[Span]) -> bool {
    matches!(words[0].of(text), "location" | "upstream") || words.len() == 1
}

fn directives(directives: Vec<Node>, span: Span) -> Node {
    Node::object(vec![Entry::implied("directives", Node::array(directives, span))], span)
}

fn directive(text: &str, words: &[Span], block: Option<Node>, end: Span) -> Node {
    let node = |span: &Span| Node::text(span.of(text), *span);
    let whole = words[0].to(end);
    let mut entries = vec![Entry::implied("name", node(&words[0]))];
    if let [_, parameters @ ..] = words
        && let [first, .., last] | [first @ last] = parameters
    {
        let parameters = Node::array(parameters.iter().map(node).collect(), first.to(*last));
        entries.push(Entry::implied("parameters", parameters));
    }
    entries.extend(block.map(|block| Entry::implied("block", block)));
    Node::object(entries, whole)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn next(&mut self) -> Result<Option<(Token, Span)>, ParseError> {
        loop {
            let rest = &self.text[self.at..];
            let start = self.at + (rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len());
            self.at = start;
            let Some(byte) = self.text.as_bytes().get(start) else {
                return Ok(None);
            };
            let token = match byte {
                b'#' => {
                    let rest = &self.text[start..];
                    self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                    continue;
                }
                b';' => Token::Semicolon,
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'"' | b'\'' | b'`' => {
                    self.quoted(*byte)?;
                    return Ok(Some((Token::Word, Span::new(start, self.at))));
                }
                _ => {
                    self.word();
                    return Ok(Some((Token::Word, Span::new(start, self.at))));
                }
            };
            self.at += 1;
            return Ok(Some((token, Span::new(start, self.at))));
        }
    }

    /// Goes to the end of a quoted text.
    fn quoted(&mut self, quote: u8) -> Result<(), ParseError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\\' if bytes.get(self.at + 1) == Some(&quote) => self.at += 2,
                byte => {
                    self.at += 1;
                    if *byte == quote {
                        return Ok(());
                    }
                }
            }
        }
        Err(ParseError::new(
            "this quote is never closed",
            Span::new(start, start + 1),
        ))
    }

    /// Goes to the end of a word; braces of `${name}` belong to it.
    fn word(&mut self) {
        let bytes = self.text.as_bytes();
        let (mut in_variable, mut before) = (false, 0);
        while let Some(byte) = bytes.get(self.at).copied() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' => return,
                b'{' if before == b'$' => in_variable = true,
                b'{' if !in_variable => return,
                b'}' if in_variable => in_variable = false,
                b'}' => return,
                _ => {}
            }
            before = byte;
            self.at += 1;
        }
    }

    /// The code of a block of Lua, whose `{` has been read, and behind its `}`.
    fn lua(&mut self, open: Span) -> Result<Span, ParseError> {
        let start = self.at;
        let mut depth = 0;
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'"' | b'\'' => self.lua_string(byte),
                b'-' if self.text[self.at..].starts_with("--") => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' if depth == 0 => {
                    let code = self.text[start..self.at].trim();
                    let from = start + (self.text[start..].len() - self.text[start..].trim_start().len());
                    self.at += 1;
                    return Ok(Span::new(from.min(from + code.len()), from + code.len()));
                }
                b'}' => {
                    depth -= 1;
                    self.at += 1;
                }
                // Each byte of a longer character is none of the above.
                _ => self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8),
            }
        }
        Err(ParseError::new("this block of Lua is never closed", open))
    }

    /// Goes behind a string of Lua, or to the end of its line.
    fn lua_string(&mut self, quote: u8) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at).copied() {
            match byte {
                b'\\' if bytes.get(self.at + 1).is_some_and(u8::is_ascii) => self.at += 2,
                b'\n' => return,
                _ => {
                    self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                    if byte == quote {
                        return;
                    }
                }
            }
        }
    }
}
