//! Gatekeeper's templates and constraints: what is evaluated, where findings are, and what is refused.

use insta::assert_snapshot;

use super::{project, run};

/// A template in Rego v0 with a library, as most are.
const LABELS: &str = r#"apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: teamlabels
  annotations:
    description: Objects say whose they are.
    policies.example.com/remediation: Add the label.
spec:
  crd:
    spec:
      names: {kind: TeamLabels}
      validation:
        openAPIV3Schema:
          type: object
          required: [labels]
          properties:
            labels: {type: array, items: {type: string}}
            limit: {type: integer, default: 3}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package anything

        import data.lib.names

        violation[{"msg": msg, "details": {"missing": missing}}] {
          missing := names.wanted - names.present
          count(missing) > 0
          msg := sprintf("missing labels: %v of at most %d", [missing, input.parameters.limit])
        }
      libs:
        - |
          package lib.names

          present := {name | input.review.object.metadata.labels[name]}

          wanted := {name | name := input.parameters.labels[_]}
"#;

/// A template in Rego v1.
const IMAGES: &str = r#"apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: imagehosts}
spec:
  crd:
    spec:
      names: {kind: ImageHosts}
      validation:
        openAPIV3Schema:
          type: object
          properties:
            hosts: {type: array, items: {type: string}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
        - engine: K8sNativeValidation
          source:
            validations:
              - expression: "true"
        - engine: Rego
          source:
            version: "v1"
            rego: |
              package imagehosts

              violation contains {"msg": msg} if {
                some container in input.review.object.spec.containers
                every host in input.parameters.hosts {
                  not startswith(container.image, host)
                }
                msg := sprintf("%s runs %s", [container.name, container.image])
              }
"#;

fn constraint(kind: &str, name: &str, spec: &str) -> String {
    format!("apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n")
}

fn owner(spec: &str) -> String {
    constraint("TeamLabels", "owner", spec)
}

const OWNER: &str = "{match: {kinds: [{apiGroups: [\"\"], kinds: [Pod, Namespace]}]}, parameters: {labels: [owner]}}";

const PODS: &str = r#"apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata:
      name: web
      namespace: shop
      labels: {owner: shop}
    spec:
      containers:
        - {name: web, image: registry.example.com/web}
  - apiVersion: v1
    kind: Pod
    metadata:
      name: tools
      namespace: shop
      labels:
        app: tools
    spec:
      containers:
        - name: tools
          image: docker.io/tools
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
"#;

#[test]
fn constraints_are_evaluated_with_locations_in_the_document() {
    let hosts = constraint(
        "ImageHosts",
        "hosts",
        "{enforcementAction: warn, parameters: {hosts: [registry.example.com/]}}",
    );
    let policies = format!("{LABELS}---\n{IMAGES}");
    let constraints = format!("{}---\n{hosts}", owner(OWNER));
    let root = project(&[
        ("policies/templates.yaml", &policies),
        ("policies/constraints.yaml", &constraints),
        ("policies/notes.yaml", "anything: [1]\n"),
        ("deploy/pods.yaml", PODS),
        (
            "deploy/service.yaml",
            "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n",
        ),
    ]);
    assert_snapshot!(run(root.path(), "test -p policies deploy"));
    assert_snapshot!("json", run(root.path(), "test -p policies -o json deploy/pods.yaml"));
}

#[test]
fn dryrun_is_a_note_that_never_fails() {
    let dryrun = "{enforcementAction: dryrun, parameters: {labels: [owner]}}";
    let root = project(&[("p/t.yaml", LABELS), ("p/c.yaml", &owner(dryrun)), ("pods.yaml", PODS)]);
    assert_snapshot!(run(root.path(), "test -p p --fail-on-warn pods.yaml"));
    assert_snapshot!("dryrun_github", run(root.path(), "test -p p -o github pods.yaml"));
}

#[test]
fn rego_beside_templates_is_evaluated_too() {
    let rego = "package main\n\ndeny contains \"no kind Namespace\" if input.kind == \"Namespace\"\n";
    let root = project(&[
        ("p/t.yaml", LABELS),
        ("p/c.yaml", &owner(OWNER)),
        ("p/main.rego", rego),
        ("pods.yaml", PODS),
    ]);
    assert_snapshot!(run(root.path(), "test -p p -o compact pods.yaml"));
}

#[test]
fn errors_of_rego_are_in_the_file_that_holds_it() {
    let unsafe_variable = LABELS.replace("count(missing) > 0", "count(mising) > 0");
    let quoted = "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: quoted}\nspec:\n  crd: {spec: {names: {kind: Quoted}}}\n  targets:\n    - target: admission.k8s.gatekeeper.sh\n      rego: \"package quoted\\n\\nviolation[{\\\"msg\\\": \\\"m\\\"}] {\\n  x :=\\n\n        \\ }\\n\"\n";
    let unknown_data = LABELS.replace(
        "import data.lib.names",
        "import data.lib.names\n\n        x := data.params.x",
    );
    let unnamed_library = LABELS.replace("count(missing) > 0", "count(data.lib.names.wanted) > 0");
    let runtime = LABELS
        .replace(
            "package anything\n",
            "package anything\n\n        limit(x) = 1 { x }\n\n        limit(x) = 2 { x }\n",
        )
        .replace("count(missing) > 0", "limit(true) > 0");
    for (name, template) in [
        ("compile", unsafe_variable.as_str()),
        ("parse", quoted),
        ("data", unknown_data.as_str()),
        ("unnamed_library", unnamed_library.as_str()),
        ("evaluation", runtime.as_str()),
    ] {
        let root = project(&[("p/t.yaml", template), ("p/c.yaml", &owner(OWNER)), ("pods.yaml", PODS)]);
        assert_snapshot!(format!("error_of_{name}"), run(root.path(), "test -p p pods.yaml"));
    }
}

#[test]
fn templates_are_refused_by_what_is_wrong_with_them() {
    let change = |from: &str, to: &str| LABELS.replace(from, to);
    let cel = IMAGES
        .split("        - engine: Rego")
        .next()
        .expect("a start")
        .to_owned();
    for (name, template) in [
        ("cel_only", cel),
        ("name", change("name: teamlabels", "name: labels")),
        ("target", change("target: admission.k8s.gatekeeper.sh", "target: other")),
        ("no_rule", change("violation[", "deny[")),
        (
            "import",
            change("import data.lib.names", "import data.lib.names\n        import rego.v1"),
        ),
        ("library", change("package lib.names", "package names")),
        (
            "external_data",
            change("count(missing) > 0", "external_data({\"provider\": \"p\"})"),
        ),
        ("clock", change("count(missing) > 0", "time.now_ns() > 0")),
        (
            "no_message",
            change("{\"msg\": msg, \"details\": {\"missing\": missing}}", "msg"),
        ),
        (
            "v1_in_v0",
            change(
                "violation[{\"msg\": msg, \"details\": {\"missing\": missing}}] {",
                "violation contains {\"msg\": msg} if {",
            ),
        ),
    ] {
        let root = project(&[("p/t.yaml", &template), ("pods.yaml", PODS)]);
        assert_snapshot!(format!("refused_{name}"), run(root.path(), "test -p p pods.yaml"));
    }
}

#[test]
fn constraints_are_refused_by_what_is_wrong_with_them() {
    let labels = |parameters: &str| owner(&format!("{{parameters: {parameters}}}"));
    for (name, constraint) in [
        ("missing", labels("{}")),
        ("type", labels("{labels: owner}")),
        ("unknown", labels("{labels: [a], label: b}")),
        (
            "action",
            owner("{enforcementAction: refuse, parameters: {labels: [a]}}"),
        ),
        (
            "selector",
            owner("{match: {labelSelector: {matchExpressions: [{key: a, operator: Is}]}}, parameters: {labels: [a]}}"),
        ),
        ("no_template", constraint("TeamLabel", "owner", "{}")),
        (
            "twice",
            format!("{}---\n{}", labels("{labels: [a]}"), labels("{labels: [b]}")),
        ),
        (
            "elsewhere",
            owner(
                "{enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: audit.gatekeeper.sh}]}], parameters: {labels: [a]}}",
            ),
        ),
    ] {
        let root = project(&[("p/t.yaml", LABELS), ("p/c.yaml", &constraint), ("pods.yaml", PODS)]);
        assert_snapshot!(format!("constraint_{name}"), run(root.path(), "test -p p pods.yaml"));
    }
}

#[test]
fn policies_that_are_not_supported_are_refused_by_name() {
    for (name, object) in [
        (
            "vap",
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: a}\n",
        ),
        (
            "mutator",
            "apiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: a}\n",
        ),
        (
            "provider",
            "apiVersion: externaldata.gatekeeper.sh/v1beta1\nkind: Provider\nmetadata: {name: a}\n",
        ),
    ] {
        let root = project(&[
            ("p/t.yaml", LABELS),
            ("p/c.yaml", &owner(OWNER)),
            ("p/other.yaml", object),
            ("pods.yaml", PODS),
        ]);
        assert_snapshot!(format!("unsupported_{name}"), run(root.path(), "test -p p pods.yaml"));
    }
}

#[test]
fn matching_decides_which_objects_are_evaluated() {
    let root = project(&[("t.yaml", LABELS), ("pods.yaml", PODS)]);
    let found = |matching: &str| {
        let spec = format!("{{match: {matching}, parameters: {{labels: [nobody]}}}}");
        std::fs::write(root.path().join("c.yaml"), owner(&spec)).expect("a file");
        let shown = run(root.path(), "test -p t.yaml -p c.yaml --allow-empty pods.yaml");
        let names = [
            ("Pod shop/web:", "web"),
            ("Pod shop/tools:", "tools"),
            ("Namespace shop:", "Namespace shop"),
        ];
        let found = names
            .iter()
            .filter(|(object, _)| shown.contains(object))
            .map(|(_, name)| *name);
        found.collect::<Vec<_>>().join(", ")
    };
    for (matching, names) in [
        ("{}", "web, tools, Namespace shop"),
        ("{kinds: [{apiGroups: [\"\"], kinds: [Pod]}]}", "web, tools"),
        (
            "{kinds: [{apiGroups: [apps], kinds: ['*']}, {kinds: [Namespace]}]}",
            "Namespace shop",
        ),
        ("{scope: Cluster}", "Namespace shop"),
        ("{scope: Namespaced}", "web, tools"),
        ("{scope: Nonsense}", "web, tools, Namespace shop"),
        ("{namespaces: [other]}", ""),
        ("{namespaces: ['sh*']}", "web, tools, Namespace shop"),
        ("{excludedNamespaces: ['*op']}", ""),
        ("{labelSelector: {matchLabels: {owner: shop}}}", "web"),
        (
            "{labelSelector: {matchExpressions: [{key: owner, operator: DoesNotExist}]}}",
            "tools, Namespace shop",
        ),
        (
            "{labelSelector: {matchExpressions: [{key: owner, operator: NotIn, values: [x]}]}}",
            "web, tools, Namespace shop",
        ),
        (
            "{namespaceSelector: {matchExpressions: [{key: env, operator: DoesNotExist}]}}",
            "web, tools, Namespace shop",
        ),
        ("{namespaceSelector: {matchLabels: {env: prod}}}", ""),
        ("{name: 't*'}", "tools"),
        ("{source: Generated}", ""),
        ("{source: Original}", "web, tools, Namespace shop"),
    ] {
        assert_eq!(found(matching), names, "{matching}");
    }
}

#[test]
fn a_constraint_that_needs_an_unknown_namespace_could_not_be_evaluated() {
    let pod = PODS.split("---").next().expect("a start");
    let selecting = "{match: {namespaceSelector: {matchLabels: {env: prod}}}, parameters: {labels: [owner]}}";
    let root = project(&[
        ("p/t.yaml", LABELS),
        ("p/c.yaml", &owner(selecting)),
        ("pods.yaml", pod),
    ]);
    assert_snapshot!(run(root.path(), "test -p p pods.yaml"));
}

/// A Suite of the template of labels.
const SUITE: &str = r#"apiVersion: test.gatekeeper.sh/v1alpha1
kind: Suite
metadata: {name: labels}
tests:
  - name: owner
    template: t.yaml
    constraint: c.yaml
    cases:
      - name: with
        object: with.yaml
        assertions: [{violations: no}]
      - name: without
        object: without.yaml
        assertions:
          - violations: yes
          - violations: 1
            message: missing labels.*owner
          - {violations: 0, message: nothing}
      - name: review
        object: review.yaml
        assertions: [{message: owner}]
      - name: wrong
        object: without.yaml
        assertions:
          - violations: no
          - {violations: 2}
      - name: later
        skip: true
        object: none.yaml
        assertions: [{violations: no}]
  - name: schema
    template: t.yaml
    constraint: invalid.yaml
    invalid: true
  - name: fields
    template: t.yaml
    constraint: fields.yaml
    invalid: true
"#;

fn suite(text: &str) -> tempfile::TempDir {
    let pod = |labels: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web, labels: {labels}}}\n");
    let review = "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest:\n  uid: a\n  operation: DELETE\n  oldObject: {apiVersion: v1, kind: Pod, metadata: {name: gone}}\n";
    project(&[
        ("s/suite.yaml", text),
        ("s/t.yaml", LABELS),
        ("s/c.yaml", &owner(OWNER)),
        ("s/invalid.yaml", &owner("{parameters: {labels: 1}}")),
        ("s/fields.yaml", &owner("{parameters: {labels: [a], label: b}}")),
        ("s/with.yaml", &pod("{owner: a}")),
        ("s/without.yaml", &pod("{app: a}")),
        ("s/review.yaml", review),
    ])
}

#[test]
fn verify_runs_suites() {
    let root = suite(SUITE);
    assert_snapshot!(run(root.path(), "verify s"));
    assert_snapshot!(
        "suite_filtered",
        run(root.path(), "verify s/suite.yaml --run owner//with -o tap")
    );
    let junit = run(root.path(), "verify s --run schema -o json");
    let duration = regex::Regex::new("\"duration\": [0-9]+").expect("a regular expression");
    assert_snapshot!("suite_json", duration.replace_all(&junit, "\"duration\": 1"));
}

#[test]
fn before_v1_parameters_need_no_schema_and_objects_of_suites_no_version() {
    let template = SEEN.replace("templates.gatekeeper.sh/v1\n", "templates.gatekeeper.sh/v1beta1\n");
    let suite = "apiVersion: test.gatekeeper.sh/v1alpha1\nkind: Suite\ntests:\n  - name: any\n    template: t.yaml\n    constraint: c.yaml\n    cases:\n      - {name: a, object: o.yaml, assertions: [{violations: no}]}\n";
    let root = project(&[
        ("t.yaml", &template),
        ("c.yaml", &constraint("Seen", "all", "{parameters: {any: {thing: 1}}}")),
        ("o.yaml", "kind: Pod\nmetadata: {name: web}\n"),
        ("suite.yaml", suite),
    ]);
    let found = run(root.path(), "verify suite.yaml");
    assert!(found.starts_with("1 test: 1 passed"), "{found}");
    std::fs::write(root.path().join("t.yaml"), SEEN).expect("a file");
    let found = run(root.path(), "verify suite.yaml");
    assert!(
        found.contains("spec.parameters is not a field of the constraint"),
        "{found}"
    );
}

#[test]
fn what_gator_passes_silently_is_refused() {
    for (name, from, to) in [
        ("no_cases", "    invalid: true\n  - name: fields", "  - name: fields"),
        ("unknown_key", "    cases:\n", "    casez:\n"),
        (
            "no_assertions",
            "        assertions: [{violations: no}]\n      - name: without",
            "      - name: without",
        ),
        ("violations", "violations: 1", "violations: some"),
        ("no_tests", "tests:", "unknown:"),
        ("pattern", "missing labels.*owner", "'('"),
        ("missing_file", "template: t.yaml", "template: u.yaml"),
    ] {
        let root = suite(&SUITE.replacen(from, to, 1));
        assert_snapshot!(format!("suite_{name}"), run(root.path(), "verify s --run owner|schema"));
    }
    let root = suite(SUITE);
    assert_snapshot!("suite_no_match", run(root.path(), "verify s --run nothing"));
    std::fs::create_dir(root.path().join("empty")).expect("a folder");
    assert_snapshot!("suite_empty_folder", run(root.path(), "verify empty"));
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec:\n  template:\n    metadata:\n      labels: {app: api}\n    spec:\n      containers:\n        - name: api\n          image: docker.io/api\n";

fn hosts() -> String {
    let spec = "{match: {kinds: [{apiGroups: [\"\"], kinds: [Pod]}]}, parameters: {hosts: [registry.example.com/]}}";
    constraint("ImageHosts", "hosts", spec)
}

#[test]
fn pod_policies_reach_the_pods_of_workloads() {
    let expansion = "apiVersion: expansion.gatekeeper.sh/v1beta1\nkind: ExpansionTemplate\nmetadata: {name: from-deployments}\nspec:\n  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]\n  templateSource: spec.template\n  generatedGVK: {group: \"\", version: v1, kind: Pod}\n  enforcementAction: warn\n";
    let root = project(&[("p/t.yaml", IMAGES), ("p/c.yaml", &hosts()), ("d.yaml", DEPLOYMENT)]);
    assert_snapshot!("expanded_builtin", run(root.path(), "test -p p d.yaml"));
    assert_snapshot!("expanded_off", run(root.path(), "test -p p --expand off d.yaml"));
    std::fs::write(root.path().join("p/e.yaml"), expansion).expect("a file");
    assert_snapshot!("expanded_given", run(root.path(), "test -p p d.yaml"));
    let wrong = expansion.replace("spec.template\n", "spec.pod\n");
    std::fs::write(root.path().join("p/e.yaml"), wrong).expect("a file");
    assert_snapshot!("expanded_wrong", run(root.path(), "test -p p d.yaml"));
}

/// A template that reports what it sees of the request and the cluster.
const SEEN: &str = r#"apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: seen
  annotations:
    metadata.gatekeeper.sh/requires-sync-data: |
      "[[{"groups":[""],"versions":["v1"],"kinds":["Service"]}]]"
spec:
  crd: {spec: {names: {kind: Seen}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package seen

        violation[{"msg": msg}] {
          review := input.review
          team := object.get(review.namespaceObject, ["metadata", "labels", "team"], "-")
          services := [name | data.inventory.namespace[review.namespace]["v1"].Service[name]]
          before := object.get(review, ["oldObject", "metadata", "labels"], "-")
          msg := sprintf("%v in %v of %v, services %v, before %v", [review.operation, review.namespace, team, services, before])
        }
"#;

#[test]
fn templates_see_the_operation_the_namespace_and_the_inventory() {
    let root = project(&[
        ("p/t.yaml", SEEN),
        (
            "p/c.yaml",
            &constraint("Seen", "all", "{match: {kinds: [{kinds: [Pod]}]}}"),
        ),
        ("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"),
        (
            "state/all.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: front, namespace: shop}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {old: \"1\"}}\n",
        ),
    ]);
    let shown = [
        "",
        "--operation none",
        "--operation delete --object-namespace shop",
        "--inventory state --object-namespace shop",
        "--inventory state --object-namespace shop --operation update",
        "--inventory state --compat gator",
    ]
    .map(|flags| {
        let found = run(root.path(), &format!("test -p p -o compact {flags} pod.yaml"));
        format!("{flags}\n{}", found.lines().next().unwrap_or_default())
    });
    assert_snapshot!(shown.join("\n"));
    let config = "apiVersion: config.gatekeeper.sh/v1alpha1\nkind: Config\nmetadata: {name: config}\nspec:\n  match: [{excludedNamespaces: ['def*'], processes: [webhook]}]\n  sync: {syncOnly: [{group: \"\", version: v1, kind: Pod}]}\n";
    std::fs::write(root.path().join("p/config.yaml"), config).expect("a file");
    assert_snapshot!("excluded_namespaces", run(root.path(), "test -p p pod.yaml"));
    let synced = config.replace("kind: Pod", "kind: Service").replace("webhook", "audit");
    std::fs::write(root.path().join("p/config.yaml"), synced).expect("a file");
    assert_snapshot!("synced", run(root.path(), "test -p p -o compact pod.yaml"));
}

#[test]
fn a_constraint_that_applies_to_nothing_is_an_error_of_strict_runs() {
    let services = owner("{match: {kinds: [{kinds: [Service]}]}, parameters: {labels: [owner]}}");
    let constraints = format!(
        "{}---\n{}",
        owner(OWNER),
        services.replace("name: owner", "name: services")
    );
    let root = project(&[("p/t.yaml", LABELS), ("p/c.yaml", &constraints), ("pods.yaml", PODS)]);
    assert_snapshot!(run(root.path(), "test -p p --strict -o compact pods.yaml"));
}

#[test]
fn inspect_lists_constraints_with_match_and_engine() {
    let audit = "{enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: audit.gatekeeper.sh}]}], match: {scope: Namespaced, excludedNamespaces: ['kube-*'], labelSelector: {matchLabels: {app: a}, matchExpressions: [{key: b, operator: Exists}]}}, parameters: {labels: [a]}}";
    let constraints = format!(
        "{}---\n{}---\n{}",
        hosts(),
        owner(OWNER),
        constraint("TeamLabels", "audit", audit)
    );
    let root = project(&[
        ("p/t.yaml", &format!("{LABELS}---\n{IMAGES}")),
        ("p/c.yaml", &constraints),
    ]);
    assert_snapshot!(run(root.path(), "inspect -p p"));
    assert_snapshot!("inspected_json", run(root.path(), "inspect -p p -o json"));
}

#[test]
fn a_policy_that_is_tested_as_a_document_is_told() {
    let root = project(&[("t.yaml", LABELS)]);
    assert_snapshot!(run(root.path(), "test t.yaml --allow-empty"));
}

#[test]
fn exported_policies_find_what_the_library_finds() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  hostNetwork: true\n  containers:\n    - {name: web, image: 'nginx:latest', securityContext: {privileged: true}}\n    - {name: side, image: 'docker.io/side:v1'}\n";
    let toml = "[params.images.allowed_registries]\nregistries = [\"registry.example.com\"]\n";
    let root = project(&[("pod.yaml", pod), ("kpolicy.toml", toml)]);
    let chosen = "--profile baseline --library kubernetes/images";
    let exported = run(root.path(), &format!("export gatekeeper {chosen}"));
    let (both, _) = exported.rsplit_once("--- exit code").expect("an exit code");
    let (text, notes) = both.rsplit_once("---\n").expect("both streams");
    assert_snapshot!("export_notes", notes);
    std::fs::write(root.path().join("policies.yaml"), text).expect("a file");
    let messages = |words: &str| {
        let found = run(root.path(), words);
        let mut lines: Vec<String> = found
            .lines()
            .filter_map(|line| {
                let (_, rest) = line.split_once("] ")?;
                line.starts_with("pod.yaml:").then(|| rest.to_owned())
            })
            .collect();
        lines.sort();
        lines
    };
    let library = messages(&format!("test -o compact {chosen} pod.yaml"));
    assert!(library.len() > 3, "{library:?}");
    assert_eq!(library, messages("test -o compact -p policies.yaml pod.yaml"));
}
