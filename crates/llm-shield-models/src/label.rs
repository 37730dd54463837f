//! A linear model with several labels over hashed n-grams: embedded weights, the whole text, calibrated probabilities.

use std::fmt;

use llm_shield::LabelClassifier;

use crate::label_features::{LabelSink, Reading, walk_labels};

/// A detector that tells several labels apart.
pub struct Label {
    file: LabelFile,
    labels: Vec<&'static str>,
    bias: Vec<f32>,
}

/// The weights as they stand in the file.
#[derive(Clone, Copy)]
pub(crate) struct LabelFile {
    reading: Reading,
    bits: u32,
    count: usize,
    stride: usize,
    scale: f64,
    names: &'static str,
    biases: &'static [u8],
    /// A row of `stride` bytes a bucket, of which `count` are a weight and 128 each.
    rows: &'static [u8],
}

const HEADER_BYTES: usize = 20;
const BITS_MAX: u8 = 20;
/// What is added to each weight in the file: unsigned bytes are summed at half the cost.
const ZERO: i64 = 128;
/// Bytes of a row that are summed at once.
const BLOCK: usize = 16;
/// As many rows of bytes fit into sums of 16 bits.
const ROWS_AT_ONCE: u32 = 256;

impl LabelFile {
    /// Reads the format that `training/label_model.py` describes. For constants only: it panics on other bytes, which
    /// while compiling is a compile error.
    pub(crate) const fn parse(file: &'static [u8]) -> Self {
        let Some((head, rest)) = file.split_first_chunk::<HEADER_BYTES>() else { unreadable() };
        let [b'L', b'S', b'M', b'L', 1, reading, bits, 0, c0, c1, n0, n1, scale @ ..] = *head else {
            unreadable()
        };
        assert!(reading <= 1 && bits <= BITS_MAX);
        let count = u16::from_le_bytes([c0, c1]) as usize;
        let Some((names, rest)) = rest.split_at_checked(u16::from_le_bytes([n0, n1]) as usize) else {
            unreadable()
        };
        let Some((biases, rows)) = rest.split_at_checked(4 * count) else { unreadable() };
        // Whole blocks are summed without a remainder.
        let stride = if count > BLOCK { count.next_multiple_of(BLOCK) } else { count };
        assert!(rows.len() == stride << bits && count > 1);
        let Ok(names) = std::str::from_utf8(names) else { unreadable() };
        let reading = if reading == 0 { Reading::Letters } else { Reading::Tokens };
        Self {
            reading,
            bits: bits as u32,
            count,
            stride,
            scale: f64::from_le_bytes(scale),
            names,
            biases,
            rows,
        }
    }
}

impl Label {
    pub(crate) fn new(file: LabelFile) -> Self {
        let labels: Vec<&'static str> = file.names.split('\n').collect();
        debug_assert_eq!(labels.len(), file.count);
        let bias = file.biases.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        Self { file, labels, bias }
    }

    /// The score of each label before the softmax; equal to Python's to the last bits. Empty when the text has no n-gram.
    pub fn logits(&self, text: &str) -> Vec<f64> {
        let mut scan = Scan {
            file: &self.file,
            first: Sums::new(self.file.stride),
            second: Sums::new(self.file.stride),
        };
        walk_labels(text, self.file.reading, &mut scan);
        if scan.first.rows == 0 {
            return Vec::new();
        }
        let (first, second) = (scan.first.finish(), scan.second.finish());
        let total = first.into_iter().zip(second).map(|(first, second)| first + second);
        total.zip(&self.bias).map(|(total, &bias)| self.file.scale * total + f64::from(bias)).collect()
    }
}

impl LabelClassifier for Label {
    fn labels(&self) -> &[&'static str] {
        &self.labels
    }

    fn probabilities(&self, text: &str) -> Vec<f32> {
        let mut scores = self.logits(text);
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for score in &mut scores {
            *score = (*score - best).exp();
        }
        let total: f64 = scores.iter().sum();
        scores.into_iter().map(|score| (score / total) as f32).collect()
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Label").field("labels", &self.labels).finish_non_exhaustive()
    }
}

#[expect(clippy::panic, reason = "runs while compiling only")]
const fn unreadable() -> ! {
    panic!("the weights are not a label model of this version")
}

/// Sums of the rows of one list, a number a label.
struct Sums {
    /// Of the rows since they were last added to `total`.
    open: Vec<u16>,
    open_rows: u32,
    total: Vec<i64>,
    rows: u64,
}

impl Sums {
    fn new(count: usize) -> Self {
        Self { open: vec![0; count], open_rows: 0, total: vec![0; count], rows: 0 }
    }

    #[inline]
    fn add(&mut self, row: &[u8]) {
        let (sums, few_sums) = self.open.as_chunks_mut::<BLOCK>();
        let (blocks, few) = row.as_chunks::<BLOCK>();
        for (sums, weights) in sums.iter_mut().zip(blocks) {
            for (sum, &weight) in sums.iter_mut().zip(weights) {
                *sum += u16::from(weight);
            }
        }
        for (sum, &weight) in few_sums.iter_mut().zip(few) {
            *sum += u16::from(weight);
        }
        self.rows += 1;
        self.open_rows += 1;
        if self.open_rows == ROWS_AT_ONCE {
            self.close();
        }
    }

    fn close(&mut self) {
        for (total, open) in self.total.iter_mut().zip(&mut self.open) {
            *total += i64::from(std::mem::take(open));
        }
        self.open_rows = 0;
    }

    /// The sum of each label's weights over the root of their number.
    fn finish(mut self) -> Vec<f64> {
        self.close();
        let rows = self.rows.max(1) as f64;
        let zero = ZERO * self.rows.cast_signed();
        self.total.into_iter().map(|total| (total - zero) as f64 / rows.sqrt()).collect()
    }
}

struct Scan<'m> {
    file: &'m LabelFile,
    first: Sums,
    second: Sums,
}

impl Scan<'_> {
    #[inline]
    fn row(&self, hash: u32) -> &'static [u8] {
        let at = (hash >> (32 - self.file.bits)) as usize * self.file.stride;
        &self.file.rows[at..at + self.file.stride]
    }
}

impl LabelSink for Scan<'_> {
    #[inline]
    fn first(&mut self, hash: u32) {
        let row = self.row(hash);
        self.first.add(row);
    }

    #[inline]
    fn second(&mut self, hash: u32) {
        let row = self.row(hash);
        self.second.add(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_hold_more_rows_than_fit_at_once() {
        let mut sums = Sums::new(2);
        for _ in 0..1_000 {
            sums.add(&[255, 0]);
        }
        let root = 1_000f64.sqrt();
        assert_eq!(sums.finish(), [127.0 * 1_000.0 / root, -128.0 * 1_000.0 / root]);
    }
}
