//! Kubernetes' own fixtures for the Pod Security Standards, judged by the level's policies.
//!
//! They lie in `test/testdata` of the repository kubernetes/pod-security-admission:
//! `POD_SECURITY_FIXTURES=…/test/testdata cargo test --test it pod_security:: -- --ignored --nocapture`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::common::kpolicy;

/// Which policy stands for the control that a fixture is named after.
const CONTROLS: [(&str, &str); 19] = [
    ("allowprivilegeescalation", "restricted/privilege_escalation"),
    ("apparmorprofile", "baseline/app_armor"),
    ("capabilities_baseline", "baseline/capabilities"),
    ("capabilities_restricted", "restricted/capabilities"),
    ("hostnamespaces", "baseline/host_namespaces"),
    ("hostpathvolumes", "baseline/host_path_volumes"),
    ("hostports", "baseline/host_ports"),
    ("hostprobesandhostlifecycle", "baseline/host_probes"),
    ("privileged", "baseline/privileged"),
    ("procmount", "baseline/proc_mount"),
    ("procmount_restricted", "restricted/proc_mount"),
    ("restrictedvolumes", "restricted/volume_types"),
    ("runasnonroot", "restricted/run_as_non_root"),
    ("runasuser", "restricted/run_as_user"),
    ("seccompprofile_baseline", "baseline/seccomp"),
    ("seccompprofile_restricted", "restricted/seccomp"),
    ("selinuxoptions", "baseline/selinux"),
    ("sysctls", "baseline/sysctls"),
    ("windowshostprocess", "baseline/windows_host_process"),
];

/// What the policies of a level said of the fixtures of a version.
#[derive(Default)]
struct Outcome {
    passed: usize,
    failed: usize,
    wrong: Vec<String>,
}

#[test]
#[ignore = "needs Kubernetes' fixtures: POD_SECURITY_FIXTURES"]
fn each_level_judges_the_newest_fixtures_as_kubernetes_does() {
    let fixtures = std::env::var_os("POD_SECURITY_FIXTURES").expect("POD_SECURITY_FIXTURES names test/testdata");
    for level in ["baseline", "restricted"] {
        let versions = versions(&Path::new(&fixtures).join(level));
        let newest = versions.last_key_value().expect("there are versions").0;
        for (version, folder) in &versions {
            let outcome = judge(level, folder);
            let all = outcome.passed + outcome.failed;
            let (right, wrong) = (all - outcome.wrong.len(), outcome.wrong.join(", "));
            println!("{level} v1.{version}: {right} of {all} as Kubernetes; otherwise: {wrong}");
            assert!(
                outcome.passed > 0 && outcome.failed > 0,
                "{level} v1.{version} has both kinds"
            );
            assert!(
                version != newest || outcome.wrong.is_empty(),
                "{level} v1.{version}: {wrong}"
            );
        }
    }
}

/// The folders of a level's versions, by minor version.
fn versions(level: &Path) -> BTreeMap<u32, PathBuf> {
    let entries = fs::read_dir(level).expect("the level has a folder").flatten();
    let version = |path: PathBuf| {
        Some((
            path.file_name()?.to_str()?.strip_prefix("v1.")?.parse().ok()?,
            path.clone(),
        ))
    };
    entries.filter_map(|entry| version(entry.path())).collect()
}

fn judge(level: &str, folder: &Path) -> Outcome {
    let mut outcome = Outcome::default();
    for (file, found) in findings(level, &folder.join("pass")) {
        outcome.passed += 1;
        if !found.is_empty() {
            outcome.wrong.push(format!("{file} is denied by {found:?}"));
        }
    }
    for (file, found) in findings(level, &folder.join("fail")) {
        outcome.failed += 1;
        let control = file.trim_end_matches(".yaml").trim_end_matches(char::is_numeric);
        let policy = CONTROLS.iter().find(|(name, _)| *name == control);
        let (_, policy) = policy.unwrap_or_else(|| panic!("{control} is a control without a policy"));
        if !found.contains(*policy) {
            outcome.wrong.push(format!("{file} is not denied by {policy}"));
        }
    }
    outcome
}

/// The policies that find something in each file of a folder.
fn findings(level: &str, folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let output = kpolicy()
        .args(["test", "-o", "json", "--library"])
        .arg(format!("kubernetes/pod_security/{level}"))
        .arg(folder)
        .output()
        .expect("kpolicy runs");
    let code = output.status.code();
    assert!(
        matches!(code, Some(0 | 1)),
        "{code:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Json = serde_json::from_slice(&output.stdout).expect("a report");
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let files = fs::read_dir(folder).expect("the folder").flatten();
    let files = files.map(|entry| (name(&entry.path().to_string_lossy()), BTreeSet::new()));
    let mut found: BTreeMap<String, BTreeSet<String>> = files.collect();
    for check in report.as_array().into_iter().flatten() {
        let file = name(check["filename"].as_str().expect("a check has its file"));
        let rules = check["failures"].as_array().into_iter().flatten();
        let rules = rules.filter_map(|failure| failure["rule"].as_str()?.strip_prefix("kubernetes/pod_security/"));
        let rules: Vec<String> = rules.map(str::to_owned).collect();
        found.get_mut(&file).expect("a file of the folder").extend(rules);
    }
    found
}
