//! What a server answered, as a value.

use ureq::http::HeaderMap;

use super::super::encoding::from_json;
use kpolicy_parse::MAX_NODES;
use kpolicy_parse::yaml::{Schema, read};
use kpolicy_value::Value;

/// What a server answered.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) reason: &'static str,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// The statuses whose responses are kept.
const KEPT: [u16; 11] = [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501];

impl Answered {
    pub(super) fn is_kept(&self) -> bool {
        KEPT.contains(&self.status)
    }

    /// Follows OPA v1.22 topdown/http.go: prepareASTResult.
    pub(super) fn value(&self, forces_json: bool, forces_yaml: bool) -> Value {
        let raw = Value::bytes(self.body.clone());
        let text = raw.text().unwrap_or_default();
        let kind = self
            .headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let body = if forces_json || is_json(kind) {
            from_json(&text).ok()
        } else if forces_yaml || kind.contains("application/yaml") || kind.contains("application/x-yaml") {
            read(&text, Schema::Core, MAX_NODES)
                .ok()
                .and_then(|parsed| parsed.documents.into_iter().next())
                .map(|node| node.value)
        } else {
            None
        };
        let headers = self.headers.keys().map(|name| {
            let values = self.headers.get_all(name).iter();
            let values = values.map(|value| Value::bytes(value.as_bytes().to_vec()));
            (name.as_str().into(), Value::array(values.collect()))
        });
        Value::object(vec![
            (
                "status".into(),
                Value::string(format!("{} {}", self.status, self.reason)),
            ),
            ("status_code".into(), i64::from(self.status).into()),
            ("headers".into(), Value::object(headers.collect())),
            ("body".into(), body.unwrap_or(Value::Null)),
            ("raw_body".into(), raw.clone()),
        ])
    }
}

/// Follows OPA v1.22 topdown/http.go: isJSONType.
fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let name = kind.strip_prefix("application/").unwrap_or_default();
    name == "json" || name.ends_with("+json")
}
