//! The double-array trie from bytes to tokens; `tokens/tables.rs` of the shield says what a unit holds.

use std::collections::{BTreeMap, VecDeque};

use anyhow::{Result, ensure};

const VALUE: u32 = 1 << 31;
const LEAF: u32 = 1 << 30;
const INNER_TOKEN: u32 = 1 << 29;
/// Where an inner node's token stands after the base of its children.
const TOKEN_OFFSET: usize = 256;
/// A slot range that the search for a base gives up on after this many misses, to stay linear.
const MISSES_MAX: usize = 4096;

#[derive(Default)]
struct Node {
    children: BTreeMap<u8, usize>,
    token: Option<u32>,
}

pub fn build(tokens: &[Vec<u8>]) -> Result<Vec<u8>> {
    let nodes = pointer_trie(tokens);
    let mut array = DoubleArray::default();
    array.grow(1024);
    array.used[0] = true;
    array.units[0] = 0;
    let mut queue = VecDeque::from([(0, 0)]);
    while let Some((node, slot)) = queue.pop_front() {
        let node = &nodes[node];
        if node.children.is_empty() {
            let token = node.token.unwrap_or(0);
            array.units[slot] |= LEAF | token << 8;
            continue;
        }
        let base = array.base(node);
        ensure!(base < 1 << 21, "the base fits the payload");
        array.units[slot] |= (base as u32) << 8;
        if let Some(token) = node.token {
            array.units[slot] |= INNER_TOKEN;
            array.units[base + TOKEN_OFFSET] = VALUE | token << 8;
            array.used[base + TOKEN_OFFSET] = true;
        }
        for (&byte, &child) in &node.children {
            array.units[base + usize::from(byte)] = u32::from(byte);
            array.used[base + usize::from(byte)] = true;
            queue.push_back((child, base + usize::from(byte)));
        }
    }
    // A look-up may read up to 256 units after the last base.
    let last = array.used.iter().rposition(|&used| used).unwrap_or(0);
    array.grow(last + TOKEN_OFFSET + 2);
    array.units.truncate(last + TOKEN_OFFSET + 2);
    Ok(array.units.iter().flat_map(|unit| unit.to_le_bytes()).collect())
}

fn pointer_trie(tokens: &[Vec<u8>]) -> Vec<Node> {
    let mut nodes = vec![Node::default()];
    for (id, bytes) in (0..).zip(tokens) {
        let mut at = 0;
        for &byte in bytes {
            let new = nodes.len();
            at = *nodes[at].children.entry(byte).or_insert(new);
            if at == new {
                nodes.push(Node::default());
            }
        }
        nodes[at].token = Some(id);
    }
    nodes
}

#[derive(Default)]
struct DoubleArray {
    units: Vec<u32>,
    used: Vec<bool>,
    /// Bases must differ, or a child could be taken for another node's.
    is_base: Vec<bool>,
    first_free: usize,
}

impl DoubleArray {
    fn base(&mut self, node: &Node) -> usize {
        while self.used[self.first_free] {
            self.first_free += 1;
            self.grow(self.first_free + 1024);
        }
        let lowest = node.children.keys().next().map_or(0, |&byte| usize::from(byte));
        let mut slot = self.first_free.max(lowest);
        let mut misses = 0;
        loop {
            self.grow(slot + 1024);
            let base = slot - lowest;
            let fits = !self.is_base[base]
                && node.children.keys().all(|&byte| !self.used[base + usize::from(byte)])
                && (node.token.is_none() || !self.used[base + TOKEN_OFFSET]);
            if fits {
                self.is_base[base] = true;
                return base;
            }
            misses += 1;
            slot += 1;
            if misses == MISSES_MAX {
                // So full a beginning is not worth searching again.
                self.first_free = (self.first_free + 64).min(slot);
            }
        }
    }

    fn grow(&mut self, length: usize) {
        if self.units.len() < length {
            let length = length.next_power_of_two();
            self.units.resize(length, VALUE);
            self.used.resize(length, false);
            self.is_base.resize(length, false);
        }
    }
}
