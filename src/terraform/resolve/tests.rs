//! What configurations are resolved to.

use std::fs;

use serde_json::{Value as Json, json};

use super::evaluate::{Evaluator, Names};
use super::module::{Module, World};
use super::{Reader, Resolved, convert, on_stack};
use crate::reading::Limits;
use crate::snapshot::Snapshot;
use kpolicy_parse::hcl2;

/// What `terraform console` of 1.11.4 answered to `jsonencode(EXPRESSION)`.
const ANSWERS: &str = include_str!("functions.jsonl");

#[test]
fn functions_and_operators_give_what_terraform_gives() {
    let world = World::new(reader());
    let module = Module::root(&world, "no such directory".as_ref());
    let evaluator = Evaluator {
        world: &world,
        module: &module,
    };
    let mut wrong = Vec::new();
    for line in ANSWERS.lines() {
        let case: Json = serde_json::from_str(line).expect("a case");
        let source = format!("{}\n", case["expression"].as_str().expect("an expression"));
        let term = hcl2::term(&source).expect("it parses");
        let value = evaluator.term(&term, &source, &Names::NONE);
        let got = value.map(|value| serde_json::from_str::<Json>(&convert::json(&value)).expect("JSON"));
        if got != Ok(case["answer"].clone()) {
            wrong.push(format!("{} gives {got:?}, not {}", source.trim(), case["answer"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn reader() -> Reader<'static> {
    Reader::new(Limits {
        bytes: 1 << 20,
        nodes: 100_000,
    })
}

/// The values of the resources of `t_x` in the root directory, by their names.
fn resolved(files: &[(&str, &str)]) -> Json {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    for (name, text) in files {
        fs::create_dir_all(path(name).parent().expect("a directory")).expect("it is made");
        fs::write(path(name), text).expect("it is written");
    }
    let paths: Vec<String> = files.iter().map(|(name, _)| path(name).display().to_string()).collect();
    let found = Resolved::of(paths.iter().map(String::as_str), reader()).expect("a thread");
    let of = |path: &String| {
        let view = found.view(path).to_json();
        let file = view["file"].clone();
        let entries = view["resources"]["t_x"].as_array().cloned().unwrap_or_default();
        entries
            .into_iter()
            .filter(move |entry| entry["file"] == file)
            .collect::<Vec<_>>()
    };
    let mut all = serde_json::Map::new();
    for entry in paths.iter().flat_map(of) {
        let name = entry["name"]
            .as_str()
            .expect("a name")
            .trim_start_matches("t_x.")
            .to_owned();
        let values = all.entry(name).or_insert_with(|| json!([]));
        values.as_array_mut().expect("a list").push(entry["values"].clone());
    }
    Json::Object(all)
}

fn resource(body: &str) -> Json {
    resolved(&[("main.tf", &format!("resource \"t_x\" \"y\" {{\n{body}\n}}\n"))])["y"].clone()
}

#[test]
fn variables_have_their_defaults_and_the_values_of_tfvars() {
    let main = "variable \"a\" {\n default = 1\n}\nvariable \"b\" {\n default = 1\n}\nvariable \"c\" {}\n\
        variable \"o\" {\n type = list(object({ x = optional(string, \"d\"), y = number }))\n}\n\
        locals {\n l = \"${var.b}-x\"\n}\n\
        resource \"t_x\" \"y\" {\n a = var.a\n b = local.l\n c = var.c\n o = var.o[0].x\n}\n";
    let found = resolved(&[
        ("main.tf", main),
        ("terraform.tfvars", "b = 2\no = [{ y = 1 }]\n"),
        ("z.auto.tfvars", "b = 3\n"),
        ("other.tfvars", "b = 4\n"),
    ]);
    assert_eq!(found["y"], json!([{"a": 1, "b": "3-x", "c": "${var.c}", "o": "d"}]));
}

#[test]
fn what_is_not_known_is_left_as_it_is_written_and_the_rest_is_known() {
    let found = resource(
        " a = [var.x, \"0.0.0.0/0\"]\n b = concat(var.x, [\"*\"])\n c = \"x-${var.x}\"\n d = length(concat(var.x, [1]))\n\
         e = jsonencode({ a = var.x, b = \"*\" })\n f = var.x ? 1 : 2\n g = false && var.x\n h = try(t_z.q[0].id, 1)\n \
         i = \"$${aws:x}\"\n j = unheard_of(1)\n k = { \"${var.x}\" = 1 }",
    );
    let expected = json!([{
        "a": ["${var.x}", "0.0.0.0/0"],
        "b": ["${var.x}", "*"],
        "c": "x-${var.x}",
        "d": "${length(concat(var.x, [1]))}",
        "e": "{\"a\":\"${var.x}\",\"b\":\"*\"}",
        "f": "${var.x ? 1 : 2}",
        "g": false,
        "h": "${t_z.q[0].id}",
        "i": "$${aws:x}",
        "j": "${unheard_of(1)}",
        "k": {"${${var.x}}": 1},
    }]);
    assert_eq!(found, expected);
}

#[test]
fn instances_are_those_that_are_created() {
    assert_eq!(
        resource("count = 2\n a = count.index"),
        json!([{"a": 0, "count": 2}, {"a": 1, "count": 2}])
    );
    assert_eq!(resource("count = 0"), Json::Null);
    assert_eq!(resource("count = var.x\n a = count.index")[0]["a"], "${count.index}");
    assert_eq!(resource("count = 1000000000\n a = 1")[0]["a"], 1);
    let found = resource("for_each = { a = 1, b = 2 }\n k = each.key\n v = each.value");
    assert_eq!((&found[0]["k"], &found[1]["v"]), (&json!("a"), &json!(2)));
    // Who uses the module may create it.
    let open = "variable \"on\" {\n default = false\n}\nlocals {\n n = var.on ? 1 : 0\n}\n\
        resource \"t_x\" \"y\" {\n count = local.n\n a = 1\n}\n";
    assert_eq!(resolved(&[("main.tf", open)])["y"][0]["a"], 1);
    assert_eq!(
        resolved(&[("main.tf", open), ("terraform.tfvars", "on = false\n")]),
        json!({})
    );
}

#[test]
fn what_others_may_create_is_there() {
    let on = |default: &str| format!("variable \"on\" {{\n default = {default}\n}}\n");
    let counted = |count: &str| format!("resource \"t_x\" \"y\" {{\n count = {count}\n a = 1\n}}\n");
    let call = "module \"m\" {\n source = \"./m\"\n on = var.on\n}\n";
    let output = "output \"out\" {\n value = var.on ? 1 : 0\n}\n";
    // Through the argument of a call, through an output, through another resource.
    let inner = format!("{}{}", on("true"), counted("var.on ? 1 : 0"));
    for (main, inner) in [
        (call.to_owned(), inner.clone()),
        (
            format!("{call}{}", counted("module.m.out")),
            format!("{}{output}", on("true")),
        ),
        (
            format!(
                "resource \"t_z\" \"z\" {{\n n = var.on ? [1] : []\n}}\n{}",
                counted("length(t_z.z.n)")
            ),
            String::new(),
        ),
    ] {
        let main = format!("{}{main}", on("false"));
        let found = resolved(&[("main.tf", &main), ("m/main.tf", &inner)]);
        assert_eq!(found["y"][0]["a"], 1, "{main}");
        let set = [
            ("main.tf", &*main),
            ("m/main.tf", &inner),
            ("terraform.tfvars", "on = false\n"),
        ];
        assert_eq!(resolved(&set), json!({}), "{main}");
    }
    // A call that says so itself.
    let main = call.replace("var.on", "false");
    assert_eq!(resolved(&[("main.tf", &main), ("m/main.tf", &inner)]), json!({}));
    let rules = "variable \"on\" {\n default = []\n}\nlocals {\n rules = [for on in var.on : on]\n}\n\
        resource \"t_x\" \"y\" {\n dynamic \"r\" {\n for_each = local.rules\n content {\n a = 1\n b = r.value\n }\n }\n}\n";
    let content = |files: &[(&str, &str)]| resolved(files)["y"][0]["dynamic"]["r"][0]["content"].clone();
    assert_eq!(content(&[("main.tf", rules)]), json!([{"a": 1, "b": "${r.value}"}]));
    assert_eq!(
        content(&[("main.tf", rules), ("terraform.tfvars", "on = []\n")]),
        json!([])
    );
}

#[test]
fn dynamic_blocks_have_a_content_for_each_item() {
    let found = resource("dynamic \"r\" {\n for_each = [22, 80]\n iterator = it\n content {\n p = it.value\n }\n}");
    assert_eq!(found[0]["dynamic"]["r"][0]["content"], json!([{"p": 22}, {"p": 80}]));
    let found = resource("dynamic \"r\" {\n for_each = var.x\n content {\n p = r.value\n q = \"*\"\n }\n}");
    assert_eq!(
        found[0]["dynamic"]["r"][0]["content"],
        json!([{"p": "${r.value}", "q": "*"}])
    );
    assert_eq!(
        resource("dynamic \"r\" {\n for_each = []\n content {}\n}")[0]["dynamic"]["r"][0]["content"],
        json!([])
    );
}

#[test]
fn references_lead_to_what_is_written_or_stay_addresses() {
    let found = resolved(&[
        (
            "a.tf",
            "resource \"t_z\" \"z\" {\n count = 2\n n = \"n-${count.index}\"\n}\n",
        ),
        (
            "b.tf.json",
            r#"{"resource": {"t_x": {"y": {"a": "${t_z.z[1].n}", "b": "${t_z.z[1].id}", "c": "id: ${local.i}", "d": "plain"}}},
                "locals": {"i": "${t_z.z[0].id}"}}"#,
        ),
    ]);
    let expected = json!([{"a": "n-1", "b": "${t_z.z[1].id}", "c": "id: ${t_z.z[0].id}", "d": "plain"}]);
    assert_eq!(found["y"], expected);
}

#[test]
fn arguments_flow_into_local_modules_and_outputs_out_of_them() {
    let found = resolved(&[
        (
            "main.tf",
            "module \"m\" {\n source = \"./m\"\n given = upper(\"a\")\n}\nresource \"t_x\" \"y\" {\n a = module.m.out\n}\n",
        ),
        (
            "m/main.tf",
            "variable \"given\" {}\nvariable \"other\" {\n default = \"d\"\n}\noutput \"out\" {\n value = \"${var.given}!\"\n}\n\
             resource \"t_x\" \"inner\" {\n a = var.given\n b = var.other\n}\n",
        ),
    ]);
    assert_eq!(found, json!({"y": [{"a": "A!"}], "inner": [{"a": "A", "b": "d"}]}));
}

#[test]
fn files_that_define_the_same_are_seen_each_by_itself() {
    let file = |a: &str| format!("locals {{\n l = \"{a}\"\n}}\nresource \"t_x\" \"y\" {{\n a = local.l\n}}\n");
    let found = resolved(&[("a.tf", &file("1")), ("b.tf", &file("2"))]);
    assert_eq!(found["y"], json!([{"a": "1"}, {"a": "2"}]));
    let twice = "resource \"t_x\" \"y\" {\n a = 1\n}\nresource \"t_x\" \"y\" {\n a = 2\n}\n";
    assert_eq!(resolved(&[("a.tf", twice)])["y"], json!([{"a": 1}, {"a": 2}]));
}

#[test]
fn policy_documents_are_their_json() {
    let main = "data \"aws_iam_policy_document\" \"d\" {\n statement {\n actions = [\"*\"]\n resources = [\"*\", t_z.z.arn]\n\
        principals {\n type = \"AWS\"\n identifiers = [\"*\"]\n }\n condition {\n test = \"Bool\"\n variable = \"a:b\"\n\
        values = [\"true\"]\n }\n }\n}\nresource \"t_x\" \"y\" {\n p = data.aws_iam_policy_document.d.json\n}\n";
    let found = resolved(&[("main.tf", main)])["y"][0]["p"].clone();
    let found: Json = serde_json::from_str(found.as_str().expect("a text")).expect("JSON");
    let statement = json!({
        "Effect": "Allow", "Action": "*", "Resource": ["*", "${t_z.z.arn}"], "Principal": {"AWS": "*"},
        "Condition": {"Bool": {"a:b": "true"}},
    });
    assert_eq!(found, json!({"Version": "2012-10-17", "Statement": [statement]}));
}

#[test]
fn what_is_hostile_ends_and_is_not_known() {
    let circle = "locals {\n a = local.b\n b = [local.a]\n}\nresource \"t_x\" \"y\" {\n a = local.a\n b = t_x.y.b\n}\n\
        module \"self\" {\n source = \"./\"\n}\n";
    assert!(resolved(&[("main.tf", circle)])["y"].is_array());
    let doubling: String = (1..60)
        .map(|at| format!(" a{at} = \"${{local.a{}}}${{local.a{}}}\"\n", at - 1, at - 1))
        .collect();
    let text = format!("locals {{\n a0 = \"xxxxxxxx\"\n{doubling}}}\nresource \"t_x\" \"y\" {{\n a = local.a59\n}}\n");
    assert!(
        resolved(&[("main.tf", &text)])["y"][0]["a"]
            .as_str()
            .is_some_and(|text| text.starts_with("${"))
    );
    let chain: String = (1..3000).map(|at| format!(" a{at} = [local.a{}]\n", at - 1)).collect();
    let text = format!("locals {{\n a0 = 1\n{chain}}}\nresource \"t_x\" \"y\" {{\n a = local.a2999\n}}\n");
    assert!(resolved(&[("main.tf", &text)])["y"].is_array());
    let loops = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]";
    let found = resource(&format!("a = {loops}\n b = [\"*\"]"));
    assert_eq!(found[0]["b"], json!(["*"]), "what follows is as it is written");
    assert!(resource("a = format(\"%999999999d\", 1)\n b = range(1000000000)")[0]["b"].is_string());
}

#[test]
fn files_are_what_they_were() {
    let (now, before) = (tempfile::tempdir(), tempfile::tempdir());
    let (now, before) = (now.expect("a directory"), before.expect("a directory"));
    let path = |name: &str| now.path().join(name).display().to_string();
    let variable = |value: u8| format!("variable \"a\" {{\n default = {value}\n}}\n");
    let main = "resource \"t_x\" \"y\" {\n a = var.a\n b = var.b\n}\nvariable \"b\" {}\n";
    for directory in [&now, &before] {
        fs::write(directory.path().join("main.tf"), main).expect("it is written");
    }
    fs::write(path("new.tf"), variable(2)).expect("it is written");
    fs::write(before.path().join("old.tf"), variable(1)).expect("it is written");
    fs::write(before.path().join("terraform.tfvars"), "b = 3\n").expect("it is written");
    let snapshot = Snapshot::of_directory(before.path(), now.path()).expect("it can be read");
    let main = path("main.tf");
    let found = Resolved::of(std::iter::once(main.as_str()), reader().before(Some(&snapshot))).expect("a thread");
    let found = found.view(&main).to_json();
    assert_eq!(found["resources"]["t_x"][0]["values"], json!({"a": 1, "b": 3}));
}

#[test]
fn a_file_that_could_not_be_read_has_no_view() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let block = "resource \"t_x\" \"y\" {\n a = 1\n}\n";
    let utf_16: Vec<u8> = block.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content) in [
        ("main.tf", block.as_bytes().to_vec()),
        ("bom.tf", [b"\xef\xbb\xbf", block.as_bytes()].concat()),
        ("wide.tf", [b"\xff\xfe".to_vec(), utf_16].concat()),
        ("broken.tf", b"resource {".to_vec()),
        ("large.tf", vec![b'\n'; 2 << 20]),
        ("list.tf.json", b"[{}, {}]".to_vec()),
    ] {
        fs::write(path(name), content).expect("it is written");
    }
    let main = path("main.tf");
    let found = Resolved::of(std::iter::once(main.as_str()), reader()).expect("a thread");
    for name in ["main.tf", "bom.tf", "wide.tf"] {
        let view = found.view(&path(name)).to_json();
        let file = &view["file"];
        let entries = view["resources"]["t_x"].as_array().expect("a list");
        assert!(entries.iter().any(|entry| entry["file"] == *file), "{name}");
    }
    for name in ["broken.tf", "large.tf", "list.tf.json", "none.tf"] {
        assert_eq!(found.view(&path(name)).to_json(), Json::Null, "{name}");
    }
    assert_eq!(found.problems.len(), 2, "{:?}", found.problems);
    // Another spelling of the path is the same file.
    for between in ["//", "/./"] {
        let path = format!("{}{between}main.tf", directory.path().display());
        assert_eq!(found.view(&path).to_json()["file"], main);
    }
}

#[test]
fn what_cannot_be_evaluated_is_a_problem() {
    assert_eq!(on_stack(1 << 20, || 1).ok(), Some(1));
    let problem = on_stack(usize::MAX / 2, || 1).expect_err("there is not so much memory");
    assert!(problem.message.contains("no thread could be started"), "{problem:?}");
    let problem = on_stack(1 << 20, || -> u8 { panic!("on purpose") }).expect_err("it panics");
    assert!(problem.message.contains("panicked"), "{problem:?}");
}
