//! HCL2, Terraform's language, in the shape of hcl2json that conftest's policies are written against: blocks are
//! arrays below their type and labels, and expressions stay text, `${…}`.
//!
//! The parser reads what the specification and HCL's own implementation read, and refuses what they refuse.
//! `scan` cuts the text into tokens, `cursor` walks over them, `structure` reads bodies, `expression`,
//! `collection` and `template` read what is in them, and `value` turns it into the document.

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::{Code, Comments, SHELL_AND_C};
use crate::document::{Node, Span};

mod collection;
mod cursor;
mod escape;
mod expression;
mod number;
mod pieces;
mod scan;
mod structure;
mod template;
mod term;
mod token;
mod tree;
mod value;

pub use term::{For, Sign, Step, TemplatePart, Term, TermKind, term};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "hcl2",
    aliases: &["hcl", "terraform"],
    files: &["*.tf", "*.tfvars", "*.hcl", "*.hcl2"],
    further: &["*.tofu"],
    about: "Blocks as arrays below their type and labels, expressions as text `${…}`, as hcl2json writes them.",
    comments: Comments::Code(&Code {
        heredoc: true,
        ..SHELL_AND_C
    }),
    imports: |_| Vec::new(),
    example: (
        "main.tf",
        "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = var.name\n}\n",
    ),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// The document of a text.
pub(super) fn parse(text: &str, mut meter: Meter) -> Result<Node, ParseError> {
    let mut parser = cursor::Parser::new(text);
    // A value has a token of its own and one that separates it from the next. To count the values themselves would make
    // the frames larger that a deep expression has many of.
    meter.count(parser.count() / 2, Span::new(0, 0))?;
    parser.file()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> serde_json::Value {
        parse(text).expect(text).value.to_json()
    }

    fn parse(text: &str) -> Result<Node, ParseError> {
        super::parse(text, Meter::new(crate::MAX_NODES))
    }

    fn under(text: &str, span: Span) -> &str {
        &text[span.start as usize..span.end as usize]
    }

    #[test]
    fn what_is_no_literal_stays_text() {
        let text = "a = -1\nb = !true\nc = --1\nd = x.*.y[0]\ne = (1)\nf = \"${[1]}\"\n";
        let expected = json!({"a": -1, "b": false, "c": "${--1}", "d": "${x.*.y[0]}", "e": "${(1)}", "f": [1]});
        assert_eq!(value(text), expected);
    }

    #[test]
    fn keys_that_are_not_known_stay_text() {
        let text = "a = { b = 1, c.d[0] = 2, (e) = 3, f[g] = 4, x.* = 5, 1e3 = 6, null = 7, b : 8 }\n";
        let expected = json!({"a": {
            "b": 8, "c.d[0]": 2, "${(e)}": 3, "${f[g]}": 4, "${x.*}": 5, "1000": 6, "null": 7,
        }});
        assert_eq!(value(text), expected);
    }

    #[test]
    fn templates_are_written_out() {
        for (template, expected) in [
            ("x${null}y", "xnully"),
            ("x${1.50}y", "x1.5y"),
            ("x${a ? b : \"\"}y", "x%{if a}${b}%{endif}y"),
            ("%{ if a }b%{ else }%{ endif }", "%{if a}b%{endif}"),
            (
                " %{~ for k, v in a ~} b ${~ k } %{ endfor }",
                "%{for k, v in a}b${k} %{endfor}",
            ),
            ("$${a} $b %%{c}", "$${a} $b %%{c}"),
            ("e\u{301}", "\u{E9}"),
        ] {
            assert_eq!(
                value(&format!("a = \"{template}\"\n")),
                json!({"a": expected}),
                "{template}"
            );
        }
    }

    #[test]
    fn a_heredoc_loses_the_blanks_that_its_lines_share() {
        for (body, expected) in [
            ("    a\n  b\n", "  a\nb\n"),
            ("    a\n \n  b\n", "  a\n \nb\n"),
            ("  a\n${b}\n", "  a\n${b}\n"),
            ("  a\n  ${~ b}\n", "  a\n${b}\n"),
            ("  %{ if a ~}\n    b\n  %{ endif }\n", "%{if a}    b\n%{endif}\n"),
        ] {
            assert_eq!(
                value(&format!("a = <<-E\n{body}  E\n")),
                json!({"a": expected}),
                "{body}"
            );
        }
    }

    #[test]
    fn every_part_keeps_its_place() {
        let text = "b \"l\" {\n k = \"${[1, x.y]}\"\n h = <<E\n t\n  E  \n}\n";
        let block = &parse(text).expect("valid").spans.children.expect("a body")[0];
        assert_eq!((under(text, block.key), under(text, block.value)), ("b", "b"));
        let label = &block.children.as_ref().expect("labels")[0];
        let body = &label.children.as_ref().expect("bodies")[0];
        assert_eq!((under(text, label.key), under(text, body.value)), ("\"l\"", "\"l\""));
        let [heredoc, list] = body.children.as_deref().expect("attributes") else {
            panic!("two attributes");
        };
        assert_eq!(
            (under(text, heredoc.key), under(text, heredoc.value)),
            ("h", "<<E\n t\n  E")
        );
        assert_eq!(
            (under(text, list.key), under(text, list.value)),
            ("k", "\"${[1, x.y]}\"")
        );
        assert_eq!(under(text, list.children.as_ref().expect("items")[1].value), "x.y");
    }

    #[test]
    fn an_error_names_what_is_wrong_at_its_place() {
        for (text, wrong, message) in [
            ("a = 'x'\n", "'", "expected an expression, found `'`"),
            ("a =\u{A0}1\n", "\u{A0}", "expected an expression, found `\\u{a0}`"),
            ("a = 1 b = 2\n", "b", "expected the end of the line, found `b`"),
            ("a = 1\na = 2\n", "a", "duplicate argument `a`"),
            ("a = [1 2]\n", "2", "expected `,` or `]`, found `2`"),
            ("a = [1,\n", "[", "this bracket is never closed"),
            ("b {\n c {\n }\n", "{", "this brace is never closed"),
            ("a = f(1\n", "(", "this parenthesis is never closed"),
            ("a = \"x\ny\"\n", "\n", "a quoted string cannot span several lines"),
            ("a = \"\\q\"\n", "\\q", "`\\q` is not an escape"),
            ("a = \"\\u12\"\n", "\\u12", "`\\u12` needs 4 hexadecimal digits"),
            ("a = \"${x\n", "${", "this interpolation is never closed"),
            ("a = \"%{if x}\"\n", "%{", "this directive is never closed"),
            (
                "a = \"%{endif}\"\n",
                "%{",
                "`endif` does not belong to what is open here",
            ),
            ("a = <<E\nE", "<<E", "this heredoc is never closed"),
            ("a = 1 /* b\n", "/*", "this comment is never closed"),
            ("a = x.0.1\n", "0.1", "an index after a dot cannot follow another one"),
            ("a = x.*.*\n", "*", "`.*` cannot be nested in another `.*`"),
            ("a = !1\n", "1", "`!` needs `true` or `false`"),
            ("a = 1.2.3\n", "1.2.3", "`1.2.3` is not a number"),
            ("a = 1e400\n", "1e400", "the number is too large"),
            (
                "a = \"%{if x}${null}%{endif}\"\n",
                "null",
                "null cannot be converted to a string",
            ),
            ("b \"${x}\" {}\n", "${", "a label is a string without `${` and `%{`"),
            ("b { c {} }\n", "{", "expected `=` and a value, found `{`"),
            (
                "b {}\nb \"l\" {}\n",
                "b",
                "some blocks of this type have labels and some have none",
            ),
            ("\"a\" = 1\n", "\"", "an argument's name has no quotes"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(
                (under(text, error.span), error.message.as_str()),
                (wrong, message),
                "{text}"
            );
        }
        let error = parse("\na = [1\nb = 2\n").expect_err("an open bracket");
        assert_eq!(error.help.as_deref(), Some("the `[` of line 2 is still open"));
        let error = parse("b { c = 1\n}\n").expect_err("an argument on the line of the brace");
        let help = "a block on one line can have only one argument: break the line after `{`";
        assert_eq!(error.help.as_deref(), Some(help));
        let error = parse("a = \"x\nb {\n").expect_err("an open quote");
        assert_eq!(error.help.as_deref(), Some("write `\\n`, or use a heredoc"));
    }

    /// A text that nests `depth` levels deep.
    fn nested((open, middle, close): (&str, &str, &str), depth: usize) -> String {
        format!("{}{middle}{}\n", open.repeat(depth), close.repeat(depth))
    }

    #[test]
    fn depth_has_a_limit_and_length_has_none() {
        for (open, middle, close) in [
            ("[", "1", "]"),
            ("(", "1", ")"),
            ("{a=", "1", "}"),
            ("f(", "1", ")"),
            ("x[", "1", "]"),
            ("\"${", "1", "}\""),
            ("\"x${", "1", "}\""),
            ("a ? ", "1", " : 2"),
            ("a ? 1 : ", "2", ""),
            ("{ for x in y : x => ", "1", "}"),
            ("\"%{if ", "x", "}a%{endif}\""),
        ] {
            let text = |depth| format!("a = {}", nested((open, middle, close), depth));
            assert!(parse(&text(250)).is_ok(), "{open}");
            let error = parse(&text(10_000)).expect_err(open);
            assert_eq!(error.message, "blocks and expressions nest deeper than 250 levels");
        }
        assert!(parse(&nested(("b {\n", "", "}\n"), 250)).is_ok());
        assert!(parse(&nested(("b {\n", "", "}\n"), 251)).is_err());
        assert!(parse(&format!("b {}{{}}", "l ".repeat(10_000))).is_err());
        assert!(parse(&format!("a = {}1{}\n", "-".repeat(10_000), " + 1".repeat(10_000))).is_ok());
        assert!(parse(&format!("a = x{}\n", ".y[0].*[*]".repeat(10_000))).is_ok());
        assert!(
            parse(&format!(
                "a = \"{}\"\n",
                nested(("%{if x}", "", "%{endif}"), 10_000).trim()
            ))
            .is_ok()
        );
    }
}
