//! `$1` and `${name}` in a replacement, as Go expands them.

use std::sync::LazyLock;

use super::pattern::{Groups, Pattern};
use kpolicy_value::Runes;

static NAME: LazyLock<regex::Regex> =
    LazyLock::new(|| regex::Regex::new(r"^[\p{L}\p{Nd}_]+").expect("the pattern is valid"));

/// Appends the replacement to `out`, what it names of the match put in.
pub(super) fn expand(out: &mut Vec<u8>, pattern: &Pattern, groups: &Groups<'_>, replacement: &Runes<'_>) {
    let whole = replacement.text();
    let place = |rest: &str| whole.len() - rest.len();
    let mut rest = whole;
    while let Some((before, after)) = rest.split_once('$') {
        out.extend_from_slice(replacement.bytes(place(rest), place(rest) + before.len()));
        rest = if let Some(after) = after.strip_prefix('$') {
            out.push(b'$');
            after
        } else if let Some((name, after)) = name(after) {
            out.extend_from_slice(group(pattern, groups, name).unwrap_or_default());
            after
        } else {
            out.push(b'$');
            after
        };
    }
    out.extend_from_slice(replacement.bytes(place(rest), whole.len()));
}

/// The name at the front, in braces or without, and what follows.
fn name(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{');
    let bare = inner.unwrap_or(text);
    let name = NAME.find(bare)?.as_str();
    let rest = &bare[name.len()..];
    match inner {
        Some(_) => Some((name, rest.strip_prefix('}')?)),
        None => Some((name, rest)),
    }
}

fn group<'t>(pattern: &Pattern, groups: &Groups<'t>, name: &str) -> Option<&'t [u8]> {
    let is_number = name.len() <= 9 && name.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && (name == "0" || !name.starts_with('0')) {
        return groups.get(name.parse().ok()?);
    }
    // Of several groups with one name the first that took part.
    let named = pattern.names.iter().enumerate();
    let mut matched = named.filter(|(_, known)| known.as_deref() == Some(name));
    matched.find_map(|(index, _)| groups.get(index))
}
