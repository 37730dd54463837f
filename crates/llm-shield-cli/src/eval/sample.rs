//! Rows with what a detector said of each, measured whole or in parts.

use std::collections::BTreeMap;

use super::metrics::{Member, Metrics, Scored};
use super::rows::Row;

/// All rows, as many scores, and the number of the source of each.
pub(super) struct Sample<'r> {
    pub(super) rows: &'r [Row],
    pub(super) scored: &'r [Scored],
    sources: Vec<u32>,
    threshold: f64,
}

impl<'r> Sample<'r> {
    pub(super) fn new(rows: &'r [Row], scored: &'r [Scored], threshold: f64) -> Self {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let sources = rows
            .iter()
            .map(|row| {
                let next = numbers.len() as u32;
                *numbers.entry(&row.source).or_insert(next)
            })
            .collect();
        Self { rows, scored, sources, threshold }
    }

    pub(super) fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The number of the source of each row.
    pub(super) fn sources(&self) -> &[u32] {
        &self.sources
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.rows.len()).collect()
    }

    /// Of the rows at these places.
    pub(super) fn measure(&self, places: &[usize]) -> Metrics {
        Metrics::measure(self.members(places, &[], |place| self.scored[place]), self.threshold)
    }

    /// Of all rows, by another score and its own threshold.
    pub(super) fn measure_by(&self, score: &dyn Fn(&Row) -> f64, threshold: f64) -> Metrics {
        let by = |place: usize| Scored { score: score(&self.rows[place]), ..self.scored[place] };
        Metrics::measure(self.members(&self.all(), &[], by), threshold)
    }

    /// Of rows of one label, ranked against all rows of the other.
    pub(super) fn measure_against_others(&self, places: &[usize], positive: bool) -> Metrics {
        let others: Vec<usize> =
            (0..self.rows.len()).filter(|place| self.rows[*place].positive != positive).collect();
        Metrics::measure(self.members(places, &others, |place| self.scored[place]), self.threshold)
    }

    fn members(&self, own: &[usize], others: &[usize], by: impl Fn(usize) -> Scored) -> Vec<Member> {
        let member = |place: usize, own: bool| Member { scored: by(place), source: self.sources[place], own };
        own.iter()
            .map(|place| member(*place, true))
            .chain(others.iter().map(|place| member(*place, false)))
            .collect()
    }
}
