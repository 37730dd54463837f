//! What a conversation remembers of the values that were taken out of its prompts, so that answers get them back.
//!
//! A vault belongs to one conversation: whoever holds it can restore what it holds. It is handed in with each call
//! and is never shared between clients. What it holds is bounded, in pairs and in bytes.

mod distance;
mod free_form;
mod placeholder;
mod restore;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub(crate) use placeholder::{Kinds, bracketed};
pub use restore::MatchingStrategy;
pub(crate) use restore::{Finder, Found, in_gaps};

/// A placeholder and the value that it stands for; in JSON an array of the two, as llm-guard's tuples.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "(String, String)", into = "(String, String)")]
pub struct Pair {
    /// What stands in the text, for example `[REDACTED_PERSON_1]`.
    pub placeholder: String,
    /// What stood there before.
    pub original: String,
}

impl Pair {
    /// A pair.
    pub fn new(placeholder: impl Into<String>, original: impl Into<String>) -> Self {
        Self { placeholder: placeholder.into(), original: original.into() }
    }
}

impl From<(String, String)> for Pair {
    fn from((placeholder, original): (String, String)) -> Self {
        Self { placeholder, original }
    }
}

impl From<Pair> for (String, String) {
    fn from(pair: Pair) -> Self {
        (pair.placeholder, pair.original)
    }
}

impl fmt::Debug for Pair {
    /// Without the original: what is debugged ends in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pair")
            .field("placeholder", &self.placeholder)
            .field("original_bytes", &self.original.len())
            .finish()
    }
}

/// The most that a vault takes; one thing more is an error, and the text that needed it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VaultLimits {
    /// Pairs.
    pub pairs_max: usize,
    /// Bytes of placeholders and originals together.
    pub bytes_max: usize,
}

impl Default for VaultLimits {
    /// 10,000 pairs, 4 MiB: some hundred times what a long conversation needs.
    fn default() -> Self {
        Self { pairs_max: 10_000, bytes_max: 4 << 20 }
    }
}

/// Why a vault refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// More pairs than the limit.
    #[error("the vault is full: it takes at most {limit} pairs")]
    TooManyPairs {
        /// The limit.
        limit: usize,
    },
    /// More bytes than the limit.
    #[error("the vault is full: it takes at most {limit} bytes")]
    TooManyBytes {
        /// The limit.
        limit: usize,
    },
    /// The placeholder already stands for another value; one of the two could not be restored.
    #[error("a placeholder cannot stand for two values")]
    Taken,
    /// An empty placeholder stands everywhere.
    #[error("a placeholder cannot be empty")]
    Empty,
    /// The pair to be removed is not there.
    #[error("the vault does not hold this pair")]
    Absent,
}

/// The placeholders of one conversation and the values that they stand for.
///
/// The methods are llm-guard's. A placeholder stands for one value only; to append a pair again changes nothing.
/// Calls from several threads take turns, and a prompt takes its turn as a whole, so two prompts never number two
/// values alike. Numbers are not given twice, not even after a pair was removed.
///
/// ```
/// use llm_shield::{Pair, Vault};
///
/// let vault = Vault::new();
/// vault.append(Pair::new("[REDACTED_PERSON_1]", "Ann"))?;
/// assert!(vault.placeholder_exists("[REDACTED_PERSON_1]"));
/// assert!(vault.append(Pair::new("[REDACTED_PERSON_1]", "Bob")).is_err());
/// # Ok::<(), llm_shield::VaultError>(())
/// ```
#[derive(Default)]
pub struct Vault {
    pairs: Mutex<Pairs>,
}

impl Clone for Vault {
    fn clone(&self) -> Self {
        Self { pairs: Mutex::new(self.lock().clone()) }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Vault").field("pairs", &self.len()).finish_non_exhaustive()
    }
}

impl Vault {
    /// An empty vault with the default limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty vault with limits of its own.
    pub fn with_limits(limits: VaultLimits) -> Self {
        Self { pairs: Mutex::new(Pairs { limits, ..Pairs::default() }) }
    }

    /// Adds a pair at the end.
    #[expect(clippy::needless_pass_by_value, reason = "a pair is handed over, as in llm-guard")]
    pub fn append(&self, pair: Pair) -> Result<(), VaultError> {
        self.lock().insert(&pair.placeholder, &pair.original)
    }

    /// Adds pairs at the end, all or, on an error, none.
    pub fn extend(&self, pairs: impl IntoIterator<Item = Pair>) -> Result<(), VaultError> {
        let mut held = self.lock();
        let before = held.mark();
        for pair in pairs {
            if let Err(error) = held.insert(&pair.placeholder, &pair.original) {
                held.roll_back(&before);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes a pair out.
    pub fn remove(&self, pair: &Pair) -> Result<(), VaultError> {
        self.lock().remove(pair)
    }

    /// The pairs, oldest first.
    pub fn get(&self) -> Vec<Pair> {
        self.lock().list.iter().map(|entry| Pair::new(&*entry.placeholder, &*entry.original)).collect()
    }

    /// Whether exactly this placeholder stands for a value.
    pub fn placeholder_exists(&self, placeholder: &str) -> bool {
        self.lock().by_placeholder.contains_key(placeholder)
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `text` with each placeholder replaced by the value that it stands for; borrowed when there is none.
    ///
    /// One pass from left to right: a value that was put in is never looked at again. Linear in the length of the
    /// text and the size of the vault.
    ///
    /// ```
    /// use llm_shield::{MatchingStrategy, Pair, Vault};
    ///
    /// let vault = Vault::new();
    /// vault.append(Pair::new("[REDACTED_PERSON_1]", "Ann"))?;
    /// let restored = vault.restore("Dear [Redacted Person-1],", MatchingStrategy::Fuzzy);
    /// assert_eq!(restored, "Dear Ann,");
    /// # Ok::<(), llm_shield::VaultError>(())
    /// ```
    pub fn restore<'t>(&self, text: &'t str, strategy: MatchingStrategy) -> Cow<'t, str> {
        let pairs = self.lock();
        Finder::new(&pairs, strategy).restore(text)
    }

    /// The pairs for one scan: nobody else changes them meanwhile.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Pairs> {
        // Every change leaves the pairs whole, so a thread that panicked has not broken them.
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A pair as it is held: its parts stand in two places.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) placeholder: Arc<str>,
    pub(crate) original: Arc<str>,
}

/// A state of the pairs.
pub(crate) struct Mark {
    pairs: usize,
    numbers: HashMap<Box<str>, u64>,
}

/// The pairs and the ways to find one.
#[derive(Clone, Default)]
pub(crate) struct Pairs {
    limits: VaultLimits,
    list: Vec<Held>,
    bytes: usize,
    by_placeholder: HashMap<Arc<str>, usize>,
    by_original: HashMap<Arc<str>, Vec<usize>>,
    /// The highest number ever given, by kind.
    numbers: HashMap<Box<str>, u64>,
    /// How many placeholders have not the form `[REDACTED_KIND_n]`.
    free_form: usize,
}

impl Pairs {
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn at(&self, index: usize) -> &Held {
        &self.list[index]
    }

    /// The place of the pair with this placeholder.
    pub(crate) fn position(&self, placeholder: &str) -> Option<usize> {
        self.by_placeholder.get(placeholder).copied()
    }

    /// The placeholders that stand for `original`, oldest first.
    pub(crate) fn placeholders_of<'p>(
        &'p self,
        original: &str,
    ) -> impl Iterator<Item = &'p Arc<str>> + use<'p> {
        let places = self.by_original.get(original).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|&place| &self.list[place].placeholder)
    }

    /// Whether some placeholder stands for `original`.
    pub(crate) fn holds_original(&self, original: &str) -> bool {
        self.by_original.contains_key(original)
    }

    /// The kinds of which there are numbered placeholders.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.numbers.keys().map(|kind| &**kind)
    }

    /// The highest number that a placeholder of `kind` has, 0 when there is none.
    pub(crate) fn highest_number(&self, kind: &str) -> u64 {
        self.numbers.get(kind).copied().unwrap_or(0)
    }

    /// How many placeholders hold `kind`, be it as a part of another kind's name.
    pub(crate) fn placeholders_naming(&self, kind: &str) -> u64 {
        self.list.iter().filter(|held| held.placeholder.contains(kind)).count() as u64
    }

    /// The pairs whose placeholder has not the form `[REDACTED_KIND_n]`, such as fakes.
    pub(crate) fn free_form(&self) -> impl Iterator<Item = (usize, &str)> {
        let pairs = if self.free_form == 0 { &[][..] } else { &self.list };
        pairs
            .iter()
            .enumerate()
            .filter(|(_, held)| bracketed::parse(&held.placeholder).is_none())
            .map(|(place, held)| (place, &*held.placeholder))
    }

    pub(crate) fn has_free_form(&self) -> bool {
        self.free_form > 0
    }

    /// Adds a pair at the end; one that is there already stays where it is.
    pub(crate) fn insert(&mut self, placeholder: &str, original: &str) -> Result<(), VaultError> {
        if placeholder.is_empty() {
            return Err(VaultError::Empty);
        }
        if let Some(place) = self.position(placeholder) {
            return if &*self.list[place].original == original { Ok(()) } else { Err(VaultError::Taken) };
        }
        let VaultLimits { pairs_max, bytes_max } = self.limits;
        if self.list.len() >= pairs_max {
            return Err(VaultError::TooManyPairs { limit: pairs_max });
        }
        let bytes = self.bytes + placeholder.len() + original.len();
        if bytes > bytes_max {
            return Err(VaultError::TooManyBytes { limit: bytes_max });
        }
        self.bytes = bytes;
        self.list.push(Held { placeholder: placeholder.into(), original: original.into() });
        self.index(self.list.len() - 1);
        Ok(())
    }

    fn index(&mut self, place: usize) {
        let Held { placeholder, original } = self.list[place].clone();
        match bracketed::parse(&placeholder) {
            Some((kind, number)) => {
                let highest = self.numbers.entry(kind.into()).or_default();
                *highest = number.max(*highest);
            }
            None => self.free_form += 1,
        }
        self.by_placeholder.insert(placeholder, place);
        self.by_original.entry(original).or_default().push(place);
    }

    /// What [`Pairs::roll_back`] goes back to.
    pub(crate) fn mark(&self) -> Mark {
        Mark { pairs: self.list.len(), numbers: self.numbers.clone() }
    }

    /// Undoes what was inserted since; the numbers are free again, as nobody has seen them.
    pub(crate) fn roll_back(&mut self, mark: &Mark) {
        self.list.truncate(mark.pairs);
        self.numbers.clone_from(&mark.numbers);
        self.index_anew();
    }

    fn remove(&mut self, pair: &Pair) -> Result<(), VaultError> {
        let place = self.position(&pair.placeholder).ok_or(VaultError::Absent)?;
        if *self.list[place].original != *pair.original {
            return Err(VaultError::Absent);
        }
        self.list.remove(place);
        self.index_anew();
        Ok(())
    }

    fn index_anew(&mut self) {
        self.by_placeholder.clear();
        self.by_original.clear();
        self.free_form = 0;
        self.bytes = self.list.iter().map(|held| held.placeholder.len() + held.original.len()).sum();
        for place in 0..self.list.len() {
            self.index(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_methods_are_llm_guards() {
        let vault = Vault::new();
        let pair = |placeholder: &str, original: &str| Pair::new(placeholder, original);
        vault.extend([pair("[REDACTED_PERSON_1]", "Ann"), pair("John Doe", "Bob")]).unwrap();
        vault.append(pair("[REDACTED_PERSON_1]", "Ann")).unwrap();
        assert_eq!(vault.get(), [pair("[REDACTED_PERSON_1]", "Ann"), pair("John Doe", "Bob")]);
        assert!(vault.placeholder_exists("John Doe") && !vault.placeholder_exists("John"));
        assert_eq!(vault.remove(&pair("John Doe", "Ann")), Err(VaultError::Absent));
        vault.remove(&pair("[REDACTED_PERSON_1]", "Ann")).unwrap();
        assert_eq!(vault.get(), [pair("John Doe", "Bob")]);
        assert_eq!(vault.lock().highest_number("PERSON"), 1, "a number is not given twice");
    }

    #[test]
    fn what_cannot_be_restored_for_certain_or_is_too_much_is_an_error_and_changes_nothing() {
        let vault = Vault::with_limits(VaultLimits { pairs_max: 3, bytes_max: 20 });
        vault.append(Pair::new("a", "x")).unwrap();
        for (pairs, error) in [
            (vec![("b", "y"), ("a", "y")], VaultError::Taken),
            (vec![("b", "y"), ("", "y")], VaultError::Empty),
            (vec![("b", "y"), ("c", "y"), ("d", "y")], VaultError::TooManyPairs { limit: 3 }),
            (vec![("b", "y"), ("c", "0123456789abcdefg")], VaultError::TooManyBytes { limit: 20 }),
        ] {
            let pairs = pairs.into_iter().map(|(placeholder, original)| Pair::new(placeholder, original));
            assert_eq!(vault.extend(pairs), Err(error));
            assert_eq!(vault.get(), [Pair::new("a", "x")]);
        }
    }

    #[test]
    fn nothing_that_is_debugged_shows_an_original() {
        let vault = Vault::new();
        vault.append(Pair::new("[REDACTED_PERSON_1]", "Ann")).unwrap();
        assert!(!format!("{vault:?} {:?}", vault.get()).contains("Ann"));
    }
}
