//! Archives: those that are used, and those that are hostile, broken or of another kind, which change no file.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{POLICY, fails, read, sample, serve, works};
use crate::common::registry::Registry;

/// A tar archive with one entry, whose path is written as it is.
fn tar(path: &str, kind: EntryType, bytes: &[u8]) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    if kind != EntryType::Regular {
        header.set_link_name("/etc/passwd").expect("a name");
    }
    header.set_cksum();
    let mut builder = Builder::new(Vec::new());
    builder.append(&header, bytes).expect("it is written");
    builder.into_inner().expect("it ends")
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("it is written");
    encoder.finish().expect("it ends")
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, bytes) in entries {
        writer
            .start_file(*path, SimpleFileOptions::default())
            .expect("it starts");
        writer.write_all(bytes).expect("it is written");
    }
    writer.finish().expect("it ends").into_inner()
}

fn linked_zip() -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer
        .add_symlink("link", "/etc/passwd", SimpleFileOptions::default())
        .expect("it is written");
    writer.finish().expect("it ends").into_inner()
}

#[test]
fn archives_of_each_kind_are_pulled() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    let packed = tar("in/deny.rego", EntryType::Regular, POLICY.as_bytes());
    serve(&registry, "a.tar.gz", &gzip(&packed));
    serve(&registry, "a.tar", &packed);
    serve(&registry, "a.zip", &zip(&[("in/deny.rego", POLICY.as_bytes())]));
    serve(&registry, "a", &zip(&[("in/deny.rego", POLICY.as_bytes())]));
    for (name, query) in [("a.tar.gz", ""), ("a.tar", ""), ("a.zip", ""), ("a", "?archive=zip")] {
        works(root, &format!("pull http://{host}/{name}{query} -p whole-{name}"));
        assert_eq!(read(root, &format!("whole-{name}/in/deny.rego")), POLICY, "{name}");
        works(root, &format!("pull http://{host}/{name}//in{query} -p part-{name}"));
        assert_eq!(read(root, &format!("part-{name}/deny.rego")), POLICY, "{name}");
    }
    fails(
        root,
        &format!("pull http://{host}/a.zip//none -p got"),
        "no directory none",
    );
}

#[test]
fn what_is_hostile_or_broken_changes_no_file() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    let policy = POLICY.as_bytes();
    let regular = |path: &str| gzip(&tar(path, EntryType::Regular, policy));
    let whole = tar("deny.rego", EntryType::Regular, policy);
    let outside = "outside of its directory";
    for (name, bytes, expected) in [
        ("up.tgz", regular("../evil.rego"), outside),
        ("deep.tgz", regular("a/../../evil.rego"), outside),
        ("drive.tgz", regular("c:/evil.rego"), outside),
        ("back.tgz", regular("..\\evil.rego"), outside),
        ("line.tgz", regular("a\nb.rego"), outside),
        ("git.tgz", regular(".git/config"), "settings of git"),
        ("sym.tgz", gzip(&tar("link", EntryType::Symlink, b"")), "is a link"),
        ("hard.tgz", gzip(&tar("link", EntryType::Link, b"")), "is a link"),
        ("up.zip", zip(&[("../evil.rego", policy)]), outside),
        ("sym.zip", linked_zip(), "is a link"),
        (
            "part.zip",
            zip(&[("deny.rego", policy)])[..40].to_vec(),
            "cannot be read",
        ),
        ("part.tgz", gzip(&whole)[..60].to_vec(), "cannot be read"),
        ("part.tar", whole[..1024].to_vec(), "it has no end"),
        ("text.tgz", policy.to_vec(), "cannot be read"),
        ("bomb.zip", zip(&[("a", &vec![0; 65 << 20])]), "has more than"),
        ("other.tar.xz", policy.to_vec(), "not supported"),
        ("other.tar.bz2", policy.to_vec(), "not supported"),
    ] {
        serve(&registry, name, &bytes);
        fails(root, &format!("pull http://{host}/{name} -p got"), expected);
        assert!(!root.join("got").exists() && !root.join("evil.rego").exists(), "{name}");
    }
    assert!(!Path::new(&root.join("kpolicy.lock")).exists());
}

#[test]
fn a_file_that_comes_in_part_is_not_used() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    serve(&registry, "one.rego", b"package one\n\ndeny contains 1\n");
    super::change(&registry, |state| state.cuts = true);
    fails(root, &format!("pull http://{host}/blobs/one.rego -p got"), host);
    let line = format!("test in.yaml -p got --update http://{host}/blobs/one.rego");
    fails(root, &line, host);
    assert!(!root.join("got").exists());
}
