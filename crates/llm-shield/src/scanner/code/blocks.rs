//! The pieces of a text that Markdown marks as code.

use crate::Span;

/// What makes a span between single backticks code and not an emphasised word; llm-guard's list.
const CODE_MARKS: [char; 14] = ['{', '}', '[', ']', '(', ')', '=', '+', '-', '*', '/', '<', '>', '!'];

/// The insides of fenced blocks in order, or, if there is none that holds anything, of inline code.
///
/// The word after an opening fence names the language and is no code. A fence that never closes reaches to the end: so
/// does a block that a model is still writing.
pub(super) fn blocks(text: &str) -> Vec<Span> {
    let fenced = fenced(text);
    if fenced.is_empty() { inline(text) } else { fenced }
}

fn fenced(text: &str) -> Vec<Span> {
    const FENCE: &str = "```";
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(FENCE) {
        let mut start = at + open + FENCE.len();
        let end = text[start..].find(FENCE).map_or(text.len(), |close| start + close);
        if let Some(line) = text[start..end].find('\n')
            && text[start..start + line]
                .trim()
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+#-._".contains(c))
        {
            start += line + 1;
        }
        push(text, start, end, &mut spans);
        at = (end + FENCE.len()).min(text.len());
    }
    spans
}

fn inline(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let mut ticks = line.match_indices('`').map(|(tick, _)| at + tick);
        while let (Some(open), Some(close)) = (ticks.next(), ticks.next()) {
            if text[open + 1..close].contains(CODE_MARKS) {
                push(text, open + 1, close, &mut spans);
            }
        }
        at += line.len();
    }
    spans
}

/// Keeps what holds more than white space.
fn push(text: &str, start: usize, end: usize, spans: &mut Vec<Span>) {
    if !text[start..end].trim().is_empty() {
        spans.push(Span::new(start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_what_backticks_hold() {
        for (text, expected) in [
            ("no code here", &[][..]),
            ("a\n```python\nx = 1\n```\nb `y()`", &["x = 1\n"]),
            ("```c++\nint a;\n``` and ```\nb\n```", &["int a;\n", "b\n"]),
            ("```x = 1```", &["x = 1"]),
            ("```a = b\nc```", &["a = b\nc"]),
            ("```js\nopen(", &["open("]),
            ("``` ```", &[]),
            ("use `f(x)` or `word` or `a-b`", &["f(x)", "a-b"]),
            ("one ` tick (x)", &[]),
            ("`a(\n)`", &[]),
            ("é `ü(ß)` ç", &["ü(ß)"]),
            ("````\nx\n````", &["`\nx\n"]),
        ] {
            let found: Vec<&str> = blocks(text).iter().map(|span| &text[span.range()]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
