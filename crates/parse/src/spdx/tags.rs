//! The tags of SPDX 2, by section: the field of SPDX's JSON that each is, and what its value looks like.

use std::sync::LazyLock;

use super::pairs::Pair;
use crate::ParseError;
use crate::document::{Entry, Node, Span};
use kpolicy_value::Value;

/// A part of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Document,
    Creation,
    Package,
    Reference,
    File,
    Project,
    Snippet,
    License,
    Relationship,
    Annotation,
    Review,
}

/// What the value of a tag looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// One of several texts.
    Texts,
    /// An identifier, `SPDXRef-…`.
    Id,
    /// `Person: …`, `Organization: …` or `Tool: …`, one of several.
    Creator,
    /// One such.
    Annotator,
    /// `Person: …`, `Organization: …` or NOASSERTION.
    Party,
    /// `true` or `false`.
    Flag,
    /// `ALGORITHM: value`, one of several.
    Checksum,
    /// A code, and files that it excludes.
    Code,
    /// `DocumentRef-… uri ALGORITHM: value`, one of several.
    DocumentRef,
    /// `category type locator`.
    Reference,
    /// `id TYPE id`.
    Relationship,
    /// It has no field in what conftest gives.
    Unused,
}

/// A tag.
pub(super) struct Tag {
    name: &'static str,
    pub(super) field: &'static str,
    pub(super) kind: Kind,
}

const fn tag(name: &'static str, field: &'static str, kind: Kind) -> Tag {
    Tag { name, field, kind }
}

const DOCUMENT: &[Tag] = &[
    tag("SPDXVersion", "spdxVersion", Kind::Text),
    tag("DataLicense", "dataLicense", Kind::Text),
    tag("SPDXID", "SPDXID", Kind::Id),
    tag("DocumentName", "name", Kind::Text),
    tag("DocumentNamespace", "documentNamespace", Kind::Text),
    tag("ExternalDocumentRef", "externalDocumentRefs", Kind::DocumentRef),
    tag("DocumentComment", "comment", Kind::Text),
];

const CREATION: &[Tag] = &[
    tag("LicenseListVersion", "licenseListVersion", Kind::Text),
    tag("Creator", "creators", Kind::Creator),
    tag("Created", "created", Kind::Text),
    tag("CreatorComment", "comment", Kind::Text),
];

const PACKAGE: &[Tag] = &[
    tag("PackageName", "name", Kind::Text),
    tag("SPDXID", "SPDXID", Kind::Id),
    tag("PackageVersion", "versionInfo", Kind::Text),
    tag("PackageFileName", "packageFileName", Kind::Text),
    tag("PackageSupplier", "supplier", Kind::Party),
    tag("PackageOriginator", "originator", Kind::Party),
    tag("PackageDownloadLocation", "downloadLocation", Kind::Text),
    tag("FilesAnalyzed", "filesAnalyzed", Kind::Flag),
    tag("PackageVerificationCode", "packageVerificationCode", Kind::Code),
    tag("PackageChecksum", "checksums", Kind::Checksum),
    tag("PackageHomePage", "homepage", Kind::Text),
    tag("PackageSourceInfo", "sourceInfo", Kind::Text),
    tag("PackageLicenseConcluded", "licenseConcluded", Kind::Text),
    tag("PackageLicenseInfoFromFiles", "licenseInfoFromFiles", Kind::Texts),
    tag("PackageLicenseDeclared", "licenseDeclared", Kind::Text),
    tag("PackageLicenseComments", "licenseComments", Kind::Text),
    tag("PackageCopyrightText", "copyrightText", Kind::Text),
    tag("PackageSummary", "summary", Kind::Text),
    tag("PackageDescription", "description", Kind::Text),
    tag("PackageComment", "comment", Kind::Text),
    tag("PrimaryPackagePurpose", "primaryPackagePurpose", Kind::Text),
    tag("ReleaseDate", "releaseDate", Kind::Text),
    tag("BuiltDate", "builtDate", Kind::Text),
    tag("ValidUntilDate", "validUntilDate", Kind::Text),
    tag("PackageAttributionText", "attributionTexts", Kind::Texts),
];

const REFERENCE: &[Tag] = &[
    tag("ExternalRef", "", Kind::Reference),
    tag("ExternalRefComment", "comment", Kind::Text),
];

const FILE: &[Tag] = &[
    tag("FileName", "fileName", Kind::Text),
    tag("SPDXID", "SPDXID", Kind::Id),
    tag("FileType", "fileTypes", Kind::Texts),
    tag("FileChecksum", "checksums", Kind::Checksum),
    tag("LicenseConcluded", "licenseConcluded", Kind::Text),
    tag("LicenseInfoInFile", "licenseInfoInFiles", Kind::Texts),
    tag("LicenseComments", "licenseComments", Kind::Text),
    tag("FileCopyrightText", "copyrightText", Kind::Text),
    tag("FileComment", "comment", Kind::Text),
    tag("FileNotice", "noticeText", Kind::Text),
    tag("FileContributor", "fileContributors", Kind::Texts),
    tag("FileDependency", "fileDependencies", Kind::Texts),
    tag("FileAttributionText", "attributionTexts", Kind::Texts),
];

const PROJECT: &[Tag] = &[
    tag("ArtifactOfProjectName", "name", Kind::Text),
    tag("ArtifactOfProjectHomePage", "homePage", Kind::Text),
    tag("ArtifactOfProjectURI", "URI", Kind::Text),
];

const LICENSE: &[Tag] = &[
    tag("LicenseID", "licenseId", Kind::Text),
    tag("ExtractedText", "extractedText", Kind::Text),
    tag("LicenseName", "name", Kind::Text),
    tag("LicenseCrossReference", "seeAlsos", Kind::Texts),
    tag("LicenseComment", "comment", Kind::Text),
];

const SNIPPET: &[Tag] = &[
    tag("SnippetSPDXID", "", Kind::Unused),
    tag("SnippetFromFileSPDXID", "", Kind::Unused),
    tag("SnippetByteRange", "", Kind::Unused),
    tag("SnippetLineRange", "", Kind::Unused),
    tag("SnippetLicenseConcluded", "", Kind::Unused),
    tag("LicenseInfoInSnippet", "", Kind::Unused),
    tag("SnippetLicenseComments", "", Kind::Unused),
    tag("SnippetCopyrightText", "", Kind::Unused),
    tag("SnippetComment", "", Kind::Unused),
    tag("SnippetName", "", Kind::Unused),
    tag("SnippetAttributionText", "", Kind::Unused),
];

const RELATIONSHIP: &[Tag] = &[
    tag("Relationship", "", Kind::Relationship),
    tag("RelationshipComment", "comment", Kind::Text),
];

const ANNOTATION: &[Tag] = &[
    tag("Annotator", "annotator", Kind::Annotator),
    tag("AnnotationDate", "annotationDate", Kind::Text),
    tag("AnnotationType", "annotationType", Kind::Text),
    tag("SPDXREF", "", Kind::Unused),
    tag("AnnotationComment", "comment", Kind::Text),
];

const REVIEW: &[Tag] = &[
    tag("Reviewer", "", Kind::Unused),
    tag("ReviewDate", "", Kind::Unused),
    tag("ReviewComment", "", Kind::Unused),
];

impl Section {
    fn tags(self) -> &'static [Tag] {
        match self {
            Self::Document => DOCUMENT,
            Self::Creation => CREATION,
            Self::Package => PACKAGE,
            Self::Reference => REFERENCE,
            Self::File => FILE,
            Self::Project => PROJECT,
            Self::Snippet => SNIPPET,
            Self::License => LICENSE,
            Self::Relationship => RELATIONSHIP,
            Self::Annotation => ANNOTATION,
            Self::Review => REVIEW,
        }
    }

    /// Where it is, in words.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Document | Self::Creation => "at the start of the document",
            Self::Package | Self::Reference => "in a package",
            Self::File | Self::Project => "in a file",
            Self::Snippet => "in a snippet",
            Self::License => "in a license",
            Self::Relationship => "in a relationship",
            Self::Annotation => "in an annotation",
            Self::Review => "in a review",
        }
    }

    /// The fields that stay even if they are empty.
    pub(super) fn required(self) -> &'static [&'static str] {
        match self {
            Self::Document => &["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace"],
            Self::Creation => &["created"],
            Self::Package => &["name", "SPDXID", "downloadLocation"],
            Self::File => &["fileName", "SPDXID", "copyrightText"],
            Self::Project => &["name", "homePage", "URI"],
            Self::License => &["licenseId", "extractedText"],
            Self::Reference => &["referenceCategory", "referenceType", "referenceLocator"],
            Self::Annotation => &["annotator", "annotationDate", "annotationType"],
            Self::Relationship | Self::Snippet | Self::Review => &[],
        }
    }

    /// What required fields are if no tag gives them.
    pub(super) fn defaults(self) -> &'static [(&'static str, Value)] {
        static EMPTY: LazyLock<[(&str, Value); 6]> = LazyLock::new(|| {
            ["dataLicense", "SPDXID", "name", "documentNamespace", "homePage", "URI"]
                .map(|field| (field, Value::string("")))
        });
        static PACKAGE: LazyLock<[(&str, Value); 2]> = LazyLock::new(|| {
            [
                ("downloadLocation", Value::string("")),
                ("filesAnalyzed", Value::Bool(true)),
            ]
        });
        static FILE: LazyLock<[(&str, Value); 2]> =
            LazyLock::new(|| [("copyrightText", Value::string("")), ("checksums", Value::Null)]);
        static CREATION: LazyLock<[(&str, Value); 2]> =
            LazyLock::new(|| [("creators", Value::Null), ("created", Value::string(""))]);
        static LICENSE: LazyLock<[(&str, Value); 1]> = LazyLock::new(|| [("extractedText", Value::string(""))]);
        static ANNOTATION: LazyLock<[(&str, Value); 2]> =
            LazyLock::new(|| ["annotationDate", "annotationType"].map(|field| (field, Value::string(""))));
        match self {
            Self::Document => &EMPTY[..4],
            Self::Project => &EMPTY[4..],
            Self::Package => &*PACKAGE,
            Self::File => &*FILE,
            Self::Creation => &*CREATION,
            Self::License => &*LICENSE,
            Self::Annotation => &*ANNOTATION,
            Self::Relationship | Self::Reference | Self::Snippet | Self::Review => &[],
        }
    }
}

/// A tag of a section; what belongs to a part of it is of the section too.
pub(super) fn of(section: Section, name: &str) -> Option<(Section, &'static Tag)> {
    let parts: &[Section] = match section {
        Section::Package => &[Section::Package, Section::Reference],
        Section::File => &[Section::File, Section::Project],
        _ => &[section],
    };
    parts
        .iter()
        .find_map(|part| Some((*part, part.tags().iter().find(|tag| tag.name == name)?)))
}

/// The section of a tag that may be anywhere.
pub(super) fn shared(name: &str) -> Option<Section> {
    let anywhere = [Section::Relationship, Section::Annotation];
    anywhere
        .into_iter()
        .find(|section| section.tags().iter().any(|tag| tag.name == name))
}

/// The section that a tag begins.
pub(super) fn beginning(name: &str) -> Option<Section> {
    Some(match name {
        "PackageName" => Section::Package,
        "ExternalRef" => Section::Reference,
        "FileName" => Section::File,
        "ArtifactOfProjectName" => Section::Project,
        "SnippetSPDXID" => Section::Snippet,
        "LicenseID" => Section::License,
        "Relationship" => Section::Relationship,
        "Annotator" => Section::Annotation,
        "Reviewer" => Section::Review,
        _ => return None,
    })
}

/// The algorithms of checksums.
const ALGORITHMS: [&str; 17] = [
    "SHA1",
    "SHA224",
    "SHA256",
    "SHA384",
    "SHA512",
    "MD2",
    "MD4",
    "MD5",
    "MD6",
    "SHA3-256",
    "SHA3-384",
    "SHA3-512",
    "BLAKE2b-256",
    "BLAKE2b-384",
    "BLAKE2b-512",
    "BLAKE3",
    "ADLER32",
];

/// The fields that a pair gives: by name, or one without a name for the tag's own field.
pub(super) fn fields(kind: Kind, pair: &Pair<'_>) -> Result<Vec<(&'static str, Node)>, ParseError> {
    let span = pair.value_span;
    let alone = |node: Node| Ok(vec![("", node)]);
    match kind {
        Kind::Text | Kind::Texts => alone(pair.node()),
        Kind::Id => {
            let name = pair
                .value
                .strip_prefix("SPDXRef-")
                .filter(|name| !name.is_empty() && !name.contains(':'));
            name.ok_or_else(|| pair.wrong("an identifier is `SPDXRef-` and a name"))?;
            alone(pair.node())
        }
        Kind::Creator | Kind::Annotator => alone(party(pair, &["Person", "Organization", "Tool"])?),
        Kind::Party if pair.value == "NOASSERTION" => alone(pair.node()),
        Kind::Party => alone(party(pair, &["Person", "Organization"])?),
        Kind::Flag => match pair.value {
            "true" => alone(Node::scalar(Value::Bool(true), span)),
            "false" => alone(Node::scalar(Value::Bool(false), span)),
            _ => Ok(Vec::new()),
        },
        Kind::Checksum => {
            let (algorithm, value) = halves(pair)?;
            if !ALGORITHMS.contains(&algorithm) {
                return Err(pair.wrong(format!("`{algorithm}` is no algorithm of a checksum")));
            }
            alone(checksum(algorithm, value, span))
        }
        Kind::Code => alone(code(pair)),
        Kind::DocumentRef => alone(document_ref(pair)?),
        Kind::Reference => {
            let [category, kind, locator] = words(pair)?;
            let category = category.replace('_', "-");
            let texts = [
                ("referenceCategory", category.as_str()),
                ("referenceType", kind),
                ("referenceLocator", locator),
            ];
            Ok(texts.map(|(field, text)| (field, Node::text(text, span))).into())
        }
        Kind::Relationship => {
            let [from, kind, to] = words(pair)?;
            element_id(pair, from)?;
            if !matches!(to, "NONE" | "NOASSERTION") {
                element_id(pair, to)?;
            }
            let texts = [
                ("spdxElementId", from),
                ("relationshipType", kind),
                ("relatedSpdxElement", to),
            ];
            Ok(texts.map(|(field, text)| (field, Node::text(text, span))).into())
        }
        Kind::Unused => Ok(Vec::new()),
    }
}

/// What is before and behind the colon of a value.
fn halves<'a>(pair: &Pair<'a>) -> Result<(&'a str, &'a str), ParseError> {
    let halves = pair
        .value
        .split_once(':')
        .map(|(first, second)| (first.trim(), second.trim()));
    halves.ok_or_else(|| pair.wrong("there is no colon in this value"))
}

fn party(pair: &Pair<'_>, types: &[&str]) -> Result<Node, ParseError> {
    let (kind, name) = halves(pair)?;
    if !types.contains(&kind) {
        return Err(pair.wrong(format!("`{kind}` is none of {}", types.join(", "))));
    }
    Ok(Node::text(&format!("{kind}: {name}"), pair.value_span))
}

fn words<'a>(pair: &Pair<'a>) -> Result<[&'a str; 3], ParseError> {
    let words: Vec<&str> = pair.value.split_whitespace().collect();
    let count = words.len();
    words
        .try_into()
        .map_err(|_| pair.wrong(format!("the value has {count} words instead of 3")))
}

/// An identifier of this document, or of one that it refers to: `DocumentRef-…:SPDXRef-…`.
fn element_id(pair: &Pair<'_>, id: &str) -> Result<(), ParseError> {
    let local = match id.strip_prefix("DocumentRef-") {
        Some(other) => other
            .split_once(':')
            .filter(|(document, _)| !document.is_empty())
            .map(|(_, local)| local),
        None => Some(id),
    };
    let name = local.and_then(|local| local.strip_prefix("SPDXRef-"));
    match name.filter(|name| !name.is_empty() && !name.contains(':')) {
        Some(_) => Ok(()),
        None => Err(pair.wrong(format!("`{id}` is no identifier: it is `SPDXRef-` and a name"))),
    }
}

fn checksum(algorithm: &str, value: &str, span: Span) -> Node {
    let entries = vec![
        Entry::implied("algorithm", Node::text(algorithm, span)),
        Entry::implied("checksumValue", Node::text(value, span)),
    ];
    Node::object(entries, span)
}

/// A verification code, with the file that it excludes.
fn code(pair: &Pair<'_>) -> Node {
    let span = pair.value_span;
    let (code, excluded) = match pair.value.split_once("(excludes:") {
        Some((code, excluded)) => (code.trim(), Some(excluded.split(')').next().unwrap_or_default().trim())),
        None => (pair.value, None),
    };
    let mut entries = vec![Entry::implied("packageVerificationCodeValue", Node::text(code, span))];
    if let Some(excluded) = excluded {
        let files = Node::array(vec![Node::text(excluded, span)], span);
        entries.push(Entry::implied("packageVerificationCodeExcludedFiles", files));
    }
    Node::object(entries, span)
}

fn document_ref(pair: &Pair<'_>) -> Result<Node, ParseError> {
    let words: Vec<&str> = pair.value.split_whitespace().collect();
    let parts = match words.as_slice() {
        [id, uri, algorithm, value] => algorithm
            .strip_suffix(':')
            .map(|algorithm| (*id, *uri, algorithm, *value)),
        [id, uri, checksum] => checksum
            .split_once(':')
            .map(|(algorithm, value)| (*id, *uri, algorithm, value)),
        _ => None,
    };
    let parts = parts.filter(|(id, ..)| id.strip_prefix("DocumentRef-").is_some_and(|name| !name.is_empty()));
    let (id, uri, algorithm, value) =
        parts.ok_or_else(|| pair.wrong("a reference is `DocumentRef-name uri ALGORITHM: checksum`"))?;
    let span = pair.value_span;
    let entries = vec![
        Entry::implied("externalDocumentId", Node::text(id, span)),
        Entry::implied("spdxDocument", Node::text(uri, span)),
        Entry::implied("checksum", checksum(algorithm, value, span)),
    ];
    Ok(Node::object(entries, span))
}
