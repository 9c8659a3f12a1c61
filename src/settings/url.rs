//! URLs among the paths of policies and data: `file://` as OPA takes them, and `oci://`, which are resolved later.

use std::path::PathBuf;

use super::REGISTRY;

/// The path that a text names, by itself or as a `file://` URL. Follows OPA v1.22 internal/file/url: Clean.
pub(super) fn local_path(text: &str) -> Result<PathBuf, String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Ok(PathBuf::from(text));
    };
    if text.starts_with(REGISTRY) {
        return Ok(PathBuf::from(text));
    }
    if !scheme.eq_ignore_ascii_case("file") {
        return Err(format!("{text}: only file:// and oci:// are supported here"));
    }
    // A host comes first; most URLs have none.
    let path = rest.find('/').map(|at| &rest[at..]);
    let path = path.and_then(|path| path.split(['?', '#']).next()).and_then(decoded);
    path.map(PathBuf::from)
        .ok_or_else(|| format!("{text} is not a valid file URL: write file:///path"))
}

/// The text with each `%XX` as the byte that it stands for.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part
            .get(..2)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_url_is_a_path_and_others_are_refused() {
        for (text, path) in [
            ("policy", "policy"),
            ("file:///a/b", "/a/b"),
            ("FILE://localhost/a%20b", "/a b"),
            ("c:/x", "c:/x"),
            ("oci://h/x:v1", "oci://h/x:v1"),
        ] {
            assert_eq!(local_path(text), Ok(PathBuf::from(path)), "{text}");
        }
        for text in ["https://x/y", "s3://x", "file://x", "file:///%zz", "file:///%f"] {
            assert!(local_path(text).is_err(), "{text}");
        }
    }
}
