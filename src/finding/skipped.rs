//! What was found and not evaluated, each with its reason.

/// Why a file or directory was not evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No parser reads a file of this name.
    Unknown,
    /// The setting `ignore` matches it.
    Ignored,
    /// A `.gitignore` matches it, and the settings respect that.
    GitIgnored,
    /// A directory of version control.
    VersionControl,
    /// A directory of installed packages.
    Dependencies,
    /// Terraform's working directory.
    TerraformCache,
    /// The settings of kpolicy.
    OwnSettings,
    /// A file that the run itself writes.
    Output,
    /// A part of a directory that a program renders as a whole.
    Rendered,
}

impl Reason {
    /// Every reason, in the order that they are counted in.
    pub const ALL: [Self; 9] = [
        Self::Unknown,
        Self::Ignored,
        Self::GitIgnored,
        Self::VersionControl,
        Self::Dependencies,
        Self::TerraformCache,
        Self::OwnSettings,
        Self::Output,
        Self::Rendered,
    ];

    /// Whether it is the name of a directory that is the reason, wherever the directory is.
    pub fn is_of_name(self) -> bool {
        matches!(self, Self::VersionControl | Self::Dependencies | Self::TerraformCache)
    }

    /// The reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Unknown => "no parser",
            Self::Ignored => "ignored",
            Self::GitIgnored => "ignored by git",
            Self::VersionControl => "version control",
            Self::Dependencies => "installed packages",
            Self::TerraformCache => "working files of Terraform",
            Self::OwnSettings => "settings of kpolicy",
            Self::Output => "output of this run",
            Self::Rendered => "rendered",
        }
    }
}

impl Skipped {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.path.ends_with('/')
    }
}

/// How many there are of each reason: `2 no parser, 1 ignored`.
pub fn counted(skipped: &[Skipped]) -> String {
    let count = |reason: Reason| skipped.iter().filter(|skipped| skipped.reason == reason).count();
    let counts = Reason::ALL.into_iter().map(|reason| (count(reason), reason));
    let counts = counts.filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, reason)| format!("{count} {}", reason.text()))
        .collect();
    counts.join(", ")
}

/// A file or directory that was not evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skipped {
    /// The path as reports show it; a directory's ends with `/`.
    pub path: String,
    /// Why.
    pub reason: Reason,
}
