//! URLs, taken apart as Go's `net/url` takes them.

use std::net::Ipv6Addr;

use super::super::operand::text as characters;
use super::super::{Answer, Context, Failure, Operands};
use crate::text::{Charset, quote, quote_bytes};
use kpolicy_value::Value;

#[cfg(feature = "crypto")]
mod written;

/// A part of a URL, by what may be in it unescaped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Part {
    Query,
    Path,
    Host,
    /// The zone of an address: `%25eth0`.
    Zone,
    User,
    Fragment,
}

pub(super) fn parse(_: &mut Context, operands: Operands) -> Answer {
    let text = characters(operands, 0)?;
    let found = Url::parse(&text).map_err(Failure::Builtin)?;
    let raw_path = match escape(&found.path, Part::Path) == found.written_path {
        true => found.path.clone(),
        false => found.written_path.into_bytes(),
    };
    let (hostname, port) = split_port(&found.host);
    let entries = [
        ("scheme", found.scheme.into_bytes()),
        ("hostname", hostname),
        ("port", port),
        ("raw_path", raw_path),
        ("path", found.path),
        ("raw_query", found.query.into_bytes()),
        ("fragment", found.fragment),
    ];
    let present = entries.into_iter().filter(|(_, text)| !text.is_empty());
    let entry = |(name, bytes): (&str, Vec<u8>)| (Value::from(name), Value::bytes(bytes));
    Ok(Some(Value::object(present.map(entry).collect())))
}

pub(super) fn is_valid(_: &mut Context, operands: Operands) -> Answer {
    let text = operands[0].text();
    let valid = text.is_some_and(|text| !text.is_empty() && Url::parse(&text).is_ok());
    Ok(Some(valid.into()))
}

/// Go's words for a text that is no URL.
pub(in super::super) fn check(text: &str) -> Result<(), String> {
    Url::parse(text).map(|_| ())
}

/// The path of a URL, without its escapes.
pub(in super::super) fn path(text: &str) -> Result<Vec<u8>, String> {
    Url::parse(text).map(|url| url.path)
}

/// A URL, its parts as the texts that they stand for.
#[derive(Debug, Default)]
pub(in crate::builtins) struct Url {
    scheme: String,
    /// What is behind a scheme without a slash.
    opaque: String,
    user: Option<User>,
    host: Vec<u8>,
    path: Vec<u8>,
    /// The path as it is written.
    written_path: String,
    query: String,
    /// Whether there is no `//` before the path.
    has_path_only: bool,
    /// Whether there is a question mark with nothing behind it.
    has_empty_query: bool,
    fragment: Vec<u8>,
    written_fragment: String,
}

/// The user of a URL.
#[cfg_attr(not(feature = "crypto"), allow(dead_code, reason = "only certificates show it"))]
#[derive(Debug)]
struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl Url {
    /// Takes a text apart, or says what is wrong with it in Go's words.
    pub(in crate::builtins) fn parse(text: &str) -> Result<Self, String> {
        let (front, fragment) = text.split_once('#').unwrap_or((text, ""));
        let told = |url: &str, message: String| format!("parse {}: {message}", quote(url, Charset::Unicode));
        let mut url = read_front(front).map_err(|message| told(front, message))?;
        url.fragment = unescape(fragment.as_bytes(), Part::Fragment).map_err(|message| told(text, message))?;
        url.written_fragment = fragment.to_owned();
        Ok(url)
    }

    /// The host and the port.
    pub(in crate::builtins) fn host(&self) -> &[u8] {
        &self.host
    }

    /// What is behind the question mark.
    pub(in crate::builtins) fn query(&self) -> &str {
        &self.query
    }

    /// The path with what must be escaped. Follows Go's net/url: EscapedPath.
    pub(in crate::builtins) fn escaped_path(&self) -> String {
        written(&self.path, &self.written_path, Part::Path)
    }
}

/// A part as it is written where that is a way to write it, and escaped anew otherwise.
fn written(bytes: &[u8], written: &str, part: Part) -> String {
    let stays = |byte: u8| b"!$&'()*+,;=:@[]%".contains(&byte) || is_plain(byte, part);
    let says_it = || unescape(written.as_bytes(), part).is_ok_and(|read| read == bytes);
    if written.bytes().all(stays) && says_it() {
        return written.to_owned();
    }
    if part == Part::Path && bytes == b"*" {
        return "*".to_owned();
    }
    escape(bytes, part)
}

/// All but the fragment.
fn read_front(text: &str) -> Result<Url, String> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let mut url = Url::default();
    if text == "*" {
        url.path = b"*".to_vec();
        url.written_path = "*".to_owned();
        return Ok(url);
    }
    let (scheme, rest) = split_scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    url.has_empty_query = rest.ends_with('?') && rest.matches('?').count() == 1;
    let (mut rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    url.query = query.to_owned();
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            url.opaque = rest.to_owned();
            return Ok(url);
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    if let Some(after) = rest
        .strip_prefix("//")
        .filter(|_| !scheme.is_empty() || !rest.starts_with("///"))
    {
        let end = after.find('/').unwrap_or(after.len());
        (url.user, url.host) = authority(&url.scheme, &after[..end])?;
        rest = &after[end..];
    } else {
        url.has_path_only = true;
    }
    url.path = unescape(rest.as_bytes(), Part::Path)?;
    url.written_path = rest.to_owned();
    Ok(url)
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        .count();
    match text[length..].strip_prefix(':') {
        Some(_) if length == 0 => Err("missing protocol scheme".to_owned()),
        Some(rest) if text.starts_with(|first: char| first.is_ascii_alphabetic()) => Ok((&text[..length], rest)),
        _ => Ok(("", text)),
    }
}

/// The user, and the host and port.
fn authority(scheme: &str, authority: &str) -> Result<(Option<User>, Vec<u8>), String> {
    let Some((user, host)) = authority.rsplit_once('@') else {
        return Ok((None, read_host(scheme, authority)?));
    };
    let host = read_host(scheme, host)?;
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !user.bytes().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = match user.split_once(':') {
        Some((name, password)) => (name, Some(password)),
        None => (user, None),
    };
    let name = unescape(name.as_bytes(), Part::User)?;
    let password = password
        .map(|password| unescape(password.as_bytes(), Part::User))
        .transpose()?;
    Ok((Some(User { name, password }), host))
}

fn read_host(scheme: &str, host: &str) -> Result<Vec<u8>, String> {
    match host.rfind('[') {
        Some(0) => return literal_address(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    let colon = if matches!(scheme, "http" | "https") {
        host.find(':')
    } else {
        host.rfind(':')
    };
    if let Some(colon) = colon {
        check_port(&host[colon..])?;
    }
    unescape(host.as_bytes(), Part::Host)
}

/// `[::1%25eth0]:80`
fn literal_address(host: &str) -> Result<Vec<u8>, String> {
    let close = host.rfind(']').ok_or("missing ']' in host")?;
    let (name, port) = (&host[1..close], &host[close + 1..]);
    check_port(port)?;
    let zone_at = name.find("%25").unwrap_or(name.len());
    let mut address = unescape(&name.as_bytes()[..zone_at], Part::Host)?;
    address.extend(unescape(&name.as_bytes()[zone_at..], Part::Zone)?);
    check_address(&String::from_utf8_lossy(&address))?;
    Ok([b"[", &address[..], b"]", port.as_bytes()].concat())
}

/// Fails for what is no IPv6 address.
fn check_address(text: &str) -> Result<(), String> {
    let told = |message: &str| {
        Err(format!(
            "invalid host: ParseAddr({}): {message}",
            quote(text, Charset::Unicode)
        ))
    };
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    if address.parse::<std::net::Ipv4Addr>().is_ok() && zone.is_none() {
        return Err("invalid IP-literal".to_owned());
    }
    match address.parse::<Ipv6Addr>() {
        _ if zone == Some("") => told("zone must be a non-empty string"),
        Ok(_) => Ok(()),
        Err(_) => told("unable to parse IP"),
    }
}

fn check_port(port: &str) -> Result<(), String> {
    let digits = port.strip_prefix(':');
    if port.is_empty() || digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(());
    }
    Err(format!("invalid port {} after host", quote(port, Charset::Unicode)))
}

/// The host without brackets, and the port.
fn split_port(host: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (name, port) = match memchr::memrchr(b':', host).map(|at| (&host[..at], &host[at + 1..])) {
        Some((name, port)) if port.iter().all(u8::is_ascii_digit) => (name, port),
        _ => (host, &[][..]),
    };
    let bare = name.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    (bare.unwrap_or(name).to_owned(), port.to_owned())
}

/// Whether a byte stands unescaped in a part.
fn is_plain(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return true;
    }
    match part {
        Part::Path => b"$&+,/:;=@".contains(&byte),
        Part::Fragment => b"$&+,/:;=?@!()*".contains(&byte),
        Part::Host | Part::Zone => b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::User => b"$&+,;=".contains(&byte),
        _ => false,
    }
}

/// The bytes with `%XX` for what may not be in the part.
pub(in super::super) fn escape(bytes: &[u8], part: Part) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b' ' if part == Part::Query => out.push('+'),
            _ if is_plain(*byte, part) => out.push(char::from(*byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The bytes that an escaped text stands for.
pub(in super::super) fn unescape(bytes: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let in_host = matches!(part, Part::Host | Part::Zone);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        at += 1;
        match byte {
            b'%' => {
                out.push(escaped(&bytes[at - 1..], part)?);
                at += 2;
            }
            b'+' if part == Part::Query => out.push(b' '),
            _ if in_host && byte.is_ascii() && !is_plain(byte, part) => {
                let shown = quote(&char::from(byte).to_string(), Charset::Unicode);
                return Err(format!("invalid character {shown} in host name"));
            }
            _ => out.push(byte),
        }
    }
    Ok(out)
}

/// The byte of the escape at the front.
fn escaped(bytes: &[u8], part: Part) -> Result<u8, String> {
    let escape = &bytes[..bytes.len().min(3)];
    let error = || format!("invalid URL escape {}", quote_bytes(escape, Charset::Unicode));
    let digit = |at: usize| {
        let value = escape.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        value.and_then(|value| u8::try_from(value).ok()).ok_or_else(error)
    };
    let (high, low) = (digit(1)?, digit(2)?);
    let byte = high << 4 | low;
    let allowed = match part {
        // In a host only what is no ASCII may be escaped, and the percent sign before a zone.
        Part::Host => high >= 8 || escape == b"%25",
        Part::Zone => escape == b"%25" || byte == b' ' || is_plain(byte, Part::Host),
        _ => true,
    };
    if allowed { Ok(byte) } else { Err(error()) }
}
