//! What a program rendered, for the report.

/// A directory that a program rendered, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RenderedBy {
    /// The directory.
    pub path: String,
    /// The environment, where there are several or it has a name.
    pub environment: Option<String>,
    /// The program.
    pub program: String,
    /// Its version, as it says it itself.
    pub version: String,
    /// The version of Kubernetes that it was rendered for, where that was said.
    pub kubernetes: Option<String>,
    /// The values files, the strongest last.
    pub values: Vec<String>,
    /// Whether it gives no object.
    pub is_empty: bool,
    /// What is to be known of the result.
    pub remark: Option<String>,
}

impl RenderedBy {
    /// What was rendered and how, in a line.
    pub fn text(&self) -> String {
        let mut text = format!("{} was rendered by {} {}", self.path, self.program, self.version);
        if let Some(kubernetes) = &self.kubernetes {
            text.push_str(&format!(" for Kubernetes {kubernetes}"));
        }
        if let Some(environment) = &self.environment {
            text.push_str(&format!(", environment {environment}"));
        }
        if !self.values.is_empty() {
            text.push_str(&format!(", with {}", self.values.join(", ")));
        }
        if let Some(remark) = &self.remark {
            text.push_str(&format!("; {remark}"));
        }
        text
    }
}
