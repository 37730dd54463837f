//! Levenshtein distance, as far as it is small.

/// The largest distance that is asked for.
pub(super) const DISTANCE_MAX: usize = 3;

/// The distance between `left` and `right` in bytes, if it is at most `most` (itself at most [`DISTANCE_MAX`]).
/// Takes time linear in the shorter of the two.
pub(super) fn distance_within(left: &[u8], right: &[u8], most: usize) -> Option<usize> {
    const WIDTH: usize = 2 * DISTANCE_MAX + 1;
    let most = most.min(DISTANCE_MAX);
    if left.len().abs_diff(right.len()) > most {
        return None;
    }
    let far = most + 1;
    // Cell `band` of row `i` is the distance of the first `i` bytes of `left` and the first `i + band - most` of
    // `right`; what lies outside this band is farther than `most`.
    let mut row = [far; WIDTH];
    for ahead in 0..=most {
        row[most + ahead] = ahead;
    }
    for i in 1..=left.len() {
        let mut next = [far; WIDTH];
        for band in 0..=2 * most {
            let Some(j) = (i + band).checked_sub(most).filter(|&j| j <= right.len()) else { continue };
            let mut best = far;
            if j > 0 {
                best = row[band] + usize::from(left[i - 1] != right[j - 1]);
            }
            if band < 2 * most {
                best = best.min(row[band + 1] + 1);
            }
            if band > 0 && j > 0 {
                best = best.min(next[band - 1] + 1);
            }
            next[band] = best.min(far);
        }
        if next[..=2 * most].iter().all(|&cell| cell == far) {
            return None;
        }
        row = next;
    }
    let distance = row[right.len() + most - left.len()];
    (distance <= most).then_some(distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn small_distances_are_exact_and_large_ones_are_none(
            left in "[ab]{0,8}", right in "[ab]{0,8}", most in 0usize..=DISTANCE_MAX,
        ) {
            let distance = strsim::levenshtein(&left, &right);
            let expected = (distance <= most).then_some(distance);
            prop_assert_eq!(distance_within(left.as_bytes(), right.as_bytes(), most), expected);
        }
    }
}
