//! What builtins may use beside their operands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kpolicy_value::Value;

/// What the builtins of an evaluation may use beside their operands: nothing by default. A call that needs more is an
/// error. The clock is [`Settings::now`](crate::Settings::now).
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    /// The value of `opa.runtime`.
    pub runtime: Option<Value>,
    /// Whether random numbers may be drawn.
    pub random: bool,
    /// The hosts that may be asked. Evaluations that share it share the answers.
    pub net: Option<Arc<Net>>,
}

/// The hosts that builtins may ask, and what was answered.
#[derive(Debug, Default)]
pub struct Net {
    /// The hosts; every host where there is nothing.
    hosts: Option<Vec<Host>>,
    answers: Mutex<BTreeMap<Value, Value>>,
}

/// A host that builtins may ask, on one port or on all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name or address.
    pub name: String,
    /// The port; every port where there is nothing.
    pub port: Option<u16>,
}

impl Host {
    /// Reads `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`; nothing where the text is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let (name, port) = match text.rsplit_once(':') {
            // More colons are those of an address.
            Some((name, port)) if is_port(port) && (name.ends_with(']') || !name.contains(':')) => {
                (name, Some(port.parse().ok()?))
            }
            _ => (text, None),
        };
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let name = bare.unwrap_or(name);
        let is_name = |letter: char| !letter.is_whitespace() && !"/?#@[]*".contains(letter);
        let is_address = bare.is_some() || name.matches(':').count() != 1;
        (!name.is_empty() && is_address && name.chars().all(is_name)).then(|| Self {
            name: name.to_ascii_lowercase(),
            port,
        })
    }
}

impl Net {
    /// All hosts.
    pub fn any() -> Self {
        Self::default()
    }

    /// These hosts alone.
    pub fn only(hosts: Vec<Host>) -> Self {
        Self {
            hosts: Some(hosts),
            ..Self::default()
        }
    }

    /// Whether a host may be asked on a port, or looked up where there is none.
    pub fn allows(&self, name: &str, port: Option<u16>) -> bool {
        let name = name.trim_matches(['[', ']']);
        let is_it = |host: &Host| {
            let on_port = port.is_none() || host.port.is_none() || host.port == port;
            host.name.eq_ignore_ascii_case(name) && on_port
        };
        self.hosts.as_ref().is_none_or(|hosts| hosts.iter().any(is_it))
    }

    /// What was answered to a question before.
    pub fn answer(&self, question: &Value) -> Option<Value> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(question).cloned()
    }

    /// Keeps an answer for all evaluations that share this; the first one stays.
    pub fn keep(&self, question: Value, answer: Value) -> Value {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.entry(question).or_insert(answer).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Host, Net};

    #[test]
    fn hosts_are_read_with_their_ports() {
        let read = |text| Host::parse(text).map(|host| (host.name, host.port));
        assert_eq!(read("Example.org"), Some(("example.org".to_owned(), None)));
        assert_eq!(read("example.org:8443"), Some(("example.org".to_owned(), Some(8443))));
        assert_eq!(read("[::1]:80"), Some(("::1".to_owned(), Some(80))));
        assert_eq!(read("fe80::1"), Some(("fe80::1".to_owned(), None)));
        for wrong in ["", ":80", "a:b", "a:99999", "https://a", "*.example.org", "a b"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_host_is_allowed_on_its_port_and_the_first_answer_stays() {
        let net = Net::only(vec![Host::parse("a:80").expect("it is a host")]);
        assert!(net.allows("A", Some(80)) && net.allows("a", None));
        assert!(!net.allows("a", Some(81)) && !net.allows("b", Some(80)));
        assert!(Net::any().allows("b", Some(80)));
        assert_eq!(net.answer(&"q".into()), None);
        assert_eq!(net.keep("q".into(), 1i64.into()), 1i64.into());
        assert_eq!(net.keep("q".into(), 2i64.into()), 1i64.into());
        assert_eq!(net.answer(&"q".into()), Some(1i64.into()));
    }
}
