//! A set of policies as users mean it: loaded, checked, compiled once, with the rules that are to be run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;

use crate::document::{Document, Span};
use crate::engine::both::Both;
use crate::engine::own::{Origin, Own};
use crate::engine::regorus::Regorus;
use crate::engine::{self, Engine, EngineError, Module};
use crate::exempt::{Exemption, Pattern};
use crate::finding::{Kind, NotConfigured, Problem, RuleInfo, Severity, Unjudged};
use crate::locate::LineIndex;
use crate::parse::Format;
use crate::problem;
use crate::rego::builtins::signature;
use crate::rego::check::lints::{self, Lint};
use crate::rego::core;
use crate::rego::eval::Settings;
use crate::rego::fault::Fault;
use crate::rego::plan::print::print;
use crate::rego::program::{Options, Program};
use crate::settings::exempt::Graded;
use crate::settings::{Allow, EngineName};
use crate::suggest::nearest;
use crate::value::Value;

mod check;
pub mod data;
mod files;
pub mod library;
mod module;
pub mod parameter;
mod uses;
mod walk;

use files::PolicyFile;
use library::choice::{self, Choice};
use module::{Parsed, Shape, name, shape};

/// The word that stands for every kind of Kubernetes object.
pub const ANY_KIND: &str = "*";
/// Stack of a thread that evaluates: policies can nest deeper than a thread's usual stack.
pub const STACK: usize = 256 << 20;

/// The key of `data` that the whole set stands under.
pub const INVENTORY: &str = "inventory";

/// What is to be loaded.
pub struct Request<'a> {
    /// Files and folders of the user's policies.
    pub policy: &'a [PathBuf],
    /// Which of the library's policies; `None` for no library.
    pub library: Option<Choice<'a>>,
    /// The base document `data`.
    pub data: Value,
    /// The settings file that `data.params` comes from, where it does.
    pub params: Option<&'a Document>,
    /// Severities that are given to policies.
    pub severities: &'a [Graded],
    /// What is set aside, whose policies have to be there.
    pub exemptions: &'a [Exemption],
    /// Which packages of the user's policies are run.
    pub namespaces: Namespaces<'a>,
    /// Whether modules are Rego v0 unless they say otherwise.
    pub v0: bool,
    /// What policies are allowed beyond their input.
    pub allow: &'a [Allow],
    /// Whether a builtin that fails is an error.
    pub strict_builtins: bool,
    /// Whether warnings are faults.
    pub strict: bool,
    /// How long one evaluation may take.
    pub timeout: Duration,
    /// Which engine runs the policies.
    pub engine: EngineName,
}

/// Which packages are run.
#[derive(Clone, Copy, Debug)]
pub enum Namespaces<'a> {
    /// Every package that has rules.
    All,
    /// Those of these names or globs; each must be there.
    Named(&'a [String]),
}

/// Policies, ready to judge.
pub struct PolicySet {
    /// The rules to run, by namespace, and there as they are written.
    pub rules: Vec<Rule>,
    /// The namespaces among them that define exceptions.
    pub excepting: Vec<String>,
    /// What is suspicious about the policies.
    pub warnings: Vec<Problem>,
    /// Whether a policy reads `data.conftest`, conftest's note of the file at hand.
    pub reads_file_info: bool,
    /// Whether a rule reads `data.inventory`, the whole set, which nobody has given.
    pub needs_inventory: bool,
    /// The library's policies that were chosen and lack a parameter.
    pub not_configured: Vec<NotConfigured>,
    files: Vec<PolicyFile>,
    engine: Box<dyn Engine>,
}

impl PolicySet {
    /// An engine's error as a problem, with the policy's line where the engine knows it.
    pub fn problem(&self, error: &EngineError) -> Problem {
        of_engine(&self.files, error)
    }

    /// What the rules say of themselves, by their ids.
    pub fn described(&self) -> BTreeMap<String, RuleInfo> {
        let mut described: BTreeMap<String, RuleInfo> = BTreeMap::new();
        for rule in &self.rules {
            let info = described.entry(rule.id.clone()).or_insert_with(|| rule.info.clone());
            // The first severity is the gravest.
            info.severity = info.severity.into_iter().chain([rule.severity]).min();
        }
        described
    }

    /// Which policies judged nothing, where `matched` says of each rule whether a document was one that it is for.
    pub fn unjudged(&self, matched: &[bool]) -> Unjudged {
        let with = |wanted: bool| {
            let rules = self.rules.iter().enumerate();
            rules
                .filter(move |(at, _)| matched.get(*at).copied().unwrap_or(false) == wanted)
                .map(|(_, rule)| rule.id.as_str())
        };
        let judging: BTreeSet<&str> = with(true).collect();
        let vacuous: BTreeSet<&str> = with(false).filter(|id| !judging.contains(id)).collect();
        Unjudged {
            not_configured: self.not_configured.clone(),
            vacuous: vacuous.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The compiled policies.
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }
}

/// A rule to run.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its package, without `data.`.
    pub namespace: String,
    /// Its name in the package.
    pub name: String,
    /// Which sort of rule it is.
    pub kind: Kind,
    /// How many clauses it has.
    pub clauses: usize,
    /// Its id in reports.
    pub id: String,
    /// How much its findings matter.
    pub severity: Severity,
    /// What else it says of itself.
    pub info: RuleInfo,
    /// Where its first clause stands: the module's path, line and column.
    pub place: Option<(String, usize, usize)>,
    /// The kinds of Kubernetes objects it is for, [`ANY_KIND`] for all of them; empty for any document.
    pub kinds: Vec<String>,
    /// The formats it is run on; empty for any.
    pub formats: Vec<Format>,
}

impl Rule {
    /// The path that the engine evaluates.
    pub fn query(&self) -> String {
        format!("data.{}.{}", self.namespace, self.name)
    }

    /// Whether it is one of the library's.
    pub fn is_of_library(&self) -> bool {
        self.namespace.split('.').next() == Some(library::PACKAGE)
    }

    /// Whether it is run on documents of a format. Comments make no other format of JSON.
    pub fn is_for_format(&self, format: Format) -> bool {
        let without_comments = match format {
            Format::Jsonc => Format::Json,
            other => other,
        };
        self.formats.is_empty()
            || [format, without_comments]
                .iter()
                .any(|known| self.formats.contains(known))
    }

    /// Whether one of these kinds of objects is one that it is for.
    pub fn is_for_kinds(&self, kinds: &[&str]) -> bool {
        let is_one = |kind: &String| kinds.contains(&kind.as_str()) || kind == ANY_KIND && !kinds.is_empty();
        self.kinds.is_empty() || self.kinds.iter().any(is_one)
    }
}

/// Loads, checks and compiles; or gives every fault of every file.
pub fn load(request: Request) -> Result<PolicySet, Vec<Problem>> {
    let mut files = files::user(request.policy)?;
    let not_configured = match request.library {
        Some(choice) => take(choice, &request.data, &mut files)?,
        None => Vec::new(),
    };
    let parsed = parse(&files, request.v0)?;
    let judged: Vec<&Parsed> = parsed.iter().filter(|module| !module.file.is_test()).collect();
    let options = Options { strict: request.strict };
    let program = compile(&judged, options)?;
    let mut found = check::check(&parsed, &request.data);
    found
        .faults
        .extend(check::guarded(program.core(), &judged, request.allow));
    found.warnings.extend(silences(program.core(), &judged));
    if request.library.is_some() || request.params.is_some() {
        let references = references(program.core(), &judged);
        found
            .faults
            .extend(parameter::given::faults(&request.data, request.params, references));
    }
    let all = rules(&parsed);
    found.faults.extend(strangers(&request, &all));
    refuse(&mut found, request.strict)?;
    if all.is_empty() {
        return Err(vec![no_rule(&files, &not_configured)]);
    }
    let mut rules = select(all, request.namespaces)?;
    grade(&mut rules, request.severities);
    let excepting = excepting(&parsed, &rules);
    let reads_inventory = reads_inventory(program.core(), &rules, &excepting);
    let inventory_given = request.data.field(INVENTORY).is_some();
    if reads_inventory && inventory_given {
        found.warnings.push(other_inventory());
        refuse(&mut found, request.strict)?;
    }
    let engine = engine(program, &files, &judged, &request, &rules)?;
    Ok(PolicySet {
        excepting,
        not_configured,
        needs_inventory: reads_inventory && !inventory_given,
        reads_file_info: files.iter().any(|file| file.text.contains("conftest")),
        warnings: found.warnings,
        rules,
        engine,
        files,
    })
}

/// The policies that the settings name and that nobody has: neither this run nor the library.
fn strangers(request: &Request, all: &[Rule]) -> Vec<Problem> {
    let graded = request.severities.iter().map(|graded| ("severity", &graded.policy));
    let exempted = request.exemptions.iter().flat_map(|exemption| &exemption.policy);
    let named = graded.chain(exempted.map(|pattern| ("exempt", pattern)));
    let unknown = named.filter(|(_, pattern)| !all.iter().any(|rule| pattern.fits_path(&rule.id)));
    let of_library = || library::catalog::policies().iter().map(|policy| policy.id.as_str());
    let unknown = unknown.filter(|(_, pattern)| !of_library().any(|id| pattern.fits_path(id)));
    let worded = |(key, pattern): (&str, &Pattern)| {
        let known = all.iter().map(|rule| rule.id.as_str()).chain(of_library());
        let help = match nearest(&pattern.text, known) {
            Some(near) => format!("did you mean {near}?"),
            None => library::suggestion(&pattern.text),
        };
        let message = format!("{key}: no policy has the id {}", pattern.text);
        problem::of_location(pattern.location.clone(), message, Some(help))
    };
    unknown.map(worded).collect()
}

/// Gives rules the severities of the settings. They come sorted by the ids, so that the longer of two counts.
fn grade(rules: &mut [Rule], severities: &[Graded]) {
    for rule in rules {
        let given = severities.iter().rfind(|graded| graded.policy.fits_path(&rule.id));
        rule.severity = given.map_or(rule.severity, |graded| graded.severity);
    }
}

/// Takes policies of the library, and the helpers that anybody names; gives those that lack a parameter.
fn take(choice: Choice, data: &Value, files: &mut Vec<PolicyFile>) -> Result<Vec<NotConfigured>, Vec<Problem>> {
    let chosen = choice::choose(choice, data)?;
    let of_user = files.iter().map(|file| file.text.as_str());
    let helpers = choice::helpers(of_user.chain(chosen.modules.iter().map(|module| module.text)));
    files.extend(files::embedded(&helpers));
    files.extend(files::embedded(&chosen.modules));
    Ok(chosen.not_configured)
}

/// Gives the faults, where there are some; of strict users the warnings are faults too.
fn refuse(found: &mut check::Findings, strict: bool) -> Result<(), Vec<Problem>> {
    if strict {
        found.faults.append(&mut found.warnings);
    }
    if found.faults.is_empty() {
        Ok(())
    } else {
        Err(std::mem::take(&mut found.faults))
    }
}

/// Why nothing could ever be found.
fn no_rule(files: &[PolicyFile], not_configured: &[NotConfigured]) -> Problem {
    let ids: Vec<&str> = not_configured.iter().map(|lacking| lacking.policy.as_str()).collect();
    if let Some(first) = ids.first() {
        let help = format!("kpolicy explain {first} tells its parameters; give them in kpolicy.toml");
        let lacking = ids.join(", ");
        return problem::of_run(
            format!("every policy that was chosen lacks a parameter: {lacking}"),
            help,
        );
    }
    if files.is_empty() {
        let help = "name policies with --policy; without --compat conftest the built-in library judges";
        return problem::of_run("there is no policy: no folder policy is here, and none was named", help);
    }
    let help = "write `deny contains msg if { … }` in a package, for example `package main`";
    problem::of_run(
        "the policies have no deny, violation or warn rule: nothing could ever be found",
        help,
    )
}

fn parse(files: &[PolicyFile], v0: bool) -> Result<Vec<Parsed<'_>>, Vec<Problem>> {
    let mut parsed = Vec::new();
    let mut faults = Vec::new();
    for file in files {
        match Parsed::of(file, v0) {
            Ok(module) => parsed.push(module),
            Err(errors) => faults.extend(errors),
        }
    }
    if faults.is_empty() { Ok(parsed) } else { Err(faults) }
}

/// The plan of the policies below `paths`, in words; or every fault of every file.
pub fn plan(paths: &[PathBuf]) -> Result<String, Vec<Problem>> {
    let files = files::user(paths)?;
    let parsed = parse(&files, false)?;
    let judged: Vec<&Parsed> = parsed.iter().filter(|module| !module.file.is_test()).collect();
    let program = compile(&judged, Options::default())?;
    let source = |module: usize, span: Span| match judged.get(module) {
        Some(module) => span.of(&module.file.text).to_owned(),
        None => String::new(),
    };
    Ok(print(program.plan(), &source))
}

/// The program of these modules; or what OPA's compiler would refuse too.
fn compile(modules: &[&Parsed], options: Options) -> Result<Program, Vec<Problem>> {
    let trees: Vec<_> = modules.iter().map(|module| module.tree.clone()).collect();
    Program::of_modules(&trees, options)
        .map_err(|faults| faults.into_iter().map(|fault| of_fault(modules, fault)).collect())
}

/// A fault of the language, with the nearest name for one that is unknown.
fn of_fault(modules: &[&Parsed], fault: Fault) -> Problem {
    let unknown = fault.message.strip_prefix("undefined function ");
    let near = unknown.and_then(|name| nearest(name, signature::names()));
    let help = fault.help.or_else(|| near.map(|name| format!("did you mean {name}?")));
    let message = format!("{}: {}", fault.code.name(), fault.message);
    modules[fault.module].fault(fault.span, message, help)
}

/// What the user's policies do that makes a gate silent.
fn silences(program: &core::Program, modules: &[&Parsed]) -> Vec<Problem> {
    let of_user = |lint: &Lint| !modules[lint.module].file.embedded;
    let worded = |lint: Lint| {
        let message = format!("{}: {}", lint.id, lint.message);
        modules[lint.module].fault(lint.span, message, Some(lint.help))
    };
    lints::check(program).into_iter().filter(of_user).map(worded).collect()
}

/// The paths, from `data` on, that the user's policies refer to.
fn references(program: &core::Program, modules: &[&Parsed]) -> impl Iterator<Item = Vec<String>> {
    let of_user = program
        .clauses
        .iter()
        .filter(|clause| !modules[clause.module].file.embedded);
    let paths = of_user.flat_map(uses::of_clause);
    paths.map(|path| {
        let below = path.iter().map(ToString::to_string);
        std::iter::once("data".to_owned()).chain(below).collect()
    })
}

/// Whether one of the rules reads the whole set, and no rule of the user's stands there instead.
fn reads_inventory(program: &core::Program, rules: &[Rule], excepting: &[String]) -> bool {
    let is_inventory = |path: &[Arc<str>]| path.first().is_some_and(|name| **name == *INVENTORY);
    let path = |namespace: &str, name: &str| namespace.split('.').chain([name]).map(Arc::from).collect();
    let rules = rules.iter().map(|rule| path(&rule.namespace, &rule.name));
    let exceptions = excepting.iter().map(|namespace| path(namespace, "exception"));
    !program.packages.iter().any(|package| is_inventory(package))
        && uses::reached(program, rules.chain(exceptions))
            .iter()
            .any(|path| is_inventory(path))
}

/// The warning that rules see a set other than the files that are judged.
fn other_inventory() -> Problem {
    problem::of_run(
        "data.inventory is what --data gives here, and not the files that are judged",
        "give that key of the data another name, where policies are to see the files",
    )
}

/// Every rule of the modules, its clauses counted together; by namespace, and there as they are written.
fn rules(parsed: &[Parsed]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for module in parsed.iter().filter(|module| !module.file.is_test()) {
        let namespace = module.namespace();
        for (at, clause) in module.tree.rules.iter().enumerate() {
            let Some(name) = name(&clause.head) else { continue };
            let Some(kind) = check::kind_of(name).filter(|_| shape(&clause.head) != Shape::Function) else {
                continue;
            };
            match rules
                .iter_mut()
                .find(|rule| rule.namespace == namespace && rule.name == *name)
            {
                Some(rule) => rule.merge(module, at),
                None => rules.push(Rule::new(module, at, name, kind)),
            }
        }
    }
    rules.sort_by(|a, b| a.namespace.cmp(&b.namespace));
    rules
}

impl Rule {
    fn new(module: &Parsed, at: usize, name: &str, kind: Kind) -> Self {
        let head = &module.tree.rules[at].head;
        let (row, column) = LineIndex::new(&module.file.text).position(head.span.start as usize);
        let field = |key: &str| module.annotations(at).find_map(|said| said.field(key).cloned());
        let said = |key: &str| {
            let custom = |annotations: &'_ Value| annotations.field("custom")?.field(key).cloned();
            module.annotations(at).find_map(custom)
        };
        let default = if kind.fails() { Severity::High } else { Severity::Medium };
        let package = &module.tree.package.path;
        let id = match library::id(package) {
            Some(id) => id,
            None => format!("{}/{name}", package.join("/")),
        };
        let severity = said("severity")
            .as_ref()
            .and_then(Value::as_str)
            .and_then(Severity::of_name);
        Self {
            namespace: module.namespace(),
            name: name.to_owned(),
            kind,
            clauses: 1,
            id,
            severity: severity.unwrap_or(default),
            info: RuleInfo {
                title: field("title").as_ref().and_then(trimmed),
                description: field("description").as_ref().and_then(trimmed),
                remediation: said("remediation").as_ref().and_then(trimmed),
                links: field("related_resources").as_ref().map(links).unwrap_or_default(),
                severity: None,
            },
            place: Some((module.file.path.clone(), row, column)),
            kinds: said("kinds").as_ref().map(texts).unwrap_or_default(),
            formats: match library::id(package) {
                Some(_) => said("formats").as_ref().map(formats).unwrap_or_default(),
                None => Vec::new(),
            },
        }
    }

    /// Counts one more clause. What only one of several clauses says of itself is not said of the rule, since the
    /// clause that a result came from is not known.
    fn merge(&mut self, module: &Parsed, at: usize) {
        self.clauses += 1;
        let own = module
            .annotations(at)
            .find_map(|annotations| annotations.field("custom")?.field("remediation"))
            .and_then(trimmed);
        if own.is_some() && own != self.info.remediation {
            self.info.remediation = None;
        }
    }
}

fn trimmed(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.trim().to_owned())
}

/// `related_resources` are addresses, or objects with `ref`, as in OPA.
fn links(value: &Value) -> Vec<String> {
    let items = value.as_array().unwrap_or_default().iter();
    let address = |item: &Value| item.as_str().or_else(|| item.field("ref")?.as_str()).map(str::to_owned);
    items.filter_map(address).collect()
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The formats that a policy of the library says it is for; a test holds it to names of formats.
fn formats(value: &Value) -> Vec<Format> {
    let names = texts(value).into_iter();
    names.filter_map(|name| Format::from_str(&name, false).ok()).collect()
}

/// The rules of the wanted namespaces. The library's are wanted by their ids and always stay.
fn select(all: Vec<Rule>, namespaces: Namespaces) -> Result<Vec<Rule>, Vec<Problem>> {
    let Namespaces::Named(patterns) = namespaces else {
        return Ok(all);
    };
    let mut problems = Vec::new();
    let mut matchers = Vec::new();
    for pattern in patterns {
        match globset::Glob::new(pattern) {
            Ok(glob) => {
                let matcher = glob.compile_matcher();
                if all.iter().any(|rule| matcher.is_match(&rule.namespace)) {
                    matchers.push(matcher);
                } else {
                    problems.push(unknown_namespace(pattern, &all));
                }
            }
            Err(error) => problems.push(problem::of_run(
                format!("--namespace {pattern} is no valid pattern: {}", error.kind()),
                "name a package, or a glob such as main.*",
            )),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let wanted = |rule: &Rule| rule.is_of_library() || matchers.iter().any(|matcher| matcher.is_match(&rule.namespace));
    Ok(all.into_iter().filter(wanted).collect())
}

fn unknown_namespace(pattern: &str, all: &[Rule]) -> Problem {
    let mut known: Vec<&str> = all
        .iter()
        .filter(|rule| !rule.is_of_library())
        .map(|rule| rule.namespace.as_str())
        .collect();
    known.dedup();
    let bare = pattern.strip_prefix("data.").unwrap_or(pattern);
    let help = match nearest(bare, known.iter().copied()) {
        Some(name) => format!("did you mean {name}?"),
        None if known.is_empty() => "leave it out: the library's policies are chosen by --library alone".to_owned(),
        None => format!("the policies have rules in {}", known.join(", ")),
    };
    problem::of_run(format!("no rule stands in namespace {pattern}"), help)
}

/// The namespaces of the chosen rules that define `exception`.
fn excepting(parsed: &[Parsed], rules: &[Rule]) -> Vec<String> {
    let mut found: Vec<String> = parsed
        .iter()
        .filter(|module| {
            let mut rules = module.tree.rules.iter();
            rules.any(|rule| name(&rule.head) == Some("exception"))
        })
        .map(Parsed::namespace)
        .filter(|namespace| rules.iter().any(|rule| rule.namespace == *namespace))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The engine that was asked for.
fn engine(
    program: Program,
    files: &[PolicyFile],
    modules: &[&Parsed],
    request: &Request,
    rules: &[Rule],
) -> Result<Box<dyn Engine>, Vec<Problem>> {
    let regorus = || regorus(files, modules, request, rules);
    match request.engine {
        EngineName::Own => Ok(Box::new(own(program, modules, request))),
        EngineName::Regorus => Ok(Box::new(regorus()?)),
        EngineName::Both => {
            let second = Box::new(regorus()?);
            Ok(Box::new(Both::new(Box::new(own(program, modules, request)), second)))
        }
    }
}

fn own(program: Program, modules: &[&Parsed], request: &Request) -> Own {
    let origins = modules.iter().map(|module| Origin {
        path: module.file.path.clone(),
        text: module.file.text.clone(),
    });
    let settings = Settings {
        time: Some(request.timeout),
        strict_builtins: request.strict_builtins,
        now: request.allow.contains(&Allow::Clock).then(now),
        ..Settings::default()
    };
    Own::new(program, request.data.clone(), settings, origins.collect())
}

/// The clock's time in nanoseconds since 1970: one for the whole run.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

fn regorus(
    files: &[PolicyFile],
    modules: &[&Parsed],
    request: &Request,
    rules: &[Rule],
) -> Result<Regorus, Vec<Problem>> {
    let program = engine::Program {
        modules: modules
            .iter()
            .map(|module| Module {
                path: &module.file.path,
                text: &module.file.text,
                v0: request.v0 && !module.file.embedded,
            })
            .collect(),
        data: request.data.clone(),
        strict_builtins: request.strict_builtins,
        timeout: request.timeout,
    };
    let worded = |error: EngineError| of_engine(files, &error);
    let engine = Regorus::compile(&program).map_err(|errors| errors.into_iter().map(worded).collect::<Vec<_>>())?;
    let faults: Vec<Problem> = first_faults(&engine, rules).into_iter().map(worded).collect();
    if faults.is_empty() { Ok(engine) } else { Err(faults) }
}

/// Some faults show only when a rule is first run: an empty input brings them out before anything is judged. Rules can
/// need each other deeper than a usual stack holds.
fn first_faults(engine: &dyn Engine, rules: &[Rule]) -> Vec<EngineError> {
    let evaluate = || {
        let mut worker = engine.worker();
        worker.set_input(&Value::object(Vec::new()));
        let errors = rules.iter().filter_map(|rule| worker.evaluate(&rule.query()).err());
        errors.filter(EngineError::is_compile_fault).collect()
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, evaluate);
        match thread.map(|thread| thread.join()) {
            Ok(Ok(faults)) => faults,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => vec![EngineError {
                message: format!("no thread to try the policies on: {error}"),
                place: None,
            }],
        }
    })
}

/// An engine's error as a problem, with the policy's line where the engine knows it.
fn of_engine(files: &[PolicyFile], error: &EngineError) -> Problem {
    let Some((path, row, column)) = &error.place else {
        return problem::of_run(error.message.clone(), "mend the policy");
    };
    let Some(file) = files.iter().find(|file| file.path == *path) else {
        return problem::of_place(format!("{path}:{row}:{column}"), error.message.clone(), None);
    };
    let start = LineIndex::new(&file.text).offset(*row, *column);
    problem::of_span(path, &file.text, Span::new(start, start), error.message.clone(), None)
}
