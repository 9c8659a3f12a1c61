//! Bytes by what they mean to the scanner: blanks, line breaks, and where runs of ordinary characters stop.

/// Stops a plain scalar in a block: a blank, a break, a colon.
pub(super) const IN_BLOCK: u8 = 1;
/// Stops a plain scalar in a flow collection: the same, and what flow collections are made of.
pub(super) const IN_FLOW: u8 = 2;
/// Starts a line break of several bytes, or a character that looks like one.
pub(super) const WIDE: u8 = 4;
/// Ends a line.
pub(super) const BREAK: u8 = 8;
/// Stops a single-quoted scalar.
pub(super) const IN_SINGLE: u8 = 16;
/// Stops a double-quoted scalar.
pub(super) const IN_DOUBLE: u8 = 32;
/// Belongs to a name: of an anchor, a tag's handle, a directive.
pub(super) const NAME: u8 = 64;
/// Belongs to a tag, beside the characters of names.
pub(super) const TAG: u8 = 128;

/// The stop table: what each byte is.
pub(super) static KINDS: [u8; 256] = kinds();

const fn kinds() -> [u8; 256] {
    let mut kinds = [0; 256];
    kinds = with(kinds, b" \t\n\r", IN_BLOCK | IN_FLOW | IN_SINGLE | IN_DOUBLE);
    kinds = with(kinds, b":", IN_BLOCK | IN_FLOW);
    kinds = with(kinds, b",?[]{}", IN_FLOW);
    kinds = with(kinds, b"\n\r", BREAK);
    kinds = with(kinds, b"'", IN_SINGLE);
    kinds = with(kinds, b"\"\\", IN_DOUBLE);
    kinds = with(kinds, &[0xc2, 0xe2], WIDE);
    kinds = with(
        kinds,
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-",
        NAME,
    );
    with(kinds, b";/?:@&=+$,.!~*'()[]%", TAG)
}

const fn with(mut kinds: [u8; 256], bytes: &[u8], kind: u8) -> [u8; 256] {
    let mut at = 0;
    while at < bytes.len() {
        kinds[bytes[at] as usize] |= kind;
        at += 1;
    }
    kinds
}

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Breaks {
    /// Whether there are carriage returns.
    pub(super) returns: bool,
    /// Whether there are breaks of several bytes: U+0085, U+2028, U+2029.
    pub(super) wide: bool,
    /// Whether a carriage return before a line's end is dropped, as Kubernetes drops it before it reads.
    pub(super) trimmed: bool,
}

impl Breaks {
    /// How many bytes the line break at `at` has; none where there is none.
    #[inline]
    pub(super) fn width(self, bytes: &[u8], at: usize) -> usize {
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        match byte(at) {
            b'\n' => 1,
            b'\r' => match (byte(at + 1), byte(at + 2)) {
                (b'\n', _) => 2,
                (b'\r', b'\n') if self.trimmed => 3,
                _ => 1,
            },
            0xc2 if byte(at + 1) == 0x85 => 2,
            0xe2 if byte(at + 1) == 0x80 && matches!(byte(at + 2), 0xa8 | 0xa9) => 3,
            _ => 0,
        }
    }

    /// Where the line that `at` is in ends: at its break, or at the end of the text.
    #[inline]
    pub(super) fn line_end(self, bytes: &[u8], mut at: usize) -> usize {
        if !self.returns && !self.wide {
            return memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        }
        while at < bytes.len() {
            if KINDS[bytes[at] as usize] & (BREAK | WIDE) != 0 && self.width(bytes, at) > 0 {
                return at;
            }
            at += 1;
        }
        at
    }
}

/// What a line break is in a scalar's text: U+2028 and U+2029 stay, all others become a line feed.
pub(super) fn break_text(bytes: &[u8], at: usize) -> char {
    match (bytes.get(at), bytes.get(at + 2)) {
        (Some(0xe2), Some(0xa8)) => '\u{2028}',
        (Some(0xe2), Some(0xa9)) => '\u{2029}',
        _ => '\n',
    }
}

/// The character outside YAML's printable set that comes first, and how lines end.
pub(super) fn survey(text: &str) -> Result<Breaks, (usize, char)> {
    let bytes = text.as_bytes();
    let mut breaks = Breaks::default();
    for (index, piece) in bytes.chunks(PIECE).enumerate() {
        let mut odd = false;
        for byte in piece {
            odd |= !matches!(byte, b' '..=b'~' | b'\n' | b'\t');
        }
        if odd {
            look(text, index * PIECE, piece.len(), &mut breaks)?;
        }
    }
    Ok(breaks)
}

/// How many bytes are surveyed at a glance.
const PIECE: usize = 256;

/// Looks at each byte of a piece that is not plain ASCII.
fn look(text: &str, from: usize, length: usize, breaks: &mut Breaks) -> Result<(), (usize, char)> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    for at in from..from + length {
        let allowed = match bytes[at] {
            b' '..=b'~' | b'\n' | b'\t' => true,
            b'\r' => {
                breaks.returns = true;
                true
            }
            0..b' ' | 0x7f => false,
            0xc2 => {
                breaks.wide |= byte(at + 1) == 0x85;
                byte(at + 1) == 0x85 || byte(at + 1) >= 0xa0
            }
            0xe2 => {
                breaks.wide |= byte(at + 1) == 0x80 && matches!(byte(at + 2), 0xa8 | 0xa9);
                true
            }
            0xef => byte(at + 1) != 0xbf || byte(at + 2) < 0xbe,
            _ => true,
        };
        if !allowed {
            return Err((at, text[at..].chars().next().unwrap_or_default()));
        }
    }
    Ok(())
}
