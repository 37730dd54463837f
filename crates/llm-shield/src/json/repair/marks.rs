//! Where delimiters, white space and letters stand, so that looking ahead takes a binary search.

use crate::text::python;

/// The characters that are looked for.
const MARKS: [char; 8] = ['"', '\'', '“', '”', ':', ',', ']', '}'];

/// Places of characters in a text, each list sorted.
pub(super) struct Marks {
    /// For each of [`MARKS`], where it stands.
    all: [Vec<u32>; MARKS.len()],
    /// The same without those behind a backslash.
    bare: [Vec<u32>; MARKS.len()],
    /// Runs of white space: first place and the place behind.
    space: Vec<(u32, u32)>,
    /// Runs of letters.
    letters: Vec<(u32, u32)>,
    length: usize,
}

impl Marks {
    pub(super) fn new(characters: &[char]) -> Self {
        let mut marks = Self {
            all: Default::default(),
            bare: Default::default(),
            space: Vec::new(),
            letters: Vec::new(),
            length: characters.len(),
        };
        let mut before = None;
        for (at, &character) in characters.iter().enumerate() {
            let place = at as u32;
            if let Some(mark) = index(character) {
                marks.all[mark].push(place);
                if before != Some('\\') {
                    marks.bare[mark].push(place);
                }
            } else if python::is_whitespace(character) {
                extend(&mut marks.space, place);
            } else if python::is_alphabetic(character) {
                extend(&mut marks.letters, place);
            }
            before = Some(character);
        }
        marks
    }

    /// The first place from `from` on where `character` stands, also behind a backslash; the end of the text if none.
    pub(super) fn next(&self, character: char, from: usize) -> usize {
        self.search(&self.all, character, from)
    }

    /// As [`Marks::next`], but not behind a backslash. A start beyond the end of the text stays.
    pub(super) fn next_bare(&self, character: char, from: usize) -> usize {
        self.search(&self.bare, character, from)
    }

    fn search(&self, lists: &[Vec<u32>; MARKS.len()], character: char, from: usize) -> usize {
        let Some(mark) = index(character) else { return self.length.max(from) };
        let list = &lists[mark];
        let after = list.partition_point(|&place| (place as usize) < from);
        list.get(after).map_or(self.length.max(from), |&place| place as usize)
    }

    /// The first place from `from` on without white space.
    pub(super) fn behind_space(&self, from: usize) -> usize {
        let after = self.space.partition_point(|&(_, end)| end as usize <= from);
        match self.space.get(after) {
            Some(&(start, end)) if start as usize <= from => end as usize,
            _ => from,
        }
    }

    /// The first place from `from` on with a letter; the end of the text if none.
    pub(super) fn next_letter(&self, from: usize) -> usize {
        let after = self.letters.partition_point(|&(_, end)| end as usize <= from);
        self.letters.get(after).map_or(self.length, |&(start, _)| from.max(start as usize))
    }
}

fn index(character: char) -> Option<usize> {
    MARKS.iter().position(|&mark| mark == character)
}

fn extend(runs: &mut Vec<(u32, u32)>, place: u32) {
    match runs.last_mut() {
        Some((_, end)) if *end == place => *end += 1,
        _ => runs.push((place, place + 1)),
    }
}
