//! Requests for downloads: with limits of time and size, and redirections only to other servers of the same kind.

use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::fault;
use crate::finding::Problem;

/// How long a request may take, with all that it is redirected to.
const LONGEST: Duration = Duration::from_secs(120);
/// How long it may take to reach a server.
const CONNECT: Duration = Duration::from_secs(15);
/// How often a request is redirected.
const MOST_REDIRECTS: usize = 10;

/// An answer.
pub(super) struct Answer {
    /// Its status.
    pub(super) status: u16,
    /// Its headers.
    pub(super) headers: HeaderMap,
    /// What it holds.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A request.
pub(super) struct Question<'a> {
    /// `GET`, `HEAD`, `POST` or `PUT`.
    pub(super) method: Method,
    /// The address.
    pub(super) url: &'a str,
    /// The headers, beside the authorization.
    pub(super) headers: Vec<(&'static str, String)>,
    /// The header `Authorization`, which no other host sees.
    pub(super) authorization: Option<String>,
    /// What is sent.
    pub(super) body: Option<&'a [u8]>,
    /// The most bytes that are read.
    pub(super) limit: u64,
}

impl<'a> Question<'a> {
    /// A request for what is at an address.
    pub(super) fn get(url: &'a str, limit: u64) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: Vec::new(),
            authorization: None,
            body: None,
            limit,
        }
    }
}

/// Asks a server, and those that it redirects to.
pub(super) fn ask(question: &Question) -> Result<Answer, Problem> {
    let until = Instant::now() + LONGEST;
    let first = uri(question.url)?;
    let mut url = first.clone();
    for _ in 0..=MOST_REDIRECTS {
        let is_same = url.authority() == first.authority() && url.scheme() == first.scheme();
        let answer = once(question, &url, is_same, until)?;
        let target = answer.header("location");
        // Only a request without content is sent again elsewhere.
        let (true, 301 | 302 | 303 | 307 | 308, Some(target)) = (question.body.is_none(), answer.status, target) else {
            return Ok(answer);
        };
        let next = uri(&joined(&url, target))?;
        if url.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
            return Err(fault(
                format!("{} redirects to {}, which is not encrypted", place(&url), place(&next)),
                "use an address whose redirections all are https",
            ));
        }
        url = next;
    }
    Err(fault(
        format!("{} redirects more than {MOST_REDIRECTS} times", place(&first)),
        "check the address",
    ))
}

/// The authorization by name and password.
pub(super) fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    let pair = format!("{user}:{password}");
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

/// The user and the password of a URL.
fn of_url(url: &Uri) -> Option<String> {
    let (pair, _) = url.authority()?.as_str().rsplit_once('@')?;
    let (user, password) = pair.split_once(':').unwrap_or((pair, ""));
    Some(basic(user, password))
}

fn once(question: &Question, url: &Uri, is_same: bool, until: Instant) -> Result<Answer, Problem> {
    let at = place(url);
    let wrong = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => fault(format!("{at} took too long to answer"), "try again later"),
        ureq::Error::BodyExceedsLimit(limit) => fault(
            format!("{at} sends more than {limit} bytes"),
            "share policies in an artifact of their own",
        ),
        error => fault(
            format!("{at}: {error}"),
            "check the address and the network; --tls=false is for servers without TLS",
        ),
    };
    let target = without_user(url);
    let mut request = Request::builder().method(question.method.clone()).uri(target);
    for (name, value) in &question.headers {
        request = request.header(*name, value);
    }
    let authorization = question
        .authorization
        .clone()
        .filter(|_| is_same)
        .or_else(|| of_url(url));
    if let Some(authorization) = authorization {
        request = request.header("Authorization", authorization);
    }
    let agent = agent(url, until);
    let invalid = |_| {
        fault(
            format!("{at}: the request cannot be written"),
            "check the address and the credentials",
        )
    };
    let response = match question.body {
        Some(body) => agent.run(request.body(body).map_err(invalid)?),
        None => agent.run(request.body(()).map_err(invalid)?),
    };
    let mut response = response.map_err(wrong)?;
    let body = response.body_mut().with_config().limit(question.limit).read_to_vec();
    Ok(Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: body.map_err(wrong)?,
    })
}

fn agent(url: &Uri, until: Instant) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(until.saturating_duration_since(Instant::now())))
        .user_agent(concat!("kpolicy/", env!("CARGO_PKG_VERSION")));
    if url.host().is_some_and(is_loopback) {
        config = config.proxy(None);
    }
    if url.scheme_str() == Some("https") {
        let roots: Vec<Certificate> = rustls_native_certs::load_native_certs()
            .certs
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned())
            .collect();
        config = config.tls_config(
            TlsConfig::builder()
                .root_certs(RootCerts::new_with_certs(&roots))
                .build(),
        );
    }
    config.build().into()
}

/// Whether a host is this machine, by its name or address.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// A URL of a server.
fn uri(text: &str) -> Result<Uri, Problem> {
    let parsed: Option<Uri> = text.parse().ok();
    match parsed {
        Some(uri) if matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() => Ok(uri),
        _ => Err(fault(
            format!("{} is no address of a server", super::address::shown(text)),
            "only http and https are asked, also where a server redirects to",
        )),
    }
}

fn without_user(url: &Uri) -> String {
    super::address::shown(&url.to_string())
}

/// A URL as messages have it: a query may hold a signature.
fn place(url: &Uri) -> String {
    let shown = without_user(url);
    shown.split('?').next().unwrap_or_default().to_owned()
}

/// Where a redirection leads.
pub(super) fn joined(from: &Uri, target: &str) -> String {
    let scheme = from.scheme_str().unwrap_or("https");
    let host = from.authority().map_or("", |authority| authority.as_str());
    let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    match target {
        _ if is_absolute(target) => target.to_owned(),
        _ if target.starts_with("//") => format!("{scheme}:{target}"),
        _ if target.starts_with('/') => format!("{scheme}://{host}{target}"),
        _ => format!("{scheme}://{host}{folder}/{target}"),
    }
}

/// Whether a target begins with a scheme. A parameter of a relative one may have an address too.
fn is_absolute(target: &str) -> bool {
    let scheme = target.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| !scheme.contains(['/', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_leads_where_a_browser_goes() {
        let from = uri("https://h:1/a/b?x").expect("an address");
        for (target, expected) in [
            ("http://i/c", "http://i/c"),
            ("//i/c", "https://i/c"),
            ("/c?next=http://i", "https://h:1/c?next=http://i"),
            ("c", "https://h:1/a/c"),
        ] {
            assert_eq!(joined(&from, target), expected);
        }
    }
}
