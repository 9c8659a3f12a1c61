//! Rules, their bodies and their branches.

use super::body::grouped_lead;
use super::comments::Comments;
use super::layout::Rule;
use super::source::Location;
use super::writer::{Failure, Outcome, Writer, tolerate};

impl<'c> Writer<'c> {
    /// Follows OPA v1.22 format/format.go: writeRules.
    pub(super) fn rules(&mut self, rules: &[&'c Rule], mut comments: Comments<'c>) -> Comments<'c> {
        for (at, rule) in rules.iter().enumerate() {
            comments = self.settle(|writer| writer.insert(comments, rule.location));
            comments = self.settle(|writer| writer.rule(rule, comments));
            let next = rules
                .get(at + 1)
                .filter(|next| next.location.row == rule.location.row + 1);
            let is_grouped = next.is_some_and(|next| self.is_one_line(rule) && self.is_one_line(next));
            if !is_grouped {
                self.blank_line();
            }
        }
        comments
    }

    /// Writes a part; what stops it is noted, and the next part is written.
    pub(super) fn settle(&mut self, write: impl FnOnce(&mut Self) -> Outcome<'c>) -> Comments<'c> {
        match write(self) {
            Ok(comments) => comments,
            Err(failure) => {
                self.note(failure.cause);
                failure.comments
            }
        }
    }

    /// Whether the rule may stand on the line below another without a blank line between the two.
    /// Follows OPA v1.22 format/format.go: groupableOneLiner.
    fn is_one_line(&self, rule: &Rule) -> bool {
        let [statement] = &rule.body[..] else {
            return false;
        };
        !rule.default && rule.branch.is_none() && !statement.is_set() && self.uses_if(rule)
    }

    /// Whether the body has `if` before it: not that of a set's member without `contains`.
    fn uses_if(&self, rule: &Rule) -> bool {
        (self.dialect.v1 || self.dialect.ifs) && (self.dialect.contains || rule.head.value.is_some())
    }

    /// Follows OPA v1.22 format/format.go: writeRule.
    pub(super) fn rule(&mut self, rule: &'c Rule, comments: Comments<'c>) -> Outcome<'c> {
        if !rule.head.is_else {
            self.start_line();
        }
        if rule.default {
            self.write("default ");
        }
        let is_constant = rule.is_constant();
        self.comment_on_final_line = is_constant;
        let head = self.head(&rule.head, rule.default, is_constant, comments);
        let is_unformatted = head.is_err();
        let comments = tolerate(head)?;
        if is_constant {
            self.end_line();
            return Ok(comments);
        }
        self.comment_on_final_line = true;
        let uses_if = self.uses_if(rule);
        if uses_if {
            self.write(" if");
            if self.has_body_beside(rule) {
                return self.body_beside(rule, comments);
            }
        }
        if is_unformatted && !comments.is_empty() {
            self.write(" { ");
        } else {
            self.write(" {");
            self.end_line();
        }
        if uses_if && !rule.head.is_else {
            let (expression, term) = grouped_lead(&rule.body[0]);
            self.grouped = expression.or(self.grouped);
            self.grouped_term = term.or(self.grouped_term);
        }
        self.braced_body(rule, comments)
    }

    /// Whether the body is one statement on the row that the head ends on.
    fn has_body_beside(&self, rule: &Rule) -> bool {
        let [statement] = &rule.body[..] else {
            return false;
        };
        statement.location.row == self.source.end_row(rule.head.location) && !statement.is_set()
    }

    fn body_beside(&mut self, rule: &'c Rule, comments: Comments<'c>) -> Outcome<'c> {
        self.write(" ");
        let comments = tolerate(self.expression(&rule.body[0], comments))?;
        self.end_line();
        self.branch(rule, comments)
    }

    fn braced_body(&mut self, rule: &'c Rule, comments: Comments<'c>) -> Outcome<'c> {
        self.level += 1;
        let comments = tolerate(self.body(&rule.body, comments))?;
        let skipped = if !rule.head.arguments.is_empty() {
            Some((b'(', b')'))
        } else if rule.head.key.is_some() {
            Some((b'[', b']'))
        } else {
            None
        };
        let closing = self.source.closing(skipped, b'{', b'}', rule.location);
        let comments = self.insert(comments, closing).map_err(Failure::forgetting)?;
        self.down();
        self.start_line();
        self.write("}");
        self.branch(rule, comments)
    }

    /// Follows OPA v1.22 format/format.go: writeElse.
    fn branch(&mut self, rule: &'c Rule, comments: Comments<'c>) -> Outcome<'c> {
        let Some(branch) = &rule.branch else {
            return Ok(comments);
        };
        let was_inline = self.is_behind_brace(rule, branch.location);
        let place = branch.head.location;
        let is_commented = comments.first().is_some_and(|first| first.row < place.row) || self.before_end.is_some();
        if !is_commented && was_inline {
            self.write(" ");
        } else {
            self.blank_line();
            self.start_line();
        }
        let comments = self.insert(comments, place).map_err(Failure::forgetting)?;
        if is_commented && !was_inline {
            self.start_line();
        }
        self.rule(branch, comments).map_err(Failure::forgetting)
    }

    /// Whether something stands before `else` on its row.
    fn is_behind_brace(&self, rule: &Rule, branch: Location) -> bool {
        let row = branch.row - rule.location.row;
        let Ok(row) = usize::try_from(row) else { return false };
        let text = self.source.of(rule.location);
        let Some(line) = text.split('\n').nth(row).filter(|_| row > 0) else {
            return false;
        };
        !line.trim().starts_with("else")
    }
}
