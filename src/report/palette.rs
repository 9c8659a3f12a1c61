//! The colours of reports. Without them the words alone tell everything.

use anstyle::{AnsiColor, Style};

/// How the parts of a report are colored.
pub(super) struct Palette {
    error: Style,
    warning: Style,
    good: Style,
    frame: Style,
    strong: Style,
}

impl Palette {
    /// The palette of a terminal, or one that colors nothing.
    pub(super) fn new(color: bool) -> Self {
        let of = |style: Style| if color { style } else { Style::new() };
        Self {
            error: of(AnsiColor::Red.on_default().bold()),
            warning: of(AnsiColor::Yellow.on_default().bold()),
            good: of(AnsiColor::Green.on_default()),
            frame: of(AnsiColor::Blue.on_default().bold()),
            strong: of(Style::new().bold()),
        }
    }

    pub(super) fn error(&self, text: &str) -> String {
        paint(self.error, text)
    }

    pub(super) fn warning(&self, text: &str) -> String {
        paint(self.warning, text)
    }

    pub(super) fn good(&self, text: &str) -> String {
        paint(self.good, text)
    }

    pub(super) fn frame(&self, text: &str) -> String {
        paint(self.frame, text)
    }

    pub(super) fn strong(&self, text: &str) -> String {
        paint(self.strong, text)
    }
}

impl Palette {
    /// The text as a link, for terminals that show links (OSC 8).
    pub(super) fn link(&self, text: &str, to: &str) -> String {
        format!("\u{1b}]8;;{to}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    }
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
