//! Suite files: tests of templates and constraints, as `gator verify` has them.

use std::path::{Path, PathBuf};

use regex::Regex;

use crate::finding::{Location, Problem};
use crate::locate::at_span;
use crate::suggest::nearest;
use kpolicy_value::Value;

use super::manifest::{Object, Role, objects_of};
use super::{Manifest, matching::texts};

mod run;

pub use run::run;

/// A Suite.
#[derive(Debug)]
pub struct Suite {
    /// The path of its file as messages show it.
    pub path: String,
    /// Its tests.
    pub tests: Vec<Test>,
    skip: bool,
}

/// A test: a template and a constraint, with cases.
#[derive(Debug)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Its cases.
    pub cases: Vec<Case>,
    template: PathBuf,
    constraint: PathBuf,
    expansion: Option<PathBuf>,
    invalid: bool,
    skip: bool,
    location: Location,
}

/// A case: an object and what is to be found in it.
#[derive(Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    object: PathBuf,
    inventory: Vec<PathBuf>,
    skip: bool,
    assertions: Vec<Assertion>,
    location: Location,
}

/// What is to be found.
#[derive(Debug)]
struct Assertion {
    violations: Count,
    message: Option<Regex>,
    location: Location,
}

/// How many violations there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    /// One or more.
    Some,
    /// None.
    None,
    /// So many.
    Exactly(usize),
}

/// Which tests and cases are run.
#[derive(Debug)]
pub enum Filter {
    /// All.
    All,
    /// The cases whose name, or whose test's, matches.
    Any(Regex),
    /// The cases whose name matches the second, of the tests whose name matches the first.
    Both(Regex, Regex),
}

impl Filter {
    /// The filter of `--run`: a pattern for tests or cases, or two with `//` between.
    ///
    /// # Errors
    /// Where a pattern is no regular expression, or there are more than two.
    pub fn of(text: &str) -> Result<Self, String> {
        let pattern = |text: &str| Regex::new(text).map_err(|error| error.to_string());
        match text.split("//").collect::<Vec<_>>().as_slice() {
            [one] => Ok(Self::Any(pattern(one)?)),
            [test, case] => Ok(Self::Both(pattern(test)?, pattern(case)?)),
            _ => Err("there is more than one //".to_owned()),
        }
    }

    /// Whether a case is run; of a test without cases, whether the test is.
    pub fn has(&self, test: &str, case: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Any(regex) => regex.is_match(test) || case.is_some_and(|case| regex.is_match(case)),
            Self::Both(of_test, of_case) => of_test.is_match(test) && case.is_none_or(|case| of_case.is_match(case)),
        }
    }
}

impl Suite {
    /// How many tests and cases it has that a filter lets through.
    pub fn count(&self, filter: &Filter) -> usize {
        let of_test = |test: &Test| match test.invalid || test.cases.is_empty() {
            true => usize::from(filter.has(&test.name, None)),
            false => test
                .cases
                .iter()
                .filter(|case| filter.has(&test.name, Some(&case.name)))
                .count(),
        };
        self.tests.iter().map(of_test).sum()
    }
}

/// The Suites in these files; or everything that is wrong with them.
pub fn suites(manifests: &[Manifest]) -> Result<Vec<Suite>, Vec<Problem>> {
    let (mut suites, mut problems) = (Vec::new(), Vec::new());
    // What does not parse and says nothing of suites is none of this command's business.
    let may_be = |manifest: &&Manifest| manifest.text.contains("test.gatekeeper.sh/");
    for manifest in manifests.iter().filter(may_be) {
        match objects_of(&manifest.path, &manifest.text) {
            Ok(objects) => {
                for (_, object) in objects.into_iter().filter(|(role, _)| *role == Role::Suite) {
                    suites.push(Reader::new(object, &mut problems).suite());
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(suites) } else { Err(problems) }
}

/// Reads a Suite, and notes everything that is wrong with it.
struct Reader<'p> {
    object: Object,
    folder: PathBuf,
    problems: &'p mut Vec<Problem>,
}

impl<'p> Reader<'p> {
    fn new(object: Object, problems: &'p mut Vec<Problem>) -> Self {
        let folder = Path::new(&object.document.file.path).parent();
        Self {
            folder: folder.map(Path::to_owned).unwrap_or_default(),
            object,
            problems,
        }
    }

    fn suite(mut self) -> Suite {
        self.keys(&[], &["apiVersion", "kind", "metadata", "skip", "tests"]);
        let value = self.object.value.clone();
        let tests = self.items(&value, &[], "tests");
        if tests.is_empty() && !is_true(&value, "skip") {
            self.refuse(
                &[],
                "the Suite has no tests",
                "write them in tests, or write skip: true",
            );
        }
        let tests = tests.iter().enumerate().map(|(at, test)| self.test(at, test)).collect();
        Suite {
            path: self.object.document.file.path.clone(),
            tests,
            skip: is_true(&value, "skip"),
        }
    }

    fn test(&mut self, at: usize, value: &Value) -> Test {
        let path: Vec<Value> = vec!["tests".into(), index(at)];
        let known = [
            "name",
            "template",
            "constraint",
            "expansion",
            "cases",
            "invalid",
            "skip",
        ];
        self.keys(&path, &known);
        let (skip, invalid) = (is_true(value, "skip"), is_true(value, "invalid"));
        let cases = self.items(value, &path, "cases");
        if cases.is_empty() && !invalid && !skip {
            let help = "write cases, or invalid: true where the constraint is to break the schema";
            self.refuse(
                &path,
                "the test has no cases: it would pass whatever the template says",
                help,
            );
        }
        if invalid && !cases.is_empty() {
            let help = "remove the cases, or invalid: true";
            self.refuse(&path, "the cases of a test with invalid: true are never run", help);
        }
        Test {
            name: text(value, "name").unwrap_or_default(),
            template: self.file(value, &path, "template", skip),
            constraint: self.file(value, &path, "constraint", skip),
            expansion: text(value, "expansion").map(|name| self.folder.join(name)),
            cases: cases
                .iter()
                .enumerate()
                .map(|(at, case)| self.case(&path, at, case))
                .collect(),
            invalid,
            skip,
            location: self.location(&path),
        }
    }

    fn case(&mut self, test: &[Value], at: usize, value: &Value) -> Case {
        let path = [test, &["cases".into(), index(at)]].concat();
        self.keys(&path, &["name", "object", "inventory", "skip", "assertions"]);
        let skip = is_true(value, "skip");
        let assertions = self.items(value, &path, "assertions");
        if assertions.is_empty() && !skip {
            self.refuse(
                &path,
                "the case has no assertions",
                "write assertions, such as [{violations: yes}]",
            );
        }
        let folder = self.folder.clone();
        Case {
            name: text(value, "name").unwrap_or_default(),
            object: self.file(value, &path, "object", skip),
            inventory: texts(value, "inventory")
                .into_iter()
                .map(|name| folder.join(name))
                .collect(),
            skip,
            assertions: assertions
                .iter()
                .enumerate()
                .map(|(at, value)| self.assertion(&path, at, value))
                .collect(),
            location: self.location(&path),
        }
    }

    fn assertion(&mut self, case: &[Value], at: usize, value: &Value) -> Assertion {
        let path = [case, &["assertions".into(), index(at)]].concat();
        self.keys(&path, &["violations", "message"]);
        let violations = count(value.field("violations")).unwrap_or_else(|| {
            let path = [&path[..], &["violations".into()]].concat();
            self.refuse(
                &path,
                "violations is neither yes nor no nor a count",
                "write yes, no, or a number from 0",
            );
            Count::Some
        });
        let message = text(value, "message").map(|pattern| Regex::new(&pattern));
        let message = message.and_then(|regex| match regex {
            Ok(regex) => Some(regex),
            Err(error) => {
                let path = [&path[..], &["message".into()]].concat();
                self.refuse(
                    &path,
                    &format!("message is not a valid regular expression: {error}"),
                    "correct it",
                );
                None
            }
        });
        Assertion {
            violations,
            message,
            location: self.location(&path),
        }
    }

    fn refuse(&mut self, path: &[Value], message: &str, help: &str) {
        self.problems
            .push(self.object.error(path, message, Some(help.to_owned())));
    }

    /// Notes the keys of an object that mean nothing.
    fn keys(&mut self, path: &[Value], known: &[&str]) {
        let value = path.iter().try_fold(&self.object.value, |value, key| value.get(key));
        let object = value.and_then(Value::as_object).cloned();
        for (key, _) in object.iter().flat_map(|object| object.iter()) {
            let name = key.key_text();
            if !known.contains(&name.as_str()) {
                let help = match nearest(&name, known.iter().copied()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("the keys here are {}", known.join(", ")),
                };
                let path = [path, std::slice::from_ref(key)].concat();
                self.refuse(&path, &format!("unknown key {name}"), &help);
            }
        }
    }

    /// The items of a list, which have to be objects.
    fn items(&mut self, value: &Value, path: &[Value], name: &str) -> Vec<Value> {
        let items = match value.field(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(items) => items.as_array().map(<[Value]>::to_vec),
        };
        let path = [path, &[name.into()]].concat();
        let is_list = items
            .as_ref()
            .is_some_and(|items| items.iter().all(|item| item.as_object().is_some()));
        if !is_list {
            self.refuse(
                &path,
                &format!("{name} is not a list of objects"),
                "write a list of objects",
            );
            return Vec::new();
        }
        items.unwrap_or_default()
    }

    /// The path of a file that has to be named, relative to the Suite.
    fn file(&mut self, value: &Value, path: &[Value], name: &str, optional: bool) -> PathBuf {
        let named = text(value, name).filter(|named| !named.is_empty());
        if named.is_none() && !optional {
            let help = format!("write {name}: with a path relative to this file");
            self.refuse(path, &format!("there is no {name}"), &help);
        }
        self.folder.join(named.unwrap_or_default())
    }

    fn location(&self, path: &[Value]) -> Location {
        let path = [&self.object.path[..], path].concat();
        let document = &self.object.document;
        let span = crate::locate::underlined(document, &crate::locate::Target::of(&path));
        at_span(&document.file.path, span, &document.file.lines())
    }
}

fn index(at: usize) -> Value {
    Value::from(at)
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.field(field)?.as_str().map(str::to_owned)
}

fn is_true(value: &Value, field: &str) -> bool {
    value.field(field) == Some(&Value::Bool(true))
}

/// What `violations` says. YAML as the cluster reads it makes booleans of `yes` and `no`.
fn count(value: Option<&Value>) -> Option<Count> {
    match value {
        None | Some(Value::Null) => Some(Count::Some),
        Some(Value::Bool(yes)) => Some(if *yes { Count::Some } else { Count::None }),
        Some(Value::Number(number)) => usize::try_from(number.as_i64()?).ok().map(Count::Exactly),
        Some(value) => match value.as_str()? {
            "yes" => Some(Count::Some),
            "no" => Some(Count::None),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn a_filter_is_for_tests_or_cases_or_for_both() {
        let has = |filter: &str, test: &str, case: &str| Filter::of(filter).expect("a filter").has(test, Some(case));
        assert!(has("missing", "forbid-missing", "with") && has("missing", "labels", "missing-label"));
        assert!(!has("missing", "labels", "with"));
        assert!(has("labels//missing", "all-labels", "missing-one") && !has("labels//missing", "missing", "labels"));
        assert!(has("//empty", "any", "empty-object") && has("^labels$//", "labels", "any"));
        assert!(Filter::of("a//b//c").is_err() && Filter::of("(").is_err());
    }
}
