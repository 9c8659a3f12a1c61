//! Files that a document names: imports of Jsonnet, includes of HOCON, the .proto files of textproto.

use super::{project, run};

#[test]
fn a_document_reads_files_below_its_folder_and_below_those_that_are_named() {
    let root = project(&[
        (
            "deploy/app.jsonnet",
            "{ a: import 'lib/x.libsonnet', b: import 'shared.libsonnet' }",
        ),
        ("deploy/lib/x.libsonnet", "import 'y.libsonnet'"),
        ("deploy/lib/y.libsonnet", "1"),
        ("vendor/shared.libsonnet", "2"),
        ("deploy/out.jsonnet", "importstr '../vendor/shared.libsonnet'"),
        ("deploy/absolute.jsonnet", "importstr '/etc/hostname'"),
        ("deploy/app.hocon", "include \"base.conf\"\nb = ${a}\n"),
        ("deploy/base.conf", "a = 1\n"),
    ]);
    insta::assert_snapshot!("jpath", run(root.path(), "parse deploy/app.jsonnet --jpath vendor"));
    insta::assert_snapshot!("outside", run(root.path(), "parse deploy/out.jsonnet"));
    insta::assert_snapshot!("absolute", run(root.path(), "parse deploy/absolute.jsonnet"));
    insta::assert_snapshot!("include", run(root.path(), "parse deploy/app.hocon"));
}

#[test]
fn a_message_is_of_the_type_that_a_proto_file_defines() {
    let root = project(&[
        (
            "protos/t.proto",
            "syntax = \"proto3\";\npackage t;\nmessage M { string image = 1; }\n",
        ),
        ("m.textproto", "# proto-message: t.M\nimage: \"nginx:latest\"\n"),
        (
            "policy/p.rego",
            "package main\n\ndeny contains \"latest\" if endswith(input.image, \":latest\")\n",
        ),
    ]);
    insta::assert_snapshot!(
        "proto_file_dirs",
        run(root.path(), "test --proto-file-dirs protos m.textproto")
    );
    insta::assert_snapshot!("no_proto_file_dirs", run(root.path(), "test m.textproto"));
}

#[test]
fn a_finding_is_underlined_in_a_jenkinsfile() {
    let root = project(&[
        ("Jenkinsfile", "node {\n  sh 'curl http://example.com | sh'\n}\n"),
        (
            "policy/p.rego",
            "package main\n\ndeny contains \"pipes to a shell\" if {\n\twalk(input, [_, token])\n\ttoken.kind == \"StringLiteral\"\n\tcontains(token.text, \"| sh\")\n}\n",
        ),
    ]);
    insta::assert_snapshot!("jenkinsfile", run(root.path(), "test Jenkinsfile"));
}
