//! What a policy asks for: method, URL, headers, body, and how the server is trusted.

use std::time::Duration;

use ureq::http::{Method, Request as HttpRequest, Uri};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::super::encoding::to_json;
use super::super::time::duration::standard;
use super::super::{Context, Failure, http_request};
use kpolicy_value::{Object, Value};

/// A request, ready to be sent.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Uri,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) timeout: Duration,
    pub(super) follows: bool,
    pub(super) tls: TlsConfig,
    pub(super) forces_json: bool,
    pub(super) forces_yaml: bool,
}

/// How long OPA waits for a response.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The members that name files and variables: the engine reads neither.
const OUTSIDE: [&str; 6] = [
    "tls_ca_cert_file",
    "tls_ca_cert_env_variable",
    "tls_client_cert_file",
    "tls_client_cert_env_variable",
    "tls_client_key_file",
    "tls_client_key_env_variable",
];

pub(super) fn fault(words: impl Into<String>) -> Failure {
    Failure::Builtin(words.into())
}

impl Request {
    /// Follows OPA v1.22 topdown/http.go: createHTTPRequest.
    pub(super) fn read(context: &mut Context, object: &Object) -> Result<Self, Failure> {
        http_request::check(object)?;
        if let Some(name) = OUTSIDE.into_iter().find(|name| object.field(name).is_some()) {
            let words = format!("kpolicy reads no file and no environment for {name}: give the PEM text itself");
            return Err(Failure::Limit(words));
        }
        if object.field("tls_server_name").is_some() {
            return Err(Failure::Limit(
                "kpolicy does not have tls_server_name of http.send".to_owned(),
            ));
        }
        let url = text(object, "url")?.unwrap_or_default();
        let method = text(object, "method")?.unwrap_or_default().to_uppercase();
        let method = Method::from_bytes(method.as_bytes());
        let method = method.map_err(|_| fault("net/http: invalid method"))?;
        let body = match (text(object, "raw_body")?, object.field("body")) {
            (Some(body), _) => Some(body.into_bytes()),
            (None, Some(body)) => Some(to_json(context, body)?.into_bytes()),
            (None, None) => None,
        };
        Ok(Self {
            method,
            url: uri(&url)?,
            headers: headers(object)?,
            body,
            timeout: timeout(object)?,
            follows: flag(object, "enable_redirect")?,
            tls: tls(object)?,
            forces_json: flag(object, "force_json_decode")?,
            forces_yaml: flag(object, "force_yaml_decode")?,
        })
    }

    /// The request for ureq, to a URL that is its own or one that it was redirected to.
    pub(super) fn to_http(&self, method: &Method, url: &Uri) -> Result<HttpRequest<()>, Failure> {
        let mut request = HttpRequest::builder().method(method.clone()).uri(url.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).map_err(|error| fault(error.to_string()))
    }
}

/// A URL with a host.
pub(super) fn uri(text: &str) -> Result<Uri, Failure> {
    let wrong = |why: &str| fault(format!("parse \"{text}\": {why}"));
    let uri: Uri = text.parse().map_err(|_| wrong("invalid URL"))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        (Some("unix"), _) => Err(Failure::Limit("kpolicy does not ask Unix sockets".to_owned())),
        (Some(scheme), Some(_)) => Err(wrong(&format!("unsupported protocol scheme \"{scheme}\""))),
        _ => Err(wrong("unsupported protocol scheme \"\"")),
    }
}

fn text(object: &Object, name: &str) -> Result<Option<String>, Failure> {
    match object.field(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_str().trim_matches('"').to_owned())),
        Some(_) => Err(fault(format!("\"{name}\" must be a string"))),
    }
}

pub(super) fn flag(object: &Object, name: &str) -> Result<bool, Failure> {
    match object.field(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(fault(format!("invalid value for \"{name}\" field"))),
    }
}

fn headers(object: &Object) -> Result<Vec<(String, String)>, Failure> {
    let members = match object.field("headers") {
        None => return Ok(Vec::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(fault("invalid type for headers key")),
    };
    let header = |(name, value): &(Value, Value)| match (name.text(), value.text()) {
        (Some(name), Some(value)) => Ok((name.into_owned(), value.into_owned())),
        _ => Err(fault("invalid type for headers value")),
    };
    members.iter().map(header).collect()
}

/// Follows OPA v1.22 topdown/http.go: parseTimeout.
fn timeout(object: &Object) -> Result<Duration, Failure> {
    let nanoseconds = match object.field("timeout") {
        None => return Ok(TIMEOUT),
        Some(Value::Number(number)) => number.as_index(),
        Some(Value::String(text)) => match text.to_str().parse() {
            Ok(nanoseconds) => Some(nanoseconds),
            Err(_) => standard(&text.to_str()).ok(),
        },
        Some(other) => {
            let kind = other.type_name();
            let words = format!("operand 1 'timeout' must be one of {{string, number}} but got {kind}");
            return Err(Failure::Operand(words));
        }
    };
    let nanoseconds = nanoseconds.ok_or_else(|| fault("invalid timeout value"))?;
    match u64::try_from(nanoseconds) {
        // No time is no limit in Go; here it is the evaluation's.
        Ok(0) => Ok(Duration::MAX),
        Ok(nanoseconds) => Ok(Duration::from_nanos(nanoseconds)),
        Err(_) => Ok(Duration::from_nanos(1)),
    }
}

fn tls(object: &Object) -> Result<TlsConfig, Failure> {
    let mut roots = Vec::new();
    let own = text(object, "tls_ca_cert")?;
    if let Some(pem) = &own {
        roots.extend(certificates(&pem.replace("\\n", "\n")));
        if roots.is_empty() {
            return Err(fault("could not append certificates"));
        }
    }
    if own.is_none() || flag(object, "tls_use_system_certs")? {
        let system = rustls_native_certs::load_native_certs().certs;
        roots.extend(
            system
                .iter()
                .map(|certificate| Certificate::from_der(certificate).to_owned()),
        );
    }
    let client = match (text(object, "tls_client_cert")?, text(object, "tls_client_key")?) {
        (Some(chain), Some(key)) => {
            let key = PrivateKey::from_pem(key.as_bytes());
            let key = key.map_err(|_| fault("tls: failed to find any PEM data in key input"))?;
            let chain = certificates(&chain);
            if chain.is_empty() {
                return Err(fault("tls: failed to find any PEM data in certificate input"));
            }
            Some(ClientCert::new_with_certs(&chain, key))
        }
        _ => None,
    };
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .client_cert(client)
        .disable_verification(flag(object, "tls_insecure_skip_verify")?)
        .build())
}

fn certificates(pem: &str) -> Vec<Certificate<'static>> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    parse_pem(pem.as_bytes()).filter_map(certificate).collect()
}
