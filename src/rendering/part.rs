//! The parts of what a program rendered: the text of one file that it was rendered from, in pieces.

/// The text that one file gave.
#[derive(Debug)]
pub struct Part {
    /// The number of the rendering that it is of.
    pub rendering: usize,
    /// Where its pieces are in what was rendered.
    pub place: Place,
}

/// Where the pieces of a part are: each starts at a line of the part, and is a piece of what the program wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The first line of each piece in the part, from 1, and its number among the pieces of the rendering.
    pub pieces: Vec<(usize, usize)>,
}

impl Place {
    /// The piece that a line of the part is in, and the line in that, from 0.
    pub fn piece(&self, line: usize) -> Option<(usize, usize)> {
        let at = self.pieces.partition_point(|(first, _)| *first <= line);
        let (first, piece) = self.pieces[..at].last()?;
        Some((*piece, line - first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_last_piece_that_starts_before_it() {
        let place = Place {
            pieces: vec![(1, 4), (5, 9)],
        };
        assert_eq!(place.piece(1), Some((4, 0)));
        assert_eq!(place.piece(4), Some((4, 3)));
        assert_eq!(place.piece(7), Some((9, 2)));
        assert_eq!(place.piece(0), None);
    }
}
