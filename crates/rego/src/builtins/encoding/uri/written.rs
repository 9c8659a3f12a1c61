//! URLs as texts again, and as Go shows them in JSON: for certificates.

use super::{Part, Url, escape, written};
use kpolicy_value::{Str, Value};

impl Url {
    /// The whole as a text. Follows Go's net/url: String.
    pub(in crate::builtins) fn text(&self) -> String {
        let mut text = match &*self.scheme {
            "" => String::new(),
            scheme => format!("{scheme}:"),
        };
        if self.opaque.is_empty() {
            self.push_authority(&mut text);
            let path = self.escaped_path();
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                text.push('/');
            }
            if text.is_empty() && path.split('/').next().is_some_and(|segment| segment.contains(':')) {
                text.push_str("./");
            }
            text.push_str(&path);
        } else {
            text.push_str(&self.opaque);
        }
        if self.has_empty_query || !self.query.is_empty() {
            text.push('?');
            text.push_str(&self.query);
        }
        if !self.fragment.is_empty() {
            text.push('#');
            text.push_str(&written(&self.fragment, &self.written_fragment, Part::Fragment));
        }
        text
    }

    fn push_authority(&self, text: &mut String) {
        let has_one = !self.host.is_empty() || self.user.is_some();
        if has_one || !self.scheme.is_empty() && !self.path.is_empty() && !self.omits_host() {
            text.push_str("//");
        }
        if let Some(user) = &self.user {
            text.push_str(&escape(&user.name, Part::User));
            if let Some(password) = &user.password {
                text.push(':');
                text.push_str(&escape(password, Part::User));
            }
            text.push('@');
        }
        text.push_str(&escape(&self.host, Part::Host));
    }

    /// Whether a path follows the scheme with no host between: `file:/etc`.
    fn omits_host(&self) -> bool {
        !self.scheme.is_empty() && self.has_path_only
    }

    /// The members of Go's `url.URL`.
    pub(in crate::builtins) fn to_json(&self) -> Value {
        let text = |bytes: &[u8]| Value::string(Str::from_bytes(bytes.to_vec()).to_str().into_owned());
        let raw = |bytes: &[u8], written: &str, part| match escape(bytes, part) == written {
            true => Value::from(""),
            false => Value::from(written),
        };
        let user = self.user.as_ref().map_or(Value::Null, |_| Value::object(Vec::new()));
        let entries: [(&str, Value); 11] = [
            ("Scheme", (&*self.scheme).into()),
            ("Opaque", (&*self.opaque).into()),
            ("User", user),
            ("Host", text(&self.host)),
            ("Path", text(&self.path)),
            ("RawPath", raw(&self.path, &self.written_path, Part::Path)),
            ("OmitHost", self.omits_host().into()),
            ("ForceQuery", self.has_empty_query.into()),
            ("RawQuery", (&*self.query).into()),
            ("Fragment", text(&self.fragment)),
            (
                "RawFragment",
                raw(&self.fragment, &self.written_fragment, Part::Fragment),
            ),
        ];
        Value::object(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn a_url_is_written_as_go_writes_it() {
        for (text, want) in [
            ("https://user:p%40w@example.com:8443/a%20b/c?q=1&r=%20#frag", ""),
            ("urn:foo:bar", ""),
            ("file:/etc/x", ""),
            ("file:///etc/x", ""),
            ("HTTP://h", "http://h"),
            ("http://h?", ""),
            ("http://h/a b\"é", "http://h/a%20b%22%C3%A9"),
            ("http://h/%41", ""),
            ("a:b/c", ""),
            ("/a/b", ""),
            ("//h/x", ""),
            ("http://[::1%25eth0]:80/", ""),
        ] {
            let url = Url::parse(text).expect("it is a URL");
            assert_eq!(url.text(), if want.is_empty() { text } else { want });
        }
    }
}
