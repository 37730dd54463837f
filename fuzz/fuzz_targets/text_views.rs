//! Every span of every view of a text lies on character boundaries of the text, and undoing disguises makes it no longer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_shield::{Span, Text};

fuzz_target!(|source: &str| {
    let text = Text::new(source);
    let folded = text.folded();
    each_character(source, folded.as_str(), |range| folded.source(range));
    let revealed = text.revealed();
    each_character(source, revealed.as_str(), |range| revealed.source(range));
    revealed.decodings(0..revealed.as_str().len());
    // One character may fold to several, at most eighteen of them.
    assert!(revealed.as_str().len() <= 64 * source.len());
});

fn each_character(source: &str, view: &str, span_of: impl Fn(std::ops::Range<usize>) -> Span) {
    let places: Vec<usize> = view.char_indices().map(|(at, _)| at).chain([view.len()]).collect();
    for pair in places.windows(2) {
        let span = span_of(pair[0]..pair[1]);
        assert!(source.get(span.range()).is_some(), "{span:?}");
    }
}
