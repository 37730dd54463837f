//! Where JSON objects stand in a text, by their braces alone.

use crate::Span;

/// The outermost stretches of `text` from a brace to the one that closes it, in order.
///
/// Braces count wherever they stand, also inside strings. An opening brace behind an odd number of backslashes belongs to
/// no stretch, and none goes over it; behind an even number, the backslashes belong to the stretch.
pub(crate) fn candidates(text: &str) -> Vec<Span> {
    let mut open: Vec<usize> = Vec::new();
    let mut found: Vec<Span> = Vec::new();
    let mut backslashes = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if backslashes % 2 == 0 => open.push(at - backslashes),
            b'{' => open.clear(),
            b'}' => {
                if let Some(start) = open.pop() {
                    // What lies inside is no stretch of its own.
                    while found.pop_if(|inner| inner.start >= start).is_some() {}
                    found.push(Span::new(start, at + 1));
                }
            }
            _ => {}
        }
        backslashes = if byte == b'\\' { backslashes + 1 } else { 0 };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_those_of_llm_guards_pattern() {
        // Each line was read off the `regex` package with llm-guard's pattern.
        for (text, expected) in [
            ("", &[][..]),
            ("{", &[]),
            ("}", &[]),
            ("{}", &["{}"]),
            ("a {b} c {d{e}} f", &["{b}", "{d{e}}"]),
            ("{ {a} {b}", &["{a}", "{b}"]),
            ("{a}}", &["{a}"]),
            (r"\{a}", &[]),
            (r"\\{a}", &[r"\\{a}"]),
            (r"\\\{a}", &[]),
            (r"{a \{ b} c}", &[]),
            (r"{a \{ b} {c}", &["{c}"]),
            (r"{a\}", &[r"{a\}"]),
            (r"{x\\{a}}", &[r"{x\\{a}}"]),
            (r"{x\{a}}", &[]),
            ("[{é}, {}]", &["{é}", "{}"]),
            ("{\"a\": \"}\"}", &["{\"a\": \"}"]),
        ] {
            let found: Vec<&str> = candidates(text).into_iter().map(|span| &text[span.range()]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
