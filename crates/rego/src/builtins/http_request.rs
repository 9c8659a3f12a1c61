//! What a request for `http.send` may and must say; `providers.aws.sign_req` takes the same.

use super::Failure;
use crate::text::to_rego_text;
use kpolicy_value::{Object, Set, Value};

/// The members of a request.
const ALLOWED: [&str; 28] = [
    "method",
    "url",
    "body",
    "enable_redirect",
    "force_json_decode",
    "force_yaml_decode",
    "headers",
    "raw_body",
    "tls_use_system_certs",
    "tls_ca_cert",
    "tls_ca_cert_file",
    "tls_ca_cert_env_variable",
    "tls_client_cert",
    "tls_client_cert_file",
    "tls_client_cert_env_variable",
    "tls_client_key",
    "tls_client_key_file",
    "tls_client_key_env_variable",
    "tls_insecure_skip_verify",
    "tls_server_name",
    "timeout",
    "cache",
    "force_cache",
    "force_cache_duration_seconds",
    "raise_error",
    "caching_mode",
    "max_retry_attempts",
    "cache_ignored_headers",
];

/// Fails for members that a request cannot have, and for those that it lacks.
///
/// Follows OPA v1.22 topdown/http.go: validateHTTPRequestOperand.
pub(super) fn check(request: &Object) -> Result<(), Failure> {
    let names = |names: &[&str]| Set::new(names.iter().map(|name| Value::from(*name)).collect());
    let (allowed, required) = (names(&ALLOWED), names(&["method", "url"]));
    let keys = request.keys();
    for (wrong, what) in [
        (keys.difference(&allowed), "invalid request"),
        (required.difference(&keys), "missing required request"),
    ] {
        if !wrong.is_empty() {
            let names = to_rego_text(&Value::Set(wrong));
            return Err(Failure::Operand(format!("operand 1 {what} parameters(s): {names}")));
        }
    }
    Ok(())
}
