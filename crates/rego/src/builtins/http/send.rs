//! Sends a request, follows it, and keeps what was answered for the run.

use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{Method, Uri};

use super::super::operand::object;
use super::super::{Answer, Context, Failure, Net, Operands};
use super::request::{Request, fault, uri};
use super::response::Answered;
use kpolicy_value::{Object, Value};

/// The largest body that is read.
const LARGEST: u64 = 16 << 20;
/// How often a request is redirected.
const MOST_REDIRECTS: usize = 10;

/// Follows OPA v1.22 topdown/http.go: builtinHTTPSend.
pub(super) fn send(context: &mut Context, operands: Operands) -> Answer {
    let net = context.net()?;
    let request = object(operands, 0)?;
    let raises = match request.field("raise_error") {
        None => true,
        Some(Value::Bool(raises)) => *raises,
        Some(_) => return Err(fault("invalid value for raise_error field")),
    };
    let question = question(request)?;
    if let Some(answer) = net.answer(&question) {
        return Ok(Some(answer));
    }
    let answered = Request::read(context, request).and_then(|request| {
        let answered = answered(context, &net, &request)?;
        Ok((
            answered.value(request.forces_json, request.forces_yaml),
            answered.is_kept(),
        ))
    });
    match answered {
        Ok((value, true)) => Ok(Some(net.keep(question, value))),
        Ok((value, false)) => Ok(Some(value)),
        Err(Failure::Builtin(words) | Failure::Operand(words)) if !raises => Ok(Some(told(&words))),
        Err(failure) => Err(failure),
    }
}

/// What an answer is kept under: the request without the headers that it says do not matter.
fn question(request: &Object) -> Result<Value, Failure> {
    let ignored = match request.field("cache_ignored_headers") {
        None => &[],
        Some(Value::Array(names)) if names.iter().all(|name| matches!(name, Value::String(_))) => &names[..],
        Some(_) => return Err(fault("cache_ignored_headers must be an array of strings")),
    };
    let kept = |headers: &Object| {
        let kept = headers.iter().filter(|(name, _)| !ignored.contains(name));
        Value::object(kept.cloned().collect())
    };
    let entry = |(name, value): &(Value, Value)| match (name.as_str(), value) {
        (Some("cache_ignored_headers"), _) => None,
        (Some("headers"), Value::Object(headers)) => Some((name.clone(), kept(headers))),
        _ => Some((name.clone(), value.clone())),
    };
    Ok(Value::object(request.iter().filter_map(entry).collect()))
}

/// An error as a value, where the policy does not want it raised.
fn told(words: &str) -> Value {
    let code = match words.contains("\": ") {
        true => "eval_http_send_network_error",
        false => "eval_http_send_internal_error",
    };
    let error = Value::object(vec![("code".into(), code.into()), ("message".into(), words.into())]);
    Value::object(vec![("status_code".into(), 0i64.into()), ("error".into(), error)])
}

/// Asks the server, and the ones that it redirects to, each of which has to be allowed.
fn answered(context: &Context, net: &Net, request: &Request) -> Result<Answered, Failure> {
    let until = Instant::now().checked_add(request.timeout);
    let until = until.into_iter().chain(context.deadline).min();
    let (mut method, mut url) = (request.method.clone(), request.url.clone());
    for _ in 0..=MOST_REDIRECTS {
        check_host(net, &url)?;
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let has_body = method == request.method;
        let answered = once(request, &method, &url, has_body, left);
        if answered.is_err() {
            context.check_time()?;
        }
        let answered = answered?;
        let target = answered.headers.get("location").and_then(|target| target.to_str().ok());
        let (true, 301 | 302 | 303 | 307 | 308, Some(target)) = (request.follows, answered.status, target) else {
            return Ok(answered);
        };
        url = joined(&url, target)?;
        if matches!(answered.status, 301..=303) && method != Method::HEAD {
            method = Method::GET;
        }
    }
    Err(fault(format!(
        "{} \"{url}\": stopped after {MOST_REDIRECTS} redirects",
        request.method
    )))
}

fn check_host(net: &Net, url: &Uri) -> Result<(), Failure> {
    let host = url.host().unwrap_or_default();
    let port = url
        .port_u16()
        .unwrap_or(if url.scheme_str() == Some("https") { 443 } else { 80 });
    match net.allows(host, Some(port)) {
        true => Ok(()),
        false => Err(Failure::Limit(format!(
            "disallowed host: {host}:{port} (allow it with --allow net={host}:{port})"
        ))),
    }
}

fn once(
    request: &Request,
    method: &Method,
    url: &Uri,
    has_body: bool,
    left: Option<Duration>,
) -> Result<Answered, Failure> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(left)
        .tls_config(request.tls.clone())
        .user_agent(concat!("kpolicy/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let wrong = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => fault(format!("{method} \"{url}\": request timed out")),
        ureq::Error::BodyExceedsLimit(limit) => Failure::Limit(format!("a response of more than {limit} bytes")),
        error => fault(format!("{method} \"{url}\": {error}")),
    };
    let http = request.to_http(method, url)?;
    let response = match request.body.as_deref().filter(|_| has_body) {
        Some(body) => agent.run(http.map(|()| body)),
        None => agent.run(http),
    };
    let mut response = response.map_err(wrong)?;
    let body = response
        .body_mut()
        .with_config()
        .limit(LARGEST)
        .read_to_vec()
        .map_err(wrong)?;
    Ok(Answered {
        status: response.status().as_u16(),
        reason: response.status().canonical_reason().unwrap_or_default(),
        headers: response.headers().clone(),
        body,
    })
}

/// Where a redirection leads.
fn joined(from: &Uri, target: &str) -> Result<Uri, Failure> {
    let scheme = from.scheme_str().unwrap_or("http");
    let host = from.authority().map_or("", |authority| authority.as_str());
    let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    match target {
        _ if target.starts_with("http://") || target.starts_with("https://") => uri(target),
        _ if target.starts_with("//") => uri(&format!("{scheme}:{target}")),
        _ if target.starts_with('/') => uri(&format!("{scheme}://{host}{target}")),
        _ => uri(&format!("{scheme}://{host}{folder}/{target}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::thread;

    use super::super::super::{Allowed, Host};
    use super::*;

    /// A server that answers each request in turn, and gives what it was asked.
    fn serve(answers: Vec<&'static str>) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address").to_string();
        let answer = move |answer: &str| {
            let (mut stream, _) = listener.accept().expect("a request comes");
            let asked = asked(&stream);
            let _ = stream.write_all(answer.as_bytes());
            asked
        };
        let served = thread::spawn(move || answers.into_iter().map(answer).collect());
        (address, served)
    }

    /// The head of a request and its body.
    fn asked(stream: &TcpStream) -> String {
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        head + &String::from_utf8(body).expect("the body is text")
    }

    fn context(net: &Arc<Net>) -> Context {
        let mut context = Context::new(Some(Instant::now() + Duration::from_secs(20)));
        context.allow(Allowed {
            net: Some(net.clone()),
            ..Allowed::default()
        });
        context
    }

    fn call(net: &Arc<Net>, request: &str) -> Answer {
        let request = super::super::super::encoding::from_json(request).expect("it is JSON");
        send(&mut context(net), &[&request])
    }

    fn member(answer: &Answer, name: &str) -> Value {
        let value = answer
            .as_ref()
            .expect("it is answered")
            .as_ref()
            .expect("it is defined");
        value.field(name).cloned().expect("it is there")
    }

    #[test]
    fn a_response_has_its_status_headers_and_body() {
        let (address, served) = serve(vec![
            "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 9\r\n\
             Connection: close\r\n\r\n{\"a\":1.0}",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\nb: c",
        ]);
        let net = Arc::new(Net::any());
        let request = format!(
            r#"{{"method": "post", "url": "http://{address}/x?y=z", "body": {{"k": "<"}}, "headers": {{"H": "v"}}}}"#
        );
        let answer = call(&net, &request);
        assert_eq!(member(&answer, "status"), "200 OK".into());
        assert_eq!(member(&answer, "status_code"), 200i64.into());
        assert_eq!(member(&answer, "raw_body"), r#"{"a":1.0}"#.into());
        assert_eq!(member(&answer, "body").to_json().to_string(), r#"{"a":1.0}"#);
        let headers = member(&answer, "headers").to_json();
        assert_eq!(headers["x-a"].to_string(), r#"["1","2"]"#);
        assert_eq!(
            call(&net, &request),
            answer,
            "it is kept, the server is not asked again"
        );
        let request = format!(r#"{{"method": "GET", "url": "http://{address}", "force_yaml_decode": true}}"#);
        let answer = call(&net, &request);
        assert_eq!(member(&answer, "status_code"), 404i64.into());
        assert_eq!(member(&answer, "body").to_json().to_string(), r#"{"b":"c"}"#);
        let asked = served.join().expect("the server ends");
        assert!(asked[0].starts_with("POST /x?y=z HTTP/1.1\r\n"), "{}", asked[0]);
        assert!(
            asked[0].contains("\r\nh: v\r\n") && asked[0].ends_with(r#"{"k":"\u003c"}"#),
            "{}",
            asked[0]
        );
        assert!(asked[1].starts_with("GET / HTTP/1.1\r\n"), "{}", asked[1]);
    }

    #[test]
    fn a_redirection_is_followed_where_it_is_asked_for_and_allowed() {
        let moved = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let away =
            "HTTP/1.1 302 Found\r\nLocation: http://localhost:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let here = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let (address, served) = serve(vec![moved, moved, here, away]);
        let net = Arc::new(Net::only(vec![Host::parse(&address).expect("it is a host")]));
        let request =
            |path: &str, more: &str| format!(r#"{{"method": "GET", "url": "http://{address}/{path}"{more}}}"#);
        assert_eq!(member(&call(&net, &request("a", "")), "status_code"), 302i64.into());
        let follows = r#", "enable_redirect": true"#;
        assert_eq!(
            member(&call(&net, &request("a", follows)), "status_code"),
            200i64.into()
        );
        assert!(matches!(call(&net, &request("c", follows)), Err(Failure::Limit(_))));
        let asked = served.join().expect("the server ends");
        assert!(asked[2].starts_with("GET /b HTTP/1.1\r\n"), "{}", asked[2]);
    }

    #[test]
    fn what_is_not_allowed_is_not_asked() {
        let request = r#"{"method": "GET", "url": "http://127.0.0.1:1/", "raise_error": false}"#;
        let object = super::super::super::encoding::from_json(request).expect("it is JSON");
        assert!(matches!(
            send(&mut Context::new(None), &[&object]),
            Err(Failure::Limit(_))
        ));
        let other = Arc::new(Net::only(vec![Host::parse("127.0.0.1:2").expect("it is a host")]));
        assert!(matches!(call(&other, request), Err(Failure::Limit(_))));
    }

    #[test]
    fn errors_are_opas_and_can_be_values() {
        let net = Arc::new(Net::any());
        let failed = |request: &str| match call(&net, request) {
            Err(Failure::Builtin(words) | Failure::Operand(words)) => words,
            other => panic!("{request}: {other:?}"),
        };
        assert_eq!(
            failed(r#"{"method": "GET"}"#),
            r#"operand 1 missing required request parameters(s): {"url"}"#
        );
        assert_eq!(
            failed(r#"{"method": "GET", "url": "http://x", "y": 1}"#),
            r#"operand 1 invalid request parameters(s): {"y"}"#
        );
        assert_eq!(
            failed(r#"{"method": 1, "url": "http://x"}"#),
            r#""method" must be a string"#
        );
        let wrong = r#"{"method": "GET", "url": "http://x", "raise_error": 1}"#;
        assert_eq!(failed(wrong), "invalid value for raise_error field");
        assert!(failed(r#"{"method": "GET", "url": "ftp://x"}"#).contains("unsupported protocol scheme"));
        let closed = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = closed.local_addr().expect("it has an address");
        drop(closed);
        let request = format!(r#"{{"method": "GET", "url": "http://{address}/", "raise_error": false}}"#);
        let answer = call(&net, &request);
        assert_eq!(member(&answer, "status_code"), 0i64.into());
        let code = member(&answer, "error").field("code").cloned();
        assert_eq!(code, Some("eval_http_send_network_error".into()));
    }

    #[test]
    fn a_server_that_does_not_answer_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let request = format!(r#"{{"method": "GET", "url": "http://{address}/", "timeout": "50ms"}}"#);
        let answer = call(&Arc::new(Net::any()), &request);
        assert!(
            matches!(&answer, Err(Failure::Builtin(words)) if words.ends_with("request timed out")),
            "{answer:?}"
        );
    }
}
