//! Bootstrap resamples of rows, as how often each counts.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Resamples behind each interval.
const RESAMPLES: usize = 400;
const SEED: u64 = 7;

/// Rows by the source that they come from.
pub(super) struct Resamples {
    rows: usize,
    /// The places of each source's rows.
    sources: Vec<Vec<usize>>,
}

impl Resamples {
    /// `sources` names the source of each row.
    pub(super) fn of(sources: impl Iterator<Item = u32>) -> Self {
        let mut by_source: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let mut rows = 0;
        for (at, source) in sources.enumerate() {
            by_source.entry(source).or_default().push(at);
            rows += 1;
        }
        Self { rows, sources: by_source.into_values().collect() }
    }

    /// Whether the rows come from more than one source, so that sources can be drawn.
    pub(super) fn has_sources(&self) -> bool {
        self.sources.len() > 1
    }

    /// Hands each resample to `measure`; the same for the same rows, always. `draw` is [`Self::rows`] or
    /// [`Self::sources`].
    pub(super) fn each(&self, draw: &dyn Fn(&mut StdRng, &mut [u32]), mut measure: impl FnMut(&[u32])) {
        let mut random = StdRng::seed_from_u64(SEED);
        let mut weights = vec![0; self.rows];
        for _ in 0..RESAMPLES {
            weights.fill(0);
            draw(&mut random, &mut weights);
            measure(&weights);
        }
    }

    /// As many rows as there are, drawn with replacement.
    pub(super) fn rows(&self, random: &mut StdRng, weights: &mut [u32]) {
        for _ in 0..self.rows {
            weights[random.random_range(0..self.rows)] += 1;
        }
    }

    /// As many sources as there are, drawn with replacement, and of each as many rows as it has (the two-stage
    /// bootstrap of Davison and Hinkley 1997, section 3.8): which sources there are is chance too.
    pub(super) fn sources(&self, random: &mut StdRng, weights: &mut [u32]) {
        for _ in &self.sources {
            let source = &self.sources[random.random_range(0..self.sources.len())];
            for _ in source {
                weights[source[random.random_range(0..source.len())]] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resample_by_source_holds_whole_sources() {
        let resamples = Resamples::of([4, 9, 9, 4, 9].into_iter());
        let mut drawn = Vec::new();
        resamples.each(&|random, weights| resamples.sources(random, weights), |weights| {
            drawn.push((weights[0] + weights[3], weights[1] + weights[2] + weights[4]));
        });
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn, [(0, 6), (2, 3), (4, 0)]);
        resamples.each(&|random, weights| resamples.rows(random, weights), |weights| {
            assert_eq!(weights.iter().sum::<u32>(), 5);
        });
        assert!(resamples.has_sources() && !Resamples::of([3, 3].into_iter()).has_sources());
    }
}
