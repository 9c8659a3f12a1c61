//! A registry, by the protocol of the OCI distribution specification 1.1: few requests, and so no client of others.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use ureq::http::{Method, Uri};

use super::address::Reference;
use super::content::LARGEST;
use super::credentials::{self, Credentials};
use super::http::{self, Answer, Question};
use super::{digest, fault, is_digest};
use crate::finding::Problem;

/// The media type of a manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The manifests that are accepted.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json";
/// The largest manifest; registries have the same limit.
const LARGEST_MANIFEST: u64 = 4 << 20;
/// The largest answer that is only words.
const LARGEST_WORDS: u64 = 1 << 20;

/// A connection to the repository of a reference.
pub struct Registry {
    reference: Reference,
    base: String,
    plain: bool,
    authorization: Option<String>,
}

/// What a manifest says of a blob.
#[derive(Debug, Clone)]
pub struct Descriptor {
    /// Its media type.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// Its size in bytes.
    pub size: u64,
    /// What else is said of it.
    annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Reads one; nothing where it is incomplete.
    pub(super) fn read(written: &Json) -> Option<Self> {
        let annotations = written["annotations"].as_object();
        let text = |(name, value): (&String, &Json)| Some((name.clone(), value.as_str()?.to_owned()));
        Some(Self {
            media_type: written["mediaType"].as_str()?.to_owned(),
            digest: written["digest"].as_str()?.to_owned(),
            size: written["size"].as_u64()?,
            annotations: annotations.into_iter().flatten().filter_map(text).collect(),
        })
    }

    /// An annotation.
    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }
}

impl Registry {
    /// The registry of a reference. Without `tls`, and for a registry on this machine where nothing is said, requests are
    /// not encrypted, as in docker.
    pub fn new(reference: &Reference, tls: Option<bool>) -> Self {
        let host = match reference.registry.as_str() {
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            host => host,
        };
        let name = match host.rsplit_once(':') {
            Some((name, _)) if host.ends_with(|last: char| last.is_ascii_digit()) => name,
            _ => host,
        };
        let plain = !tls.unwrap_or_else(|| !http::is_loopback(name));
        // An address of IPv6 without brackets, as conftest accepts it.
        let host = match name.contains(':') && !name.starts_with('[') {
            true => format!("[{name}]{}", &host[name.len()..]),
            false => host.to_owned(),
        };
        let scheme = if plain { "http" } else { "https" };
        Self {
            base: format!("{scheme}://{host}/v2/{}", reference.repository),
            reference: reference.clone(),
            plain,
            authorization: None,
        }
    }

    /// The manifest of a tag or with a digest; nothing where there is none.
    pub fn manifest(&mut self, wanted: &str) -> Result<Option<Vec<u8>>, Problem> {
        let url = format!("{}/manifests/{wanted}", self.base);
        let answer = self.ask(
            "pull",
            |url| {
                let mut question = Question::get(url, LARGEST_MANIFEST);
                question.headers.push(("Accept", MANIFESTS.to_owned()));
                question
            },
            &url,
        )?;
        if answer.status == 404 {
            return Ok(None);
        }
        let answer = self.expect(answer, &[200])?;
        let actual = digest(&answer.body);
        match is_digest(wanted) && wanted != actual {
            true => Err(self.wrong_digest(wanted, &actual)),
            false => Ok(Some(answer.body)),
        }
    }

    /// A blob, whose digest and size are what its descriptor says.
    pub fn blob(&mut self, blob: &Descriptor) -> Result<Vec<u8>, Problem> {
        if !is_digest(&blob.digest) {
            return Err(fault(
                format!("the manifest has the digest {:?}, which is not SHA-256", blob.digest),
                "publish the artifact with SHA-256",
            ));
        }
        if blob.size > LARGEST {
            return Err(super::content::too_large());
        }
        let url = format!("{}/blobs/{}", self.base, blob.digest);
        let answer = self.ask("pull", |url| Question::get(url, blob.size), &url)?;
        let answer = self.expect(answer, &[200])?;
        let actual = digest(&answer.body);
        match actual == blob.digest {
            true => Ok(answer.body),
            false => Err(self.wrong_digest(&blob.digest, &actual)),
        }
    }

    /// Stores a blob unless it is there.
    pub fn put_blob(&mut self, bytes: &[u8]) -> Result<String, Problem> {
        let digest = digest(bytes);
        let url = format!("{}/blobs/{digest}", self.base);
        let head = |url| Question {
            method: Method::HEAD,
            ..Question::get(url, LARGEST_WORDS)
        };
        if self.ask("pull,push", head, &url)?.status == 200 {
            return Ok(digest);
        }
        let start = format!("{}/blobs/uploads/", self.base);
        let post = |url| Question {
            method: Method::POST,
            body: Some(&[]),
            ..Question::get(url, LARGEST_WORDS)
        };
        let answer = self.ask("pull,push", post, &start)?;
        let answer = self.expect(answer, &[202])?;
        let place = answer.header("location").ok_or_else(|| {
            fault(
                format!("{} does not say where to upload to", self.reference.registry),
                "check that it is a registry that artifacts can be pushed to",
            )
        })?;
        let from: Uri = start
            .parse()
            .map_err(|_| fault(format!("{start} is no address"), "check the address"))?;
        let place = http::joined(&from, place);
        let separator = if place.contains('?') { '&' } else { '?' };
        let place = format!("{place}{separator}digest={digest}");
        self.put(&place, "application/octet-stream", bytes)?;
        Ok(digest)
    }

    /// Stores a manifest under the tag of the reference or another, and gives its digest.
    pub fn put_manifest(&mut self, manifest: &[u8], tag: Option<&str>) -> Result<String, Problem> {
        let url = format!("{}/manifests/{}", self.base, tag.unwrap_or(&self.reference.tag));
        self.put(&url, MANIFEST, manifest)?;
        Ok(digest(manifest))
    }

    fn put(&mut self, url: &str, media_type: &str, bytes: &[u8]) -> Result<(), Problem> {
        let put = |url| Question {
            method: Method::PUT,
            body: Some(bytes),
            headers: vec![("Content-Type", media_type.to_owned())],
            ..Question::get(url, LARGEST_WORDS)
        };
        let answer = self.ask("pull,push", put, url)?;
        self.expect(answer, &[201]).map(|_| ())
    }

    /// Asks, and once more with the credentials that the registry wants.
    fn ask<'a>(
        &mut self,
        action: &str,
        question: impl Fn(&'a str) -> Question<'a>,
        url: &'a str,
    ) -> Result<Answer, Problem> {
        let is_own = self.is_own(url);
        let mut first = question(url);
        first.authorization = self.authorization.clone().filter(|_| is_own);
        let answer = http::ask(&first)?;
        let challenge = answer.header("www-authenticate").map(str::to_owned);
        let (401, true, Some(challenge)) = (answer.status, is_own, challenge) else {
            return Ok(answer);
        };
        self.authorization = Some(self.authorize(&challenge, action)?);
        let mut second = question(url);
        second.authorization = self.authorization.clone();
        http::ask(&second)
    }

    /// Whether a URL is of this registry. A registry may send uploads elsewhere, where its credentials are not for.
    fn is_own(&self, url: &str) -> bool {
        let origin = |url: &str| {
            let uri: Uri = url.parse().ok()?;
            Some((uri.scheme_str()?.to_owned(), uri.authority()?.to_string()))
        };
        origin(url) == origin(&self.base)
    }

    /// The header for what a registry wants. Follows the token authentication of distribution.
    fn authorize(&self, challenge: &str, action: &str) -> Result<String, Problem> {
        let credentials = credentials::of_registry(&self.reference.registry)?;
        let (scheme, rest) = challenge.split_once(' ').unwrap_or((challenge, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return match credentials {
                Some(Credentials::Password { user, password }) => Ok(http::basic(&user, &password)),
                _ => Err(self.refused("wants a name and a password")),
            };
        }
        let parameter = |name: &str| parameter(rest, name);
        let (true, Some(realm)) = (scheme.eq_ignore_ascii_case("bearer"), parameter("realm")) else {
            return Err(self.refused("wants credentials of an unknown kind"));
        };
        if !self.plain && !realm.starts_with("https://") {
            return Err(self.refused("wants credentials to be sent without encryption"));
        }
        let scope = parameter("scope").unwrap_or_else(|| format!("repository:{}:{action}", self.reference.repository));
        let service = parameter("service").unwrap_or_default();
        self.token(&realm, &service, &scope, credentials)
    }

    fn token(
        &self,
        realm: &str,
        service: &str,
        scope: &str,
        credentials: Option<Credentials>,
    ) -> Result<String, Problem> {
        let (service, scope) = (escaped(service), escaped(scope));
        let url = match realm.contains('?') {
            true => format!("{realm}&service={service}&scope={scope}"),
            false => format!("{realm}?service={service}&scope={scope}"),
        };
        let form;
        let mut question = Question::get(&url, LARGEST_WORDS);
        match credentials {
            Some(Credentials::Password { user, password }) => {
                question.authorization = Some(http::basic(&user, &password));
            }
            Some(Credentials::Identity(token)) => {
                let token = escaped(&token);
                form = format!(
                    "grant_type=refresh_token&client_id=kpolicy&service={service}&scope={scope}&refresh_token={token}"
                );
                question.method = Method::POST;
                question.url = realm;
                question.body = Some(form.as_bytes());
                question
                    .headers
                    .push(("Content-Type", "application/x-www-form-urlencoded".to_owned()));
            }
            None => {}
        }
        let answer = http::ask(&question)?;
        if answer.status != 200 {
            return Err(self.refused("refuses the credentials"));
        }
        let words: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = words["token"].as_str().or_else(|| words["access_token"].as_str());
        token
            .map(|token| format!("Bearer {token}"))
            .ok_or_else(|| self.refused("gives no token"))
    }

    fn refused(&self, what: &str) -> Problem {
        let registry = &self.reference.registry;
        fault(
            format!("{registry} {what}"),
            &format!(
                "log in with docker login {registry}, and check that you may use {}",
                self.reference.repository
            ),
        )
    }

    fn wrong_digest(&self, expected: &str, actual: &str) -> Problem {
        fault(
            format!(
                "{} gives {actual} where {expected} was asked for",
                self.reference.registry
            ),
            "do not use it: the registry or the network changes what is in it",
        )
    }

    /// The answer, where its status is one of these.
    fn expect(&self, answer: Answer, statuses: &[u16]) -> Result<Answer, Problem> {
        let Reference {
            registry, repository, ..
        } = &self.reference;
        match answer.status {
            status if statuses.contains(&status) => Ok(answer),
            401 | 403 => Err(self.refused("refuses the credentials")),
            404 => Err(fault(
                format!("{registry} has no {repository} with {}", self.reference.wanted()),
                "check the repository and the tag",
            )),
            status => Err(fault(
                format!("{registry} answers with status {status}{}", words(&answer.body)),
                "check the address, or try again later",
            )),
        }
    }
}

/// The words of a registry's error.
fn words(body: &[u8]) -> String {
    let answer: Json = serde_json::from_slice(body).unwrap_or_default();
    let error = &answer["errors"][0];
    let text = error["message"].as_str().or_else(|| error["code"].as_str());
    text.map(|text| format!(": {}", text.chars().take(200).collect::<String>()))
        .unwrap_or_default()
}

/// A parameter of a challenge: `name="value"` or `name=value`, with commas between them.
fn parameter(challenge: &str, name: &str) -> Option<String> {
    let mut rest = challenge;
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_matches([' ', ',']);
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value.to_owned());
        }
        rest = left;
    }
    None
}

/// A text as it stands in a query or a form.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_a_challenge_are_read() {
        let challenge = r#"realm="https://auth/token",service=reg,scope="repository:a/b:pull,push""#;
        let read = |name| parameter(challenge, name);
        assert_eq!(read("realm").as_deref(), Some("https://auth/token"));
        assert_eq!(read("service").as_deref(), Some("reg"));
        assert_eq!(read("scope").as_deref(), Some("repository:a/b:pull,push"));
        assert_eq!(read("error"), None);
    }

    #[test]
    fn only_registries_on_this_machine_are_asked_without_tls() {
        let base = |text: &str, tls| {
            let reference = Reference::parse(text).expect("a reference");
            Registry::new(&reference, tls).base
        };
        assert_eq!(base("127.0.0.1:5000/a", None), "http://127.0.0.1:5000/v2/a");
        assert_eq!(base("localhost:5000/a", Some(true)), "https://localhost:5000/v2/a");
        assert_eq!(base("::1:5000/a", None), "http://[::1]:5000/v2/a");
        assert_eq!(base("h.io/a/b", None), "https://h.io/v2/a/b");
        assert_eq!(base("h.io:80/a/b", Some(false)), "http://h.io:80/v2/a/b");
        assert_eq!(base("docker.io/o/a", None), "https://registry-1.docker.io/v2/o/a");
    }
}
