//! `kpolicy why`: tells why a rule found something in a document, or did not.

use std::io::{self, Write};

use clap::ArgMatches;

use super::test;
use crate::error::Error;
use crate::evaluate::{Evaluator, Explained, Read};
use crate::finding::{Check, Finding, Problem, Status, Subject};
use crate::input::{self, Source};
use crate::inventory;
use crate::pattern::is_below;
use crate::placing::subject;
use crate::policy::library::catalog;
use crate::policy::{PolicySet, Rule};
use crate::problem;
use crate::reading::Empty;
use crate::report::why::{self, WhyStyle};
use crate::run::{self, today};
use crate::settings::{Compat, Named, Settings};
use crate::suggest::nearest;
use crate::terraform::{Reader, Resolved};
use crate::waiver::{Waiver, Waivers, inline};
use crate::why::{Answer, Verdict, is_near, path_at, reasons};
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

/// Answers for the rule and the documents that the arguments name.
pub fn run(matches: &ArgMatches, mut settings: Settings, out: &mut dyn Write) -> Result<Status, Error> {
    let style = matches.get_one::<WhyStyle>("format").copied().unwrap_or_default();
    let line = line_of(&mut settings);
    let id = matches.get_one::<String>("rule").expect("clap requires a rule");
    let refuse = |problem: Problem| Error::Problems(vec![problem]);
    let (policies, unselected) = policies(&mut settings, id)?;
    let read = read(&settings).map_err(Error::Problems)?;
    let documents = documents(&read, line).map_err(refuse)?;
    let inventory = policies
        .needs_inventory
        .then(|| inventory::build(std::iter::once(read.documents.as_slice())));
    let configurations = match policies.reads_configuration() {
        true => Resolved::of(std::iter::once(read.path()), Reader::new(settings.limits())).map_err(refuse)?,
        false => Resolved::default(),
    };
    let mut evaluator = Evaluator::new(&policies, inventory.as_ref(), None).with_configurations(Some(&configurations));
    let mut answers = Vec::new();
    for rule in policies.rules.iter().filter(|rule| is_meant(rule, id)) {
        for (at, about) in &documents {
            let explained = evaluator
                .explained(&read, *at, rule, about.as_deref())
                .map_err(refuse)?;
            let mut answer = answer(&settings, rule, &read, *at, explained);
            answer.line = line;
            answer.unselected = unselected.is_some();
            answer.notes.splice(0..0, unselected.clone());
            answers.push(answer);
        }
    }
    why::render(&answers, style, &test::options(&settings, Default::default()), out).map_err(Error::Output)?;
    Ok(Status::Clean)
}

/// Takes the line off the file that is asked about: `deploy.yaml:31`. A file of such a name is that file.
fn line_of(settings: &mut Settings) -> Option<usize> {
    let path = settings.paths.first_mut()?;
    let (file, line) = path.rsplit_once(':')?;
    let line = line.parse().ok()?;
    if std::path::Path::new(path).exists() {
        return None;
    }
    *path = file.to_owned();
    Some(line)
}

/// The policies with the rule, and a note of what would have to be set for it to be run.
fn policies(settings: &mut Settings, id: &str) -> Result<(PolicySet, Option<String>), Error> {
    let first = run::policies::load(settings, &mut io::sink())?;
    let has = |policies: &PolicySet| policies.rules.iter().any(|rule| is_meant(rule, id));
    if has(&first) {
        return Ok((first, None));
    }
    if let Some(missing) = first
        .not_configured
        .iter()
        .find(|missing| is_below(&missing.policy, id))
    {
        let message = format!("{}: it is not configured, and so not run", missing.policy);
        let help = format!("set {} in kpolicy.toml", missing.parameters.join(", "));
        return Err(Error::Problems(vec![problem::of_run(message, help)]));
    }
    let named = settings.namespaces.take();
    if let Some(named) = named.filter(|_| !settings.all_namespaces) {
        let all = run::policies::load(settings, &mut io::sink())?;
        if has(&all) {
            let names: Vec<&str> = named.iter().map(|named| named.text.as_str()).collect();
            let note = format!("not run: namespace = {} leaves its package out", names.join(", "));
            return Ok((all, Some(note)));
        }
    }
    if catalog::policy(id).is_ok() {
        settings.library.push(Named::by_flag("library", id));
        let with = run::policies::load(settings, &mut io::sink())?;
        let note = format!("not run: it is not among the policies of this run; --library {id} adds it");
        return Ok((with, Some(note)));
    }
    let known = first.rules.iter().map(|rule| rule.id.as_str());
    let help = match nearest(id, known.clone()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("the rules of this run are {}", some(known.collect())),
    };
    let message = format!("--rule: no rule of this run or of the built-in library has the id {id}");
    Err(Error::Problems(vec![problem::of_run(message, help)]))
}

/// The first of these names.
fn some(mut names: Vec<&str>) -> String {
    const MOST: usize = 10;
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Whether an id, or a path as Rego writes it, names a rule.
fn is_meant(rule: &Rule, id: &str) -> bool {
    let query = rule.query();
    is_below(&rule.id, id) || query == id || query.strip_prefix("data.") == Some(id)
}

/// The file that is asked about.
fn read(settings: &Settings) -> Result<Read, Vec<Problem>> {
    let discovery = input::discover(&settings.paths, settings.selection());
    if !discovery.problems.is_empty() {
        return Err(discovery.problems);
    }
    let [source]: &[Source] = &discovery.sources else {
        let message = match discovery.sources.len() {
            0 => "no file to answer for".to_owned(),
            count => format!("{} names {count} files", settings.paths.join(" ")),
        };
        return Err(vec![problem::of_run(
            message,
            "name one file, such as deploy/web.yaml or deploy/web.yaml:31",
        )]);
    };
    let empty = match settings.compat {
        Some(Compat::Conftest) => Empty::Kept,
        None => Empty::Dropped,
    };
    Read::source(source, settings.limits(), settings.context(), empty).map_err(|problem| vec![problem])
}

/// The documents that are asked about, by their positions, each with the path that is: all, or the one of a line.
type Asked = Vec<(usize, Option<Vec<Value>>)>;

fn documents(read: &Read, line: Option<usize>) -> Result<Asked, Problem> {
    if read.documents.is_empty() {
        return Err(problem::of_run(
            format!("{} has no documents", read.path()),
            "name a file with a document",
        ));
    }
    let Some(line) = line else {
        return Ok((0..read.documents.len()).map(|at| (at, None)).collect());
    };
    let found = read
        .documents
        .iter()
        .enumerate()
        .find_map(|(at, document)| Some((at, path_at(document, line)?)));
    match found {
        Some((at, path)) => Ok(vec![(at, Some(path).filter(|path| !path.is_empty()))]),
        None => Err(problem::of_run(
            format!("{}:{line} is in no document", read.path()),
            "name a line with a key or a value, or the file alone",
        )),
    }
}

/// What a rule came to on a document.
fn answer(settings: &Settings, rule: &Rule, read: &Read, at: usize, explained: Explained) -> Answer {
    let document: &Document = &read.documents[at];
    let mut answer = Answer {
        id: rule.id.clone(),
        query: rule.query(),
        file: read.path().to_owned(),
        line: None,
        document: (read.documents.len() > 1).then_some(document.index),
        subject: subject(document, Some(read.format()), &[]).and_then(|subject| match subject {
            Subject::Object { resource, .. } => Some(resource.to_string()),
            _ => None,
        }),
        verdict: Verdict::Silent,
        messages: explained
            .problems
            .iter()
            .map(|problem| problem.message.clone())
            .collect(),
        notes: Vec::new(),
        unselected: false,
        reasons: Vec::new(),
    };
    if !explained.is_for_format {
        answer
            .notes
            .push(format!("not run: it is not for {} files", read.format().name()));
        return answer;
    }
    if !explained.is_for_kind {
        answer.notes.push(kinds(rule, &explained));
    }
    if let Some(story) = &explained.story {
        answer.reasons = reasons(story, document);
    } else {
        answer
            .notes
            .push("this engine does not tell how it evaluates; --engine own does".to_owned());
    }
    let found: Vec<Finding> = explained.findings;
    let waived = explained.waived.iter().flat_map(|waived| &waived.findings);
    let is_elsewhere = explained.story.as_ref().is_some_and(|story| !is_near(story));
    if is_elsewhere && explained.problems.is_empty() && explained.waived.is_empty() {
        let messages: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
        let note = format!("what it found is elsewhere in the document: {}", messages.join("; "));
        answer.notes.push(note);
    } else if !explained.problems.is_empty() {
        answer.verdict = Verdict::Failed;
    } else if let Some(first) = explained.waived.first() {
        answer.verdict = Verdict::Waived;
        answer.notes.push(format!("waived: {}", first.reason));
        answer.messages.extend(waived.map(|finding| finding.message.clone()));
    } else if !found.is_empty() {
        answer.verdict = Verdict::Fired;
        answer
            .messages
            .extend(found.iter().map(|finding| finding.message.clone()));
        note_waivers(settings, read, found, &mut answer);
    }
    answer
}

/// What METADATA says of the kinds that a rule is for, where the document is of none of them.
fn kinds(rule: &Rule, explained: &Explained) -> String {
    let own = match explained.kinds.as_slice() {
        [] => "no Kubernetes object".to_owned(),
        kinds => kinds.join(", "),
    };
    format!(
        "its METADATA names the kinds {}; the document is {own}",
        rule.kinds.join(", ")
    )
}

/// Notes which waivers of the file and of the settings waive what was found.
fn note_waivers(settings: &Settings, read: &Read, findings: Vec<Finding>, answer: &mut Answer) {
    let mut checks = [Check {
        findings,
        ..Check::default()
    }];
    let waivers = [inline::of(read).0, settings.exemptions.clone()].concat();
    let uses = Waivers::new(&waivers, &settings.governance.forbid).apply(&mut checks, today());
    let used = waivers.iter().zip(uses).filter(|(_, used)| used.waived > 0);
    let note = |waiver: &Waiver| {
        let place = &waiver.location;
        format!("waived by {}:{}: {}", place.file, place.line, waiver.reason)
    };
    answer.notes.extend(used.map(|(waiver, _)| note(waiver)));
    if checks[0].findings.is_empty() && !answer.notes.is_empty() {
        answer.verdict = Verdict::Waived;
    }
}
