//! Plugins: programs that are further commands of kpolicy. One is a directory with conftest's `plugin.yaml`, or a program
//! `kpolicy-NAME` on the search path.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::finding::Problem;
use crate::input;
use crate::problem;
use kpolicy_parse::MAX_NODES;
use kpolicy_parse::yaml::{Schema, read};
use kpolicy_value::Value;

mod install;

pub use install::{install, remove};

/// The file that describes a plugin.
const MANIFEST: &str = "plugin.yaml";

/// What the name of a plugin's program on the search path begins with.
const PREFIX: &str = "kpolicy-";

/// The largest description, in bytes.
const LARGEST: u64 = 1 << 20;

/// The variables that tell a plugin its directory: kpolicy's and conftest's.
pub const VARIABLES: [&str; 2] = ["KPOLICY_PLUGIN_DIR", "CONFTEST_PLUGIN_DIR"];

/// A further command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// What it is called by.
    pub name: String,
    /// Its version, where it has one.
    pub version: String,
    /// How it is called, in a line.
    pub usage: String,
    /// What it is for.
    pub description: String,
    /// Its directory; for a program on the search path, the program.
    pub path: PathBuf,
    /// What is run of an installed one.
    command: Option<String>,
}

/// Where plugins are, as the variables of the process say.
#[derive(Clone, Debug)]
pub struct Places {
    /// The directories of installed plugins. The first is where they are installed to.
    directories: Vec<PathBuf>,
    /// The directories of programs.
    search_path: Vec<PathBuf>,
}

impl Places {
    /// The directories: kpolicy's, then conftest's; under conftest's name conftest's alone.
    ///
    /// Follows conftest v0.71 plugin/xdg.go: Find, Preferred.
    pub fn of_user(variable: impl Fn(&str) -> Option<OsString>, conftest: bool) -> Self {
        let of = |name: &str| variable(name).filter(|value| !value.is_empty());
        let absolute = |name: &str| of(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME").or_else(|| absolute("USERPROFILE"));
        let data = absolute("XDG_DATA_HOME");
        let mut directories = Vec::new();
        if !conftest {
            let own = data
                .clone()
                .or_else(|| home.as_ref().map(|home| home.join(".local/share")));
            directories.extend(own.map(|folder| folder.join("kpolicy/plugins")));
        }
        // conftest installs to the home directory of data where that can be written.
        let shared = of("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        let shared: Vec<PathBuf> = std::env::split_paths(&shared).collect();
        let usual = || home.as_ref().map(|home| home.join(".local/share"));
        let theirs = data.or_else(usual).into_iter().chain(shared).chain(home.clone());
        let theirs = theirs.map(|folder| folder.join(".conftest/plugins"));
        directories.extend(theirs.filter(|folder| folder.is_dir()));
        if directories.is_empty() {
            directories.extend(home.map(|home| home.join(".conftest/plugins")));
        }
        let search_path = of("PATH").unwrap_or_default();
        Self {
            directories,
            search_path: std::env::split_paths(&search_path).collect(),
        }
    }

    /// The plugin of a name, where there is one: installed, else on the search path.
    pub fn find(&self, name: &str) -> Result<Option<Plugin>, Problem> {
        if !is_name(name) {
            return Ok(None);
        }
        for directory in &self.directories {
            let folder = directory.join(name);
            if folder.is_dir() {
                return Plugin::at(&folder).map(Some);
            }
        }
        let program = self.programs().into_iter().find(|plugin| plugin.name == name);
        Ok(program)
    }

    /// All plugins that can be called, by their names, and what is wrong with those that cannot.
    pub fn all(&self) -> (Vec<Plugin>, Vec<Problem>) {
        let (mut plugins, mut problems): (Vec<Plugin>, Vec<Problem>) = (Vec::new(), Vec::new());
        for directory in &self.directories {
            let mut folders: Vec<PathBuf> = match fs::read_dir(directory) {
                Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    let help = "make the directory readable";
                    problems.push(problem::of_path(directory, &input::reason(&error), help));
                    continue;
                }
            };
            folders.retain(|folder| folder.is_dir() && folder.file_name().and_then(OsStr::to_str).is_some_and(is_name));
            folders.sort();
            for folder in folders {
                match Plugin::at(&folder) {
                    Ok(plugin) if plugins.iter().all(|known| known.name != plugin.name) => plugins.push(plugin),
                    Ok(_) => {}
                    Err(problem) => problems.push(problem),
                }
            }
        }
        for program in self.programs() {
            if plugins.iter().all(|known| known.name != program.name) {
                plugins.push(program);
            }
        }
        plugins.sort_by(|a, b| a.name.cmp(&b.name));
        (plugins, problems)
    }

    /// The programs on the search path whose names make them plugins, the first of each name.
    fn programs(&self) -> Vec<Plugin> {
        let mut plugins: Vec<Plugin> = Vec::new();
        let entries = self.search_path.iter().filter_map(|folder| fs::read_dir(folder).ok());
        for path in entries.flatten().flatten().map(|entry| entry.path()) {
            let file = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            let name = file.strip_suffix(".exe").unwrap_or(file).strip_prefix(PREFIX);
            let Some(name) = name.filter(|name| is_name(name) && is_program(&path)) else {
                continue;
            };
            if plugins.iter().all(|known| known.name != name) {
                plugins.push(Plugin {
                    name: name.to_owned(),
                    version: String::new(),
                    usage: String::new(),
                    description: String::new(),
                    path,
                    command: None,
                });
            }
        }
        plugins
    }
}

/// Whether this can be the name of a plugin, and so of a directory.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

impl Plugin {
    /// The plugin that a directory describes.
    ///
    /// Follows conftest v0.71 plugin/plugin.go: FromDirectory.
    fn at(folder: &Path) -> Result<Self, Problem> {
        let path = folder.join(MANIFEST);
        let help = "a plugin is a directory with a plugin.yaml that has the fields name and command";
        let wrong = |why: &str| problem::of_path(&path, why, help);
        let text = input::read_file(&path, LARGEST).map_err(|error| wrong(&error.reason))?;
        let text = String::from_utf8(text).map_err(|_| wrong("is not UTF-8"))?;
        let shown = path.display().to_string();
        let parsed = read(&text, Schema::Core, MAX_NODES).map_err(|error| problem::of_parse(&shown, &text, &error))?;
        let mut documents = parsed.documents.into_iter();
        let Some(value) = documents.next().map(|node| node.value) else {
            return Err(wrong("has no fields"));
        };
        // conftest does not tell the case of names apart.
        let field = |wanted: &str| -> Result<String, Problem> {
            let members = value.as_object().ok_or_else(|| wrong("is not an object"))?;
            let found = members
                .iter()
                .find(|(name, _)| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(wanted)));
            match found.map(|(_, value)| value) {
                None | Some(Value::Null) => Ok(String::new()),
                Some(value) => match value.as_str() {
                    Some(text) => Ok(text.to_owned()),
                    None => Err(wrong(&format!("has a field {wanted} that is not a string"))),
                },
            }
        };
        let (name, command) = (field("name")?, field("command")?);
        if !is_name(&name) {
            return Err(wrong("has no field name with letters, digits, - _ and . alone"));
        }
        if command.split_whitespace().next().is_none() {
            return Err(wrong("has no field command"));
        }
        Ok(Self {
            name,
            version: field("version")?,
            usage: field("usage")?,
            description: field("description")?,
            path: folder.to_owned(),
            command: Some(command),
        })
    }

    /// Whether it is a directory that was installed, and not a program on the search path.
    pub fn is_installed(&self) -> bool {
        self.command.is_some()
    }

    /// Runs it to its end with these arguments: it has the streams of this process.
    ///
    /// Follows conftest v0.71 plugin/plugin.go: Exec, parseCommand; a path with spaces stays one word.
    pub fn run(
        &self,
        arguments: &[OsString],
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<ExitStatus, Problem> {
        let variable = |name: &str| match VARIABLES.contains(&name) {
            true => Some(self.path.clone().into_os_string()),
            false => variable(name),
        };
        let mut words = match &self.command {
            Some(command) => command
                .split_whitespace()
                .map(|word| expanded(word, &variable))
                .collect(),
            None => vec![self.path.clone().into_os_string()],
        };
        // Windows starts no scripts by themselves.
        if cfg!(windows)
            && Path::new(&words[0])
                .extension()
                .is_some_and(|extension| extension == "sh")
        {
            words.insert(0, "sh".into());
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(arguments);
        if self.is_installed() {
            command.envs(VARIABLES.map(|name| (name, &self.path)));
        }
        command.status().map_err(|error| {
            let program = Path::new(&words[0]).display();
            let help = match error.kind() {
                io::ErrorKind::PermissionDenied => format!("make it executable: chmod +x {program}"),
                _ if self.is_installed() => {
                    format!("correct the field command in {}", self.path.join(MANIFEST).display())
                }
                _ => "remove it, or write it again".to_owned(),
            };
            problem::of_run(
                format!("the plugin {} could not be run: {program}: {error}", self.name),
                help,
            )
        })
    }
}

/// A word with the values of its variables, `$NAME` or `${NAME}`; one that is not set is empty, as in a shell.
fn expanded(word: &str, variable: &impl Fn(&str) -> Option<OsString>) -> OsString {
    let mut text = OsString::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        text.push(before);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, left) = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            Some(braced) => braced,
            None => after.split_at(after.find(|c| !is_part(c)).unwrap_or(after.len())),
        };
        match name {
            "" => text.push("$"),
            name => text.push(variable(name).unwrap_or_default()),
        }
        rest = left;
    }
    text.push(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_expanded_in_words() {
        let variable = |name: &str| match name {
            "DIR" => Some(OsString::from("/a b")),
            _ => None,
        };
        for (word, text) in [
            ("$DIR/x.sh", "/a b/x.sh"),
            ("${DIR}x$NONE", "/a bx"),
            ("$", "$"),
            ("a$$DIR", "a$/a b"),
            ("--x", "--x"),
        ] {
            assert_eq!(expanded(word, &variable), OsString::from(text), "{word}");
        }
    }

    #[test]
    fn directories_are_kpolicys_and_then_conftests() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let home = root.path().join("home");
        let of = |conftest: bool| {
            let home = home.clone();
            let variable = move |name: &str| match name {
                "HOME" => Some(home.clone().into_os_string()),
                "XDG_DATA_DIRS" => Some("/nowhere".into()),
                _ => None,
            };
            Places::of_user(variable, conftest).directories
        };
        assert_eq!(of(false), [home.join(".local/share/kpolicy/plugins")]);
        assert_eq!(of(true), [home.join(".conftest/plugins")]);
        fs::create_dir_all(home.join(".conftest/plugins")).expect("folders");
        assert_eq!(
            of(false),
            [
                home.join(".local/share/kpolicy/plugins"),
                home.join(".conftest/plugins")
            ]
        );
        fs::create_dir_all(home.join(".local/share/.conftest/plugins")).expect("folders");
        assert_eq!(
            of(true),
            [
                home.join(".local/share/.conftest/plugins"),
                home.join(".conftest/plugins")
            ]
        );
    }

    #[test]
    fn names_are_no_paths() {
        for name in ["", ".", "..", "a/b", "-a", "a b", "a\\b"] {
            assert!(!is_name(name), "{name:?}");
        }
        assert!(is_name("kubectl") && is_name("a-b_c.1"));
    }
}
