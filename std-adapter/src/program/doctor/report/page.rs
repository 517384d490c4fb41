//! Text for a terminal: as wide as it is, and harmless.

use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use textwrap::{Options, WordSplitter};

pub(super) const PLAIN: Style = Style::new();
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const CARE: Style = AnsiColor::Yellow.on_default();
const HEADING: Style = AnsiColor::Cyan.on_default().bold();

/// Where nobody says how wide the paper is.
const WIDTH: usize = 100;
const NARROWEST: usize = 40;
const WIDEST: usize = 140;

/// A page under way.
pub(super) struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub(super) fn new() -> Self {
        let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self { text: String::new(), width: terminal.unwrap_or(WIDTH).clamp(NARROWEST, WIDEST) }
    }

    pub(super) fn heading(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{HEADING}{}{HEADING:#}", harmless(text));
    }

    /// A paragraph.
    pub(super) fn paragraph(&mut self, indent: usize, style: Style, text: &str) {
        self.entry(indent, "", 0, PLAIN, style, text);
    }

    /// A label in a column of its own, and a text beside it.
    pub(super) fn entry(
        &mut self,
        indent: usize,
        label: &str,
        column: usize,
        label_style: Style,
        style: Style,
        text: &str,
    ) {
        let (label, text) = (harmless(label), harmless(text));
        let hanging = indent + column;
        let options = Options::new(self.width.saturating_sub(hanging).max(20));
        // Dates, addresses and consumers' names have hyphens, and are no words to be divided.
        let lines = textwrap::wrap(&text, options.word_splitter(WordSplitter::NoHyphenation));
        for (number, line) in lines.iter().enumerate() {
            let pad = match number {
                0 => {
                    let _ = write!(self.text, "{:indent$}{label_style}{label}{label_style:#}", "");
                    column.saturating_sub(textwrap::core::display_width(&label))
                }
                _ => hanging,
            };
            let _ = writeln!(self.text, "{:pad$}{style}{line}{style:#}", "");
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Without what a terminal would obey, or what would show the text in another order: whoever made a certificate
/// chose the names in it.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_command_the_terminal() {
        // ESC, a new line, and RIGHT-TO-LEFT OVERRIDE.
        assert_eq!(harmless("a\u{1b}[31mb\nc\u{202e}d"), r"a\u{1b}[31mb\nc\u{202e}d");
        assert_eq!(harmless("\"Zürich\" 東京"), "\"Zürich\" 東京");
    }

    #[test]
    fn lines_are_no_longer_than_the_page_is_wide() {
        let mut page = Page { text: String::new(), width: 40 };
        page.entry(2, "openssl", 12, PLAIN, PLAIN, &"unable to get local issuer certificate ".repeat(3));
        page.entry(2, "go", 12, PLAIN, PLAIN, &"x".repeat(100));
        let text = page.finish();
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.lines().count() > 5, "{text}");
    }
}
