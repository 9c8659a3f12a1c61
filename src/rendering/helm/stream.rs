//! What `helm template` writes: one document after the other, each after a comment that names its template.

/// What helm wrote, by the templates that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stream {
    /// The whole text.
    text: String,
    /// The byte that each line starts at.
    starts: Vec<usize>,
    /// The pieces, in their order.
    pub(super) pieces: Vec<Piece>,
}

/// What one template gave in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The template, as helm names it: `shop/templates/web.yaml`.
    pub(super) source: String,
    /// The first line after the comment, from 0.
    pub(super) first: usize,
    /// How many lines it has.
    pub(super) count: usize,
}

impl Stream {
    /// Splits what helm wrote for the chart of a name. What comes before the first comment is of no template.
    pub(super) fn of(text: &str, chart: &str) -> Self {
        let mut starts: Vec<usize> = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            starts.push(at);
            at += line.len();
        }
        let mut stream = Self {
            text: text.to_owned(),
            starts,
            pieces: Vec::new(),
        };
        let mut pieces: Vec<Piece> = Vec::new();
        for number in 0..stream.starts.len() {
            let after = if number == 0 {
                Some("---")
            } else {
                stream.line(number - 1)
            };
            let source = stream.line(number).and_then(|line| source(line, chart));
            match (source, after) {
                (Some(source), Some("---")) => pieces.push(Piece {
                    source: source.to_owned(),
                    first: number + 1,
                    count: 0,
                }),
                _ => {
                    if let Some(piece) = pieces.last_mut() {
                        piece.count += 1;
                    }
                }
            }
        }
        // The line that starts the next piece is no line of this one.
        let next: Vec<usize> = pieces.iter().skip(1).map(|piece| piece.first).collect();
        for (piece, next) in pieces.iter_mut().zip(next) {
            piece.count = next - piece.first - 2;
        }
        pieces.retain(|piece| stream.lines(piece).any(|line| !line.trim().is_empty()));
        stream.pieces = pieces;
        stream
    }

    /// A line, from 0, without its line break.
    pub(super) fn line(&self, number: usize) -> Option<&str> {
        let start = *self.starts.get(number)?;
        let end = self.starts.get(number + 1).copied().unwrap_or(self.text.len());
        let line = self.text[start..end].trim_end_matches('\n');
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// The lines of a piece.
    pub(super) fn lines(&self, piece: &Piece) -> impl Iterator<Item = &str> {
        (piece.first..piece.first + piece.count).filter_map(|number| self.line(number))
    }
}

/// The template that a comment names, where it is one of the chart.
fn source<'l>(line: &'l str, chart: &str) -> Option<&'l str> {
    let source = line.strip_prefix("# Source: ")?;
    let within = source.strip_prefix(chart)?;
    within.starts_with('/').then_some(source)
}
