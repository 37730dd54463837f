//! From the entities that an analyzer finds, which may overlap, to the stretches of a text that are replaced.
//!
//! The rules are Presidio's ("remove intersections"), computed in sorted order instead of pair by pair.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::pii::Entity;
use crate::risk::round_2;
use crate::{Category, Finding, Owasp, RiskScore, ScanError, Threshold, risk_score};

/// llm-guard's risk of a text with these entities: of the highest score, rounded to two decimals.
pub(super) fn risk(entities: &[Entity], threshold: Threshold) -> RiskScore {
    let highest = entities.iter().map(|entity| entity.score).fold(0.0, f32::max);
    risk_score(round_2(f64::from(highest)), threshold)
}

/// One finding for each entity.
pub(super) fn findings(entities: &[Entity]) -> Vec<Finding> {
    let finding = |entity: &Entity| Finding {
        span: entity.span,
        rule: entity.kind.clone(),
        category: Category::PersonalData,
        score: entity.score,
        owasp: Owasp::Llm02SensitiveInformation,
        checked: entity.checked,
        decoded_from: Vec::new(),
    };
    entities.iter().map(finding).collect()
}

/// The stretches of `text` to replace, sorted, without overlap, none empty.
///
/// Entities of one kind that overlap become one; one that lies inside another goes, and of two on the same span the
/// better one stays; where two still overlap, the worse one is cut; then neighbours of one kind with only spaces
/// between become one.
///
/// # Errors
///
/// When an entity does not lie on character boundaries: a plugged-in name finder is broken.
pub(super) fn resolve(text: &str, entities: Vec<Entity>) -> Result<Vec<Entity>, ScanError> {
    if entities.iter().any(|entity| text.get(entity.span.range()).is_none()) {
        return Err(ScanError::Model(
            "an entity does not lie on character boundaries of the text".to_owned(),
        ));
    }
    let entities = without_contained(merged_by_kind(entities));
    Ok(merged_neighbours(text, without_overlap(entities)))
}

fn merged_by_kind(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.retain(|entity| !entity.span.is_empty());
    entities.sort_by_key(|entity| entity.span.start);
    let mut merged: Vec<Entity> = Vec::with_capacity(entities.len());
    let mut last_of_kind: HashMap<_, usize> = HashMap::new();
    for entity in entities {
        let last = last_of_kind.get(&entity.kind).map(|&place| &mut merged[place]);
        if let Some(last) = last.filter(|last| entity.span.start < last.span.end) {
            if (entity.score, entity.checked.is_some()) > (last.score, last.checked.is_some()) {
                (last.score, last.checked) = (entity.score, entity.checked);
            }
            last.span.end = last.span.end.max(entity.span.end);
        } else {
            last_of_kind.insert(entity.kind.clone(), merged.len());
            merged.push(entity);
        }
    }
    merged
}

fn without_contained(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.sort_by(|left, right| {
        let place = |entity: &Entity| (entity.span.start, Reverse(entity.span.end));
        let quality = |entity: &Entity| Reverse(entity.checked.is_some());
        let by_score = right.score.total_cmp(&left.score);
        place(left).cmp(&place(right)).then(by_score).then_with(|| quality(left).cmp(&quality(right)))
    });
    let mut end = 0;
    entities.retain(|entity| {
        let stands_out = entity.span.end > end;
        end = end.max(entity.span.end);
        stands_out
    });
    entities
}

/// Cuts the lower-scored of two neighbours; of equal ones the later.
fn without_overlap(entities: Vec<Entity>) -> Vec<Entity> {
    let mut slots: Vec<Option<Entity>> = entities.into_iter().map(Some).collect();
    let starts = slots.iter().enumerate();
    // By start; what starts at one place keeps its order.
    let mut queue: BinaryHeap<Reverse<(usize, usize)>> =
        starts.filter_map(|(place, slot)| Some(Reverse((slot.as_ref()?.span.start, place)))).collect();
    let mut parted = Vec::with_capacity(slots.len());
    while let Some(Reverse((_, place))) = queue.pop() {
        let Some(mut current) = slots[place].take() else { continue };
        // An entity is cut at most once for each kind that overlaps it here.
        while let Some(&Reverse((start, next_place))) = queue.peek() {
            if current.span.end <= start {
                break;
            }
            let Some(next) = &mut slots[next_place] else {
                queue.pop();
                continue;
            };
            // What was cut may now lie inside; to cut the other one here would leave its end in clear.
            if next.span.end > current.span.end && current.score < next.score {
                current.span.end = start;
                break;
            }
            queue.pop();
            next.span.start = current.span.end;
            if next.span.start < next.span.end {
                queue.push(Reverse((next.span.start, next_place)));
            } else {
                slots[next_place] = None;
            }
        }
        if !current.span.is_empty() {
            parted.push(current);
        }
    }
    parted
}

fn merged_neighbours(text: &str, entities: Vec<Entity>) -> Vec<Entity> {
    let mut merged: Vec<Entity> = Vec::with_capacity(entities.len());
    for entity in entities {
        let neighbour = merged.last_mut().filter(|last| {
            let between = &text[last.span.end..entity.span.start];
            last.kind == entity.kind && !between.is_empty() && between.bytes().all(|byte| byte == b' ')
        });
        match neighbour {
            Some(last) => {
                last.span.end = entity.span.end;
                last.score = last.score.max(entity.score);
            }
            None => merged.push(entity),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Span;

    fn entity(kind: &'static str, start: usize, end: usize, score: f32) -> Entity {
        Entity { span: Span::new(start, end), kind: kind.into(), score, checked: None }
    }

    #[test]
    fn conflicts_end_as_presidio_ends_them() {
        let check = |entities: &[(&'static str, usize, usize, f32)], expected: &[(&str, usize, usize)]| {
            let entities = entities.iter().map(|&(kind, start, end, score)| entity(kind, start, end, score));
            let resolved = resolve("ab cd  ef gh", entities.collect()).unwrap();
            let resolved: Vec<_> =
                resolved.iter().map(|entity| (&*entity.kind, entity.span.start, entity.span.end)).collect();
            assert_eq!(resolved, expected);
        };
        check(&[], &[]);
        check(&[("A", 0, 4, 0.5), ("B", 2, 6, 0.9)], &[("A", 0, 2), ("B", 2, 6)]);
        check(&[("A", 0, 4, 0.9), ("B", 2, 6, 0.9)], &[("A", 0, 4), ("B", 4, 6)]);
        check(&[("A", 0, 4, 0.5), ("A", 2, 6, 0.9)], &[("A", 0, 6)]);
        check(&[("A", 0, 8, 0.1), ("B", 2, 6, 0.9)], &[("A", 0, 8)]);
        check(&[("A", 0, 4, 0.5), ("B", 0, 4, 0.9)], &[("B", 0, 4)]);
        check(
            &[("A", 0, 2, 0.5), ("A", 3, 5, 0.5), ("A", 7, 9, 0.5), ("B", 10, 12, 1.0)],
            &[("A", 0, 9), ("B", 10, 12)],
        );
        check(&[("A", 0, 2, 0.5), ("A", 2, 5, 0.5)], &[("A", 0, 2), ("A", 2, 5)]);
        check(&[("A", 0, 5, 0.9), ("B", 3, 7, 0.5), ("C", 4, 9, 0.7)], &[("A", 0, 5), ("C", 5, 9)]);
    }

    #[test]
    fn a_name_finder_that_cuts_characters_is_an_error() {
        assert!(resolve("é", vec![entity("A", 0, 1, 1.0)]).is_err());
        assert!(resolve("e", vec![entity("A", 0, 2, 1.0)]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_left_is_sorted_parted_and_covers_all_that_was_found(
            entities in proptest::collection::vec((0usize..4, 0usize..30, 1usize..12, 0u8..10), 0..12),
        ) {
            let kinds = ["A", "B", "C", "D"];
            let entities: Vec<Entity> = entities
                .into_iter()
                .map(|(kind, start, length, score)| {
                    entity(kinds[kind], start, start + length, f32::from(score) / 10.0)
                })
                .collect();
            let text = "x".repeat(42);
            let resolved = resolve(&text, entities.clone()).unwrap();
            for pair in resolved.windows(2) {
                prop_assert!(pair[0].span.end <= pair[1].span.start);
            }
            let covers = |entities: &[Entity], at: usize| {
                entities.iter().any(|entity| entity.span.range().contains(&at))
            };
            for at in 0..42 {
                prop_assert_eq!(covers(&entities, at), covers(&resolved, at), "{}", at);
            }
        }
    }
}
