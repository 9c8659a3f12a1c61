//! Files as other systems name them: from the root of the repository, with forward slashes.

use std::path::{Component, Path, PathBuf};

/// The working directory of the run, so that paths can be reported from the repository's root.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// The working directory.
    pub folder: PathBuf,
    /// The repository's root; the working directory where there is none.
    pub root: PathBuf,
}

impl Base {
    /// The base of a run in this folder.
    pub fn of(folder: &Path) -> Self {
        let root = folder.ancestors().find(|above| above.join(".git").exists());
        Self {
            folder: folder.to_owned(),
            root: root.unwrap_or(folder).to_owned(),
        }
    }

    /// The file's path from the root; where it lies elsewhere, as it was given. `None` for standard input and for
    /// all files together.
    pub(super) fn path(&self, file: &str) -> Option<String> {
        if matches!(file, "-" | "Combined" | "") {
            return None;
        }
        let whole = normal(&self.folder.join(file));
        let path = whole.strip_prefix(&self.root).unwrap_or(Path::new(file));
        let parts: Vec<_> = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        let joined = parts.join("/");
        // The root of an absolute path is a part of its own.
        Some(
            joined
                .strip_prefix('/')
                .filter(|rest| rest.starts_with('/'))
                .unwrap_or(&joined)
                .to_owned(),
        )
    }
}

/// The path without `.` and `..`, by its text alone.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// The path as a URI reference: what no URI may hold is written in percents.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// A link in which what no URI may hold is written in percents.
pub(super) fn link_uri(link: &str) -> String {
    let mut uri = String::new();
    for byte in link.bytes() {
        let forbidden = matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}');
        if byte.is_ascii_graphic() && !forbidden {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_root() {
        let base = Base {
            folder: "/home/shop/deploy".into(),
            root: "/home/shop".into(),
        };
        assert_eq!(base.path("web.yaml").as_deref(), Some("deploy/web.yaml"));
        assert_eq!(base.path("./a/../web.yaml").as_deref(), Some("deploy/web.yaml"));
        assert_eq!(base.path("../web.yaml").as_deref(), Some("web.yaml"));
        assert_eq!(base.path("/home/shop/web.yaml").as_deref(), Some("web.yaml"));
        assert_eq!(base.path("/etc/web.yaml").as_deref(), Some("/etc/web.yaml"));
        assert_eq!(base.path("-"), None);
    }

    #[test]
    fn uris_hold_no_blanks() {
        assert_eq!(uri("a b/c:d/é.yaml"), "a%20b/c%3Ad/%C3%A9.yaml");
        assert_eq!(link_uri("https://x.y/a b?c=\"#d\n"), "https://x.y/a%20b?c=%22#d%0A");
    }
}
