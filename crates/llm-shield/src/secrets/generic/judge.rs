//! The model that says how likely a candidate is a secret: gradient-boosted trees over [`super::features`].
//!
//! Each tree has the same depth and asks in each node whether one feature exceeds one number, so that a walk has no
//! branch to mispredict and the trees overlap in the processor. The sum of their leaves is a log-odds, which a line
//! (Platt 1999) turns into the probability that is reported as the finding's confidence.
//!
//! # How the shipped weights were made
//!
//! `training/secret_judge.py --write` (`LightGBM`; 120 trees, 15 KB), from 5,400 candidates in 9,787 labelled lines of
//! the 39 development repositories of `CredData`, 7,500 texts of our own (passwords as people think them up, chats,
//! addresses, look-alikes; `training/secret_judge_texts.py`), and, as negatives, about 9,000 candidates in 146 MB of
//! code: Python's standard library and the crates that cargo had downloaded. None of these texts is in the
//! repository. Names of repositories, names of values and values are no features: only classes of words are.
//!
//! Measured with the repository held out (ten folds; provider rules and judge together, a row counts when a finding
//! stands on its value): F1 0.887 [0.833, 0.927], precision 0.937, recall 0.843 (95 %, bootstrap over repositories),
//! and 0.19 findings a megabyte of code of packages that were held out likewise, many of them passwords of tests. The
//! candidates and rules together reach a recall of 0.879: two thirds of the rest are UUIDs behind harmless names,
//! which the set counts as secrets and a guard had better leave alone. F1 is 0.888 at its best threshold, 0.40; above
//! 0.5, a candidate is more likely a secret than not, and clean code has a fifth fewer findings.

use std::sync::LazyLock;

use super::features;

const DEPTH: usize = 5;
const NODES: usize = (1 << DEPTH) - 1;
const LEAVES: usize = 1 << DEPTH;
const TREES_MAX: usize = 1024;
const MAGIC: &[u8; 4] = b"LSJ1";

/// Weights of the judge of generic secrets.
///
/// # Format
///
/// Little endian: the four bytes `LSJ1`; features, trees, training sources (three `u16`); bias, scale of a leaf,
/// slope and intercept of the calibration, threshold (five `f32`); the FNV-1a hash (`u64`) of each training source's
/// name; for each tree 31 nodes (feature, number: two `u8`; children of node `i` are `2i + 1`, taken when the feature
/// is at most the number, and `2i + 2`) and 32 leaves (`i16`).
#[derive(Debug, Clone)]
pub struct Judge {
    trees: Vec<Tree>,
    bias: f32,
    leaf_scale: f32,
    slope: f32,
    intercept: f32,
    threshold: f32,
    sources: Vec<u64>,
}

#[derive(Debug, Clone)]
struct Tree {
    nodes: [[u8; 2]; NODES],
    leaves: [i16; LEAVES],
}

/// Weights that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// The file is not one of weights.
    #[error("not weights of the secret judge: they begin with `LSJ1`")]
    Magic,
    /// It ends too early, or has bytes left.
    #[error("weights of the secret judge: {bytes} bytes, expected {expected}")]
    Length {
        /// What there is.
        bytes: usize,
        /// What its head promises.
        expected: usize,
    },
    /// They were trained for other features.
    #[error("weights of the secret judge: for {found} features, this version has {expected}")]
    Features {
        /// What they were trained for.
        found: usize,
        /// What this version computes.
        expected: usize,
    },
    /// A number that cannot be.
    #[error("weights of the secret judge: {0}")]
    Value(&'static str),
}

impl Judge {
    /// The weights that come with the crate.
    pub fn embedded() -> Result<&'static Self, &'static JudgeError> {
        static JUDGE: LazyLock<Result<Judge, JudgeError>> =
            LazyLock::new(|| Judge::from_bytes(include_bytes!("../../../data/secret_judge.bin")));
        JUDGE.as_ref()
    }

    /// Reads weights.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JudgeError> {
        const HEAD: usize = 4 + 3 * 2 + 5 * 4;
        const TREE: usize = 2 * NODES + 2 * LEAVES;
        let wrong = |expected| JudgeError::Length { bytes: bytes.len(), expected };
        let rest = bytes.strip_prefix(MAGIC).ok_or(JudgeError::Magic)?;
        let (counts, rest) = rest.split_first_chunk::<6>().ok_or_else(|| wrong(HEAD))?;
        let (numbers, rest) = rest.split_first_chunk::<20>().ok_or_else(|| wrong(HEAD))?;
        let count = |at: usize| usize::from(u16::from_le_bytes([counts[at], counts[at + 1]]));
        let (found, trees, sources) = (count(0), count(2), count(4));
        if found != features::COUNT {
            return Err(JudgeError::Features { found, expected: features::COUNT });
        }
        if trees > TREES_MAX {
            return Err(JudgeError::Value("more than 1024 trees"));
        }
        if rest.len() != sources * 8 + trees * TREE {
            return Err(wrong(HEAD + sources * 8 + trees * TREE));
        }
        let number =
            |at: usize| f32::from_le_bytes([numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]]);
        let [bias, leaf_scale, slope, intercept, threshold] = [0, 4, 8, 12, 16].map(number);
        if ![bias, leaf_scale, slope, intercept].iter().all(|value| value.is_finite()) {
            return Err(JudgeError::Value("a number is not finite"));
        }
        if !(0.0..1.0).contains(&threshold) {
            return Err(JudgeError::Value("the threshold is not from 0 to 1"));
        }
        let (hashes, forest) = rest.split_at(sources * 8);
        let sources = hashes
            .chunks_exact(8)
            .map(|hash| hash.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        let trees = forest.chunks_exact(TREE).map(Tree::read).collect::<Option<Vec<Tree>>>();
        let trees = trees.ok_or(JudgeError::Value("a node asks for a feature that there is not"))?;
        Ok(Self { trees, bias, leaf_scale, slope, intercept, threshold, sources: sources.collect() })
    }

    /// Whether the weights were trained on texts of this source, such as a repository `owner/name`.
    pub fn trained_on(&self, source: &str) -> bool {
        let hash = source.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.sources.contains(&hash)
    }

    /// The probability above which a candidate is reported.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// How likely a candidate with these features is a secret.
    pub(super) fn probability(&self, features: &[u8; features::COUNT]) -> f32 {
        let sum: i32 = self.trees.iter().map(|tree| i32::from(tree.leaf(features))).sum();
        let log_odds = self.slope * (self.bias + self.leaf_scale * sum as f32) + self.intercept;
        1.0 / (1.0 + (-log_odds).exp())
    }
}

impl Tree {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut tree = Self { nodes: [[0; 2]; NODES], leaves: [0; LEAVES] };
        let (nodes, leaves) = bytes.split_at(2 * NODES);
        for (node, pair) in tree.nodes.iter_mut().zip(nodes.chunks_exact(2)) {
            *node = [pair[0], pair[1]];
        }
        for (leaf, pair) in tree.leaves.iter_mut().zip(leaves.chunks_exact(2)) {
            *leaf = i16::from_le_bytes([pair[0], pair[1]]);
        }
        tree.nodes.iter().all(|node| usize::from(node[0]) < features::COUNT).then_some(tree)
    }

    #[inline]
    fn leaf(&self, features: &[u8; features::COUNT]) -> i16 {
        let mut at = 0;
        for _ in 0..DEPTH {
            let [feature, number] = self.nodes[at];
            at = 2 * at + 1 + usize::from(features[usize::from(feature)] > number);
        }
        self.leaves[at - NODES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One tree that asks whether feature 0 exceeds 9, and says 1 or -1 (times the scale 2).
    fn weights() -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for count in [features::COUNT as u16, 1, 1] {
            bytes.extend(count.to_le_bytes());
        }
        for number in [0.5f32, 2.0, 1.0, 0.0, 0.5] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(0xaf63_dc4c_8601_ec8c_u64.to_le_bytes());
        bytes.extend([0, 9]);
        bytes.extend([[0, 255]; NODES - 1].concat());
        // Every other question is answered `at most`, so that the walk ends at the left of its half.
        for leaf in 0..LEAVES {
            bytes.extend(if leaf < LEAVES / 2 { -1i16 } else { 1 }.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn a_tree_is_walked() {
        let judge = Judge::from_bytes(&weights()).unwrap();
        let mut row = [0; features::COUNT];
        assert!((judge.probability(&row) - 1.0 / (1.0 + 1.5f32.exp())).abs() < 1e-6);
        row[0] = 10;
        assert!((judge.probability(&row) - 1.0 / (1.0 + (-2.5f32).exp())).abs() < 1e-6);
        assert!(judge.trained_on("a") && !judge.trained_on("b"));
    }

    #[test]
    fn broken_weights_are_named() {
        let good = weights();
        let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
            let mut bytes = good.clone();
            change(&mut bytes);
            let error = Judge::from_bytes(&bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(&|bytes| bytes[0] = 0, "begin with");
        check(&|bytes| bytes.truncate(20), "expected 30");
        check(&|bytes| bytes.push(0), "bytes, expected");
        check(&|bytes| bytes[4] = 1, "features");
        check(&|bytes| bytes[38] = 255, "a feature that there is not");
        check(&|bytes| bytes[26..30].copy_from_slice(&2.0f32.to_le_bytes()), "threshold");
        check(&|bytes| bytes[10..14].copy_from_slice(&f32::NAN.to_le_bytes()), "finite");
    }

    #[test]
    fn the_embedded_weights_load() {
        let judge = Judge::embedded().unwrap();
        assert!(judge.threshold() > 0.0 && !judge.trees.is_empty());
    }
}
