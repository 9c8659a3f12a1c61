//! Identifiers, random numbers, and what a policy may ask of its surroundings.

use std::str;

use super::operand::{bytes, integer, string};
use super::registry::{Capability, Family, needs, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_value::Value;

pub(super) const FAMILY: Family = &[
    needs(
        Capability::Random,
        "rand.intn",
        "(string, number) -> number",
        "A random integer from 0 up to a limit, the same for the same operands within an evaluation.",
        intn,
    ),
    needs(
        Capability::Random,
        "uuid.rfc4122",
        "(string) -> string",
        "A random UUID (version 4), the same for the same operand within an evaluation.",
        |context, operands| context.drawn("uuid.rfc4122", operands, || random_uuid().map(Some)),
    ),
    pure(
        "uuid.parse",
        "(string) -> object{[string]: any}",
        "The parts of a UUID.",
        parse,
    ),
    needs(
        Capability::Env,
        "opa.runtime",
        "() -> object{[string]: any}",
        "What is known of the process that evaluates.",
        |context, _| context.runtime().map(Some),
    ),
    pure(
        "trace",
        "(string) -> boolean",
        "Adds a note to the trace.",
        |_, operands| string(operands, 0).map(|_| Some(Value::Bool(true))),
    ),
];

type Uuid = [u8; 16];

/// Follows OPA v1.22 topdown/numbers.go: builtinRandIntn.
fn intn(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    let limit = integer(operands, 1)?.unsigned_abs();
    if limit == 0 {
        return Ok(Some(0i64.into()));
    }
    context.drawn("rand.intn", operands, || {
        let number = u128::from(u64::from_le_bytes(random()?));
        // The high half of the product spreads the numbers evenly over the range.
        let below = (number * u128::from(limit)) >> 64;
        Ok(i64::try_from(below).ok().map(Value::from))
    })
}

/// Follows OPA v1.22 internal/uuid: New.
fn random_uuid() -> Result<Value, Failure> {
    let mut bytes: Uuid = random()?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let groups = [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]];
    Ok(Value::from(groups.map(hex).join("-").as_str()))
}

/// Random bytes of the operating system.
fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Builtin(format!("no random numbers: {error}")))?;
    Ok(bytes)
}

/// What a UUID tells; undefined for a text that is none.
fn parse(_: &mut Context, operands: Operands) -> Answer {
    Ok(read(bytes(operands, 0)?).map(|uuid| described(&uuid)))
}

/// The bytes of a UUID with its dashes, in braces or after `urn:uuid:`, or of 32 digits alone.
fn read(text: &[u8]) -> Option<Uuid> {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    const LENGTH: usize = 36;
    let digits: Vec<u8> = if text.len() == 32 {
        text.to_vec()
    } else {
        let text = match text.len() {
            LENGTH => text,
            45 if text[..9].eq_ignore_ascii_case(b"urn:uuid:") => &text[9..],
            // What stands for the braces is not looked at, as in OPA.
            38 => &text[1..37],
            _ => return None,
        };
        if DASHES.iter().any(|at| text[*at] != b'-') {
            return None;
        }
        let digits = text.iter().enumerate().filter(|(at, _)| !DASHES.contains(at));
        digits.map(|(_, digit)| *digit).collect()
    };
    let mut uuid = Uuid::default();
    for (byte, pair) in uuid.iter_mut().zip(digits.chunks(2)) {
        let pair = str::from_utf8(pair).ok()?;
        if pair.starts_with('+') {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(uuid)
}

fn described(uuid: &Uuid) -> Value {
    let version = uuid[6] >> 4;
    let mut entries: Vec<(Value, Value)> = vec![
        ("version".into(), i64::from(version).into()),
        ("variant".into(), variant(uuid[8]).into()),
    ];
    if matches!(version, 1 | 2) {
        let node: Vec<String> = uuid[10..].iter().map(|byte| format!("{byte:02x}")).collect();
        let sequence = i64::from(u16::from_be_bytes([uuid[8], uuid[9]]) & 0x3fff);
        entries.push(("time".into(), nanoseconds(uuid).into()));
        entries.push(("nodeid".into(), node.join("-").as_str().into()));
        entries.push(("macvariables".into(), address_kind(uuid[10]).into()));
        entries.push(("clocksequence".into(), sequence.into()));
    }
    if version == 2 {
        let id = u32::from_be_bytes([uuid[0], uuid[1], uuid[2], uuid[3]]);
        entries.push(("id".into(), i64::from(id).into()));
        entries.push(("domain".into(), domain(uuid[9]).as_str().into()));
    }
    Value::object(entries)
}

fn variant(byte: u8) -> &'static str {
    match byte >> 5 {
        0b100 | 0b101 => "RFC4122",
        0b110 => "Microsoft",
        0b111 => "Future",
        _ => "Reserved",
    }
}

fn domain(byte: u8) -> String {
    match byte {
        0 => "Person".to_owned(),
        1 => "Group".to_owned(),
        2 => "Org".to_owned(),
        other => format!("Domain{other}"),
    }
}

fn address_kind(byte: u8) -> &'static str {
    match byte & 0b11 {
        0b11 => "local:multicast",
        0b01 => "global:multicast",
        0b10 => "local:unicast",
        _ => "global:unicast",
    }
}

/// The nanoseconds from 1970 to the moment in the UUID, which counts steps of 100 from the year 1582.
fn nanoseconds(uuid: &Uuid) -> i64 {
    const FROM_1582_TO_1970: i64 = 122_192_928_000_000_000;
    let low = i64::from(u32::from_be_bytes([uuid[0], uuid[1], uuid[2], uuid[3]]));
    let middle = i64::from(u16::from_be_bytes([uuid[4], uuid[5]]));
    let high = i64::from(u16::from_be_bytes([uuid[6], uuid[7]]) & 0x0fff);
    let steps = low | middle << 32 | high << 48;
    (steps - FROM_1582_TO_1970).wrapping_mul(100)
}

#[cfg(test)]
mod tests {
    use super::super::{Allowed, Context, Failure, body};
    use kpolicy_value::Value;

    #[test]
    fn what_is_drawn_stays_until_the_evaluation_ends() {
        let mut context = Context::new(None);
        let (key, limit) = (Value::from("key"), Value::from(1i64 << 62));
        let intn = |context: &mut Context| body("rand.intn").expect("it is there")(context, &[&key, &limit]);
        assert!(
            matches!(intn(&mut context), Err(Failure::Limit(_))),
            "it is not allowed"
        );
        context.allow(Allowed {
            random: true,
            ..Allowed::default()
        });
        let first = intn(&mut context).expect("it is allowed").expect("it is defined");
        assert!((&Value::from(0i64)..&limit).contains(&&first));
        assert_eq!(intn(&mut context), Ok(Some(first.clone())));
        context.restart(None, None);
        assert_ne!(intn(&mut context), Ok(Some(first)));
        let uuid = body("uuid.rfc4122").expect("it is there");
        let drawn = uuid(&mut context, &[&key])
            .expect("it is allowed")
            .expect("it is defined");
        let parsed = body("uuid.parse").expect("it is there")(&mut context, &[&drawn]);
        let version = parsed.expect("it is one").expect("it is one").field("version").cloned();
        assert_eq!(version, Some(4i64.into()));
        assert_eq!(uuid(&mut context, &[&key]), Ok(Some(drawn)));
    }
}
