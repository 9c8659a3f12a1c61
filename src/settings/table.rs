//! The one table of settings: a row is a flag, an environment variable and a key of `kpolicy.toml` at once.

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
    /// What it does, in a sentence without its full stop.
    pub help: &'static str,
    /// Whether `kpolicy parse` takes it too.
    pub parse: bool,
}

/// What a setting's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Given or not; `true` or `false` outside the command line.
    Switch,
    /// A text, called so in the help.
    One(&'static str),
    /// Texts: repeated flags, comma-separated in the environment, an array in the file.
    Many(&'static str),
    /// Paths, relative to the file that they stand in.
    Paths(&'static str),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Some of these words.
    Choices(&'static [&'static str]),
    /// A string; in the settings file an array of strings too, which means something else.
    OneOrMany(&'static str),
    /// Names of outputs, each with a file that it goes to or without one: `NAME` or `NAME=FILE`.
    Outputs,
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

    /// Whether it says which policies judge, and how they are read.
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
    "quiet",
    "rego-version",
    "show-builtin-errors",
    "stdin-filename",
    "strict",
    "suppress-exceptions",
];

const POLICIES: &str = "Policies";
const INPUT: &str = "Input";
const VERDICT: &str = "Verdict";
const OUTPUT: &str = "Output";
const LIMITS: &str = "Limits";

/// The setting that has a say in others' defaults.
const COMPAT: &str = "compat";

/// The names of the parsers: those of `Format`, which a test holds them to.
pub const PARSERS: &[&str] = &["yaml", "json", "jsonc", "toml", "hcl2", "dockerfile"];

/// The names of the library's profiles: those of `Profile`, which a test holds them to.
pub const PROFILES: &[&str] = &["default", "baseline", "restricted", "strict"];
/// The names of the outputs: `auto`, and those of `Style`, which a test holds them to.
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
    "html",
];

/// The output that suits where the run is.
pub const AUTO: &str = "auto";

/// The words for severities, which a test holds to `Severity`.
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
            "Policy file or folder [default: policy, where it exists; else the built-in library]",
        ),
    ),
    short(
        'd',
        row(
            "data",
            Shape::Paths("PATH"),
            POLICIES,
            "JSON or YAML file, or folder of them, that policies read as `data`",
        ),
    ),
    short(
        'n',
        row(
            "namespace",
            Shape::Many("NAME"),
            POLICIES,
            "Run only the rules of this package; a glob such as main.* too",
        ),
    ),
    row(
        "all-namespaces",
        Shape::Switch,
        POLICIES,
        "Run the rules of every package, whatever --namespace says",
    ),
    row(
        "library",
        Shape::Many("ID-PREFIX"),
        POLICIES,
        "Judge with these policies of the built-in library, alone or beside --policy",
    ),
    row(
        "profile",
        Shape::Choices(PROFILES),
        POLICIES,
        "Judge with the built-in library's policies of this profile [default: default, where no other policy is named]",
    ),
    row(
        "rego-version",
        Shape::Choice(&["v0", "v1"]),
        POLICIES,
        "Rego that the policies are written in [default: v1]",
    ),
    row(
        "strict",
        Shape::Switch,
        POLICIES,
        "Refuse policies that kpolicy would only warn about",
    ),
    row(
        "allow-undefined-data",
        Shape::Many("NAME"),
        POLICIES,
        "Do not warn where policies read this name, such as data.exempt, and no data file provides it",
    ),
    row(
        "builtin-errors",
        Shape::Choice(&["error", "undefined"]),
        POLICIES,
        "What a builtin that fails is [default: error]",
    ),
    row(
        "show-builtin-errors",
        Shape::Switch,
        POLICIES,
        "Make a builtin that fails an error, also under --compat conftest",
    ),
    row(
        "engine",
        Shape::Choice(&["own", "regorus", "both"]),
        POLICIES,
        "Which engine runs the policies; with both, any difference is an error [default: own]",
    ),
    row(
        "allow",
        Shape::Choices(&["clock", "random", "env"]),
        POLICIES,
        "Let policies depend on more than their input",
    ),
    also_parse(row(
        "parser",
        Shape::Choice(PARSERS),
        INPUT,
        "Read every file as this format [default: by its name; yaml for -]",
    )),
    also_parse(row(
        "stdin-filename",
        Shape::One("NAME"),
        INPUT,
        "Name of standard input in reports; its ending selects the format",
    )),
    also_parse(row(
        "combine",
        Shape::Switch,
        INPUT,
        "Judge all files as one input, [{path, contents}]",
    )),
    also_parse(row(
        "ignore",
        Shape::OneOrMany("REGEX"),
        INPUT,
        "Skip files whose path matches; kpolicy.toml also takes a list of globs",
    )),
    also_parse(row(
        "respect-gitignore",
        Shape::Switch,
        INPUT,
        "Skip files of directories that git ignores",
    )),
    row(
        "skip-unknown",
        Shape::Switch,
        INPUT,
        "Pass over files named one by one that no parser knows, as those of folders are",
    ),
    row(
        "strict-fields",
        Shape::Switch,
        INPUT,
        "Make fields that Kubernetes does not have in its workload kinds errors [default: warnings]",
    ),
    row(
        "require-match",
        Shape::Many("ID-PREFIX"),
        VERDICT,
        "Make it an error where none of these policies has evaluated a document",
    ),
    row("allow-empty", Shape::Switch, INPUT, "Nothing to judge is a success"),
    row("fail-on-warn", Shape::Switch, VERDICT, "Warnings fail the run too"),
    row(
        "fail-level",
        Shape::Choice(SEVERITIES),
        VERDICT,
        "What is less severe is reported and fails no run [default: info]",
    ),
    row(
        "no-fail",
        Shape::Switch,
        VERDICT,
        "Exit with 0 whatever is found; what cannot be judged is still an error",
    ),
    row(
        COMPAT,
        Shape::Choice(&["conftest", "none"]),
        VERDICT,
        "Take conftest's defaults and exit codes [default: none; conftest under that name]",
    ),
    short(
        'o',
        row(
            "output",
            Shape::Outputs,
            OUTPUT,
            "How the report is written, with =FILE to a file; several times for several [default: auto; stdout under \
             --compat conftest] [possible: auto, text, compact, stdout, json, table, tap, junit, github, gitlab, \
             azuredevops, sarif, markdown, html]",
        ),
    ),
    row(
        "explain",
        Shape::Switch,
        OUTPUT,
        "Tell of each rule that found something what it says of itself, in text",
    ),
    row(
        "junit-hide-message",
        Shape::Switch,
        OUTPUT,
        "Leave messages out of the names in junit",
    ),
    row(
        "github-hide-passed",
        Shape::Switch,
        OUTPUT,
        "Accepted as in conftest: github output lists no files without findings",
    ),
    row(
        "show-skipped",
        Shape::Switch,
        OUTPUT,
        "List the files and documents that were not evaluated, with the reason",
    ),
    row("quiet", Shape::Switch, OUTPUT, "Print nothing where nothing is found"),
    row(
        "suppress-exceptions",
        Shape::Switch,
        OUTPUT,
        "Leave what is waived out of text and stdout; all is counted",
    ),
    row(
        "max-findings",
        Shape::Number,
        OUTPUT,
        "Print so many findings at most in text and compact; other outputs have all, and all are counted [default: all]",
    ),
    row(
        "color",
        Shape::Choice(&["auto", "always", "never"]),
        OUTPUT,
        "Whether to paint [default: auto]",
    ),
    row(
        "no-color",
        Shape::Switch,
        OUTPUT,
        "Do not paint; so does the variable NO_COLOR",
    ),
    short(
        'j',
        row(
            "jobs",
            Shape::Number,
            LIMITS,
            "How many files are judged at once [default: the number of cores]",
        ),
    ),
    row(
        "timeout",
        Shape::One("SECONDS"),
        LIMITS,
        "How long one rule may take on one document [default: 10]",
    ),
    also_parse(row(
        "max-file-size",
        Shape::One("SIZE"),
        LIMITS,
        "Refuse larger files; K, M and G are understood [default: 256M]",
    )),
    also_parse(row(
        "max-nodes",
        Shape::Number,
        LIMITS,
        "Refuse files of more values than this, those of YAML aliases included [default: 10000000]",
    )),
    row(
        "memory",
        Shape::One("SIZE"),
        LIMITS,
        "Memory that files may take together; further files wait [default: half of what is available]",
    ),
];

/// The setting of a name.
pub fn of_name(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{AUTO, OUTPUTS, PARSERS, PROFILES, SEVERITIES, of_name};
    use crate::finding::Severity;
    use crate::report::Style;
    use crate::settings::Profile;
    use kpolicy_parse::Format;

    fn names<T: ValueEnum>() -> Vec<String> {
        let values = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        values.map(|value| value.get_name().to_owned()).collect()
    }

    #[test]
    fn the_words_of_settings_are_those_of_their_enums() {
        assert_eq!(PARSERS, Format::ALL.map(Format::name));
        assert_eq!(PROFILES, names::<Profile>());
        assert_eq!(OUTPUTS[0], AUTO);
        assert_eq!(OUTPUTS[1..], names::<Style>());
        assert_eq!(SEVERITIES, Severity::ALL.map(Severity::name));
    }

    #[test]
    fn the_help_names_every_output() {
        let output = of_name("output").expect("a setting");
        assert!(output.help.ends_with(&format!("[possible: {}]", OUTPUTS.join(", "))));
    }
}
