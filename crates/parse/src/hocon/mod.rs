//! HOCON: as its specification reads it, without the environment. `include` reads what the caller lets it.
//!
//! The parser keeps every definition of a key; [`resolve`] merges them and follows substitutions.

use crate::comments::{Code, Comments, Quote, SHELL_AND_C};
use crate::document::{Node, Span};
use crate::imports::{self, Folder, Imports};
use crate::{Meter, ParseError, Parsed, Row};

mod parser;
mod resolve;
mod store;
mod text;

/// How deep objects, arrays and paths may nest.
const MAX_DEPTH: usize = 200;

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "hocon",
    aliases: &[],
    files: &["*.hocon"],
    further: &[],
    about: "The object that HOCON describes, with substitutions followed and objects merged. The environment is not read. \
            `include \"file\"` reads files below the file's folder.",
    comments: Comments::Code(&Code {
        block: &[],
        quotes: &[Quote::TRIPLE, Quote::DOUBLE],
        ..SHELL_AND_C
    }),
    imports: imports::folders,
    example: (
        "app.hocon",
        "base { port = 8080 }\nserver = ${base} { host = localhost }\n",
    ),
    parse: |text, context, meter| parse(text, &Folder::of(context), meter).map(Parsed::of),
};

/// The document of a text.
pub(super) fn parse(text: &str, imports: &dyn Imports, meter: Meter) -> Result<Node, ParseError> {
    let (store, root) = parser::parse(text, imports)?;
    resolve::document(&store, &root, Span::new(0, text.len()), meter)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn json(text: &str) -> String {
        let files = HashMap::from([
            ("x".to_owned(), "b = 2, c = ${b}".to_owned()),
            ("bad".to_owned(), "\n = 1".to_owned()),
            ("self".to_owned(), "include \"self\"".to_owned()),
        ]);
        match parse(text, &files, Meter::new(100_000)) {
            Ok(node) => node.value.to_json().to_string(),
            Err(error) => format!("error at `{}`: {}", error.span.of(text), error.message),
        }
    }

    #[test]
    fn definitions_are_merged_and_substitutions_followed() {
        for (text, expected) in [
            ("a = 1\nb { c = [1, \"x\"] }", r#"{"a":1,"b":{"c":[1,"x"]}}"#),
            ("a { b = 1 }\nc = ${a} { d = 2 }", r#"{"a":{"b":1},"c":{"b":1,"d":2}}"#),
            ("p = [1]\np += 2\np = ${p} [3]", r#"{"p":[1,2,3]}"#),
            ("a = x\na = ${a}y", r#"{"a":"xy"}"#),
            ("a { b = ${a.c}, c = 1 }\na { c = 2 }", r#"{"a":{"b":2,"c":2}}"#),
            ("a = 1\na = ${?nope}", r#"{"a":1}"#),
            ("a = [${?nope}, 1]\nb = ${?nope}", r#"{"a":[1]}"#),
            (
                "a = two  words // c\nb = 10 seconds",
                r#"{"a":"two  words","b":"10 seconds"}"#,
            ),
            (
                "a = null, b = \"1\", c = 007, d = true x",
                r#"{"a":null,"b":"1","c":"007","d":"true x"}"#,
            ),
            (
                "a.\"b.c\".d = \"\"\"x \"q\"\n\"\"\"\"",
                r#"{"a":{"b.c":{"d":"x \"q\"\n\""}}}"#,
            ),
            ("a { include \"x\" }\nb = 1", r#"{"a":{"b":2,"c":2},"b":1}"#),
            ("[1, {a = 2}\n3,]", r#"[1,{"a":2},3]"#),
            ("a : { b : 1 }, a : 2, a : { c : 3 }", r#"{"a":{"c":3}}"#),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_at_their_place() {
        for (text, expected) in [
            ("a { b = 1", "error at `{`: this `{` is never closed"),
            ("a = }", "error at `}`: expected a value, found `}`"),
            ("a = ${nope}", "error at `${nope}`: nothing defines `nope`"),
            ("a = ${b}\nb = ${a}", "error at `${a}`: `a` depends on itself"),
            ("a = [1,,2]", "error at `,`: expected a value, found `,`"),
            ("a = \"x", "error at `\"`: this string is never closed"),
            ("a = \"\\x\"", "error at `\\x`: unknown escape `\\x`"),
            ("a = 1 }", "error at `}`: expected the end of the file, found `}`"),
            (
                "include \"bad\"",
                "error at `include \"bad\"`: bad:2:2: expected a key, found `=`",
            ),
            (
                "include \"nope\"",
                "error at `include \"nope\"`: could not include \"nope\": no such file",
            ),
            (
                "include url(\"http://x\")",
                "error at `include url(`: `include url(…)` is not supported",
            ),
            ("a = [1] x", "error at `[1] x`: an array and a string cannot be joined"),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn hostile_texts_end_with_an_error() {
        let names = || (0..60).map(|index| (format!("a{index}"), format!("a{}", index + 1)));
        let arrays: String = names()
            .map(|(name, next)| format!("{name} = [${{{next}}}, ${{{next}}}]\n"))
            .collect();
        let strings: String = names()
            .map(|(name, next)| format!("{name} = ${{{next}}}${{{next}}}\n"))
            .collect();
        let nothing: String = names()
            .map(|(name, next)| format!("{name} = ${{?{next}}}${{?{next}}}\n"))
            .collect();
        let chain: String = (0..5000)
            .map(|index| format!("a{index} = ${{a{}}}\n", index + 1))
            .collect();
        for (text, wrong) in [
            ("a = ".to_owned() + &"[".repeat(100_000), "nest deeper"),
            ("a {".repeat(100_000), "nest deeper"),
            (format!("a{} = 1", ".a".repeat(100_000)), "nest deeper"),
            (arrays + "a60 = 1", "values"),
            (strings + "a60 = xxxxxxxxxxxxxxxx", "than"),
            (nothing, "than"),
            (chain + "a5000 = 1", "nest deeper"),
            ("include \"self\"".to_owned(), "nest deeper"),
        ] {
            let found = json(&text);
            assert!(
                found.starts_with("error") && found.contains(wrong),
                "{}: {found}",
                &text[..text.len().min(50)]
            );
        }
    }

    #[test]
    fn values_and_keys_have_their_place() {
        let text = "a.b = 1\nc = ${a}";
        let root = parse(text, &crate::imports::NoImports, Meter::new(100)).expect("valid");
        let children = root.spans.children.expect("an object");
        let b = |spans: &crate::document::Spans| {
            let b = &spans.children.as_ref().expect("an object")[0];
            (b.key.of(text).to_owned(), b.value.of(text).to_owned())
        };
        assert_eq!((children[0].key.of(text), children[0].value.of(text)), ("a", "b = 1"));
        assert_eq!(b(&children[0]), ("b".to_owned(), "1".to_owned()));
        assert_eq!(
            (children[1].key.of(text), b(&children[1])),
            ("c", ("b".to_owned(), "1".to_owned()))
        );
    }
}
