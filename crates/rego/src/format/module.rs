//! The whole file: package, imports, rules, and the comments after the last of them.

use super::comments::{Comment, Comments};
use super::layout::{Import, Module, Package, Rule, Value};
use super::writer::{Failure, Outcome, Writer};

/// A statement after the package.
enum Statement<'c> {
    Import(&'c Import),
    Rule(&'c Rule),
}

impl Statement<'_> {
    fn place(&self) -> (i64, usize) {
        let location = match self {
            Self::Import(import) => import.location,
            Self::Rule(rule) => rule.location,
        };
        (location.row, location.offset)
    }
}

impl<'c> Writer<'c> {
    /// Follows OPA v1.22 format/format.go: writeModule.
    pub(super) fn module(&mut self, module: &'c Module, comments: &'c [Comment<'c>]) -> Result<(), Failure<'c>> {
        let first_rule = module.rules.iter().map(|rule| rule.location.row).min();
        let is_late = |import: &&Import| import.added && first_rule.is_some_and(|row| import.location.row >= row);
        let moves = module.imports.iter().any(|import| is_late(&import));
        let is_moved = |import: &&Import| moves && import.added;
        let (moved, kept): (Vec<&Import>, Vec<&Import>) = module.imports.iter().partition(is_moved);

        let mut statements: Vec<Statement<'c>> = kept.into_iter().map(Statement::Import).collect();
        statements.extend(module.rules.iter().map(Statement::Rule));
        statements.sort_by_key(Statement::place);

        let mut rest = self.package(&module.package, Comments::new(comments))?;
        rest = self.imports(&moved, rest)?;
        let mut statements = statements.into_iter().peekable();
        while statements.peek().is_some() {
            let mut imports = Vec::new();
            while let Some(Statement::Import(import)) = statements.next_if(|next| matches!(next, Statement::Import(_)))
            {
                imports.push(import);
            }
            rest = self.imports(&imports, rest)?;
            let mut rules = Vec::new();
            while let Some(Statement::Rule(rule)) = statements.next_if(|next| matches!(next, Statement::Rule(_))) {
                rules.push(rule);
            }
            rest = self.rules(&rules, rest);
        }
        for comment in rest.iter() {
            self.line(comment.text);
        }
        Ok(())
    }

    /// Follows OPA v1.22 format/format.go: writePackage.
    fn package(&mut self, package: &'c Package, comments: Comments<'c>) -> Outcome<'c> {
        let rest = self.insert(comments, package.location).map_err(Failure::forgetting)?;
        self.start_line();
        self.write("package ");
        self.reference(&package.path, Comments::NONE)
            .map_err(Failure::forgetting)?;
        self.blank_line();
        Ok(rest)
    }

    /// Follows OPA v1.22 format/format.go: writeImports.
    fn imports(&mut self, imports: &[&'c Import], comments: Comments<'c>) -> Outcome<'c> {
        let beside = comments_beside(imports, comments);
        let mut rest = comments;
        let mut from = 0;
        while from < imports.len() {
            let end = from + group_length(&imports[from..]);
            rest = self.insert(rest, imports[from].location).map_err(Failure::forgetting)?;
            let mut order: Vec<usize> = (from..end).collect();
            order.sort_by_key(|at| key(imports[*at]));
            for at in order {
                self.start_line();
                self.import(imports[at]).map_err(Failure::forgetting)?;
                if let Some(comment) = beside[at] {
                    self.write(" ");
                    self.write(comment.text);
                }
                self.end_line();
            }
            self.blank_line();
            from = end;
        }
        Ok(rest)
    }

    fn import(&mut self, import: &'c Import) -> Result<(), Failure<'c>> {
        self.write("import ");
        let names: Vec<&str> = names(import).collect();
        if names.len() == 3 && names[0] == "future" && import.alias.is_none() {
            self.write(&names.join("."));
        } else {
            self.reference(&import.path, Comments::NONE)?;
        }
        if let Some(alias) = &import.alias {
            self.write(" as ");
            self.write(alias);
        }
        Ok(())
    }
}

fn names(import: &Import) -> impl Iterator<Item = &str> {
    import.path.iter().map(|term| match &term.value {
        Value::Var(name) | Value::String(name) => &**name,
        _ => "",
    })
}

/// What imports of a group are sorted by.
/// Follows OPA v1.22 ast/policy.go: Import.Compare.
fn key(import: &Import) -> (Vec<&str>, &str) {
    (names(import).collect(), import.alias.as_deref().unwrap_or_default())
}

/// How many imports are on consecutive rows.
/// Follows OPA v1.22 format/format.go: groupImports.
fn group_length(imports: &[&Import]) -> usize {
    let gap = imports
        .windows(2)
        .position(|pair| pair[1].location.row - pair[0].location.row > 1);
    gap.map_or(imports.len(), |gap| gap + 1)
}

/// Takes the comments on the rows of imports, each for the first import on its row.
/// Follows OPA v1.22 format/format.go: mapImportsToComments.
fn comments_beside<'c>(imports: &[&Import], comments: Comments<'c>) -> Vec<Option<&'c Comment<'c>>> {
    let mut beside = vec![None; imports.len()];
    for comment in comments.iter() {
        if let Some(at) = imports.iter().position(|import| import.location.row == comment.row) {
            beside[at] = Some(comment);
            comment.take();
        }
    }
    beside
}
