//! `# METADATA` blocks: their fields, what they are about, and OPA's rules for both.

mod fields;

use super::SyntaxError;
use super::tree::{Annotations, Comment, Scope};
use kpolicy_parse::yaml::outline::outline;
use kpolicy_parse::yaml::{self, Schema};
use kpolicy_parse::{MAX_NODES, ParseError};
use kpolicy_value::Span;
use kpolicy_value::Value;

/// A statement that a block can stand before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    start: u32,
    kind: TargetKind,
}

#[derive(Clone, Copy, Debug)]
enum TargetKind {
    Package,
    Import,
    /// A rule, by its index.
    Rule(usize),
}

impl Target {
    pub(super) fn package(span: Span) -> Self {
        Self {
            start: span.start,
            kind: TargetKind::Package,
        }
    }

    pub(super) fn import(span: Span) -> Self {
        Self {
            start: span.start,
            kind: TargetKind::Import,
        }
    }

    pub(super) fn rule(span: Span, index: usize) -> Self {
        Self {
            start: span.start,
            kind: TargetKind::Rule(index),
        }
    }
}

/// The blocks among the comments, each with the statement that follows it.
pub(super) fn read(text: &str, comments: &[Comment], targets: &[Target]) -> Result<Vec<Annotations>, Vec<SyntaxError>> {
    let mut blocks = Vec::new();
    let mut errors = Vec::new();
    let mut at = 0;
    while at < comments.len() {
        let length = block_length(text, &comments[at..]);
        if length > 0 {
            match block(&comments[at..at + length], targets) {
                Ok(annotations) => blocks.push(annotations),
                Err(error) => errors.push(error),
            }
        }
        at += length.max(1);
    }
    if errors.is_empty() { Ok(blocks) } else { Err(errors) }
}

/// How many of the comments make a block; none where the first does not open one.
fn block_length(text: &str, comments: &[Comment]) -> usize {
    if !comments.first().is_some_and(|first| opens_block(text, first)) {
        return 0;
    }
    let goes_on = |pair: &[Comment]| {
        let between = &text[pair[0].span.end as usize..pair[1].span.start as usize];
        between.trim_matches('\r') == "\n" && !opens_block(text, &pair[1])
    };
    1 + comments.windows(2).take_while(|pair| goes_on(pair)).count()
}

fn opens_block(text: &str, comment: &Comment) -> bool {
    let start = comment.span.start as usize;
    let in_first_column = start == 0 || text.as_bytes()[start - 1] == b'\n';
    in_first_column && comment.text.trim().starts_with("METADATA")
}

fn block(comments: &[Comment], targets: &[Target]) -> Result<Annotations, SyntaxError> {
    let span = comments[0].span.to(comments[comments.len() - 1].span);
    let yaml: String = comments[1..]
        .iter()
        .flat_map(|comment| [comment.text.strip_prefix(' ').unwrap_or(&comment.text), "\n"])
        .collect();
    if yaml.trim().is_empty() {
        return Err(SyntaxError::new("a METADATA block is empty", span)
            .with_help("write its fields as YAML in the comment lines below it"));
    }
    let fields = read_fields(&yaml, comments)?;
    if let Some(first_error) = fields::first_error(&fields) {
        return Err(SyntaxError::new(format!("invalid METADATA block: {first_error}"), span));
    }
    let target = targets.iter().find(|target| target.start > comments[0].span.end);
    let scope = scope(&fields, target, span)?;
    let rule = match target.map(|target| target.kind) {
        Some(TargetKind::Rule(index)) => Some(index),
        _ => None,
    };
    Ok(Annotations {
        scope,
        rule,
        fields,
        span,
    })
}

/// The block's YAML as a value: its first document, as OPA reads it.
fn read_fields(yaml: &str, comments: &[Comment]) -> Result<Value, SyntaxError> {
    let wrong = |error: &ParseError, what: &str| {
        let line = yaml[..(error.span.start as usize).min(yaml.len())]
            .matches('\n')
            .count();
        let comment = &comments[(line + 1).min(comments.len() - 1)];
        SyntaxError {
            message: format!("a METADATA block {what}: {}", error.message),
            span: comment.span,
            help: error.help.clone().map(String::from),
        }
    };
    let (outline, end) = outline(yaml).map_err(|error| wrong(&error, "is not YAML"))?;
    if let Some(message) = outline.as_ref().and_then(fields::outline_error) {
        return Err(wrong(&ParseError::new(message, Span::default()), "is invalid"));
    }
    let parsed = yaml::read(&yaml[..end], Schema::Core, MAX_NODES).map_err(|error| wrong(&error, "is not YAML"))?;
    let first = parsed.documents.into_iter().next();
    Ok(first.map_or(Value::Null, |node| node.value))
}

/// What the block is about, by its fields and what follows it.
fn scope(fields: &Value, target: Option<&Target>, span: Span) -> Result<Scope, SyntaxError> {
    let written = match fields.field("scope") {
        None | Some(Value::Null) => String::new(),
        Some(scope) => scope.key_text(),
    };
    let written = written.trim_matches('"');
    let entrypoint = fields.field("entrypoint") == Some(&Value::Bool(true));
    let target = target.map(|target| target.kind);
    let scope = match (written, target) {
        ("", Some(TargetKind::Rule(_))) if entrypoint => Scope::Document,
        ("rule", _) | ("", Some(TargetKind::Rule(_))) => Scope::Rule,
        ("document", _) => Scope::Document,
        ("package", _) | ("", Some(TargetKind::Package)) => Scope::Package,
        ("subpackages", _) => Scope::Subpackages,
        ("", _) => {
            return Err(
                SyntaxError::new("a METADATA block is followed by no rule and no package", span)
                    .with_help("put it right above what it is about"),
            );
        }
        (other, _) => {
            return Err(
                SyntaxError::new(format!("unknown scope `{other}` of a METADATA block"), span)
                    .with_help("the scopes are `rule`, `document`, `package` and `subpackages`"),
            );
        }
    };
    let fits = match scope {
        Scope::Rule | Scope::Document => matches!(target, Some(TargetKind::Rule(_))),
        Scope::Package | Scope::Subpackages => matches!(target, Some(TargetKind::Package)),
    };
    if !fits {
        let wanted = match scope {
            Scope::Rule | Scope::Document => "rule",
            Scope::Package | Scope::Subpackages => "package",
        };
        let message = format!("a METADATA block with the scope `{written}` is not followed by a {wanted}");
        return Err(SyntaxError::new(message, span).with_help(format!("put it right above the {wanted}")));
    }
    if entrypoint && !matches!(scope, Scope::Document | Scope::Package) {
        return Err(
            SyntaxError::new("`entrypoint` is in a METADATA block of another scope", span)
                .with_help("an entrypoint has the scope `document` or `package`"),
        );
    }
    Ok(scope)
}
