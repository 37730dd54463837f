//! For each token its halves and its longest proper prefix, 20 bits each in one little-endian word.

use std::collections::HashMap;

use anyhow::{Result, ensure};

const NONE: u64 = 0xF_FFFF;

pub fn build(tokens: &[Vec<u8>]) -> Result<Vec<u8>> {
    let ids: HashMap<&[u8], u32> = (0..).zip(tokens).map(|(id, bytes)| (&bytes[..], id)).collect();
    ensure!(ids.len() == tokens.len() && tokens.len() < NONE as usize, "tokens are distinct and fit 20 bits");
    let mut out = Vec::with_capacity(tokens.len() * 8);
    for (id, bytes) in (0u32..).zip(tokens) {
        let (left, right) = halves(&ids, id, bytes)?;
        let shorter =
            (1..bytes.len()).rev().find_map(|end| ids.get(&bytes[..end])).map_or(NONE, |&id| id.into());
        out.extend((u64::from(left) | u64::from(right) << 20 | shorter << 40).to_le_bytes());
    }
    Ok(out)
}

/// The two tokens whose merge makes `id`: what byte-pair encoding with older tokens alone leaves of its bytes.
fn halves(ids: &HashMap<&[u8], u32>, id: u32, bytes: &[u8]) -> Result<(u32, u32)> {
    if bytes.len() == 1 {
        return Ok((id, id));
    }
    let mut parts: Vec<&[u8]> = bytes.chunks(1).collect();
    while parts.len() > 2 {
        let mut best: Option<(u32, usize, usize, usize)> = None;
        let mut start = 0;
        for (index, pair) in parts.windows(2).enumerate() {
            let end = start + pair[0].len() + pair[1].len();
            if let Some(&rank) = ids.get(&bytes[start..end]).filter(|&&rank| rank < id)
                && best.is_none_or(|(lowest, ..)| rank < lowest)
            {
                best = Some((rank, index, start, end));
            }
            start += pair[0].len();
        }
        let Some((_, index, start, end)) = best else { break };
        parts[index] = &bytes[start..end];
        parts.remove(index + 1);
    }
    ensure!(parts.len() == 2, "token {id} is not made of two older tokens: {bytes:?}");
    let (left, right) = (ids[parts[0]], ids[parts[1]]);
    ensure!(left < id && right < id, "the halves of token {id} are older");
    Ok((left, right))
}
