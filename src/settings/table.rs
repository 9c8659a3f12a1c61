//! The one table of settings: a row is a flag, an environment variable and a key of `kpolicy.toml` at once.

use kpolicy_parse::Format;

/// A setting.
pub struct Setting {
    /// Its name: `--name`, `KPOLICY_NAME`, `name = …`.
    pub name: &'static str,
    /// The short form of the flag.
    pub short: Option<char>,
    /// What its value looks like.
    pub shape: Shape,
    /// Where the help lists it.
    pub heading: &'static str,
    /// What it does: one imperative phrase without a full stop.
    pub help: &'static str,
    /// Whether `kpolicy parse` accepts it too.
    pub parse: bool,
}

/// What a setting's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Set or not; `true` or `false` outside the command line.
    Switch,
    /// Set or not, or set to one of these words.
    SwitchOr(&'static [&'static str]),
    /// A string, under this name in the help.
    One(&'static str),
    /// Strings: repeated flags, comma-separated in the environment, an array in the file.
    Many(&'static str),
    /// Paths, relative to the file that they are in.
    Paths(&'static str),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Some of these words.
    Choices(&'static [&'static str]),
    /// A string; in the settings file an array of strings too, which means something else.
    OneOrMany(&'static str),
    /// Names of outputs, each with a file that it goes to or without one: `NAME` or `NAME=FILE`.
    Outputs,
    /// What policies may depend on: one of [`ALLOW`], or `net=HOST[:PORT]`.
    Allow,
    /// A whole number above zero.
    Number,
}

impl Setting {
    /// The environment variable's name.
    pub fn variable(&self) -> String {
        format!("KPOLICY_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// The environment variable that conftest reads, where it has the setting too.
    pub fn conftest_variable(&self) -> Option<String> {
        CONFTEST.contains(&self.name).then(|| conftest_variable(self.name))
    }

    /// Whether `kpolicy verify` accepts it too.
    pub fn is_of_verify(&self) -> bool {
        VERIFY.contains(&self.name)
    }

    /// Whether it says what is evaluated, and not how the verdict is reached or written: the commands that look at a run
    /// without a verdict accept it.
    pub fn is_of_evaluation(&self) -> bool {
        matches!(self.heading, POLICIES | INPUT | LIMITS) && self.name != CHANGED
            || matches!(self.name, COMPAT | BASELINE | "color" | "no-color" | "quiet")
    }

    /// Whether `kpolicy why` accepts it too.
    pub fn is_of_why(&self) -> bool {
        const OTHERS: [&str; 3] = ["color", COMPAT, "timeout"];
        let is_single = !matches!(
            self.name,
            CHANGED
                | "combine"
                | "helm"
                | "no-render"
                | "skip-unknown"
                | "ignore"
                | "respect-gitignore"
                | "allow-empty"
        );
        matches!(self.heading, POLICIES | INPUT) && is_single || OTHERS.contains(&self.name)
    }

    /// Whether `kpolicy check` accepts it too.
    pub fn is_of_check(&self) -> bool {
        CHECK.contains(&self.name)
    }

    /// Whether `kpolicy eval` accepts it too.
    pub fn is_of_eval(&self) -> bool {
        EVAL.contains(&self.name)
    }

    /// Whether it selects policies or says how they are read.
    pub fn chooses_policies(&self) -> bool {
        self.heading == POLICIES || self.name == COMPAT
    }
}

/// The environment variable that conftest reads for a setting.
pub fn conftest_variable(name: &str) -> String {
    format!("CONFTEST_{}", name.to_uppercase().replace('-', "_"))
}

/// The settings that conftest has under the same name.
const CONFTEST: &[&str] = &[
    "all-namespaces",
    "capabilities",
    "combine",
    "data",
    "fail-on-warn",
    "github-hide-passed",
    "ignore",
    "junit-hide-message",
    "namespace",
    "no-color",
    "no-fail",
    "output",
    "parser",
    "policy",
    "proto-file-dirs",
    "quiet",
    "rego-version",
    "show-builtin-errors",
    "stdin-filename",
    "strict",
    "suppress-exceptions",
    "trace",
    "update",
];

/// The settings that `kpolicy verify` accepts.
const VERIFY: &[&str] = &[
    "allow",
    "allow-empty",
    "builtin-errors",
    "color",
    COMPAT,
    "data",
    "github-hide-passed",
    "jobs",
    "junit-hide-message",
    "max-file-size",
    "max-nodes",
    "namespace",
    "no-color",
    "offline",
    "output",
    "policy",
    "profile-file",
    "profile-rules",
    "quiet",
    "rego-version",
    "show-builtin-errors",
    "strict",
    "timeout",
    "tls",
    "update",
    "update-lock",
    "verify-key",
];

/// The settings that `kpolicy eval` accepts.
const EVAL: &[&str] = &[
    "allow",
    "builtin-errors",
    "color",
    "data",
    "jpath",
    "max-file-size",
    "max-nodes",
    "no-color",
    "offline",
    "parser",
    "policy",
    "proto-file-dirs",
    "rego-version",
    "stdin-filename",
    "timeout",
    "tls",
    "update",
    "update-lock",
    "verify-key",
];

/// The settings that `kpolicy check` accepts.
const CHECK: &[&str] = &[
    "allow",
    "allow-undefined-data",
    "capabilities",
    "color",
    "data",
    "explain",
    "fail-on-warn",
    "max-file-size",
    "max-findings",
    "max-nodes",
    "no-color",
    "no-fail",
    "offline",
    "output",
    "policy",
    "quiet",
    "rego-version",
    "schema",
    "strict",
    "tls",
    "update",
    "update-lock",
    "verify-key",
];

const POLICIES: &str = "Policies";
const GATEKEEPER: &str = "Gatekeeper";
const INPUT: &str = "Input";
const VERDICT: &str = "Verdict";
const OUTPUT: &str = "Output";
const LIMITS: &str = "Limits";

/// The setting that names the file of findings that fail no run.
const BASELINE: &str = "baseline";

/// The setting that evaluates only files that differ from a reference.
const CHANGED: &str = "changed";

/// The setting that changes the defaults of others.
const COMPAT: &str = "compat";

/// The names of the parsers.
pub const PARSERS: &[&str] = Format::NAMES;

/// Other words that mean the same as a word of a choice.
pub fn aliases(words: &[&str], word: &str) -> &'static [&'static str] {
    let format = Format::of_name(word).filter(|_| words == PARSERS);
    format.map_or(&[], |format| format.row().aliases)
}

/// The names of the library's profiles: those of `Profile`, as a test checks.
pub const PROFILES: &[&str] = &["default", "baseline", "restricted", "strict"];
/// What `allow` allows.
pub const ALLOW: &[&str] = &["clock", "random", "env", "net"];

/// How much a trace shows.
pub const TRACES: &[&str] = &["folded", "full"];
/// The forms of a profile of rules.
const PROFILE_STYLES: &[&str] = &["text", "json"];
/// Which rules are traced, by their outcome.
const TRACED: &[&str] = &["failed", "silent"];

/// The names of the outputs: `auto`, and those of `Style`, as a test checks.
pub const OUTPUTS: &[&str] = &[
    AUTO,
    "text",
    "compact",
    "stdout",
    "json",
    "table",
    "tap",
    "junit",
    "github",
    "gitlab",
    "azuredevops",
    "sarif",
    "markdown",
    "pr-comment",
    "html",
];

/// The output that suits the environment of the run.
pub const AUTO: &str = "auto";

/// The words for severities, as a test checks against `Severity`.
const SEVERITIES: &[&str] = &["critical", "high", "medium", "low", "info"];

const fn row(name: &'static str, shape: Shape, heading: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        short: None,
        shape,
        heading,
        help,
        parse: false,
    }
}

const fn short(letter: char, setting: Setting) -> Setting {
    Setting {
        short: Some(letter),
        ..setting
    }
}

const fn also_parse(setting: Setting) -> Setting {
    Setting { parse: true, ..setting }
}

/// Every setting, in the order of the help.
pub const SETTINGS: &[Setting] = &[
    short(
        'p',
        row(
            "policy",
            Shape::Paths("PATH"),
            POLICIES,
            "Load policies from this file or directory [default: policy, if it exists; otherwise the built-in library]",
        ),
    ),
    short(
        'd',
        row(
            "data",
            Shape::Paths("PATH"),
            POLICIES,
            "Load this JSON or YAML file, or a directory of them, as `data`",
        ),
    ),
    short(
        'n',
        row(
            "namespace",
            Shape::Many("NAME"),
            POLICIES,
            "Run only the rules of this package, or of packages that match a glob such as main.*",
        ),
    ),
    row(
        "all-namespaces",
        Shape::Switch,
        POLICIES,
        "Run the rules of every package, regardless of --namespace",
    ),
    row(
        "update",
        Shape::Many("URL"),
        POLICIES,
        "Download policies from here into the first directory of --policy before they are loaded",
    ),
    row(
        "update-lock",
        Shape::Switch,
        POLICIES,
        "Accept policies whose content is not the one in kpolicy.lock, and note it there",
    ),
    row(
        "verify-key",
        Shape::One("FILE"),
        POLICIES,
        "Use policies of --update and oci:// only if they are signed with this key, by OPA or cosign; secret:FILE is an HMAC secret",
    ),
    row(
        "offline",
        Shape::Switch,
        POLICIES,
        "Take policies of oci:// from the cache only",
    ),
    row(
        "tls",
        Shape::Choice(&["true", "false"]),
        POLICIES,
        "Use TLS for registries [default: true, except for registries on this machine]",
    ),
    row(
        "library",
        Shape::Many("ID-PREFIX"),
        POLICIES,
        "Run the built-in policies whose id starts with this, alone or in addition to --policy",
    ),
    row(
        "profile",
        Shape::Choices(PROFILES),
        POLICIES,
        "Run the built-in policies of this profile [default: default, if no other policy is given]",
    ),
    row(
        "rego-version",
        Shape::Choice(&["v0", "v1"]),
        POLICIES,
        "Parse policies as this version of Rego [default: v1]",
    ),
    row(
        "strict",
        Shape::Switch,
        POLICIES,
        "Treat warnings about policies as errors",
    ),
    row(
        "allow-undefined-data",
        Shape::Many("NAME"),
        POLICIES,
        "Do not warn if policies read this name, such as data.exempt, and no data file defines it",
    ),
    row(
        "builtin-errors",
        Shape::Choice(&["error", "undefined"]),
        POLICIES,
        "Treat builtin errors as errors or as undefined [default: error]",
    ),
    row(
        "show-builtin-errors",
        Shape::Switch,
        POLICIES,
        "Treat builtin errors as errors, even with --compat conftest",
    ),
    row(
        "engine",
        Shape::Choice(&["own", "regorus", "both"]),
        POLICIES,
        "Evaluate policies with this engine; with both, report any difference as an error [default: own]",
    ),
    row(
        "allow",
        Shape::Allow,
        POLICIES,
        "Allow policies to depend on more than their input [possible: clock, random, env, net, net=HOST[:PORT]]",
    ),
    row(
        "capabilities",
        Shape::One("FILE"),
        POLICIES,
        "Let policies use only the builtins and features that this file lists, as opa capabilities prints it",
    ),
    row(
        "schema",
        Shape::One("PATH"),
        POLICIES,
        "Check the types in policies with this JSON schema of input, or with the schemas of this directory that METADATA names",
    ),
    row(
        "operation",
        Shape::Choice(&["create", "update", "delete", "none"]),
        GATEKEEPER,
        "Evaluate constraints as if objects were subject to this operation [default: create]",
    ),
    row(
        "object-namespace",
        Shape::One("NAME"),
        GATEKEEPER,
        "Put objects that do not name their namespace into this one [default: default]",
    ),
    row(
        "expand",
        Shape::Choice(&["builtin", "given", "off"]),
        GATEKEEPER,
        "Also evaluate the pods that workloads create: for known kinds, or by ExpansionTemplates [default: given if there \
         are any, otherwise builtin]",
    ),
    also_parse(row(
        "parser",
        Shape::Choice(PARSERS),
        INPUT,
        "Parse every file as this format [default: by file name; yaml for -]",
    )),
    also_parse(row(
        "jpath",
        Shape::Paths("DIR"),
        INPUT,
        "Let Jsonnet import from this directory too, in addition to the directory of the file",
    )),
    also_parse(row(
        "proto-file-dirs",
        Shape::Paths("DIR"),
        INPUT,
        "Read the .proto files for textproto from this directory",
    )),
    also_parse(row(
        "stdin-filename",
        Shape::One("NAME"),
        INPUT,
        "Report standard input under this name; its extension selects the format",
    )),
    also_parse(row(
        "combine",
        Shape::Switch,
        INPUT,
        "Evaluate all files as one input, [{path, contents}]",
    )),
    also_parse(row(
        "ignore",
        Shape::OneOrMany("REGEX"),
        INPUT,
        "Skip files whose path matches; kpolicy.toml also accepts a list of globs",
    )),
    also_parse(row(
        "respect-gitignore",
        Shape::Switch,
        INPUT,
        "Skip files that git ignores when directories are searched",
    )),
    also_parse(row(
        "helm",
        Shape::One("PROGRAM"),
        INPUT,
        "Render Helm charts with this program [default: helm]",
    )),
    also_parse(row(
        "no-render",
        Shape::Switch,
        INPUT,
        "Read the files of Helm charts and kustomizations as they are, without rendering them",
    )),
    also_parse(row(
        "kustomize",
        Shape::One("PROGRAM"),
        INPUT,
        "Build kustomizations with this program [default: kustomize, or kubectl if only that is installed]",
    )),
    also_parse(row(
        "overlay",
        Shape::Paths("DIR"),
        INPUT,
        "Build this kustomization [default: every kustomization found that no other one uses]",
    )),
    row(
        "skip-unknown",
        Shape::Switch,
        INPUT,
        "Skip files without a known parser even if they are named explicitly",
    ),
    row(
        "inventory",
        Shape::Paths("PATH"),
        INPUT,
        "Read objects that are already in the cluster: policies see them in data.inventory, and they are not tested",
    ),
    row(
        "strict-fields",
        Shape::Switch,
        INPUT,
        "Report unknown fields in Kubernetes workloads as errors [default: warnings]",
    ),
    row(
        "against",
        Shape::One("REF"),
        VERDICT,
        "Fail only on findings that are not in the merge base of this git reference and HEAD",
    ),
    row(
        "against-dir",
        Shape::One("DIR"),
        VERDICT,
        "Fail only on findings that are not in this directory, which has the files as they were",
    ),
    row(
        "new-policies-fail",
        Shape::Switch,
        VERDICT,
        "Evaluate the merge base with its own policies, so that findings of new policies are new",
    ),
    row(
        BASELINE,
        Shape::One("FILE"),
        VERDICT,
        "Fail only on findings that this file does not list; kpolicy baseline writes it",
    ),
    row(
        CHANGED,
        Shape::One("REF"),
        INPUT,
        "Evaluate only files that differ from the merge base of this git reference and HEAD",
    ),
    row(
        "terraform-root",
        Shape::One("DIR"),
        INPUT,
        "Locate findings of Terraform plans in the configuration of this directory [default: the plan's]",
    ),
    row(
        "require-match",
        Shape::Many("ID-PREFIX"),
        VERDICT,
        "Report an error if none of these policies evaluated a document",
    ),
    row(
        "allow-empty",
        Shape::Switch,
        INPUT,
        "Succeed if there is nothing to evaluate",
    ),
    row("fail-on-warn", Shape::Switch, VERDICT, "Fail the run on warnings"),
    row(
        "fail-level",
        Shape::Choice(SEVERITIES),
        VERDICT,
        "Set the minimum severity that fails the run [default: info]",
    ),
    row(
        "no-fail",
        Shape::Switch,
        VERDICT,
        "Exit with 0 despite findings; errors still fail the run",
    ),
    row(
        COMPAT,
        Shape::Choice(&["conftest", "gator", "none"]),
        VERDICT,
        "Use conftest's defaults and exit codes, or evaluate constraints as gator test does [default: none; conftest if \
         run under that name]",
    ),
    short(
        'o',
        row(
            "output",
            Shape::Outputs,
            OUTPUT,
            "Write the report in this format, with =FILE to a file; can be repeated [default: auto; stdout with \
             --compat conftest] [possible: auto, text, compact, stdout, json, table, tap, junit, github, gitlab, \
             azuredevops, sarif, markdown, pr-comment, html]",
        ),
    ),
    row(
        "explain",
        Shape::Switch,
        OUTPUT,
        "Print the METADATA of each rule with findings in text output",
    ),
    row(
        "group-by",
        Shape::Choice(&["rule", "object", "file", "none"]),
        OUTPUT,
        "Group the findings of text output by rule, by the object that they are about, or by file [default: none]",
    ),
    row(
        "statistics",
        Shape::Switch,
        OUTPUT,
        "Print how many findings each rule has in text output, instead of the findings",
    ),
    row(
        "trace",
        Shape::SwitchOr(TRACES),
        OUTPUT,
        "Print how each rule was evaluated on each document, to standard error; `full` lists every event, like OPA",
    ),
    row(
        "trace-file",
        Shape::One("FILE"),
        OUTPUT,
        "Write the trace to this file instead",
    ),
    row(
        "trace-rule",
        Shape::Many("ID-PREFIX"),
        OUTPUT,
        "Trace only the rules whose id starts with this",
    ),
    row(
        "trace-only",
        Shape::Choice(TRACED),
        OUTPUT,
        "Trace only the rules that found something, or only those that did not",
    ),
    row(
        "profile-rules",
        Shape::SwitchOr(PROFILE_STYLES),
        OUTPUT,
        "Print how often each rule and line was evaluated, and how long it took, to standard error",
    ),
    row(
        "profile-file",
        Shape::One("FILE"),
        OUTPUT,
        "Write the profile of rules to this file instead",
    ),
    row(
        "junit-hide-message",
        Shape::Switch,
        OUTPUT,
        "Omit messages from test names in junit output",
    ),
    row(
        "github-hide-passed",
        Shape::Switch,
        OUTPUT,
        "Accept conftest's option; github output never lists files without findings",
    ),
    row(
        "show-skipped",
        Shape::Switch,
        OUTPUT,
        "List files and documents that were not evaluated, with the reason",
    ),
    row(
        "show-passed",
        Shape::Switch,
        OUTPUT,
        "List each rule that held, by file, in text, json and junit output",
    ),
    row("quiet", Shape::Switch, OUTPUT, "Print nothing if there are no findings"),
    row(
        "suppress-exceptions",
        Shape::Switch,
        OUTPUT,
        "Omit waived findings from text and stdout output; they are still counted",
    ),
    row(
        "max-findings",
        Shape::Number,
        OUTPUT,
        "Limit the number of findings printed in text and compact output; all are counted [default: all]",
    ),
    row(
        "color",
        Shape::Choice(&["auto", "always", "never"]),
        OUTPUT,
        "Colorize output [default: auto]",
    ),
    row("no-color", Shape::Switch, OUTPUT, "Disable colors (also NO_COLOR)"),
    short(
        'j',
        row(
            "jobs",
            Shape::Number,
            LIMITS,
            "Evaluate this many files in parallel [default: number of cores]",
        ),
    ),
    row(
        "timeout",
        Shape::One("SECONDS"),
        LIMITS,
        "Limit the time that one rule may take on one document [default: 10]",
    ),
    also_parse(row(
        "max-file-size",
        Shape::One("SIZE"),
        LIMITS,
        "Refuse larger files; accepts K, M and G [default: 256M]",
    )),
    also_parse(row(
        "max-nodes",
        Shape::Number,
        LIMITS,
        "Refuse files with more values than this, counting expanded YAML aliases [default: 10000000]",
    )),
    row(
        "memory",
        Shape::One("SIZE"),
        LIMITS,
        "Limit the memory of files that are evaluated in parallel; further files wait [default: half of the available memory]",
    ),
];

/// The setting of a name.
pub fn of_name(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{AUTO, OUTPUTS, PROFILES, SEVERITIES, of_name};
    use crate::finding::Severity;
    use crate::report::Style;
    use crate::settings::Profile;

    fn names<T: ValueEnum>() -> Vec<String> {
        let values = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        values.map(|value| value.get_name().to_owned()).collect()
    }

    #[test]
    fn the_words_of_settings_are_those_of_their_enums() {
        assert_eq!(PROFILES, names::<Profile>());
        assert_eq!(OUTPUTS[0], AUTO);
        assert_eq!(OUTPUTS[1..], names::<Style>());
        assert_eq!(SEVERITIES, Severity::ALL.map(Severity::name));
    }

    #[test]
    fn the_settings_of_other_commands_are_settings() {
        let mut named = super::VERIFY.iter().chain(super::CHECK).chain(super::EVAL);
        assert!(named.all(|name| of_name(name).is_some()));
    }

    #[test]
    fn the_help_names_every_output() {
        let output = of_name("output").expect("a setting");
        assert!(output.help.ends_with(&format!("[possible: {}]", OUTPUTS.join(", "))));
    }
}
