//! Requests to the services of Amazon, signed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::crypto::{digits, message_code};
use super::encoding::to_json;
use super::encoding::uri::Url;
use super::http_request;
use super::operand::{object, wrong};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use crate::text::to_rego_text;
use kpolicy_value::{Object, Value};

pub(super) const FAMILY: Family = &[pure(
    "providers.aws.sign_req",
    "(object{[string]: any}, object{[string]: any}, number) -> object{[any]: any}",
    "An HTTP request signed for Amazon Web Services.",
    sign,
)];

/// Headers that a proxy may change, and that are not signed.
const UNSIGNED: &[&str] = &["authorization", "user-agent", "x-amzn-trace-id"];

/// Follows OPA v1.22 topdown/providers.go: builtinAWSSigV4SignReq.
fn sign(context: &mut Context, operands: Operands) -> Answer {
    let request = object(operands, 0)?;
    // OPA counts the operands wrong in these two errors.
    let settings = object(&operands[1..], 0)?;
    let credentials = Credentials::read(settings)?;
    let Value::Number(time) = operands[2] else {
        return Err(wrong(0, "number", operands[2]));
    };
    let operand = |words: &str| Failure::Operand(format!("operand {words}"));
    let time = time
        .as_index()
        .and_then(|time| Timestamp::from_nanosecond(time.into()).ok());
    let time = time.ok_or_else(|| operand("3 could not convert time_ns value into a unix timestamp"))?;
    http_request::check(request)?;
    let headers = match request.field("headers") {
        None => Vec::new(),
        Some(Value::Object(headers)) => headers.iter().map(|(name, value)| (text(name), text(value))).collect(),
        Some(other) => {
            let kind = other.type_name();
            return Err(operand(&format!("0 must be object but got {kind}")));
        }
    };
    let is_wrong = |name: &&str| !matches!(request.field(name), Some(Value::String(_)));
    let names: Vec<Value> = ["method", "url"]
        .into_iter()
        .filter(is_wrong)
        .map(Value::from)
        .collect();
    if !names.is_empty() {
        let names = to_rego_text(&Value::set(names));
        return Err(operand(&format!(
            "1 invalid values for required request parameters(s): {names}"
        )));
    }
    let url = request.field("url").map(text).unwrap_or_default();
    let url = Url::parse(&String::from_utf8_lossy(&url)).map_err(Failure::Builtin)?;
    let method = request.field("method").map(text).unwrap_or_default();
    let body = match (request.field("raw_body"), request.field("body")) {
        (Some(body), _) => text(body),
        (None, Some(body)) => to_json(context, body)?.into_bytes(),
        (None, None) => Vec::new(),
    };
    let hash = match settings.field("disable_payload_signing") {
        Some(Value::Bool(true)) => "UNSIGNED-PAYLOAD".to_owned(),
        None | Some(Value::Bool(false)) => digits(&Sha256::digest(&body)),
        Some(_) => return Err(operand("2 invalid value for 'disable_payload_signing' in AWS config")),
    };
    let signed = credentials.signed(&headers, &method, &url, &hash, time);
    let headers = headers
        .into_iter()
        .map(|(name, value)| (Value::bytes(name), Value::bytes(value)));
    let signed = signed
        .into_iter()
        .map(|(name, value)| (name.into(), Value::bytes(value)));
    let headers = Value::object(headers.chain(signed).collect());
    let request = request.iter().cloned().chain([("headers".into(), headers)]);
    Ok(Some(Value::object(request.collect())))
}

/// The bytes of a string; of another value none, as in OPA.
fn text(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.as_bytes().to_vec(),
        _ => Vec::new(),
    }
}

/// Who signs, and for which service.
struct Credentials {
    service: Vec<u8>,
    access_key: Vec<u8>,
    secret: Vec<u8>,
    region: Vec<u8>,
    token: Vec<u8>,
}

impl Credentials {
    /// Follows OPA v1.22 topdown/providers.go: validateAWSAuthParameters.
    fn read(settings: &Object) -> Result<Self, Failure> {
        const NEEDED: [&str; 4] = ["aws_access_key", "aws_region", "aws_secret_access_key", "aws_service"];
        let those = |is_so: &dyn Fn(Option<&Value>) -> bool| {
            let names = NEEDED.into_iter().filter(|name| is_so(settings.field(name)));
            Value::set(names.map(Value::from).collect())
        };
        let missing = those(&|value| value.is_none());
        let wrong = those(&|value| !matches!(value, None | Some(Value::String(_))));
        for (names, what) in [(missing, "missing required"), (wrong, "invalid values for required")] {
            if names != Value::set(Vec::new()) {
                let names = to_rego_text(&names);
                return Err(Failure::Operand(format!(
                    "operand 2 {what} AWS config parameters(s): {names}"
                )));
            }
        }
        let member = |name: &str| settings.field(name).map(text).unwrap_or_default();
        Ok(Self {
            service: member("aws_service"),
            access_key: member("aws_access_key"),
            secret: member("aws_secret_access_key"),
            region: member("aws_region"),
            token: member("aws_session_token"),
        })
    }

    /// The headers that are to be added to a request, the signature among them; `hash` is that of the body.
    ///
    /// Follows OPA v1.22 internal/providers/aws/signing_v4.go: SignV4.
    fn signed(
        &self,
        headers: &[(Vec<u8>, Vec<u8>)],
        method: &[u8],
        url: &Url,
        hash: &str,
        time: Timestamp,
    ) -> Vec<(&'static str, Vec<u8>)> {
        let day = time.strftime("%Y%m%d").to_string();
        let moment = time.strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut added = vec![
            ("host", url.host().to_vec()),
            ("x-amz-date", moment.clone().into_bytes()),
        ];
        if matches!(&*self.service, b"s3" | b"glacier") {
            added.push(("x-amz-content-sha256", hash.as_bytes().to_vec()));
        }
        if !self.token.is_empty() {
            added.push(("x-amz-security-token", self.token.clone()));
        }
        let mut signed: BTreeMap<Vec<u8>, &[u8]> = BTreeMap::new();
        signed.extend(added.iter().map(|(name, value)| (name.as_bytes().to_vec(), &**value)));
        for (name, value) in headers {
            let name = String::from_utf8_lossy(name).to_lowercase();
            if !UNSIGNED.contains(&&*name) {
                signed.insert(name.into_bytes(), value);
            }
        }
        let names = signed.keys().map(|name| &**name).collect::<Vec<_>>().join(&b';');
        let mut request = [
            method,
            b"\n",
            url.escaped_path().as_bytes(),
            b"\n",
            url.query().as_bytes(),
            b"\n",
        ]
        .concat();
        for (name, value) in &signed {
            request.extend([name, &b":"[..], value, b"\n"].concat());
        }
        request.extend([b"\n", &*names, b"\n", hash.as_bytes()].concat());
        let scope = [day.as_bytes(), &self.region, &self.service, b"aws4_request"].join(&b'/');
        let request = digits(&Sha256::digest(&request));
        let text = [&b"AWS4-HMAC-SHA256"[..], moment.as_bytes(), &scope, request.as_bytes()].join(&b'\n');
        let mut key = [b"AWS4", &*self.secret].concat();
        for part in [day.as_bytes(), &self.region, &self.service, b"aws4_request", &text] {
            key = message_code::<Sha256>(&key, part);
        }
        let signature = digits(&key);
        let authorization = [
            &b"AWS4-HMAC-SHA256 Credential="[..],
            &self.access_key,
            b"/",
            &scope,
            b",SignedHeaders=",
            &names,
            b",Signature=",
            signature.as_bytes(),
        ];
        // Added after the others, so that they win over the header of the same name that the request has.
        added.insert(0, ("Authorization", authorization.concat()));
        added
    }
}
