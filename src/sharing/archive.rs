//! Archives: tar, with or without gzip, and zip. Only files are read; a link is an error, because what it leads to
//! depends on where it is.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};
use zip::ZipArchive;

use super::content::{LARGEST, too_large};
use super::{Content, fault};
use crate::finding::Problem;

/// The most bytes of a tar archive when it is not compressed: the files, and as much for what is between them.
const LARGEST_TAR: u64 = 2 * LARGEST;
/// The size of a tar archive's blocks. A block of zeros ends it.
const BLOCK: usize = 512;
/// How the names of archives end that are not read.
const UNREAD: [&str; 12] = [
    ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar",
];

/// The kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tar,
    TarGz,
    Zip,
}

impl Kind {
    /// The kind that a file's name says. An archive of a kind that is not read is an error: kept as a file, it would be
    /// policies that no run sees.
    pub(super) fn of_name(name: &str) -> Result<Option<Self>, Problem> {
        let name = name.to_ascii_lowercase();
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
        match () {
            () if ends(&[".tar.gz", ".tgz"]) => Ok(Some(Self::TarGz)),
            () if ends(&[".zip"]) => Ok(Some(Self::Zip)),
            () if ends(&[".tar"]) => Ok(Some(Self::Tar)),
            () if ends(&UNREAD) => Err(fault(
                format!("{name} is an archive of a kind that is not supported"),
                "use tar.gz, tar or zip; ?archive=false keeps it as a file",
            )),
            () => Ok(None),
        }
    }

    /// The kind of a name as it stands in `?archive=`; `None` for one that is none.
    pub(super) fn of_word(word: &str) -> Result<Option<Self>, Problem> {
        match word {
            "false" | "0" => Ok(None),
            "tar.gz" | "tgz" => Ok(Some(Self::TarGz)),
            "tar" => Ok(Some(Self::Tar)),
            "zip" => Ok(Some(Self::Zip)),
            other => Err(fault(
                format!("archives of the kind {other} are not supported"),
                "use tar.gz, tar or zip",
            )),
        }
    }
}

/// The files of an archive.
pub(super) fn read(kind: Kind, bytes: &[u8]) -> Result<Content, Problem> {
    match kind {
        Kind::Tar => tar(bytes),
        Kind::TarGz => tar(&unpacked(bytes)?),
        Kind::Zip => zip(bytes),
    }
}

fn broken(error: impl std::fmt::Display) -> Problem {
    fault(
        format!("the archive cannot be read: {error}"),
        "check that it is complete, and a tar.gz, tar or zip archive",
    )
}

fn link(path: &str) -> Problem {
    fault(
        format!("the archive has {path}, which is a link or a special file"),
        "publish the files themselves",
    )
}

/// The bytes in a gzip stream, read to its end, where its checksum is.
fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut unpacked = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(LARGEST_TAR + 1);
    decoder.read_to_end(&mut unpacked).map_err(broken)?;
    match unpacked.len() as u64 > LARGEST_TAR {
        true => Err(too_large()),
        false => Ok(unpacked),
    }
}

fn tar(bytes: &[u8]) -> Result<Content, Problem> {
    let mut content = Content::default();
    let mut archive = Archive::new(bytes);
    let mut end = 0;
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        end = entry.raw_file_position() + entry.size().next_multiple_of(BLOCK as u64);
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        match kind {
            EntryType::Directory | EntryType::XGlobalHeader => continue,
            EntryType::Regular | EntryType::Continuous => {}
            _ => return Err(link(&path)),
        }
        if entry.size() > content.room() {
            return Err(too_large());
        }
        let executable = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(broken)?;
        content.add(&path, bytes, executable)?;
    }
    // An archive that was cut off between two files looks whole but for this.
    let rest = usize::try_from(end).ok().and_then(|end| bytes.get(end..));
    let last = rest.and_then(|rest| rest.get(..BLOCK));
    match last.is_some_and(|last| last.iter().all(|byte| *byte == 0)) {
        true => Ok(content),
        false => Err(broken("it has no end")),
    }
}

fn zip(bytes: &[u8]) -> Result<Content, Problem> {
    let mut content = Content::default();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(broken)?;
        let path = entry.name().map_err(broken)?.into_owned();
        if entry.is_dir() {
            continue;
        }
        let mode = entry.unix_mode().unwrap_or(0o644);
        if !matches!(mode & 0o170_000, 0 | 0o100_000) {
            return Err(link(&path));
        }
        let mut bytes = Vec::new();
        let room = content.room();
        // The size that an archive states need not be true.
        entry.take(room + 1).read_to_end(&mut bytes).map_err(broken)?;
        if bytes.len() as u64 > room {
            return Err(too_large());
        }
        content.add(&path, bytes, mode & 0o111 != 0)?;
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tar::{Builder, Header};

    /// A tar archive whose entry has this path as it is, also one that a builder would refuse.
    fn packed(path: &str, kind: EntryType, bytes: &[u8]) -> Vec<u8> {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").expect("a name");
        }
        header.set_cksum();
        let mut builder = Builder::new(Vec::new());
        builder.append(&header, bytes).expect("it is written");
        builder.into_inner().expect("it ends")
    }

    #[test]
    fn files_are_read_and_whatever_leads_elsewhere_is_refused() {
        let read = |bytes: &[u8]| super::read(Kind::Tar, bytes);
        let content = read(&packed("/a/b.rego", EntryType::Regular, b"package a")).expect("it is read");
        assert_eq!(
            content.get("a/b.rego").map(|entry| &entry.bytes[..]),
            Some(&b"package a"[..])
        );
        for hostile in [
            packed("../a.rego", EntryType::Regular, b"x"),
            packed("a/../../b", EntryType::Regular, b"x"),
            packed("link", EntryType::Symlink, b""),
            packed("link", EntryType::Link, b""),
            packed("device", EntryType::Char, b""),
            packed("pipe", EntryType::Fifo, b""),
        ] {
            assert!(read(&hostile).is_err());
        }
    }

    #[test]
    fn a_part_of_an_archive_is_no_archive() {
        use std::io::Write;
        let whole = packed("a.rego", EntryType::Regular, &[b'a'; 2000]);
        // After 1,024 bytes the header and a half of the file are there, after 2,560 all but the end.
        for length in [0, 512, 1024, 1500, 2560, 2561] {
            assert!(super::read(Kind::Tar, &whole[..length]).is_err(), "{length}");
        }
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&whole).expect("it is written");
        let packed = encoder.finish().expect("it ends");
        assert!(super::read(Kind::TarGz, &packed).is_ok());
        assert!(super::read(Kind::TarGz, &packed[..packed.len() / 2]).is_err());
        // The files are all there, and the checksum is not.
        assert!(super::read(Kind::TarGz, &packed[..packed.len() - 4]).is_err());
        assert!(super::read(Kind::Zip, &packed).is_err());
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("it is written");
        encoder.finish().expect("it ends")
    }

    #[test]
    fn an_archive_that_grows_too_large_is_refused() {
        let mut header = Header::new_gnu();
        header.set_path("zeros").expect("a path");
        header.set_size(LARGEST + 1);
        header.set_cksum();
        // A stream may have several parts.
        let zeros = gzip(&vec![0; 1 << 20]).repeat(65);
        let packed = [gzip(header.as_bytes()), zeros].concat();
        assert!(packed.len() < 1 << 20);
        assert!(super::read(Kind::TarGz, &packed).is_err());
    }

    #[test]
    fn what_is_between_files_is_limited_too() {
        let folder = packed("folder/", EntryType::Directory, b"");
        let many = gzip(&folder[..BLOCK].repeat(1 << 11));
        let count = usize::try_from(LARGEST_TAR >> 20).expect("it is small");
        let packed = [many.repeat(count), gzip(&[0; 1024])].concat();
        let refused = super::read(Kind::TarGz, &packed).expect_err("it is too large");
        assert!(refused.message.contains("more than"), "{}", refused.message);
    }
}
