//! The addresses of policies, written as for conftest, which reads them with go-getter.

use std::path::PathBuf;

use super::{fault, is_digest};
use crate::finding::Problem;

/// Where policies are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An artifact in a registry.
    Oci(Reference),
    /// A file or an archive on a server.
    Http(Download),
    /// A file, an archive or a directory on this machine.
    File {
        /// Its path.
        path: PathBuf,
        /// The directory in it that is meant.
        inner: Option<String>,
    },
    /// A repository of git.
    Git {
        /// Its URL, as git takes it.
        url: String,
        /// The branch, the tag or the commit; the default branch otherwise.
        reference: Option<String>,
        /// The directory in it that is meant.
        inner: Option<String>,
    },
}

/// A file on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its URL.
    pub url: String,
    /// The kind of archive where the user says it: `tar.gz`, `zip`, or `false` for none.
    pub archive: Option<String>,
    /// The directory in it that is meant.
    pub inner: Option<String>,
    /// The digest that it has to have.
    pub checksum: Option<String>,
}

/// An artifact of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The registry's host, with its port.
    pub registry: String,
    /// The repository.
    pub repository: String,
    /// A tag.
    pub tag: String,
    /// A digest, which takes precedence over the tag.
    pub digest: Option<String>,
}

impl Reference {
    /// Reads `host[:port]/repository[:tag][@digest]`, with or without `oci://`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = || {
            fault(
                format!("{} is not the address of an artifact", shown(text)),
                "write HOST[:PORT]/REPOSITORY[:TAG], such as registry.example.com/policies:v1",
            )
        };
        let name = text.strip_prefix("oci://").unwrap_or(text);
        let (name, digest) = match name.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (name, None),
        };
        if digest.as_deref().is_some_and(|digest| !is_digest(digest)) {
            return Err(wrong());
        }
        let (registry, repository) = name.split_once('/').ok_or_else(wrong)?;
        let (repository, tag) = repository.split_once(':').unwrap_or((repository, "latest"));
        let is_word = |text: &str, others: &[u8]| {
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
            !text.is_empty() && text.bytes().all(is_part)
        };
        let is_repository = repository
            .split('/')
            .all(|part| is_word(part, b"._-") && !part.starts_with('.'));
        let is_valid = is_word(registry, b".-:[]") && is_repository && is_word(tag, b"._-") && tag.len() <= 128;
        is_valid.then_some(()).ok_or_else(wrong)?;
        Ok(Self {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            tag: tag.to_owned(),
            digest,
        })
    }

    /// What a registry is asked for.
    pub fn wanted(&self) -> &str {
        self.digest.as_deref().unwrap_or(&self.tag)
    }
}

/// Reads an address. What names no other place is a path.
pub fn parse(text: &str) -> Result<Address, Problem> {
    let (forced, rest) = forced(text);
    match forced {
        Some("git") => return git(rest),
        Some("http" | "https") if rest.contains("://") => return Ok(http(rest)),
        Some("file") => return Ok(file(rest)),
        Some(other) => return Err(unsupported(other)),
        None => {}
    }
    match rest.split_once("://") {
        Some(("oci", _)) => Reference::parse(rest).map(Address::Oci),
        Some(("http" | "https", _)) => Ok(http(rest)),
        Some(("file", _)) => Ok(file(rest)),
        Some(("ssh" | "git", _)) => git(rest),
        Some((scheme, _)) => Err(unsupported(scheme)),
        None if is_registry(rest) => Reference::parse(rest).map(Address::Oci),
        None => match hosted(rest) {
            Some(url) => git(&url),
            None if rest.starts_with("git@") => git(rest),
            None => Ok(file(rest)),
        },
    }
}

fn unsupported(scheme: &str) -> Problem {
    fault(
        format!("addresses that begin with {scheme} are not supported"),
        "use oci://, https://, file:// or git::",
    )
}

/// An address without its credentials, for messages and for the lockfile: the user and the password are left out, and so
/// are the values of parameters that look like a token or a signature.
pub fn shown(text: &str) -> String {
    let (place, query) = text
        .split_once('?')
        .map_or((text, None), |(place, query)| (place, Some(query)));
    let start = place.find("://").map_or(0, |at| at + 3);
    let end = place[start..].find('/').map_or(place.len(), |at| start + at);
    let place = match (start, place[start..end].rfind('@')) {
        (0, _) | (_, None) => place.to_owned(),
        (start, Some(at)) => format!("{}{}", &place[..start], &place[start + at + 1..]),
    };
    let Some(query) = query else {
        return place;
    };
    let pairs: Vec<&str> = query.split('&').map(without_secret).collect();
    format!("{place}?{}", pairs.join("&"))
}

/// A parameter, or its name alone where its value may give access.
fn without_secret(pair: &str) -> &str {
    const SECRETS: [&str; 8] = ["token", "sig", "key", "secret", "pass", "cred", "auth", "jwt"];
    match pair.split_once('=') {
        Some((name, _)) if SECRETS.iter().any(|word| name.to_ascii_lowercase().contains(word)) => name,
        _ => pair,
    }
}

/// The one name of an address, however it is written: an artifact's is complete, and no name has credentials.
pub fn name(text: &str) -> String {
    let Ok(Address::Oci(reference)) = parse(text) else {
        return shown(text);
    };
    let Reference {
        registry,
        repository,
        tag,
        digest,
    } = reference;
    let digest = digest.map(|digest| format!("@{digest}")).unwrap_or_default();
    format!("oci://{registry}/{repository}:{tag}{digest}")
}

/// Whether an address says which content it has.
pub fn is_pinned(text: &str) -> bool {
    match parse(text) {
        Ok(Address::Oci(reference)) => reference.digest.is_some(),
        Ok(Address::Http(download)) => download.checksum.is_some(),
        _ => false,
    }
}

/// What stands before `::`.
fn forced(text: &str) -> (Option<&str>, &str) {
    match text.split_once("::") {
        Some((name, rest)) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            (Some(name), rest)
        }
        _ => (None, text),
    }
}

/// Whether a name without a scheme is in a registry. Follows conftest v0.71 downloader/oci_detector.go: Detect.
fn is_registry(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    let local = ["localhost:", "127.0.0.1:", "::1:", "[::1]:"];
    let ecr = |host: &str| {
        let account = host.split('.').next().unwrap_or_default();
        account.len() == 12 && host.contains(".dkr.ecr.") && host.ends_with(".amazonaws.com")
    };
    let known = [
        "azurecr.io",
        "gcr.io",
        "registry.gitlab.com",
        "pkg.dev",
        "quay.io",
        "ghcr.io",
    ];
    let is_below = |known: &&str| host == **known || host.ends_with(&format!(".{known}"));
    text.contains('/')
        && (local.iter().any(|local| host.starts_with(local)) || known.iter().any(is_below) || ecr(&host))
}

/// The repository on one of the hosts that go-getter knows.
fn hosted(text: &str) -> Option<String> {
    let known = ["github.com/", "gitlab.com/", "bitbucket.org/"];
    known.iter().find(|host| text.starts_with(**host))?;
    let (path, query) = text
        .split_once('?')
        .map_or((text, None), |(path, query)| (path, Some(query)));
    let (path, mut inner) = match path.split_once("//") {
        Some((path, inner)) => (path, Some(inner.to_owned())),
        None => (path, None),
    };
    let parts: Vec<&str> = path.split('/').collect();
    let [host, owner, name, rest @ ..] = &parts[..] else {
        return None;
    };
    if !rest.is_empty() {
        inner = Some(rest.join("/"));
    }
    let inner = inner.map(|inner| format!("//{inner}")).unwrap_or_default();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let name = name.strip_suffix(".git").unwrap_or(name);
    Some(format!("https://{host}/{owner}/{name}.git{inner}{query}"))
}

/// What of a URL is for us: the directory in the source and the parameters.
struct Parts {
    url: String,
    inner: Option<String>,
    ours: Vec<(String, String)>,
}

fn parts(text: &str, names: &[&str]) -> Parts {
    let (path, query) = text.split_once('?').map_or((text, ""), |(path, query)| (path, query));
    let start = path.find("://").map_or(0, |at| at + 3);
    let (path, inner) = match path[start..].find("//") {
        // An absolute path has a slash of its own after the scheme.
        Some(at) => (&path[..start + at], Some(path[start + at + 2..].to_owned())),
        None => (path, None),
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some((name, value)) if names.contains(&name) => ours.push((name.to_owned(), value.to_owned())),
            _ => theirs.push(pair),
        }
    }
    let separator = if theirs.is_empty() { "" } else { "?" };
    Parts {
        url: format!("{path}{separator}{}", theirs.join("&")),
        inner: inner.filter(|inner| !inner.is_empty()),
        ours,
    }
}

impl Parts {
    fn take(&self, name: &str) -> Option<String> {
        let (_, value) = self.ours.iter().find(|(known, _)| known == name)?;
        Some(value.clone())
    }
}

fn http(text: &str) -> Address {
    let parts = parts(text, &["archive", "checksum"]);
    Address::Http(Download {
        archive: parts.take("archive"),
        checksum: parts.take("checksum"),
        url: parts.url,
        inner: parts.inner,
    })
}

fn file(text: &str) -> Address {
    let (text, inner) = match text.strip_prefix("file://") {
        Some(path) => {
            let parts = parts(path.strip_prefix("localhost").unwrap_or(path), &[]);
            (parts.url, parts.inner)
        }
        None => (text.to_owned(), None),
    };
    Address::File {
        path: PathBuf::from(text),
        inner,
    }
}

fn git(text: &str) -> Result<Address, Problem> {
    let parts = parts(text, &["ref", "depth", "sshkey"]);
    let reference = parts.take("ref");
    let is_flag = |text: &str| text.starts_with('-');
    if is_flag(&parts.url) || parts.url.contains("ext::") || reference.as_deref().is_some_and(is_flag) {
        return Err(fault(
            format!("{} is not the address of a repository", shown(text)),
            "write git::https://HOST/REPOSITORY.git//DIRECTORY?ref=TAG",
        ));
    }
    if parts.take("sshkey").is_some() {
        return Err(fault(
            "sshkey is not supported in an address",
            "use an SSH agent, so that the key is in no command line",
        ));
    }
    Ok(Address::Git {
        url: parts.url,
        reference,
        inner: parts.inner,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match parse(text) {
            Ok(Address::Oci(found)) => format!("oci {} {} {}", found.registry, found.repository, found.wanted()),
            Ok(Address::Http(found)) => {
                format!("http {} {:?} {:?}", found.url, found.archive, found.inner)
            }
            Ok(Address::File { path, inner }) => format!("file {} {inner:?}", path.display()),
            Ok(Address::Git { url, reference, inner }) => format!("git {url} {reference:?} {inner:?}"),
            Err(problem) => format!("wrong: {}", problem.message),
        }
    }

    #[test]
    fn addresses_are_those_of_conftest() {
        for (text, expected) in [
            ("oci://h.io/a/b:v1", "oci h.io a/b v1"),
            ("user.azurecr.io/policies", "oci user.azurecr.io policies latest"),
            ("127.0.0.1:5000/policies:tag", "oci 127.0.0.1:5000 policies tag"),
            ("localhost:32123/a", "oci localhost:32123 a latest"),
            (
                "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:t",
                "oci 123456789012.dkr.ecr.us-east-1.amazonaws.com a t",
            ),
            (
                "http://127.0.0.1:80/a.rego",
                "http http://127.0.0.1:80/a.rego None None",
            ),
            (
                "https://h/a.zip?archive=zip&x=1",
                "http https://h/a.zip?x=1 Some(\"zip\") None",
            ),
            (
                "http::https://h/a.tar.gz//in/it",
                "http https://h/a.tar.gz None Some(\"in/it\")",
            ),
            (
                "git::https://h/r.git//policy?ref=v1",
                "git https://h/r.git Some(\"v1\") Some(\"policy\")",
            ),
            ("git::file:///r", "git file:///r None None"),
            (
                "github.com/o/r//policy?ref=main",
                "git https://github.com/o/r.git Some(\"main\") Some(\"policy\")",
            ),
            (
                "github.com/o/r/examples/policy",
                "git https://github.com/o/r.git None Some(\"examples/policy\")",
            ),
            ("git@h:o/r.git", "git git@h:o/r.git None None"),
            ("file:///a/b//c", "file /a/b Some(\"c\")"),
            ("policy/a.rego", "file policy/a.rego None"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        for text in [
            "s3::https://x/y",
            "ftp://x",
            "oci://h",
            "oci://h/../x",
            "oci://h/a:b/c",
            "oci://h/a@sha256:zz",
            "git::--upload-pack=x",
            "git::https://h/r?ref=--x",
            "git::ext::sh -c x",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_artifact_has_one_name() {
        for text in ["localhost:5000/a", "oci://localhost:5000/a", "localhost:5000/a:latest"] {
            assert_eq!(name(text), "oci://localhost:5000/a:latest");
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        assert_eq!(shown("https://user:secret@h/x@1"), "https://h/x@1");
        assert_eq!(shown("git::https://token@h/x?a=@"), "git::https://h/x?a=@");
        assert_eq!(shown("oci://h/x@sha256:1"), "oci://h/x@sha256:1");
        assert_eq!(shown("git@h:x"), "git@h:x");
        assert_eq!(
            shown("https://h/x?v=1&X-Amz-Signature=secret&access_token=secret"),
            "https://h/x?v=1&X-Amz-Signature&access_token"
        );
    }
}
