//! `sprintf`: Go's `fmt.Sprintf` on the arguments that OPA makes of Rego values.

mod float;
mod integer;
mod operand;
mod spec;

use kpolicy_value::Value;
use operand::Operand;
pub(crate) use operand::{Argument, print_bool, print_float, print_integer, print_text};
pub(crate) use spec::{Spec, push};

/// Why there is no formatted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SprintfError {
    /// `%p` of a large integer shows where it is in OPA's memory.
    #[error("sprintf: %p of an integer beyond 64 bits has no reproducible result")]
    Address,
    /// Widths and repeated arguments add up to an absurd size.
    #[error("sprintf: the result is longer than 64 MiB")]
    TooLong,
}

/// The longest text that is built.
const MAX_LENGTH: usize = 64 << 20;

/// The largest width, precision or argument index.
const MAX_NUMBER: i64 = 1_000_000;

/// `format` with its verbs replaced by `args`; what is wrong with either is reported in the text, as Go does.
pub fn sprintf(format: &[u8], args: &[Value]) -> Result<Vec<u8>, SprintfError> {
    let length = |arg: &Value| arg.extent().text as usize;
    // Collections are written out before it is known what is asked of them.
    let written = args.iter().filter(|arg| !matches!(arg, Value::String(_)));
    if written.map(length).sum::<usize>() > MAX_LENGTH {
        return Err(SprintfError::TooLong);
    }
    let expected = format.len() + args.iter().map(length).sum::<usize>();
    let args: Vec<Operand> = args.iter().map(Operand::new).collect();
    printf(format, &args, expected)
}

/// `format` with its verbs replaced by arguments of any kind; `expected` is a guess at the length of the result.
pub(crate) fn printf<A: Argument>(format: &[u8], args: &[A], expected: usize) -> Result<Vec<u8>, SprintfError> {
    let mut printer = Printer {
        format,
        at: 0,
        args,
        next: 0,
        reordered: false,
        good_index: true,
        out: Vec::with_capacity(expected.min(MAX_LENGTH)),
    };
    while printer.step()? {
        if printer.out.len() > MAX_LENGTH {
            return Err(SprintfError::TooLong);
        }
    }
    printer.report_extra()?;
    Ok(printer.out)
}

/// The way through one format text.
struct Printer<'a, A> {
    format: &'a [u8],
    /// Where in the format the next character is.
    at: usize,
    args: &'a [A],
    /// The index of the argument for the next verb.
    next: usize,
    /// Whether any verb named its argument.
    reordered: bool,
    /// Whether the present verb's indexes are in place and in range.
    good_index: bool,
    out: Vec<u8>,
}

impl<A: Argument> Printer<'_, A> {
    /// Copies text up to the next verb and prints that; whether there is more to do.
    fn step(&mut self) -> Result<bool, SprintfError> {
        let rest = &self.format[self.at..];
        let Some(percent) = memchr::memchr(b'%', rest) else {
            self.out.extend_from_slice(rest);
            return Ok(false);
        };
        self.out.extend_from_slice(&rest[..percent]);
        self.at += percent + 1;
        self.good_index = true;
        let mut spec = self.flags();
        let mut after_index = self.index();
        self.width(&mut spec, &mut after_index);
        self.precision(&mut spec, &mut after_index);
        if !after_index {
            self.index();
        }
        let Some((verb, length)) = first_character(&self.format[self.at..]) else {
            push(&mut self.out, &["%!(NOVERB)"]);
            return Ok(false);
        };
        self.at += length;
        self.verb(verb, spec)?;
        Ok(true)
    }

    fn verb(&mut self, verb: char, mut spec: Spec) -> Result<(), SprintfError> {
        if verb == '%' {
            self.out.push(b'%');
        } else if !self.good_index {
            push(&mut self.out, &["%!", verb.encode_utf8(&mut [0; 4]), "(BADINDEX)"]);
        } else if let Some(operand) = self.args.get(self.next) {
            if matches!(verb, 'v' | 'w') {
                spec.ask_for_syntax();
            }
            operand.print(&mut self.out, &spec, verb)?;
            self.next += 1;
        } else {
            push(&mut self.out, &["%!", verb.encode_utf8(&mut [0; 4]), "(MISSING)"]);
        }
        Ok(())
    }

    /// Arguments that no verb took; not asked for where verbs named theirs.
    fn report_extra(&mut self) -> Result<(), SprintfError> {
        if self.reordered || self.next >= self.args.len() {
            return Ok(());
        }
        push(&mut self.out, &["%!(EXTRA "]);
        for (index, operand) in self.args[self.next..].iter().enumerate() {
            if index > 0 {
                push(&mut self.out, &[", "]);
            }
            match operand.type_name() {
                Some(name) => {
                    push(&mut self.out, &[&name, "="]);
                    operand.print(&mut self.out, &Spec::default(), 'v')?;
                }
                None => push(&mut self.out, &["<nil>"]),
            }
        }
        self.out.push(b')');
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    fn flags(&mut self) -> Spec {
        let mut spec = Spec::default();
        loop {
            match self.peek() {
                Some(b'#') => spec.sharp = true,
                Some(b'0') => spec.zero = true,
                Some(b'+') => spec.plus = true,
                Some(b'-') => spec.minus = true,
                Some(b' ') => spec.space = true,
                _ => return spec,
            }
            self.at += 1;
        }
    }

    fn width(&mut self, spec: &mut Spec, after_index: &mut bool) {
        if self.peek() != Some(b'*') {
            spec.width = self.number();
            // An index must stand right before its verb or star.
            self.good_index &= !(*after_index && spec.width.is_some());
            return;
        }
        self.at += 1;
        *after_index = false;
        match self.star() {
            Some(width) => {
                spec.width = usize::try_from(width.unsigned_abs()).ok();
                if width < 0 {
                    spec.minus = true;
                    spec.zero = false;
                }
            }
            None => push(&mut self.out, &["%!(BADWIDTH)"]),
        }
    }

    fn precision(&mut self, spec: &mut Spec, after_index: &mut bool) {
        // A point at the very end counts as a verb.
        if self.peek() != Some(b'.') || self.at + 1 >= self.format.len() {
            return;
        }
        self.at += 1;
        self.good_index &= !*after_index;
        *after_index = self.index();
        if self.peek() != Some(b'*') {
            spec.precision = Some(self.number().unwrap_or(0));
            return;
        }
        self.at += 1;
        *after_index = false;
        spec.precision = self.star().and_then(|precision| usize::try_from(precision).ok());
        if spec.precision.is_none() {
            push(&mut self.out, &["%!(BADPREC)"]);
        }
    }

    /// The number of the next argument, for a star.
    fn star(&mut self) -> Option<i64> {
        let operand = self.args.get(self.next)?;
        self.next += 1;
        let number = operand.star()?;
        (number.unsigned_abs() <= MAX_NUMBER.unsigned_abs()).then_some(number)
    }

    /// The digits here as a number; one beyond the limit swallows the rest of the format.
    fn number(&mut self) -> Option<usize> {
        match digits(&self.format[self.at..]) {
            Digits::None => None,
            Digits::Number(number, length) => {
                self.at += length;
                Some(number)
            }
            Digits::TooLarge => {
                self.at = self.format.len();
                None
            }
        }
    }

    /// Takes an argument index, `[3]`, if one is here; whether it could be read.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let Some(close) = memchr::memchr(b']', rest).filter(|_| rest.len() >= 3) else {
            self.good_index = false;
            self.at += 1;
            return false;
        };
        self.at += close + 1;
        match digits(&rest[1..close]) {
            Digits::Number(number, length) if length == close - 1 => {
                match number.checked_sub(1).filter(|index| *index < self.args.len()) {
                    Some(index) => self.next = index,
                    None => self.good_index = false,
                }
                true
            }
            _ => {
                self.good_index = false;
                false
            }
        }
    }
}

/// The first character and how many bytes it takes; a byte that is not part of one reads as U+FFFD.
fn first_character(bytes: &[u8]) -> Option<(char, usize)> {
    let chunk = bytes.utf8_chunks().next()?;
    let first = chunk.valid().chars().next();
    Some(first.map_or((char::REPLACEMENT_CHARACTER, 1), |first| (first, first.len_utf8())))
}

/// What a text begins with.
enum Digits {
    None,
    Number(usize, usize),
    TooLarge,
}

fn digits(text: &[u8]) -> Digits {
    let mut number = 0i64;
    let mut length = 0;
    for byte in text.iter().take_while(|byte| byte.is_ascii_digit()) {
        // Checked before each digit, so that the last one may still pass the limit.
        if number > MAX_NUMBER {
            return Digits::TooLarge;
        }
        number = number * 10 + i64::from(byte - b'0');
        length += 1;
    }
    match usize::try_from(number) {
        Ok(number) if length > 0 => Digits::Number(number, length),
        _ => Digits::None,
    }
}

#[cfg(test)]
mod tests;
