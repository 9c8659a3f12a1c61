use std::collections::HashMap;

use super::*;
use crate::imports::NoImports;

fn parse(text: &str) -> Result<Node, ParseError> {
    super::parse(text, &NoImports, Meter::new(crate::MAX_NODES))
}

fn json(text: &str) -> String {
    match parse(text) {
        Ok(node) => node.value.to_json().to_string(),
        Err(error) => format!("error at `{}`: {}", error.span.of(text), error.message),
    }
}

#[test]
fn values_have_the_place_where_they_are_written() {
    let text = "local port(p) = { number: p };\n{ a: [port(80)], b:: 1, c: self.b }";
    let root = parse(text).expect("valid");
    let children = root.spans.children.expect("an object");
    let list = children[0].children.as_ref().expect("an array");
    let port = list[0].children.as_ref().expect("an object");
    assert_eq!(children[0].key.of(text), "a");
    assert_eq!(list[0].value.of(text), "port(80)");
    assert_eq!((port[0].key.of(text), port[0].value.of(text)), ("number", "p"));
    assert_eq!(children[1].value.of(text), "self.b");
}

#[test]
fn what_is_imported_has_the_place_of_its_import() {
    let files = HashMap::from([
        ("x".to_owned(), "{ a: [1] }".to_owned()),
        ("bad".to_owned(), "\n {a: 1 +}".to_owned()),
    ]);
    let text = "{ x: import 'x' }";
    let root = super::parse(text, &files, Meter::new(100)).expect("valid");
    let x = &root.spans.children.expect("an object")[0];
    assert_eq!(x.children.as_ref().expect("an object")[0].value.of(text), "import 'x'");
    let text = "{ x: import 'bad' }";
    let error = super::parse(text, &files, Meter::new(100)).expect_err("a syntax error");
    assert_eq!(error.span.of(text), "import 'bad'");
    assert_eq!(error.message, "bad:2:9: expected an expression, found `}`");
}

#[test]
fn hostile_programs_end_with_an_error() {
    let doubled = (0..60).fold("local x0 = 'ab';".to_owned(), |text, index| {
        format!("{text} local x{} = x{index} + x{index};", index + 1)
    });
    for (text, wrong) in [
        ("[".repeat(100_000), "nest deeper"),
        (format!("{}1", "local a = ".repeat(50_000)), "nest deeper"),
        (format!("1{}", " + 1".repeat(50_000)), "nest deeper"),
        (format!("{}1", "-".repeat(50_000)), "nest deeper"),
        (format!("{doubled} x60"), "MiB"),
        ("local f(x) = f(x + 1); f(0)".to_owned(), "max stack frames"),
        ("local f(x) = f(x + 1) tailstrict; f(0)".to_owned(), "than"),
        ("std.makeArray(1e12, function(x) x)".to_owned(), "MiB"),
        ("std.range(0, 1e300)".to_owned(), "MiB"),
        ("'%1000000000d' % 1".to_owned(), "wider"),
        ("std.repeat('x', 1e12)".to_owned(), "MiB"),
        ("local a = [a]; a".to_owned(), "nest deeper"),
        ("local a = a; a".to_owned(), "depends on itself"),
        ("{ a: self.a }".to_owned(), "depends on itself"),
        (
            "std.foldl(function(a, x) [a], std.range(1, 2000), [])".to_owned(),
            "nest deeper",
        ),
    ] {
        let limits = Limits {
            steps: 300_000,
            bytes: 32 << 20,
        };
        let error = within(&text, &NoImports, Meter::new(1000), limits).expect_err("it has no value");
        assert!(
            error.message.contains(wrong),
            "{}: {}",
            &text[..text.len().min(60)],
            error.message
        );
    }
}

#[test]
fn errors_are_at_their_place() {
    for (text, expected) in [
        ("{a: b}", "error at `b`: unknown variable: b"),
        ("{a: 1, a: 2}", "error at `a`: the field `a` is in the object twice"),
        ("{a: 1", "error at ``: expected `,` or `}`, found the end of the file"),
        (
            "{a: 1} extra",
            "error at `extra`: expected the end of the file, found `extra`",
        ),
        (
            "self",
            "error at `self`: `self`, `super` and `$` have no meaning outside of an object",
        ),
        ("{a: 1}.c", "error at `{a: 1}.c`: field does not exist: c"),
        ("1 + {}", "error at `1 + {}`: unexpected type object, expected number"),
        ("{a: error 'boom'}", "error at `error 'boom'`: boom"),
        (
            "std.map(1, [])",
            "error at `std.map(1, [])`: std.map: the first parameter is a function, not number",
        ),
        ("function(x) x", "error at `function(x) x`: missing argument: x"),
        ("'\\q'", "error at `\\q`: unknown escape `\\q`"),
    ] {
        assert_eq!(json(text), expected, "{text}");
    }
}

#[test]
fn the_library_answers_as_go_jsonnet_does() {
    for (text, expected) in [
        (
            "'%5.1f|%-5d|%05d|%+d|%x|%e|%g|%s' % [3.14159, 42, 42, 7, 255, 12345.678, 0.0001, [1]]",
            r#""  3.1|42   |00042|+7|ff|1.234568e+04|0.0001|[1]""#,
        ),
        ("'%(a)s-%(b)03d' % {a: 'x', b: 5}", r#""x-005""#),
        (
            "std.toString(0.1) + std.toString({a: [], b: {}})",
            r#""0.10000000000000001{\"a\": [ ], \"b\": { }}""#,
        ),
        (
            "std.manifestYamlDoc({a: [1, {b: 'c'}], t: 'x\\ny\\n', e: []})",
            r#""\"a\":\n- 1\n- \"b\": \"c\"\n\"e\": []\n\"t\": |\n  x\n  y""#,
        ),
        (
            "std.manifestJsonEx({a: [1, []]}, '  ')",
            r#""{\n  \"a\": [\n    1,\n    [\n\n    ]\n  ]\n}""#,
        ),
        (
            "std.manifestTomlEx({a: 1, b: {c: [1, 2]}, d: [{e: 'x'}]}, '  ')",
            r#""a = 1\n\n[b]\n  c = [\n    1,\n    2\n  ]\n\n[[d]]\n  e = \"x\"""#,
        ),
        (
            "std.manifestIni({main: {a: 1}, sections: {s: {b: [1, 2]}}})",
            r#""a = 1\n[s]\nb = 1\nb = 2\n""#,
        ),
        (
            "std.mergePatch({a: 1, b: {c: 2}}, {a: null, b: {d: 3}})",
            r#"{"b":{"c":2,"d":3}}"#,
        ),
        (
            "std.setUnion([1, 3], [2, 3]) + std.setDiff([1, 2], [2]) + std.set([2, 1, 2])",
            "[1,2,3,1,1,2]",
        ),
        (
            "[std.md5('a'), std.length(std.sha3('a')), std.base64('hi'), std.parseHex('ff')]",
            r#"["0cc175b9c0f1b6a831c399e269772661",128,"aGk=",255]"#,
        ),
        ("std.prune({a: null, b: [], c: {d: {}}, e: 1})", r#"{"e":1}"#),
        (
            "{a: 1} { a+: 2, b: super.a, c: 'a' in super }",
            r#"{"a":3,"b":1,"c":true}"#,
        ),
        ("{ [k]: std.length(k) for k in ['a', 'bb'] }", r#"{"a":1,"bb":2}"#),
        ("local f(n) = if n == 0 then 0 else f(n - 1) tailstrict; f(10000)", "0"),
        ("|||\n  a\n    b\n|||", r#""a\n  b\n""#),
        ("{ local x = 2, assert self.a > 1: 'small', a: x }", r#"{"a":2}"#),
        ("std.foldr(function(x, acc) acc + x, ['a', 'b'], '')", r#""ba""#),
        (
            "std.splitLimit('a,b,c', ',', 1) + std.splitLimitR('a,b,c', ',', 1)",
            r#"["a","b,c","a,b","c"]"#,
        ),
        (
            "std.manifestXmlJsonml(['a', {x: 'y'}, ['b'], 'z'])",
            r#""<a x=\"y\"><b></b>z</a>""#,
        ),
        (
            "std.manifestPython({a: true, b: [null]})",
            r#""{\"a\": True, \"b\": [None]}""#,
        ),
    ] {
        assert_eq!(json(text), expected, "{text}");
    }
}
