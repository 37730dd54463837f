//! Every span of every view of a text lies on character boundaries of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_shield::Text;

fuzz_target!(|source: &str| {
    let text = Text::new(source);
    let folded = text.folded();
    let places: Vec<usize> =
        folded.as_str().char_indices().map(|(at, _)| at).chain([folded.as_str().len()]).collect();
    for pair in places.windows(2) {
        let span = folded.source(pair[0]..pair[1]);
        assert!(source.get(span.range()).is_some(), "{span:?}");
    }
});
