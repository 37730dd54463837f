//! What takes the place of each entity, and what the vault remembers of it.

use std::collections::{HashMap, HashSet};

use super::fakes;
use super::format::{SameFormat, TRIES_PER_TEXT_MAX};
use crate::pii::{self, Analyzer, Entity};
use crate::vault::{Finder, Kinds, Pairs, bracketed, in_gaps};
use crate::{Compat, Edit, MatchingStrategy, ScanError, Span, VaultError};

/// What takes the place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `[REDACTED_KIND_n]`.
    Placeholder,
    /// A realistic value.
    Fake,
    /// A value of the same shape.
    SameFormat,
}

/// The kind of what reads like a placeholder in a prompt.
const LOOK_ALIKE: &str = "PLACEHOLDER";

/// How often another value is drawn when the first is taken.
const DRAWS_MAX: u64 = 16;

/// Replaces entities so that they can be restored.
pub(super) struct Redactor {
    style: Style,
    seed: u64,
    compat: Compat,
    /// Every kind that a placeholder may have.
    kinds: Kinds,
    /// Tries out values of the same shape.
    same_format: Option<SameFormat>,
}

/// A stretch of the text that is replaced.
struct Place<'t> {
    span: Span,
    kind: &'t str,
    value: &'t str,
}

impl Redactor {
    pub(super) fn new<'k>(
        style: Style,
        seed: u64,
        kinds: impl Iterator<Item = &'k str>,
        formats: Option<Analyzer>,
    ) -> Self {
        let mut all = Kinds::new(pii::every_name().chain([LOOK_ALIKE]));
        kinds.for_each(|kind| all.add(kind));
        Self { style, seed, compat: Compat::Mended, kinds: all, same_format: formats.map(SameFormat::new) }
    }

    pub(super) fn set_compat(&mut self, compat: Compat) {
        self.compat = compat;
    }

    #[cfg(test)]
    pub(super) fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// The edits that take `entities` (sorted, without overlap) out of `text`; `pairs` remembers the values.
    ///
    /// An error leaves `pairs` as they were.
    pub(super) fn redact(
        &self,
        text: &str,
        entities: &[Entity],
        pairs: &mut Pairs,
    ) -> Result<Vec<Edit>, ScanError> {
        let places = self.places(text, entities, pairs);
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let before = pairs.mark();
        // A drawn value can, with the text around it, read like another one; placeholders cannot.
        let styles = if self.style == Style::Placeholder {
            &[Style::Placeholder][..]
        } else {
            &[self.style, Style::Placeholder]
        };
        for &style in styles {
            let edits =
                self.replace(text, &places, pairs, style).inspect_err(|_| pairs.roll_back(&before))?;
            if !pairs.has_free_form() || is_restored(text, &edits, pairs) {
                return Ok(edits);
            }
            pairs.roll_back(&before);
        }
        Err(ScanError::NotRestorable)
    }

    /// The entities and, between them, whatever a restoration would take for a placeholder.
    fn places<'t>(&'t self, text: &'t str, entities: &'t [Entity], pairs: &Pairs) -> Vec<Place<'t>> {
        let finder = Finder::new(pairs, MatchingStrategy::Fuzzy);
        let look_alikes = |gap: &str| {
            let known = finder.find(gap).into_iter().map(|found| found.span).collect();
            in_gaps(gap, known, |gap| {
                // Also those that are nobody's placeholder: they may become one in a later prompt.
                self.kinds.rewritten(gap, |_, _| Some(())).into_iter().map(|(span, ())| span).collect()
            })
        };
        let spans: Vec<Span> = entities.iter().map(|entity| entity.span).collect();
        let spans = match self.compat {
            Compat::Mended => in_gaps(text, spans, look_alikes),
            Compat::Exact => spans,
        };
        let mut entities = entities.iter().peekable();
        spans
            .into_iter()
            .map(|span| {
                let entity = entities.next_if(|entity| entity.span == span);
                let kind = entity.map_or(LOOK_ALIKE, |entity| &*entity.kind);
                Place { span, kind, value: &text[span.range()] }
            })
            .collect()
    }

    fn replace(
        &self,
        text: &str,
        places: &[Place<'_>],
        pairs: &mut Pairs,
        style: Style,
    ) -> Result<Vec<Edit>, VaultError> {
        let mut naming = Naming {
            redactor: self,
            text,
            style,
            taken: taken(places, style),
            drawn: 0,
            tries_left: TRIES_PER_TEXT_MAX,
            named: HashMap::new(),
            numbers: HashMap::new(),
        };
        let edits: Vec<Edit> = places
            .iter()
            .map(|place| Edit { span: place.span, replacement: naming.name(place, pairs).into() })
            .collect();
        // llm-guard stores from the end of the text to its start.
        for (place, edit) in places.iter().zip(&edits).rev() {
            pairs.insert(&edit.replacement, place.value)?;
        }
        Ok(edits)
    }
}

/// What no drawn value may equal, lower case.
fn taken(places: &[Place<'_>], style: Style) -> HashSet<String> {
    if style == Style::Placeholder {
        return HashSet::new();
    }
    places.iter().map(|place| place.value.to_lowercase()).collect()
}

/// The names given in one text.
struct Naming<'r, 't> {
    redactor: &'r Redactor,
    text: &'t str,
    style: Style,
    /// Lower case: what stands in the text, and what was drawn for it.
    taken: HashSet<String>,
    /// How many values were drawn for this text.
    drawn: u64,
    /// How often a value of the same shape may still be tried.
    tries_left: u32,
    named: HashMap<(&'t str, &'t str), String>,
    /// The highest number given for this text, by kind.
    numbers: HashMap<&'t str, u64>,
}

impl<'t> Naming<'_, 't> {
    /// What stands for the value of `place`: the same as ever for an equal value of the kind.
    fn name(&mut self, place: &Place<'t>, pairs: &Pairs) -> String {
        let key = (place.kind, place.value);
        if let Some(name) = self.named.get(&key) {
            return name.clone();
        }
        let style = if place.kind == LOOK_ALIKE { Style::Placeholder } else { self.style };
        let known =
            pairs.placeholders_of(place.value).find(|placeholder| match bracketed::parse(placeholder) {
                Some((kind, _)) => kind == place.kind,
                None => style != Style::Placeholder,
            });
        let name = match known {
            Some(known) => known.to_string(),
            None => match style {
                Style::Placeholder => self.number(place.kind, pairs),
                Style::Fake | Style::SameFormat => {
                    self.draw(place, pairs).unwrap_or_else(|| self.number(place.kind, pairs))
                }
            },
        };
        self.named.insert(key, name.clone());
        name
    }

    fn number(&mut self, kind: &'t str, pairs: &Pairs) -> String {
        let exact = self.redactor.compat == Compat::Exact;
        let highest = self.numbers.entry(kind).or_insert_with(|| {
            // llm-guard's number, unless it was given to another value already.
            let named = if exact { pairs.placeholders_naming(kind) } else { 0 };
            pairs.highest_number(kind).max(named)
        });
        *highest += 1;
        bracketed::write(kind, *highest)
    }

    /// A value that is neither taken nor an original.
    fn draw(&mut self, place: &Place<'t>, pairs: &Pairs) -> Option<String> {
        for _ in 0..DRAWS_MAX {
            // By order alone: a drawn value tells nothing of the one that it stands for but what its shape tells.
            let order = pairs.len() as u64 + self.drawn;
            self.drawn += 1;
            let mut random = fakes::generator(self.redactor.seed, place.kind, order);
            let value = match (self.style, &self.redactor.same_format) {
                (Style::SameFormat, Some(same_format)) => {
                    same_format.draw(self.text, place.span, place.kind, &mut random, &mut self.tries_left)?
                }
                _ => fakes::fake(place.kind, place.value, &mut random)?,
            };
            let free = pairs.position(&value).is_none() && !pairs.holds_original(&value);
            if free && bracketed::parse(&value).is_none() && self.taken.insert(value.to_lowercase()) {
                return Some(value);
            }
        }
        None
    }
}

/// Whether the edited text becomes the text again, even by the strategy that finds most.
fn is_restored(text: &str, edits: &[Edit], pairs: &Pairs) -> bool {
    let mut redacted = String::with_capacity(text.len());
    let mut copied = 0;
    for edit in edits {
        redacted.push_str(&text[copied..edit.span.start]);
        redacted.push_str(&edit.replacement);
        copied = edit.span.end;
    }
    redacted.push_str(&text[copied..]);
    Finder::new(pairs, MatchingStrategy::Fuzzy).restore(&redacted) == text
}
