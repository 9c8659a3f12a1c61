//! Skip comments and annotations of other checkers: recognized, so that the waiver to write instead can be told. They
//! waive nothing.

use crate::evaluate::Read;
use crate::finding::{Location, WaiverSource};
use crate::locate::{Target, at_span, locate};
use kpolicy_parse::document::{Document, Span};
use kpolicy_value::LineIndex;

/// A skip of another checker.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// The checker.
    pub tool: &'static str,
    /// The check, as it was written.
    pub check: String,
    /// The reason, where there is one.
    pub reason: String,
    /// Whether it is a comment or an annotation.
    pub source: WaiverSource,
    /// Where it is.
    pub location: Location,
    /// The policies for the same subject.
    pub policies: Vec<&'static str>,
}

/// A policy, and the names of the checks for its subject: checkov's, trivy's, kube-linter's.
type Checks = (&'static str, Names, Names, Names);
type Names = &'static [&'static str];

/// The checks of other checkers and the policies for the same subject: checkov's, trivy's, kube-linter's names.
const CHECKS: &[Checks] = &[
    (
        "kubernetes/pod_security/baseline/host_namespaces",
        &["CKV_K8S_17", "CKV_K8S_18", "CKV_K8S_19"],
        &["KSV008", "KSV009", "KSV010"],
        &["host-ipc", "host-network", "host-pid"],
    ),
    (
        "kubernetes/pod_security/baseline/privileged",
        &["CKV_K8S_16"],
        &["KSV017"],
        &["privileged-container"],
    ),
    (
        "kubernetes/pod_security/restricted/capabilities",
        &["CKV_K8S_28", "CKV_K8S_37"],
        &["KSV003", "KSV106"],
        &["drop-net-raw-capability"],
    ),
    (
        "kubernetes/pod_security/baseline/capabilities",
        &["CKV_K8S_25", "CKV_K8S_39"],
        &["KSV005", "KSV022"],
        &[],
    ),
    (
        "kubernetes/pod_security/baseline/host_path_volumes",
        &["CKV_K8S_27"],
        &["KSV006", "KSV023"],
        &["sensitive-host-mounts", "docker-sock"],
    ),
    (
        "kubernetes/pod_security/baseline/host_ports",
        &["CKV_K8S_26"],
        &["KSV024"],
        &[],
    ),
    ("kubernetes/pod_security/baseline/app_armor", &[], &["KSV002"], &[]),
    ("kubernetes/pod_security/baseline/selinux", &[], &["KSV025"], &[]),
    (
        "kubernetes/pod_security/baseline/proc_mount",
        &[],
        &["KSV027"],
        &["unsafe-proc-mount"],
    ),
    (
        "kubernetes/pod_security/restricted/seccomp",
        &["CKV_K8S_31"],
        &["KSV030", "KSV104"],
        &[],
    ),
    (
        "kubernetes/pod_security/baseline/sysctls",
        &[],
        &["KSV026"],
        &["unsafe-sysctls"],
    ),
    ("kubernetes/pod_security/restricted/volume_types", &[], &["KSV028"], &[]),
    (
        "kubernetes/pod_security/restricted/privilege_escalation",
        &["CKV_K8S_20"],
        &["KSV001"],
        &["privilege-escalation-container"],
    ),
    (
        "kubernetes/security/run_as_root",
        &["CKV_K8S_23"],
        &["KSV012", "KSV105"],
        &["run-as-non-root"],
    ),
    (
        "kubernetes/pods/read_only_root_filesystem",
        &["CKV_K8S_22"],
        &["KSV014"],
        &["no-read-only-root-fs"],
    ),
    (
        "kubernetes/images/mutable_tag",
        &["CKV_K8S_14"],
        &["KSV013"],
        &["latest-tag"],
    ),
    ("kubernetes/images/missing_digest", &["CKV_K8S_43"], &[], &[]),
    (
        "kubernetes/resources/limits",
        &["CKV_K8S_13"],
        &["KSV018"],
        &["unset-memory-requirements"],
    ),
    (
        "kubernetes/resources/cpu_limit",
        &["CKV_K8S_11"],
        &["KSV011"],
        &["unset-cpu-requirements"],
    ),
    (
        "kubernetes/resources/requests",
        &["CKV_K8S_10", "CKV_K8S_12"],
        &["KSV015", "KSV016"],
        &["unset-cpu-requirements", "unset-memory-requirements"],
    ),
    (
        "kubernetes/metadata/default_namespace",
        &["CKV_K8S_21"],
        &["KSV110"],
        &["use-namespace"],
    ),
    (
        "kubernetes/reliability/readiness_probe",
        &["CKV_K8S_8", "CKV_K8S_9"],
        &[],
        &["no-liveness-probe", "no-readiness-probe"],
    ),
    (
        "kubernetes/reliability/disruption_budget",
        &[],
        &[],
        &["pdb-max-unavailable", "pdb-min-available"],
    ),
    (
        "kubernetes/secrets/env_value",
        &["CKV_K8S_35"],
        &[],
        &["env-var-secret", "read-secret-from-env-var"],
    ),
    ("kubernetes/api/removed_version", &[], &[], &["no-extensions-v1beta"]),
    (
        "kubernetes/service_accounts/automounted_token",
        &["CKV_K8S_38"],
        &["KSV036"],
        &[],
    ),
    ("kubernetes/network/exposed_service", &[], &[], &["exposed-services"]),
    ("kubernetes/network/unselected_pods", &[], &[], &["non-isolated-pod"]),
    (
        "kubernetes/network/selects_nothing",
        &[],
        &[],
        &["dangling-networkpolicy"],
    ),
    ("kubernetes/network/ingress_snippets", &["CKV_K8S_153"], &[], &[]),
    (
        "kubernetes/rbac/wildcard",
        &["CKV_K8S_49"],
        &["KSV044", "KSV046"],
        &["wildcard-in-rules"],
    ),
    (
        "kubernetes/rbac/cluster_admin",
        &[],
        &["KSV111"],
        &["cluster-admin-role-binding"],
    ),
    ("kubernetes/rbac/secrets", &[], &["KSV041"], &["access-to-secrets"]),
];

/// The policies that a check of another checker is for.
fn policies(tool: &str, check: &str) -> Vec<&'static str> {
    let fitting = CHECKS.iter().filter(|(_, checkov, trivy, linter)| match tool {
        "checkov" => checkov.contains(&check),
        "trivy" => trivy.contains(&trivy_id(check).as_str()),
        _ => linter.contains(&check),
    });
    fitting.map(|(policy, ..)| *policy).collect()
}

/// trivy's short id of a check: KSV014 for AVD-KSV-0014 and KSV-0014.
fn trivy_id(check: &str) -> String {
    let upper = check.to_uppercase();
    let id = upper.strip_prefix("AVD-").unwrap_or(&upper);
    let (letters, digits) = id.split_at(
        id.find(|character: char| character.is_ascii_digit())
            .unwrap_or(id.len()),
    );
    match digits.parse::<u32>() {
        Ok(number) => format!("{}{number:03}", letters.trim_end_matches('-')),
        Err(_) => id.to_owned(),
    }
}

/// The skips of other checkers in a file.
pub fn of(read: &Read) -> Vec<Foreign> {
    let Some(first) = read.documents.first() else {
        return Vec::new();
    };
    let text = first.file.text.as_str();
    let mut found = Vec::new();
    if ["checkov:skip=", "trivy:ignore:"]
        .iter()
        .any(|mark| text.contains(mark))
    {
        let lines = LineIndex::new(text);
        for span in read.format().row().comments.of(text, &read.documents) {
            found.extend(of_comment(read.path(), text, span, &lines));
        }
    }
    if text.contains("checkov.io/") || text.contains("kube-linter.io/") {
        for document in &read.documents {
            of_annotations(document, &mut found);
        }
    }
    found
}

fn of_comment(path: &str, text: &str, span: Span, lines: &LineIndex) -> Option<Foreign> {
    let comment = &text[span.start as usize..span.end as usize];
    let after = |mark: &str| comment.split_once(mark).map(|(_, after)| after.trim());
    let (tool, check, reason) = if let Some(after) = after("checkov:skip=") {
        let (check, reason) = after.split_once(':').unwrap_or((after, ""));
        ("checkov", check, reason)
    } else {
        // An end such as `exp:2027-01-31` may follow.
        let after = after("trivy:ignore:")?;
        let (words, reason) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
        ("trivy", words.split(':').next().unwrap_or(words), reason)
    };
    Some(Foreign {
        tool,
        check: check.trim().to_owned(),
        reason: reason.trim().to_owned(),
        source: WaiverSource::Comment,
        location: at_span(path, span, lines),
        policies: policies(tool, check.trim()),
    })
}

/// The skips in annotations of the objects of a document.
fn of_annotations(document: &Document, found: &mut Vec<Foreign>) {
    for (path, said) in super::annotated(document) {
        for (key, value) in said.as_object().into_iter().flat_map(|said| said.iter()) {
            let (name, text) = (key.key_text(), value.as_str().unwrap_or_default());
            let skip = if name.starts_with("checkov.io/skip") {
                let (check, reason) = text.split_once('=').unwrap_or((text, ""));
                Some(("checkov", check.to_owned(), reason))
            } else {
                let check = name.strip_prefix("ignore-check.kube-linter.io/");
                check.map(|check| ("kube-linter", check.to_owned(), text))
            };
            let Some((tool, check, reason)) = skip else { continue };
            let own = ["metadata".into(), "annotations".into(), key.clone()];
            found.push(Foreign {
                tool,
                reason: reason.trim().to_owned(),
                source: WaiverSource::Annotation,
                location: locate(document, &Target::Key([&path[..], &own].concat())),
                policies: policies(tool, check.trim()),
                check: check.trim().to_owned(),
            });
        }
    }
}

impl Foreign {
    /// What to write instead, for each policy.
    pub fn instead(&self) -> Vec<String> {
        let reason = if self.reason.is_empty() { "REASON" } else { &self.reason };
        let write = |policy: &&str| match self.source {
            WaiverSource::Annotation => format!("{}: {policy} {reason}", super::inline::ANNOTATION),
            _ => format!("# kpolicy: ignore[{policy}] {reason}"),
        };
        self.policies.iter().map(write).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{CHECKS, policies, trivy_id};
    use crate::policy::library;

    #[test]
    fn ids_of_trivy_have_one_form() {
        for id in ["AVD-KSV-0014", "KSV-0014", "KSV014", "avd-ksv-0014"] {
            assert_eq!(trivy_id(id), "KSV014");
        }
        assert_eq!(
            policies("trivy", "AVD-KSV-0014"),
            ["kubernetes/pods/read_only_root_filesystem"]
        );
        assert_eq!(policies("kube-linter", "unset-cpu-requirements").len(), 2);
    }

    #[test]
    fn each_policy_of_the_table_is_in_the_library() {
        for (policy, ..) in CHECKS {
            assert!(library::is_policy(policy), "{policy}");
        }
    }
}
