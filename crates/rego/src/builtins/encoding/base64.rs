//! Base64 as Go reads it: line breaks are skipped, and an error tells its byte.

use ::base64::Engine as _;
use ::base64::engine::general_purpose;

/// The last two letters of the alphabet.
pub(super) const STANDARD: [u8; 2] = *b"+/";
/// The last two letters where the text is in a URL.
pub(super) const URL: [u8; 2] = *b"-_";

/// The bytes, with padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    general_purpose::STANDARD.encode(bytes)
}

/// The bytes for a URL, with padding.
pub(super) fn encode_url(bytes: &[u8]) -> String {
    general_purpose::URL_SAFE.encode(bytes)
}

/// The bytes that a padded text stands for.
pub(super) fn decode(text: &[u8], last: [u8; 2]) -> Result<Vec<u8>, String> {
    let mut reader = Reader { text, at: 0, last };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let decoded = loop {
        match reader.quantum(&mut bytes) {
            Ok(true) => {}
            Ok(false) => break Ok(bytes),
            Err(at) => break Err(at),
        }
    };
    decoded.map_err(|at| format!("illegal base64 data at input byte {at}"))
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    last: [u8; 2],
}

impl Reader<'_> {
    /// Decodes the next four letters; whether more may follow, or the byte that is wrong.
    fn quantum(&mut self, bytes: &mut Vec<u8>) -> Result<bool, usize> {
        let mut sextets = [0u8; 4];
        let mut count = 0;
        while count < 4 {
            let Some(letter) = self.text.get(self.at).copied() else {
                return if count == 0 { Ok(false) } else { Err(self.at - count) };
            };
            self.at += 1;
            match letter {
                b'\n' | b'\r' => {}
                b'=' => {
                    self.padding(count)?;
                    push(bytes, sextets, count);
                    return Ok(false);
                }
                _ => {
                    sextets[count] = self.sextet(letter).ok_or(self.at - 1)?;
                    count += 1;
                }
            }
        }
        push(bytes, sextets, count);
        Ok(true)
    }

    fn sextet(&self, letter: u8) -> Option<u8> {
        match letter {
            b'A'..=b'Z' => Some(letter - b'A'),
            b'a'..=b'z' => Some(letter - b'a' + 26),
            b'0'..=b'9' => Some(letter - b'0' + 52),
            _ if letter == self.last[0] => Some(62),
            _ if letter == self.last[1] => Some(63),
            _ => None,
        }
    }

    /// What must follow the first `=` after so many letters: a second one, and then nothing.
    fn padding(&mut self, count: usize) -> Result<(), usize> {
        if count < 2 {
            return Err(self.at - 1);
        }
        if count == 2 {
            self.skip_lines();
            match self.text.get(self.at) {
                None => return Err(self.at),
                Some(b'=') => self.at += 1,
                Some(_) => return Err(self.at - 1),
            }
        }
        self.skip_lines();
        if self.at < self.text.len() {
            Err(self.at)
        } else {
            Ok(())
        }
    }

    fn skip_lines(&mut self) {
        while matches!(self.text.get(self.at), Some(b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

fn push(bytes: &mut Vec<u8>, [a, b, c, d]: [u8; 4], count: usize) {
    let all = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    bytes.extend_from_slice(&all[..count - 1]);
}
