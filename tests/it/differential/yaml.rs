//! YAML beside Kubernetes' own reader: texts that nobody wrote, made from manifests and from the small texts that show what
//! YAML can do.
//!
//! Kubernetes is a small program that is built in the folder of its module, and asked text by text:
//!
//!     cargo xtask oracle
//!     YAML_ORACLE=target/yaml-oracle CASES=100000 SEED=7 cargo test --release --test it differential::yaml -- --ignored
//!
//! `YAML_SEEDS` names a folder with more texts to start from; `YAML_FOUND` a file that takes what differs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use kpolicy_parse::Format;
use kpolicy_value::Value;

/// How many texts are asked at once.
const BATCH: usize = 256;
/// How long a text is that is taken whole.
const SHORT: usize = 300;

/// Kubernetes.
struct Oracle {
    process: Child,
    asked: BufWriter<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Oracle {
    fn start() -> Self {
        let program = std::env::var_os("YAML_ORACLE").expect("YAML_ORACLE names what `cargo xtask oracle` builds");
        let process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = process.expect("YAML_ORACLE names a program");
        let asked = BufWriter::new(process.stdin.take().expect("its input is a pipe"));
        let replies = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Self {
            process,
            asked,
            replies,
        }
    }

    fn ask(&mut self, text: &str) {
        let length = u32::try_from(text.len()).expect("texts are short");
        self.asked.write_all(&length.to_le_bytes()).expect("the oracle listens");
        self.asked.write_all(text.as_bytes()).expect("the oracle listens");
    }

    fn send(&mut self) {
        self.asked.flush().expect("the oracle listens");
    }

    fn reply(&mut self) -> String {
        let mut length = [0; 4];
        self.replies.read_exact(&mut length).expect("the oracle replies");
        let mut reply = vec![0; u32::from_le_bytes(length) as usize];
        self.replies.read_exact(&mut reply).expect("the oracle replies");
        String::from_utf8(reply).expect("JSON is UTF-8")
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Random numbers that a seed settles.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % bound.max(1)
    }

    fn of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }

    fn token(&mut self) -> &'static str {
        TOKENS[self.below(TOKENS.len())]
    }
}

/// What is put into texts.
const TOKENS: &[&str] = &[
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{a0}",
    "\u{feff}",
    ":",
    ": ",
    ":\n",
    "- ",
    "-",
    "- - ",
    "? ",
    "?",
    ",",
    ", ",
    "[",
    "]",
    "{",
    "}",
    "[]",
    "{}",
    "#",
    " #",
    " # c\n",
    "&a ",
    "*a",
    "&b",
    "*b ",
    "!",
    "!!str ",
    "!!int ",
    "!!float ",
    "!!bool ",
    "!!null ",
    "!!binary ",
    "!!timestamp ",
    "!!merge ",
    "!t ",
    "!<tag:yaml.org,2002:str> ",
    "|",
    ">",
    "|-\n",
    ">+\n",
    "|2\n",
    "|\n",
    ">\n",
    "'",
    "\"",
    "''",
    "\\",
    "\\n",
    "\\x41",
    "\\u0041",
    "\\\n",
    "%",
    "@",
    "`",
    "---",
    "---\n",
    "--- ",
    "...\n",
    "\n---\n",
    "\n...\n",
    "%YAML 1.1\n",
    "%TAG ! tag:yaml.org,2002:\n",
    "<<: ",
    "<<: *a\n",
    "a: ",
    "b: &b ",
    "key",
    "true",
    "yes",
    "null",
    "~",
    "0",
    "1",
    "-1",
    "0x1F",
    "0o17",
    "017",
    "08",
    "1_000",
    "1e3",
    ".5",
    "1.",
    "-.inf",
    ".nan",
    "1:30",
    "2001-12-14",
    "0b11",
    "-0b11",
    "+1",
    "1e400",
    "9223372036854775808",
    "é",
    "日",
    "😀",
    "\"a\"",
    "'b'",
    "{a: 1}",
    "[1, 2]",
    "x: y",
    "-\n",
    ":a",
    "a:b",
    "=",
    "<<",
    "on",
    "n",
    "\u{7f}",
];

/// The texts that are changed: whole ones, and their lines.
struct Seeds {
    texts: Vec<String>,
    lines: Vec<String>,
}

impl Seeds {
    fn collect() -> Self {
        let mut texts = Vec::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["kubernetes-yaml.jsonl", "yaml.jsonl"] {
            let cases = std::fs::read_to_string(root.join("tests/parsers").join(name)).unwrap_or_default();
            let inputs = cases
                .lines()
                .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            texts.extend(inputs.filter_map(|case| Some(case.get("input")?.as_str()?.to_owned())));
        }
        gather(&root.join("examples"), &mut texts);
        if let Some(folder) = std::env::var_os("YAML_SEEDS") {
            gather(Path::new(&folder), &mut texts);
        }
        texts.retain(|text| !text.is_empty());
        let lines = texts.iter().flat_map(|text| text.split_inclusive('\n'));
        let lines = lines.filter(|line| line.len() < SHORT).map(str::to_owned).collect();
        Self { texts, lines }
    }

    /// A text, or a few lines of one.
    fn text(&self, random: &mut Random) -> String {
        let text = random.of(&self.texts);
        if text.len() <= SHORT {
            return text.clone();
        }
        let start = boundary(text, random.below(text.len()));
        let start = text[..start].rfind('\n').map_or(0, |found| found + 1);
        let lines = text[start..].split_inclusive('\n').take(1 + random.below(12));
        let end = start + lines.map(str::len).sum::<usize>();
        text[start..end].to_owned()
    }

    fn mutated(&self, random: &mut Random) -> String {
        let mut text = match random.below(8) {
            0 => (0..1 + random.below(12)).map(|_| random.token()).collect(),
            1 => (0..1 + random.below(6))
                .map(|_| random.of(&self.lines).as_str())
                .collect(),
            _ => self.text(random),
        };
        for _ in 0..1 + random.below(4) {
            self.change(&mut text, random);
        }
        text
    }

    fn change(&self, text: &mut String, random: &mut Random) {
        let at = boundary(text, random.below(text.len() + 1));
        let end = boundary(text, at + random.below(8));
        match random.below(10) {
            0..4 => text.insert_str(at, random.token()),
            4 => text.replace_range(at..end, random.token()),
            5 => text.replace_range(at..end, ""),
            6 => {
                let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
                text.insert_str(start, random.of(&self.lines).as_str());
            }
            7 => {
                // Another indentation.
                let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
                match random.below(3) {
                    0 => text.insert_str(start, random.of::<&str>(&[" ", "  ", "\t", "- "])),
                    _ if text[start..].starts_with(' ') => {
                        text.remove(start);
                    }
                    _ => text.insert(start, ' '),
                }
            }
            8 => {
                // A line that goes on, or one that is gone.
                if let Some(found) = text[at..].find('\n') {
                    text.replace_range(
                        at + found..=at + found,
                        random.of::<&str>(&["", " ", "\r\n", "\u{85}", "\n\n"]),
                    );
                }
            }
            _ => {
                let piece = text[at..end].to_owned();
                let to = boundary(text, random.below(text.len() + 1));
                text.insert_str(to, &piece);
            }
        }
    }
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The YAML files below a folder.
fn gather(folder: &Path, texts: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            gather(&path, texts);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            texts.extend(std::fs::read_to_string(&path));
        }
    }
}

/// The reader's answer as the oracle writes its own.
fn own(text: &str) -> Result<String, String> {
    let documents = Format::Yaml.parse(text).map_err(|error| error.message)?;
    let mut lines = String::new();
    for document in documents {
        if document.value != Value::Null {
            json(&document.value, &mut lines);
            lines.push('\n');
        }
    }
    Ok(lines)
}

/// JSON as Go writes it.
fn json(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => {
            let text = number.to_string();
            // Go writes no zeros before a short exponent.
            out.push_str(&text.replace("e-0", "e-"));
        }
        Value::String(text) => string(text.as_str().unwrap_or_default(), out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                json(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (index, (key, value)) in object.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                json(key, out);
                out.push(':');
                json(value, out);
            }
            out.push('}');
        }
        Value::Set(_) => unreachable!("a document holds no set"),
    }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(out, "\\u{:04x}", u32::from(character)).expect("a string takes everything");
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// How the reader's answer differs from Kubernetes'.
fn difference(text: &str, theirs: &str) -> Option<(&'static str, String)> {
    // A file's byte-order mark is gone before its text is read.
    let marked = text.starts_with('\u{feff}');
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mine = match marked && text.starts_with('\u{feff}') {
        true => Err("two byte-order marks".to_owned()),
        false => own(text),
    };
    match (&mine, theirs.strip_prefix('!')) {
        (Ok(mine), None)
            if mine == theirs || theirs.contains("\\ufffd") && *mine == theirs.replace("\\ufffd", "\u{fffd}") =>
        {
            None
        }
        (Ok(mine), None) if is_wider(text, mine, theirs) => Some(("wider: documents behind `...`", mine.clone())),
        (Ok(mine), None) => Some(("DIFFERENT", mine.clone())),
        (Err(message), None) if message.contains("control character") => {
            Some(("rejected: control characters behind a document", message.clone()))
        }
        (Err(message), None) if marked && text.starts_with("---") => {
            Some(("rejected: a byte-order mark before `---`", message.clone()))
        }
        (Err(message), None) if message.contains("byte-order marks") => {
            Some(("rejected: a second byte-order mark", message.clone()))
        }
        (Err(message), None) => Some(("REJECTED", message.clone())),
        (Err(_), Some(_)) => None,
        (Ok(mine), Some(error)) => Some((wider(text, error), format!("{mine} | {error}"))),
    }
}

/// Whether all that differs is documents behind `...`, and behind JSON.
fn is_wider(text: &str, mine: &str, theirs: &str) -> bool {
    let mut mine = mine.lines();
    (text.contains("...") || text.trim_start().starts_with('{'))
        && theirs.lines().all(|line| mine.by_ref().any(|own| own == line))
}

/// What is read although Kubernetes refuses it.
fn wider(text: &str, error: &str) -> &'static str {
    if error.contains("invalid Yaml document separator") && (text.contains("--- ") || text.contains("---\t")) {
        "wider: text behind `--- `"
    } else if text.contains('%')
        && ["document start", "incompatible YAML", "tag handle"]
            .iter()
            .any(|known| error.contains(known))
    {
        "wider: directives before `---`"
    } else if text.contains("...") && error.contains("expected node content") {
        "wider: `...` behind nothing"
    } else if text.contains('{') && error.contains("escape") {
        "wider: escapes of JSON"
    } else {
        "WIDER"
    }
}

#[test]
#[ignore = "needs Kubernetes' reader: YAML_ORACLE"]
fn yaml_reads_as_kubernetes_reads_it() {
    let mut oracle = Oracle::start();
    let seeds = Seeds::collect();
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let mut random = Random(
        number("SEED")
            .unwrap_or(1_u64)
            .max(1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15),
    );
    let cases = number("CASES").unwrap_or(10_000);
    let mut kinds = BTreeMap::<&str, usize>::new();
    let mut shown = BTreeMap::<&str, Vec<String>>::new();
    let mut done = 0;
    let mut next: Vec<String> = (0..BATCH).map(|_| seeds.mutated(&mut random)).collect();
    while done < cases {
        for text in &next {
            oracle.ask(text);
        }
        oracle.send();
        let asked = std::mem::replace(&mut next, (0..BATCH).map(|_| seeds.mutated(&mut random)).collect());
        for text in asked {
            let theirs = oracle.reply();
            done += 1;
            let Some((kind, how)) = difference(&text, &theirs) else {
                *kinds
                    .entry(if theirs.starts_with('!') { "both refuse" } else { "same" })
                    .or_default() += 1;
                continue;
            };
            *kinds.entry(kind).or_default() += 1;
            let found = shown.entry(kind).or_default();
            if found.len() < 40 {
                found.push(format!("{text:?}\n    kpolicy: {how}\n    Kubernetes: {theirs}"));
            }
        }
    }
    println!("{cases} texts: {kinds:?}");
    let report: String = shown
        .iter()
        .map(|(kind, found)| format!("{kind}\n  {}\n", found.join("\n  ")))
        .collect();
    match std::env::var_os("YAML_FOUND") {
        Some(path) => std::fs::write(path, &report).expect("YAML_FOUND can be written"),
        None => println!("{report}"),
    }
    assert!(!shown.contains_key("DIFFERENT"), "values differ:\n{report}");
}
