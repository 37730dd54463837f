//! A rule's pattern, compiled to little memory.
//!
//! There are about a thousand patterns, most of which no text ever needs, and a hostile text may need all at once. A
//! general regex keeps automata for both directions and caches of its own, some 300 KB each. Here a pattern is one
//! automaton, and a thread has a few caches for all patterns, given to whichever it used last.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::backtrack::BoundedBacktracker;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{self, NFA};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::Extractor;

use crate::Span;

/// Largest compiled pattern, in bytes.
const NFA_BYTES_MAX: usize = 4 << 20;
/// One cache, in bytes; more only pays on texts full of near misses.
const CACHE_BYTES_MAX: usize = 64 << 10;
/// Caches of a thread. Ordinary traffic has far fewer patterns in use.
const CACHES_MAX: usize = 128;
/// Slots of a match and of its first group: two starts and two ends.
const SLOTS: usize = 4;

/// Places about a keyword at which a match may begin; with more, one search over the surroundings is cheaper.
const OFFSETS_MAX: usize = 3;
/// Shorter beginnings say too little about where a keyword stands.
const BEGINNING_BYTES_MIN: usize = 3;

thread_local! {
    static CACHES: RefCell<Vec<Lent>> = const { RefCell::new(Vec::new()) };
}

/// A cache and the pattern that it serves.
struct Lent {
    pattern: u64,
    last_use: u64,
    cache: Cache,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Tells patterns apart in the caches.
    number: u64,
    /// Says whether there is a match and where it ends.
    ends: DFA,
    /// Say where a match and its group stand; the first takes short texts only, and is faster.
    short: BoundedBacktracker,
    any: PikeVM,
    /// What every match begins with, in lower case; nothing if that is not one of a few literals.
    beginnings: Option<Vec<Vec<u8>>>,
}

/// A match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// One past its last byte.
    pub(super) end: usize,
    /// Its first group, or all of it if it has none.
    pub(super) secret: Span,
}

impl Pattern {
    /// Compiles `pattern`, or says why not.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        static PATTERNS: AtomicU64 = AtomicU64::new(0);
        let words = |error: &dyn std::error::Error| {
            // The outer error only says that building failed.
            error.source().map_or_else(|| error.to_string(), ToString::to_string)
        };
        // Tokens are ASCII: classes and word bounds of Unicode would only make the automata large, and hide a token that
        // stands next to a letter of another script, as in Chinese prose.
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        let limits = thompson::Config::new().utf8(false).nfa_size_limit(Some(NFA_BYTES_MAX)).shrink(true);
        let hir = syntax::parse_with(pattern, &syntax).map_err(|error| words(&error))?;
        let nfa: NFA = thompson::Compiler::new()
            .configure(limits)
            .build_from_hir(&hir)
            .map_err(|error| words(&error))?;
        let prefix = Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, &hir);
        let caching = DFA::config()
            .specialize_start_states(prefix.is_some())
            .prefilter(prefix)
            .cache_capacity(CACHE_BYTES_MAX)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let ends =
            DFA::builder().configure(caching).build_from_nfa(nfa.clone()).map_err(|error| words(&error))?;
        let short =
            BoundedBacktracker::builder().build_from_nfa(nfa.clone()).map_err(|error| words(&error))?;
        let any = PikeVM::builder().build_from_nfa(nfa).map_err(|error| words(&error))?;
        let number = PATTERNS.fetch_add(1, Ordering::Relaxed);
        Ok(Self { number, ends, short, any, beginnings: beginnings(&hir) })
    }

    /// How far before an occurrence of one of `keywords` (in lower case) a match may begin, in bytes, if there are only
    /// a few such places and no match lacks a keyword there. Negative where a match begins within the keyword.
    pub(super) fn offsets(&self, keywords: &[String]) -> Option<Vec<isize>> {
        let mut offsets = Vec::new();
        for beginning in self.beginnings.as_ref()? {
            let (_, offset) = keywords
                .iter()
                .filter_map(|keyword| Some((keyword.len(), offset(keyword.as_bytes(), beginning)?)))
                .max()?;
            if !offsets.contains(&offset) {
                offsets.push(offset);
            }
        }
        (!offsets.is_empty() && offsets.len() <= OFFSETS_MAX).then_some(offsets)
    }

    /// The first match in `haystack` that begins at `from` or later.
    pub(super) fn find(&self, haystack: &[u8], from: usize) -> Option<Match> {
        self.search(haystack, from, Anchored::No)
    }

    /// The match in `haystack` that begins at `from`.
    pub(super) fn find_at(&self, haystack: &[u8], from: usize) -> Option<Match> {
        self.search(haystack, from, Anchored::Yes)
    }

    fn search(&self, haystack: &[u8], from: usize, anchored: Anchored) -> Option<Match> {
        if from > haystack.len() {
            return None;
        }
        let end = CACHES.with_borrow_mut(|caches| {
            let input = Input::new(haystack).range(from..).anchored(anchored);
            match self.ends.try_search_fwd(self.cache(caches), &input) {
                Ok(None) => None,
                Ok(Some(end)) => Some(end.offset()),
                // The cache was filled too often to be of use.
                Err(_) => Some(haystack.len()),
            }
        })?;
        let input = Input::new(haystack).range(from..end).anchored(anchored);
        let mut slots: [Option<NonMaxUsize>; SLOTS] = [None; SLOTS];
        let searched = self.short.try_search_slots(&mut self.short.create_cache(), &input, &mut slots);
        if searched.is_err() {
            self.any.search_slots(&mut self.any.create_cache(), &input, &mut slots);
        }
        let place = |slot: usize| slots[slot].map(NonMaxUsize::get);
        let (start, end) = (place(0)?, place(1)?);
        let group = place(2).zip(place(3));
        let (first, last) = group.unwrap_or((start, end));
        Some(Match { end, secret: Span::new(first, last) })
    }

    fn cache<'c>(&self, caches: &'c mut Vec<Lent>) -> &'c mut Cache {
        let now = caches.iter().map(|lent| lent.last_use).max().unwrap_or(0) + 1;
        let place = match caches.iter().position(|lent| lent.pattern == self.number) {
            Some(place) => place,
            None if caches.len() < CACHES_MAX => {
                caches.push(Lent { pattern: self.number, last_use: now, cache: self.ends.create_cache() });
                caches.len() - 1
            }
            None => {
                let oldest = (0..caches.len()).min_by_key(|&place| caches[place].last_use).unwrap_or(0);
                // Made anew: one that served a larger automaton stays too large for its limit.
                caches[oldest].cache = self.ends.create_cache();
                caches[oldest].pattern = self.number;
                oldest
            }
        };
        caches[place].last_use = now;
        &mut caches[place].cache
    }
}

/// The literals of which every match of `hir` begins with one, in lower case.
fn beginnings(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let sequence = Extractor::new().extract(hir);
    let mut beginnings: Vec<Vec<u8>> =
        sequence.literals()?.iter().map(|literal| literal.as_bytes().to_ascii_lowercase()).collect();
    beginnings.sort_unstable();
    beginnings.dedup();
    Some(beginnings)
}

/// How far before `keyword` a match begins that begins with `beginning`, if it is bound to hold the keyword there.
fn offset(keyword: &[u8], beginning: &[u8]) -> Option<isize> {
    let within =
        |part: &[u8], whole: &[u8]| whole.windows(part.len().max(1)).position(|window| window == part);
    match within(keyword, beginning) {
        Some(place) => Some(place.cast_signed()),
        // The beginning was cut short, or the keyword begins before the match.
        None => (beginning.len() >= BEGINNING_BYTES_MIN)
            .then(|| within(beginning, keyword).map(|place| -place.cast_signed()))
            .flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: &[(usize, usize)]) {
        let pattern = Pattern::new(pattern).unwrap();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(hit) = pattern.find(text.as_bytes(), at) {
            found.push((hit.secret.start, hit.secret.end));
            at = hit.end;
        }
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn matches_come_in_order_with_their_first_group() {
        check(r"ab+", "xabbab", &[(1, 4), (4, 6)]);
        check(r"key=([a-z]{2,4})\b", "key=abc key=x key=wxyz", &[(4, 7), (18, 22)]);
        check(r"\bab\b", "éab ab_ ab", &[(2, 4), (9, 11)]);
        check(r"(?:(a)|b)c", "bc ac", &[(0, 2), (3, 4)]);
        check(r"a{3}", "aa", &[]);
    }

    #[test]
    fn it_is_known_where_a_match_begins() {
        for (pattern, keyword, expected) in [
            (r"\bghp_[a-z]{3}", "ghp_", Some(vec![0])),
            (r"(?i:monday)[a-z_]{0,9}=([a-z]{3})", "monday", Some(vec![0])),
            (r"https?://[a-z]{1,9}", "http", Some(vec![0])),
            (r"x-api-key: [a-z]{3}", "api-key", Some(vec![2])),
            (r"[a-z]{4}Q~[a-z]{3}", "xq~", None),
            (r"(?:ab|cde)[0-9]{3}", "cde", None),
        ] {
            let found = Pattern::new(pattern).unwrap().offsets(&[keyword.to_owned()]);
            assert_eq!(found, expected, "{pattern}");
        }
        let pattern = Pattern::new(r"ghp_[a-z]{3}").unwrap();
        assert_eq!(pattern.find_at(b"ghp_ab ghp_abc", 0), None);
        assert_eq!(pattern.find_at(b"ghp_ab ghp_abc", 7).map(|hit| hit.end), Some(14));
    }

    #[test]
    fn many_patterns_share_the_caches_of_a_thread() {
        let patterns: Vec<Pattern> =
            (0..2 * CACHES_MAX).map(|n| Pattern::new(&format!("k{n}=([0-9]+)x?")).unwrap()).collect();
        for round in 0..3 {
            for (number, pattern) in patterns.iter().enumerate() {
                let text = format!("k{number}={round}7");
                let hit = pattern.find(text.as_bytes(), 0).unwrap();
                assert_eq!(&text[hit.secret.range()], format!("{round}7"));
            }
        }
        CACHES.with_borrow(|caches| assert_eq!(caches.len(), CACHES_MAX));
    }

    #[test]
    fn what_is_wrong_with_a_pattern_is_said() {
        assert!(Pattern::new("(").unwrap_err().contains("unclosed group"));
        assert!(Pattern::new("[a-z]{9999}{9999}").unwrap_err().contains("limit"));
    }
}
