//! A registry on this machine, by the OCI distribution specification: what `kpolicy pull` and `push` need of one, and
//! the faults that a hostile or broken one has.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a registry holds and does wrong.
#[derive(Default)]
pub(crate) struct State {
    /// Blobs and manifests, by the end of their path.
    pub(crate) stored: BTreeMap<String, Vec<u8>>,
    /// Whether each request needs the token that is given for `user:secret`.
    pub(crate) guarded: bool,
    /// Whether blobs are cut off.
    pub(crate) cuts: bool,
    /// Where requests for blobs are redirected to.
    pub(crate) redirect: Option<String>,
    /// Whether it refuses the tokens that it gives.
    pub(crate) expired: bool,
    /// The credentials of all requests.
    pub(crate) seen: Vec<String>,
}

/// A registry.
pub(crate) struct Registry {
    /// Its host and port.
    pub(crate) host: String,
    /// What it holds.
    pub(crate) state: Arc<Mutex<State>>,
}

struct Asked {
    method: String,
    path: String,
    authorization: String,
    body: Vec<u8>,
}

impl Registry {
    /// Starts one, which lives as long as the test.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let host = listener.local_addr().expect("an address").to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, own) = (state.clone(), host.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, own) = (shared.clone(), own.clone());
                thread::spawn(move || serve(&stream, &shared, &own));
            }
        });
        Self { host, state }
    }
}

/// Answers one request.
fn serve(mut stream: &TcpStream, state: &Mutex<State>, host: &str) {
    let Some(asked) = read(stream) else { return };
    let (status, headers, body) = answer(&asked, &mut state.lock().expect("no test has panicked"), host);
    let cut = headers.contains("X-Cut");
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
    let sent = if asked.method == "HEAD" {
        0
    } else if cut {
        length / 2
    } else {
        length
    };
    // A client may have enough.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body[..sent]);
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut authorization, mut chunked) = (0, String::new(), false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        match &*name.to_ascii_lowercase() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => authorization = value.to_owned(),
            "transfer-encoding" => chunked = true,
            _ => {}
        }
    }
    assert!(!chunked, "uploads have a length");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        method,
        path,
        authorization,
        body,
    })
}

type Answer = (u16, String, Vec<u8>);

fn answer(asked: &Asked, state: &mut State, host: &str) -> Answer {
    let path = asked.path.split('?').next().unwrap_or_default();
    let none = |status| (status, String::new(), Vec::new());
    state.seen.push(asked.authorization.clone());
    if path == "/token" {
        // user:secret
        return match asked.authorization == "Basic dXNlcjpzZWNyZXQ=" {
            true => (200, String::new(), br#"{"token":"good"}"#.to_vec()),
            false => none(401),
        };
    }
    let is_good = asked.authorization == "Bearer good" && !state.expired;
    if state.guarded && path.starts_with("/v2/") && !is_good {
        let challenge = format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"test\"\r\n");
        return (401, challenge, Vec::new());
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    match asked.method.as_str() {
        "POST" => (202, format!("Location: {path}one?state=1\r\n"), Vec::new()),
        "PUT" if path.contains("/manifests/") => {
            state
                .stored
                .insert(crate::common::registry::digest(&asked.body), asked.body.clone());
            state.stored.insert(name.to_owned(), asked.body.clone());
            none(201)
        }
        "PUT" => {
            let digest = asked.path.rsplit("digest=").next().unwrap_or_default();
            state.stored.insert(digest.to_owned(), asked.body.clone());
            none(201)
        }
        _ => match (state.stored.get(name), &state.redirect) {
            (Some(_), Some(target)) if path.contains("/blobs/") => (307, format!("Location: {target}\r\n"), Vec::new()),
            (Some(stored), _) => {
                let cut = if state.cuts && path.contains("/blobs/") {
                    "X-Cut: 1\r\n"
                } else {
                    ""
                };
                (200, cut.to_owned(), stored.clone())
            }
            (None, _) => none(404),
        },
    }
}

/// A digest as registries write it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    use sha2::Digest;
    let hex: String = sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}
