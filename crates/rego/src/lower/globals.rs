//! What names mean outside any rule: the rules of a package, and imports.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::{Names, head_path};
use crate::error::{CompileError, CompileErrorCode as Code};
use crate::syntax::tree::{Import, Module, Rule, Step, Term, TermKind};
use kpolicy_value::Value;

/// What all modules define.
pub(super) struct Definitions<'m> {
    modules: &'m [Module],
    /// The paths of OPA's tree of rules: of packages and heads, as far as these are ground, and of all above. Few
    /// programs ask for it.
    tree: OnceCell<HashSet<Vec<Value>>>,
    /// The first names of the rules of each package.
    exports: HashMap<Vec<Arc<str>>, HashSet<Arc<str>>>,
    /// How many arguments the rule of each path takes; none where it is not a function.
    arities: HashMap<Vec<Arc<str>>, Option<usize>>,
    /// What is known of the documents that rules define, by the names of their paths.
    certain: HashMap<Vec<Arc<str>>, Certain>,
}

/// Whether a document always has a value, as far as OPA looks.
struct Certain {
    /// The first clause is not a function.
    document: bool,
    /// The first clause is a default, or a set's.
    first: bool,
    /// The first clause gives a constant without a condition.
    constant: bool,
    /// A further clause is a default.
    default: bool,
    clauses: usize,
}

impl Certain {
    fn new(rule: &Rule) -> Self {
        Self {
            document: rule.head.arguments.is_none(),
            first: rule.default || rule.head.key.is_some(),
            constant: super::is_unconditional(&rule.body) && rule.head.value.as_ref().is_none_or(is_constant),
            default: false,
            clauses: 0,
        }
    }
}

impl<'m> Definitions<'m> {
    /// What these modules define.
    pub(super) fn of(modules: &'m [Module]) -> Self {
        let mut exports: HashMap<_, HashSet<_>> = HashMap::new();
        let mut arities = HashMap::new();
        let mut certain: HashMap<_, Certain> = HashMap::new();
        for module in modules {
            let names = exports.entry(module.package.path.clone()).or_default();
            for rule in &module.rules {
                let (path, steps) = head_path(module, &rule.head);
                names.extend(path.get(module.package.path.len()).cloned());
                let is_open = |step: &Step| !step.term.is_scalar();
                if steps.first().is_none_or(is_open) {
                    let known = certain.entry(path.clone()).or_insert_with(|| Certain::new(rule));
                    known.default |= rule.default;
                    known.clauses += 1;
                }
                if steps.is_empty() {
                    arities
                        .entry(path)
                        .or_insert(rule.head.arguments.as_ref().map(Vec::len));
                }
            }
        }
        Self {
            modules,
            tree: OnceCell::new(),
            exports,
            arities,
            certain,
        }
    }

    /// Whether the document at a path always has a value, as far as OPA looks.
    pub(super) fn is_always_defined(&self, path: &[Arc<str>]) -> bool {
        self.certain.get(path).is_some_and(|known| {
            let others = if known.clauses == 1 {
                known.constant
            } else {
                known.default
            };
            known.document && (known.first || others)
        })
    }

    /// How many arguments a function takes; nothing where there is no rule of this path, and 0 for one that is no
    /// function.
    pub(super) fn arity(&self, path: &[Arc<str>]) -> Option<usize> {
        self.arities.get(path).map(|arity| arity.unwrap_or(0))
    }

    /// Whether a rule of this path is a function.
    pub(super) fn is_function(&self, path: &[Arc<str>]) -> bool {
        self.arities.get(path).is_some_and(Option::is_some)
    }

    /// Whether a rule or a package is at or below a path.
    pub(super) fn is_in_tree(&self, path: &[Value]) -> bool {
        let tree = self.tree.get_or_init(|| tree(self.modules));
        tree.contains(path)
    }

    /// Whether a rule is at this path.
    pub(super) fn is_rule(&self, path: &[Arc<str>]) -> bool {
        self.arities.contains_key(path)
    }
}

/// What names mean in one module.
pub(super) struct Globals {
    /// From a name to its path, the root first: `data`, `input`.
    paths: Names<Vec<Arc<str>>>,
    used: RefCell<HashSet<Arc<str>>>,
}

impl Globals {
    /// The globals of a module: its package's rules, and over them its imports.
    pub(super) fn of(module: &Module, definitions: &Definitions<'_>) -> Self {
        let mut paths = Names::new();
        for name in definitions.exports.get(&module.package.path).into_iter().flatten() {
            let path = std::iter::once("data".into())
                .chain(module.package.path.iter().cloned())
                .chain([name.clone()]);
            paths.insert(name.clone(), path.collect());
        }
        for import in module.imports.iter().filter(|import| is_document(import)) {
            paths.insert(name_of(import), import.path.clone());
        }
        Self {
            paths,
            used: RefCell::default(),
        }
    }

    /// The path after a name.
    pub(super) fn path(&self, name: &str) -> Option<&[Arc<str>]> {
        let (name, path) = self.paths.get_key_value(name)?;
        if !self.used.borrow().contains(name) {
            self.used.borrow_mut().insert(name.clone());
        }
        Some(path)
    }

    /// The imports that nothing uses.
    pub(super) fn unused<'m>(&self, module: &'m Module, at: usize) -> impl Iterator<Item = CompileError> + use<'_, 'm> {
        let unused = |import: &&Import| is_document(import) && !self.used.borrow().contains(&name_of(import));
        let error = move |import: &Import| {
            let message = format!("import {} unused", import.path.join("."));
            CompileError::new(Code::Compile, at, import.span, message)
        };
        module
            .imports
            .iter()
            .filter(unused)
            .map(error)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// The paths of packages and of heads, as far as these are ground, and of all above.
fn tree(modules: &[Module]) -> HashSet<Vec<Value>> {
    let mut found = HashSet::new();
    for module in modules {
        let package = module.package.path.iter().cloned().map(Value::string);
        let mut path: Vec<Value> = package.collect();
        found.extend((0..=path.len()).map(|end| path[..end].to_vec()));
        let own = path.len();
        for rule in &module.rules {
            path.extend(rule.head.path.iter().map_while(|step| ground(&step.term)));
            found.extend((own..=path.len()).map(|end| path[..end].to_vec()));
            path.truncate(own);
        }
    }
    found
}

/// The value of a term that has no variables and nothing to be evaluated.
fn ground(term: &Term) -> Option<Value> {
    match &term.kind {
        TermKind::Null => Some(Value::Null),
        TermKind::Bool(value) => Some(Value::Bool(*value)),
        TermKind::Number(number) => Some(Value::Number(number.clone())),
        TermKind::String(text) => Some(Value::string(text.clone())),
        TermKind::Array(items) => Some(Value::array(items.iter().map(ground).collect::<Option<Vec<_>>>()?)),
        TermKind::Set(items) => Some(Value::set(items.iter().map(ground).collect::<Option<Vec<_>>>()?)),
        TermKind::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| Some((ground(key)?, ground(value)?)));
            Some(Value::object(entries.collect::<Option<Vec<_>>>()?))
        }
        _ => None,
    }
}

/// Whether a head's value is a constant, or a variable.
fn is_constant(term: &Term) -> bool {
    match &term.kind {
        TermKind::Var(_) => true,
        _ => ground(term).is_some(),
    }
}

/// Whether an import is of a document, and not of keywords.
fn is_document(import: &Import) -> bool {
    !matches!(import.path.first().map(|root| &**root), Some("future" | "rego"))
}

/// The name that an import is used by.
pub(super) fn name_of(import: &Import) -> Arc<str> {
    match &import.alias {
        Some(alias) => alias.text.clone(),
        None => import.path.last().cloned().unwrap_or_else(|| "".into()),
    }
}
