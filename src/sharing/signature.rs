//! Signatures of policies. OPA's are in the file `.signatures.json`: a token that lists each file with its hash. Those of
//! cosign are beside an artifact ([`super::cosign`]).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use kpolicy_parse::yaml::{Schema, read};
use kpolicy_parse::{Format, MAX_NODES, text};
use kpolicy_rego::builtins::Key;
use kpolicy_value::Value;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Content, cosign, fault, hex};
use crate::finding::Problem;
use crate::settings::KeyFile;
use crate::sharing::store::{Manifest, Store};

/// The file that has the signature.
const FILE: &str = ".signatures.json";
/// The largest key.
const LARGEST_KEY: u64 = 64 << 10;
/// The algorithm of hashes that is signed with.
const ALGORITHM: &str = "SHA-256";

/// Adds the signature of all files. Follows OPA v1.22 bundle/sign.go: GenerateSignedToken.
pub fn sign(content: &mut Content, file: &KeyFile) -> Result<(), Problem> {
    let key = read_key(file)?;
    if !key.signs() {
        return Err(wrong_key(file, "is a public key", "name the private key with --sign"));
    }
    if content.get(FILE).is_some() {
        return Err(fault(
            format!("there is a file {FILE} already"),
            "remove it: it is written by --sign",
        ));
    }
    let mut files = Vec::new();
    for (path, entry) in content.files() {
        let hash = hash(path, &entry.bytes, ALGORITHM)?;
        files.push(json!({ "name": path, "hash": hash, "algorithm": ALGORITHM }));
    }
    let payload = json!({ "files": files }).to_string();
    let token = key.token(payload.as_bytes()).map_err(|what| {
        let help = "use a private key of RSA, or of ECDSA with P-256, P-384 or P-521";
        wrong_key(file, &what, help)
    })?;
    content.add(FILE, json!({ "signatures": [token] }).to_string().into_bytes(), false)
}

/// Checks that what an address has is signed with a key: by OPA, or, for an artifact of a registry, by cosign.
pub(super) fn check(
    shown: &str,
    content: &Content,
    artifact: Option<(&mut Store, &Manifest)>,
    file: &KeyFile,
) -> Result<(), Problem> {
    let key = read_key(file)?;
    if !key.verifies() {
        return Err(wrong_key(
            file,
            "is a private key",
            "name the public key with --verify-key",
        ));
    }
    let by_opa = verified(content, &key);
    if by_opa == Ok(()) {
        return Ok(());
    }
    let by_cosign = match artifact {
        Some((store, manifest)) => cosign::verified(store, manifest, &key)?,
        None => Err(Unverified::Unsigned),
    };
    match (by_opa, by_cosign) {
        (_, Ok(())) => Ok(()),
        (Err(Unverified::Unsigned), Err(Unverified::Unsigned)) => Err(fault(
            format!("{shown} is not signed"),
            "sign it with kpolicy push --sign or cosign sign --key, or leave --verify-key out",
        )),
        (Err(Unverified::Wrong(what)), _) | (_, Err(Unverified::Wrong(what))) => Err(fault(
            format!("{shown} is not signed with the key {}: {what}", file.path.display()),
            "use it only if you know who has published it; --verify-key names the key that it was signed with",
        )),
        (Ok(()), _) => unreachable!("it is verified"),
    }
}

/// Why files are not verified.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unverified {
    /// There is no signature.
    Unsigned,
    /// This is wrong with the signature.
    Wrong(String),
}

/// Whether all files are those that were signed. Follows OPA v1.22 bundle/verify.go: DefaultVerifier.VerifyBundleSignature,
/// VerifyBundleFile.
fn verified(content: &Content, key: &Key) -> Result<(), Unverified> {
    let wrong = |what: &str| Unverified::Wrong(what.to_owned());
    let entry = content.get(FILE).ok_or(Unverified::Unsigned)?;
    let written: Json =
        serde_json::from_slice(&entry.bytes).map_err(|_| wrong(".signatures.json is not valid JSON"))?;
    let [Json::String(token)] = written["signatures"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err(wrong(".signatures.json does not have exactly one signature"));
    };
    let payload = key
        .verified(token)
        .ok_or_else(|| wrong("the signature is of another key"))?;
    let payload: Json = serde_json::from_slice(&payload).map_err(|_| wrong("the signature is of no files"))?;
    if payload["scope"].as_str().is_some_and(|scope| !scope.is_empty()) {
        return Err(wrong("the signature is for a scope, which is not supported"));
    }
    let mut signed = BTreeMap::new();
    for file in payload["files"].as_array().into_iter().flatten() {
        let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
        signed.insert(text("name"), (text("algorithm"), text("hash")));
    }
    for (path, entry) in content.files().filter(|(path, _)| *path != FILE) {
        let Some((algorithm, expected)) = signed.remove(path) else {
            return Err(wrong(&format!("the file {path} is not signed")));
        };
        let found = hash(path, &entry.bytes, &algorithm).map_err(|problem| Unverified::Wrong(problem.message))?;
        if !expected.eq_ignore_ascii_case(&found) {
            return Err(wrong(&format!("the file {path} is not the one that was signed")));
        }
    }
    match signed.keys().next() {
        Some(path) => Err(wrong(&format!("the file {path} is signed and is not there"))),
        None => Ok(()),
    }
}

fn wrong_key(file: &KeyFile, what: &str, help: &str) -> Problem {
    fault(format!("the key {} {what}", file.path.display()), help)
}

fn read_key(file: &KeyFile) -> Result<Key, Problem> {
    let mut bytes = Vec::new();
    File::open(&file.path)
        .and_then(|open| open.take(LARGEST_KEY + 1).read_to_end(&mut bytes))
        .map_err(|error| wrong_key(file, &format!("cannot be read: {error}"), "name the file with the key"))?;
    if bytes.len() as u64 > LARGEST_KEY {
        return Err(wrong_key(file, "is too large", "name the file with the key"));
    }
    match file.is_secret {
        true if bytes.trim_ascii().is_empty() => Err(wrong_key(file, "is empty", "name the file with the secret")),
        true => Ok(Key::of_secret(&bytes)),
        false => Key::of_pem(&bytes).map_err(|what| {
            let help = "use a key in PEM that is not encrypted; secret:FILE is for a secret that both sides have";
            wrong_key(file, &what, help)
        }),
    }
}

/// The hash of a file: of a structured one that of its value. Follows OPA v1.22 bundle/hash.go: HashFile.
fn hash(path: &str, bytes: &[u8], algorithm: &str) -> Result<String, Problem> {
    let mut canonical = String::new();
    let hashed = match path.rsplit('/').next().unwrap_or(path) {
        "data.json" | "data.yaml" | "data.yml" | ".manifest" => {
            write(&value(path, bytes)?, &mut canonical);
            canonical.as_bytes()
        }
        _ => bytes,
    };
    match algorithm {
        "SHA-256" => Ok(hex(&Sha256::digest(hashed))),
        "SHA-384" => Ok(hex(&Sha384::digest(hashed))),
        "SHA-512" => Ok(hex(&Sha512::digest(hashed))),
        other => Err(fault(
            format!("{path} is signed with the hash {other:?}, which is not supported"),
            "sign with SHA-256",
        )),
    }
}

/// The value of a structured file: JSON, or else YAML. Follows OPA v1.22 util/json.go: Unmarshal.
fn value(path: &str, bytes: &[u8]) -> Result<Value, Problem> {
    let invalid = || {
        fault(
            format!("{path} is neither valid JSON nor YAML, so it cannot be signed"),
            "correct the file",
        )
    };
    let text = text::decode(bytes.to_vec()).map_err(|_| invalid())?;
    if let Ok(mut nodes) = Format::Json.parse(&text)
        && let (Some(node), true) = (nodes.pop(), nodes.is_empty())
    {
        return Ok(node.value);
    }
    let parsed = read(&text, Schema::Core, MAX_NODES).map_err(|_| invalid())?;
    let document = parsed.documents.into_iter().next();
    Ok(document.map_or(Value::Null, |node| node.value))
}

/// Writes a value as it is hashed. Follows OPA v1.22 bundle/hash.go: walk.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => write_text(&text.to_str(), out),
        Value::Object(members) => {
            let member = |(key, value): &(Value, Value)| (key.key_text(), value.clone());
            let sorted: BTreeMap<String, Value> = members.iter().map(member).collect();
            out.push('{');
            for (at, (key, value)) in sorted.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => write_items(items.iter(), out),
        Value::Set(members) => write_items(members.iter(), out),
    }
}

fn write_items<'a>(items: impl Iterator<Item = &'a Value>, out: &mut String) {
    out.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// Writes a string as Go does, which escapes two characters more.
fn write_text(text: &str, out: &mut String) {
    let text = Json::from(text).to_string();
    out.push_str(&text.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `opa sign` 1.22.3 gives for these files.
    #[test]
    fn hashes_are_those_of_opa() {
        let json = "{\"a\": 1.50, \"b\": [1e3, \"\\u2028<&>é\\u0001\", 12345678901234567890, 0.1, 1E+2, null], \
                    \"c\": {}, \"z\": {\"y\":1,\"x\":2}}\n";
        let yaml = "k: v\nn: 1.0\nm: 0x10\nl: [1, 2.50, ~, yes, 1e3]\n";
        for (path, text, expected) in [
            (
                "b/data.json",
                json,
                "8c8c2bb9106d17db6bec90609c0e35fc4a3a6ba8df8393070cc5460c4dddd76b",
            ),
            (
                "b/deny.rego",
                "package main\n\ndeny contains \"no name\" if not input.name\n",
                "013fd14c5111dcf34d451ae8be4baf14503b23233c11b38fdc05d1919e150883",
            ),
            (
                "b/sub/data.yaml",
                yaml,
                "b20028d85ad9750be8091cfe7c3b9aae647a5220f96ab35da39a6ea51aeb4312",
            ),
        ] {
            let found = hash(path, text.as_bytes(), ALGORITHM).expect("it is valid");
            assert_eq!(found, expected, "{path}");
        }
    }
}
