//! Comments that ignore lints: `# kpolicy: ignore[id, id] reason` on the line or above it, `# kpolicy: ignore-file[id]
//! reason` anywhere in the file. `expires=2027-01-31` before the reason ends it. regal's comments count too.

use jiff::civil::Date;

use super::{Found, Lint, Scope};
use kpolicy_rego::syntax::tree::{Comment, Module};
use kpolicy_value::{LineIndex, Span};

/// What a comment ignores without a reason of its own.
const NO_REASON: &str = "ignored by a comment";

/// The comments of a module that ignore lints.
#[derive(Debug)]
pub(super) struct Ignored(Vec<Directive>);

/// A comment that ignores lints.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Directive {
    /// The lints: ids of kpolicy, or of regal where it is a comment for regal.
    ids: Vec<String>,
    regal: bool,
    /// Whether it counts for the whole file.
    file: bool,
    reason: String,
    /// The last day on which it counts.
    expires: Option<Date>,
    span: Span,
}

impl Ignored {
    /// The comments of a module that ignore lints, if it has any.
    pub(super) fn of(module: &Module) -> Option<Self> {
        let directives: Vec<Directive> = module.comments.iter().filter_map(directive).collect();
        (!directives.is_empty()).then_some(Self(directives))
    }

    /// Why what a lint finds on a line is ignored, if it is.
    pub(super) fn reason(&self, lint: &Lint, line: usize, lines: &LineIndex) -> Option<String> {
        let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
        let mut directives = self.0.iter();
        let found = directives.find(|each| {
            let is_current = each.expires.is_none_or(|last| today <= last);
            is_current && each.names(lint) && (each.file || each.line(lines) == line)
        });
        found.map(|each| each.reason.clone())
    }
}

impl Directive {
    fn names(&self, lint: &Lint) -> bool {
        self.ids.iter().any(|id| match self.regal {
            true => lint.regal.contains(&id.as_str()),
            false => id == lint.id,
        })
    }

    /// The line that it is for: its own, or of a comment with a line of its own the next that is no comment.
    fn line(&self, lines: &LineIndex) -> usize {
        let is_comment = |line: usize| lines.line(line).trim_start().starts_with('#');
        let mut line = lines.position(self.span.start as usize).0;
        while line < lines.count() && is_comment(line) {
            line += 1;
        }
        line
    }
}

/// Comments that name lints which do not exist.
pub(super) fn unknown(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        let Some(Ignored(directives)) = Ignored::of(&module.tree) else {
            continue;
        };
        for directive in directives.iter().filter(|directive| !directive.regal) {
            for id in directive.ids.iter().filter(|id| super::lint(id).is_none()) {
                let near = crate::suggest::nearest(id, super::LINTS.iter().map(|lint| lint.id));
                let help = match near {
                    Some(near) => format!("did you mean {near}?"),
                    None => "remove it; kpolicy list --lints lists the lints".to_owned(),
                };
                found.push(Found::new(at, directive.span, format!("there is no lint {id}"), help));
            }
        }
    }
    found
}

fn directive(comment: &Comment) -> Option<Directive> {
    let text = comment.text.trim();
    if let Some(ids) = text.strip_prefix("regal ignore:") {
        return Some(Directive {
            ids: names(ids),
            regal: true,
            file: false,
            reason: format!("regal ignore:{ids}"),
            expires: None,
            span: comment.span,
        });
    }
    let directive = text.strip_prefix("kpolicy:")?.trim_start();
    let (word, rest) = directive.split_once('[')?;
    let file = match word.trim_end() {
        "ignore" => false,
        "ignore-file" => true,
        _ => return None,
    };
    let (ids, rest) = rest.split_once(']')?;
    let mut reason = rest.trim();
    let mut expires = None;
    if let Some(dated) = reason.strip_prefix("expires=") {
        let (date, after) = dated.split_once(char::is_whitespace).unwrap_or((dated, ""));
        expires = date.parse().ok();
        if expires.is_some() {
            reason = after.trim();
        }
    }
    Some(Directive {
        ids: names(ids),
        regal: false,
        file,
        reason: if reason.is_empty() { NO_REASON } else { reason }.to_owned(),
        expires,
        span: comment.span,
    })
}

fn names(list: &str) -> Vec<String> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::lint;
    use super::Ignored;
    use kpolicy_rego::syntax::parse;
    use kpolicy_rego::syntax::tree::Dialect;
    use kpolicy_value::LineIndex;

    fn reason(comment: &str, id: &str, line: usize) -> Option<String> {
        let text = format!("package p\n\n{comment}\n# More.\nx := 1 # kpolicy: ignore[never-holds]\n");
        let module = parse(&text, Dialect::V1).expect("it parses");
        let lint = lint(id).expect("it is a lint");
        Ignored::of(&module)?.reason(lint, line, &LineIndex::new(&text))
    }

    #[test]
    fn a_comment_ignores_what_it_names_where_it_stands() {
        let ignored = Some("ignored by a comment".to_owned());
        assert_eq!(reason("#", "never-holds", 5), ignored);
        assert_eq!(reason("#", "never-holds", 4), None);
        assert_eq!(
            reason(
                "# kpolicy: ignore[tests-nothing, misspelled-rule]",
                "misspelled-rule",
                5
            ),
            ignored
        );
        assert_eq!(reason("# kpolicy: ignore[tests-nothing]", "misspelled-rule", 5), None);
        assert_eq!(
            reason("# kpolicy: ignore-file[tests-nothing] old", "tests-nothing", 1).as_deref(),
            Some("old")
        );
        let dated = |date: &str| {
            reason(
                &format!("# kpolicy: ignore[tests-nothing] expires={date} old"),
                "tests-nothing",
                5,
            )
        };
        assert_eq!(dated("2020-01-31"), None);
        assert_eq!(dated("9000-01-31").as_deref(), Some("old"));
        assert!(reason("# regal ignore:constant-condition", "constant-condition", 5).is_some());
    }
}
