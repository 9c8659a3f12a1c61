//! ConstraintTemplates: their Rego, compiled to a program of its own, and the schema of their constraints.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::Engine;
use crate::engine::own::{Embedded, Origin, Own};
use crate::finding::Problem;
use crate::problem;
use crate::settings::Allow;
use kpolicy_rego::analysis::used_builtins;
use kpolicy_rego::builtins::Allowed;
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::{Module, TermKind};
use kpolicy_rego::{CompileError, Dialect, Options as CompileOptions, Program, Settings};
use kpolicy_value::{Span, Value};

use super::manifest::Object;
use super::matching::texts;
use super::references;
use super::schema::Schema;
use super::written::Written;

/// The rule that a template has its results in.
pub const QUERY: &str = "data.template.violation";

/// The package that a template's own is replaced with.
const PACKAGE: &str = "template";

/// What uses the results, for the type checker: a result without `msg` is refused where its type shows that.
const USE: &str = "package hooks\n\nviolation[found.msg] {\n\tdata.template.violation[found]\n}\n";

/// The name of the engine in `code`.
const REGO: &str = "Rego";

/// How templates are compiled and evaluated.
#[derive(Clone, Debug)]
pub struct Compiling {
    /// What policies are allowed beyond their input.
    pub allow: Vec<Allow>,
    /// What that gives their builtins.
    pub allowed: Allowed,
    /// The time of the run, where they may ask for it.
    pub now: Option<i64>,
    /// How long one evaluation may take.
    pub timeout: Duration,
    /// Whether constraints are enforced where gator enforces them.
    pub gator: bool,
}

/// A template.
pub struct Template {
    /// The object.
    pub object: Object,
    /// The kind of its constraints.
    pub kind: String,
    /// What its constraints have to be.
    pub schema: Schema,
    /// The operations that it is for; all for an empty list.
    pub operations: Vec<String>,
    /// Whether it reads `data.inventory`.
    pub reads_inventory: bool,
    /// Whether it may read the Namespace of an object.
    pub reads_namespace: bool,
    /// The version of its Rego.
    pub dialect: Dialect,
    /// Whether it has a version in CEL beside the one in Rego.
    pub has_cel: bool,
    engine: Own,
}

/// A text of Rego in a template.
struct Source {
    text: String,
    written: Written,
    module: Module,
}

impl Template {
    /// The template that an object is; or everything that is wrong with it.
    pub fn of(object: Object, compiling: &Compiling) -> Result<Self, Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        let kind = kind(&object).map_err(one)?;
        let target = target(&object).map_err(one)?;
        let code = Code::of(&object, &target).map_err(one)?;
        let sources = code.sources(&object)?;
        check(&object, &sources)?;
        let program = compile(&object, &sources, compiling)?;
        let reads = |text: &str| sources.iter().any(|source| source.text.contains(text));
        let (reads_inventory, reads_namespace) = (reads("inventory"), reads("namespaceObject"));
        let settings = Settings {
            time: Some(compiling.timeout),
            strict_builtins: false,
            now: compiling.now,
            ..Settings::default()
        };
        let file: Arc<str> = object.document.file.text.as_str().into();
        let origins = sources.into_iter().map(|source| Origin {
            path: object.document.file.path.clone(),
            text: source.text,
            embedded: Some(Embedded {
                file: Arc::clone(&file),
                written: source.written,
            }),
        });
        let engine = Own::new(program, Value::object(Vec::new()), settings, origins.collect());
        Ok(Self {
            schema: schema(&object),
            operations: texts(target.value, "operations"),
            dialect: code.dialect,
            has_cel: code.has_cel,
            engine: engine.allowing(compiling.allowed.clone()),
            kind,
            reads_inventory,
            reads_namespace,
            object,
        })
    }

    /// The compiled program.
    pub fn engine(&self) -> &dyn Engine {
        &self.engine
    }
}

/// The kind of a template's constraints, whose lower case is the template's name.
fn kind(object: &Object) -> Result<String, Problem> {
    const KEYS: [&str; 5] = ["spec", "crd", "spec", "names", "kind"];
    if !["v1", "v1beta1", "v1alpha1"].contains(&object.version.as_str()) {
        let message = format!("{} is of the unknown version {}", object.title(), object.version);
        return Err(object.error_at(&["apiVersion"], message, "use templates.gatekeeper.sh/v1"));
    }
    let kind = object.text(&KEYS).filter(|kind| !kind.is_empty()).ok_or_else(|| {
        let message = format!("{} does not say the kind of its constraints", object.title());
        object.error_at(&KEYS, message, "write it in spec.crd.spec.names.kind")
    })?;
    if kind.to_lowercase() != object.name() {
        let message = format!(
            "{} has to be named {}, which is the kind of its constraints in lower case",
            object.title(),
            kind.to_lowercase()
        );
        return Err(object.error_at(
            &["metadata", "name"],
            message,
            "change metadata.name or spec.crd.spec.names.kind",
        ));
    }
    Ok(kind.to_owned())
}

/// What a template is for: the one entry of `spec.targets`.
struct Target<'o> {
    value: &'o Value,
}

fn target(object: &Object) -> Result<Target<'_>, Problem> {
    const NAME: &str = "admission.k8s.gatekeeper.sh";
    let targets = object
        .at(&["spec", "targets"])
        .and_then(Value::as_array)
        .unwrap_or_default();
    let [value] = targets else {
        let message = format!("{} has {} targets, and must have one", object.title(), targets.len());
        return Err(object.error_at(&["spec", "targets"], message, "write one entry in spec.targets"));
    };
    if value.field("target").and_then(Value::as_str) != Some(NAME) {
        let message = format!("{} is for another target than {NAME}", object.title());
        let path = ["spec".into(), "targets".into(), 0i64.into(), "target".into()];
        return Err(object.error(&path, message, Some(format!("write target: {NAME}"))));
    }
    Ok(Target { value })
}

/// Where a template's Rego is.
struct Code {
    /// What leads to the texts: the one with the results first, then the libraries.
    texts: Vec<Vec<Value>>,
    dialect: Dialect,
    /// Whether there is CEL beside it.
    has_cel: bool,
}

impl Code {
    /// The Rego of a template: `rego` with `libs`, or the entry of `code` for the engine Rego. Any version but v1 is v0.
    fn of(object: &Object, target: &Target) -> Result<Self, Problem> {
        let root: Vec<Value> = vec!["spec".into(), "targets".into(), 0i64.into()];
        let all = target.value.field("code").and_then(Value::as_array).unwrap_or_default();
        let engine = |code: &Value| code.field("engine").and_then(Value::as_str).map(str::to_owned);
        let has_cel = all
            .iter()
            .any(|code| engine(code).as_deref() == Some("K8sNativeValidation"));
        let is_text = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        if is_text(target.value.field("rego")) {
            let texts = below(&root, target.value);
            return Ok(Self {
                texts,
                dialect: Dialect::V0,
                has_cel,
            });
        }
        let own = (0i64..)
            .zip(all)
            .find(|(_, code)| engine(code).as_deref() == Some(REGO));
        let Some((at, code)) = own else {
            let (message, help) = match (has_cel, all.first().and_then(engine)) {
                (true, _) => (
                    format!("{} has its code in CEL only, which is not supported", object.title()),
                    "add a version in Rego to spec.targets[0].code, or leave the template out",
                ),
                (false, Some(engine)) => (
                    format!("{} has its code for the unknown engine {engine}", object.title()),
                    "write engine: Rego in spec.targets[0].code",
                ),
                (false, None) => (
                    format!("{} has no code", object.title()),
                    "write Rego in spec.targets[0].code, or in spec.targets[0].rego",
                ),
            };
            return Err(object.error(&root, message, Some(help.to_owned())));
        };
        let path = [&root[..], &["code".into(), at.into(), "source".into()]].concat();
        let source = code.field("source");
        let Some(source) = source.filter(|source| is_text(source.field("rego"))) else {
            let message = format!("{} has no Rego in its code for the engine Rego", object.title());
            return Err(object.error(&path, message, Some("write it in source.rego".to_owned())));
        };
        let dialect = match source.field("version").and_then(Value::as_str) {
            Some("v1") => Dialect::V1,
            _ => Dialect::V0,
        };
        Ok(Self {
            texts: below(&path, source),
            dialect,
            has_cel,
        })
    }

    /// The texts, parsed.
    fn sources(&self, object: &Object) -> Result<Vec<Source>, Vec<Problem>> {
        let (mut sources, mut problems) = (Vec::new(), Vec::new());
        for (at, path) in self.texts.iter().enumerate() {
            match self.source(object, path, at == 0) {
                Ok(source) => sources.push(source),
                Err(errors) => problems.extend(errors),
            }
        }
        if problems.is_empty() {
            Ok(sources)
        } else {
            Err(problems)
        }
    }

    fn source(&self, object: &Object, path: &[Value], is_own: bool) -> Result<Source, Vec<Problem>> {
        let whole = [&object.path[..], path].concat();
        let found = object.document.find(&whole);
        let text = found.value.as_str().filter(|_| found.depth == whole.len());
        let Some(text) = text else {
            let message = format!("a library of {} is not a text", object.title());
            return Err(vec![object.error(
                path,
                message,
                Some("write Rego as a text".to_owned()),
            )]);
        };
        let written = Written::of(&object.document.file.text, found.spans.value, text);
        let parsed = parse(text, self.dialect).map_err(|errors| {
            let help = |own: Option<String>| {
                let other = match self.dialect {
                    Dialect::V1 => Dialect::V0,
                    Dialect::V0 => Dialect::V1,
                };
                let is_other = parse(text, other).is_ok();
                own.or_else(|| match (is_other, other) {
                    (false, _) => None,
                    (true, Dialect::V1) => Some(
                        "this is Rego v1: put it in `code` with engine: Rego and source.version: \"v1\"".to_owned(),
                    ),
                    (true, Dialect::V0) => Some("this is Rego v0: remove source.version".to_owned()),
                })
            };
            let described = errors.into_iter().map(|error| {
                let message = format!("rego_parse_error: {}", error.message);
                at(object, &written, error.span, message, help(error.help))
            });
            described.collect::<Vec<_>>()
        });
        let mut module = parsed?;
        if is_own {
            // The name of the package means nothing, as in Gatekeeper.
            module.package.path = vec![PACKAGE.into()];
        }
        Ok(Source {
            text: text.to_owned(),
            written,
            module,
        })
    }
}

/// What leads to the texts of a source: `rego`, then each of `libs`.
fn below(path: &[Value], source: &Value) -> Vec<Vec<Value>> {
    let libs = source.field("libs").and_then(Value::as_array).unwrap_or_default();
    let own = [path, &["rego".into()]].concat();
    let libs = (0i64..)
        .zip(libs)
        .map(|(at, _)| [path, &["libs".into(), at.into()]].concat());
    std::iter::once(own).chain(libs).collect()
}

/// An error at a range of a text of Rego, in the file that holds it.
fn at(object: &Object, written: &Written, span: Span, message: String, help: Option<String>) -> Problem {
    let file = &object.document.file;
    let message = format!("{}: {message}", object.title());
    problem::of_span(&file.path, &file.lines(), written.span(span), message, help)
}

/// What Gatekeeper refuses of a template's Rego before it is compiled.
///
/// Follows frameworks/constraint pkg/regorewriter/regorewriter.go: checkSources, and drivers/rego/driver.go:
/// requireModuleRules.
fn check(object: &Object, sources: &[Source]) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut refuse = |source: &Source, span: Span, message: &str, help: &str| {
        problems.push(at(
            object,
            &source.written,
            span,
            message.to_owned(),
            Some(help.to_owned()),
        ));
    };
    for (number, source) in sources.iter().enumerate() {
        let module = &source.module;
        if number == 0 && !module.rules.iter().any(gives_results) {
            let help =
                "write `violation[{\"msg\": msg}] { … }`, or in Rego v1 `violation contains {\"msg\": msg} if { … }`";
            refuse(
                source,
                module.package.span,
                "there is no rule violation that is a set",
                help,
            );
        }
        let is_lib = |path: &[Arc<str>]| path.first().is_some_and(|name| &**name == "lib");
        if number > 0 && (!is_lib(&module.package.path) || module.package.path.len() < 2) {
            let message = "the package of a library is not below lib";
            refuse(source, module.package.span, message, "name it lib.something");
        }
        for import in &module.imports {
            let path: Vec<&str> = import.path.iter().map(|name| &**name).collect();
            if !matches!(path.as_slice(), ["data", "lib", ..] | ["future", ..]) {
                let message = format!("Gatekeeper refuses the import of {}", path.join("."));
                let help = "import only from data.lib and future.keywords";
                refuse(source, import.span, &message, help);
            }
        }
        for span in references::unnamed_libraries(module) {
            let message = "Gatekeeper finds no library by its path within another term, and the rule finds nothing";
            refuse(source, span, message, "import it: import data.lib.…");
        }
        for span in references::foreign_data(module) {
            let message = "Gatekeeper refuses references to data outside of data.inventory and data.lib";
            refuse(
                source,
                span,
                message,
                "use input.parameters for what the template needs to know",
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Whether a rule is the one with the results: `violation`, which is not a part of an object and not a function.
fn gives_results(rule: &kpolicy_rego::syntax::tree::Rule) -> bool {
    let [name] = rule.head.path.as_slice() else {
        return false;
    };
    matches!(&name.term.kind, TermKind::String(name) if &**name == "violation") && rule.head.arguments.is_none()
}

/// The program of a template's texts; or what the compiler refuses, and calls that are not allowed.
fn compile(object: &Object, sources: &[Source], compiling: &Compiling) -> Result<Program, Vec<Problem>> {
    let user = parse(USE, Dialect::V0).expect("the use of results parses");
    let modules: Vec<Module> = sources
        .iter()
        .map(|source| source.module.clone())
        .chain([user])
        .collect();
    let program = Program::of_modules(&modules, CompileOptions::default()).map_err(|errors| {
        errors
            .into_iter()
            .map(|error| of_compiler(object, sources, error))
            .collect::<Vec<_>>()
    })?;
    let refused = used_builtins(program.core()).into_iter().filter_map(|used| {
        let needed = Allow::of(used.builtin.row.needed()?);
        let source = sources.get(used.module)?;
        (!compiling.allow.contains(&needed)).then(|| {
            let message = format!("{} makes the result depend on more than the input", used.builtin.name);
            let help = format!("allow it with --allow {}", needed.name());
            at(object, &source.written, used.span, message, Some(help))
        })
    });
    let refused: Vec<Problem> = refused.collect();
    if refused.is_empty() { Ok(program) } else { Err(refused) }
}

fn of_compiler(object: &Object, sources: &[Source], error: CompileError) -> Problem {
    let message = format!("{}: {}", error.code.name(), error.message);
    let Some(source) = sources.get(error.module) else {
        // The use of the results is no text of the user's.
        let rules = &sources[0].module.rules;
        let span = rules
            .iter()
            .find(|rule| gives_results(rule))
            .map_or(Span::default(), |rule| rule.head.span);
        let message = format!("the results of violation have no msg ({message})");
        let help = "make every result an object with a string in `msg`";
        return at(object, &sources[0].written, span, message, Some(help.to_owned()));
    };
    if error.undefined_function.as_deref() == Some("external_data") {
        let message = "the template asks for external data, which is not supported".to_owned();
        let help = "leave the template out, or pass the data as parameters".to_owned();
        return at(object, &source.written, error.span, message, Some(help));
    }
    at(object, &source.written, error.span, message, error.help)
}

/// The schema of a template's constraints. Before v1, parameters may hold more than their schema says by default.
fn schema(object: &Object) -> Schema {
    let validation = object.at(&["spec", "crd", "spec", "validation"]);
    let legacy = validation.and_then(|validation| validation.field("legacySchema"));
    let legacy = match legacy {
        Some(Value::Bool(legacy)) => *legacy,
        _ => object.version != "v1",
    };
    Schema::of(
        validation.and_then(|validation| validation.field("openAPIV3Schema")),
        legacy,
    )
}
