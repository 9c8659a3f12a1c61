//! Fetching: any address becomes files, and a digest of what was there.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::address::{self, Address, Download, Reference, shown};
use super::archive::{self, Kind};
use super::content::{LARGEST, too_large};
use super::http::{self, Question};
use super::store::Store;
use super::target::Existing;
use super::{Content, artifact, digest, fault, signature};
use crate::finding::Problem;
use crate::settings::KeyFile;

/// How long git may take.
const LONGEST: Duration = Duration::from_secs(300);
/// How deep directories may be.
pub(super) const DEEPEST: usize = 64;

/// What an address has.
pub struct Fetched {
    /// The files.
    pub content: Content,
    /// The digest of the artifact or the file, or the commit.
    pub digest: String,
    /// Whether a file that is there is replaced, as conftest does for all but single files.
    pub existing: Existing,
}

/// What is to be known of a fetch beside the address.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Whether TLS is used; what suits the registry where nothing is said.
    pub tls: Option<bool>,
    /// The key that the files have to be signed with.
    pub verify_key: Option<KeyFile>,
}

/// Fetches what an address has.
pub fn fetch(text: &str, terms: &Terms) -> Result<Fetched, Problem> {
    let address = &address::parse(text)?;
    let fetched = match address {
        Address::Oci(reference) => return oci(reference, &shown(text), terms),
        Address::Http(download) => http(download),
        Address::File { path, inner } => file(path, inner.as_deref()),
        Address::Git { url, reference, inner } => git(url, reference.as_deref(), inner.as_deref()),
    }?;
    if fetched.content.is_empty() {
        return Err(fault(
            "the source has no files",
            "check the address and the directory after //",
        ));
    }
    if let Some(key) = &terms.verify_key {
        signature::check(&shown(text), &fetched.content, None, key)?;
    }
    Ok(fetched)
}

fn oci(reference: &Reference, shown: &str, terms: &Terms) -> Result<Fetched, Problem> {
    let mut store = Store::of_registry(reference, terms.tls);
    let manifest = store.manifest(reference.wanted())?.ok_or_else(|| store.absent())?;
    let content = artifact::download(&mut store, &manifest)?;
    if let Some(key) = &terms.verify_key {
        signature::check(shown, &content, Some((&mut store, &manifest)), key)?;
    }
    Ok(Fetched {
        content,
        digest: manifest.digest,
        existing: Existing::Replace,
    })
}

/// The directory of a content that is meant.
fn inner(content: Content, inner: Option<&str>) -> Result<Content, Problem> {
    match inner {
        Some(inner) => content.below(inner),
        None => Ok(content),
    }
}

/// One file, or the files of an archive.
fn one(name: &str, bytes: Vec<u8>, kind: Option<Kind>, wanted: Option<&str>) -> Result<(Content, Existing), Problem> {
    match kind {
        Some(kind) => Ok((inner(archive::read(kind, &bytes)?, wanted)?, Existing::Replace)),
        None if wanted.is_some() => Err(fault(
            format!("{name} is no archive, so it has no directories"),
            "name the file without //, or say its kind with ?archive=tar.gz",
        )),
        None => {
            let mut content = Content::default();
            content.add(name, bytes, false)?;
            Ok((content, Existing::Keep))
        }
    }
}

fn http(download: &Download) -> Result<Fetched, Problem> {
    let answer = http::ask(&Question::get(&download.url, LARGEST))?;
    if answer.status != 200 {
        let help = match answer.status {
            401 | 403 => "check the credentials; a URL may have them: https://USER:PASSWORD@HOST/…",
            _ => "check the address",
        };
        return Err(fault(
            format!("{} answers with status {}", shown(&download.url), answer.status),
            help,
        ));
    }
    let found = digest(&answer.body);
    if let Some(wanted) = &download.checksum {
        let wanted = match wanted.contains(':') {
            true => wanted.clone(),
            false => format!("sha256:{wanted}"),
        };
        if wanted.to_ascii_lowercase() != found {
            return Err(fault(
                format!("{} has the digest {found}, not {wanted}", shown(&download.url)),
                "do not use it unless you know why it has changed; checksums are SHA-256",
            ));
        }
    }
    let path = download.url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() {
        return Err(fault(
            format!("{} names no file", shown(&download.url)),
            "name a file or an archive; repositories of git begin with git::",
        ));
    }
    let kind = match &download.archive {
        Some(word) => Kind::of_word(word)?,
        None => Kind::of_name(name)?,
    };
    let (content, existing) = one(name, answer.body, kind, download.inner.as_deref())?;
    Ok(Fetched {
        content,
        digest: found,
        existing,
    })
}

fn file(path: &Path, wanted: Option<&str>) -> Result<Fetched, Problem> {
    let unreadable = |error: std::io::Error| {
        fault(
            format!("{} cannot be read: {error}", path.display()),
            "name a file, an archive or a directory; addresses elsewhere begin with oci://, https:// or git::",
        )
    };
    if fs::metadata(path).map_err(unreadable)?.is_dir() {
        let mut content = Content::default();
        let from = match wanted {
            Some(wanted) => path.join(wanted),
            None => path.to_owned(),
        };
        directory(&from, "", DEEPEST, &mut content)?;
        return Ok(Fetched {
            digest: content.digest(),
            content,
            existing: Existing::Replace,
        });
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let found = digest(&bytes);
    let (content, existing) = one(&name, bytes, Kind::of_name(&name)?, wanted)?;
    Ok(Fetched {
        content,
        digest: found,
        existing,
    })
}

/// The files of a directory of this machine. Version control is left out; links are followed to files only.
pub fn directory(folder: &Path, prefix: &str, deep: usize, content: &mut Content) -> Result<(), Problem> {
    let unreadable = |error: std::io::Error| {
        fault(
            format!("{} cannot be read: {error}", folder.display()),
            "check the path and its permissions",
        )
    };
    if deep == 0 {
        return Err(fault(
            format!("{} is nested too deeply", folder.display()),
            "move the policies up",
        ));
    }
    let mut entries: Vec<_> = fs::read_dir(folder)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else {
            return Err(fault(
                format!("{} has a name that is not UTF-8", entry.path().display()),
                "rename the file",
            ));
        };
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            if name != ".git" {
                directory(&entry.path(), &format!("{path}/"), deep - 1, content)?;
            }
            continue;
        }
        let found = fs::metadata(entry.path()).map_err(unreadable)?;
        if !found.is_file() {
            return Err(fault(
                format!("{} is no file", entry.path().display()),
                "only files and directories are shared",
            ));
        }
        if found.len() > content.room() {
            return Err(too_large());
        }
        content.add(
            &path,
            fs::read(entry.path()).map_err(unreadable)?,
            is_executable(&found),
        )?;
    }
    Ok(())
}

#[cfg(unix)]
fn is_executable(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// A commit of a repository. git packs its files, so that none is checked out and nothing of the repository is run.
fn git(url: &str, reference: Option<&str>, wanted: Option<&str>) -> Result<Fetched, Problem> {
    let folder = tempfile::tempdir().map_err(|error| {
        fault(
            format!("there is no temporary directory: {error}"),
            "check TMPDIR and its permissions",
        )
    })?;
    let run = |arguments: &[&str]| run_git(folder.path(), arguments, url);
    run(&["init", "--quiet", "--bare", "--template="])?;
    take_all(folder.path())?;
    run(&[
        "fetch",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "--",
        url,
        reference.unwrap_or("HEAD"),
    ])?;
    let commit = run(&["rev-parse", "--verify", "FETCH_HEAD^{commit}"])?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let tree = match wanted {
        Some(wanted) => format!("{commit}:{}", wanted.trim_matches('/')),
        None => commit.clone(),
    };
    let packed = run(&["archive", "--format=tar", &tree])?;
    Ok(Fetched {
        content: archive::read(Kind::Tar, &packed)?,
        digest: format!("commit:{commit}"),
        existing: Existing::Replace,
    })
}

/// Has git pack each file as it was committed. The attributes of a repository can leave files out of archives and change
/// them, and name filters, which are programs of the user; these here take precedence.
fn take_all(folder: &Path) -> Result<(), Problem> {
    let attributes = "* -export-ignore -export-subst -filter -ident -text !working-tree-encoding\n";
    let info = folder.join("info");
    let written = fs::create_dir_all(&info).and_then(|()| fs::write(info.join("attributes"), attributes));
    written.map_err(|error| {
        fault(
            format!("{} cannot be written: {error}", info.display()),
            "check TMPDIR and its permissions",
        )
    })
}

fn run_git(folder: &Path, arguments: &[&str], url: &str) -> Result<Vec<u8>, Problem> {
    let url_shown = shown(url);
    let wrong = |what: String| {
        fault(
            format!("git {} of {url_shown} {what}", arguments[0]),
            "check the address, the reference after ?ref= and the directory after //, and that git may read the repository",
        )
    };
    let mut child = Command::new("git")
        .args(["-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_DIR", folder)
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_NAMESPACE")
        .env_remove("GIT_OBJECT_DIRECTORY")
        .env_remove("GIT_ALTERNATE_OBJECT_DIRECTORIES")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => fault("git was not found", "install git, which fetches addresses of git"),
            _ => wrong(format!("could not be run: {error}")),
        })?;
    let (sender, receiver) = mpsc::channel();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let words = thread::spawn(move || read(err, 16 << 10));
    thread::spawn(move || sender.send(read(out, 2 * LARGEST)));
    let Ok(written) = receiver.recv_timeout(LONGEST) else {
        // That it has ended in the meantime is no error.
        let _ = child.kill();
        let _ = child.wait();
        return Err(wrong("took too long".to_owned()));
    };
    if written.len() as u64 > 2 * LARGEST {
        let _ = child.kill();
        let _ = child.wait();
        return Err(too_large());
    }
    let status = child.wait().map_err(|error| wrong(error.to_string()))?;
    match status.success() {
        true => Ok(written),
        false => {
            let words = words.join().unwrap_or_default();
            let words = String::from_utf8_lossy(&words).trim().replace(url, &url_shown);
            Err(wrong(format!("failed: {words}")))
        }
    }
}

/// All of a stream, up to one byte more than the limit.
fn read(stream: Option<impl Read>, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What could not be read shows in the exit code.
        let _ = stream.take(limit + 1).read_to_end(&mut bytes);
    }
    bytes
}
