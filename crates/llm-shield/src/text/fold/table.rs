//! The table of replacements, parsed once from the text file that the Python side reads too.

use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("../../../data/fold.tsv")));

/// What `character` reads as, if not as itself; empty if it cannot be seen.
pub(in crate::text) fn replacement(character: char) -> Option<&'static str> {
    TABLE.get(character as u32)
}

/// Pages of 256 code points; the code points of a page that is not there stay as they are.
struct Table {
    /// For each page its number in `entries`, plus one; 0 if it is not there.
    pages: Vec<u16>,
    /// Start and end in `text`; the start is [`STAYS`] for a code point that stays.
    entries: Vec<[(u32, u32); 256]>,
    text: String,
}

const STAYS: u32 = u32::MAX;

impl Table {
    fn get(&self, code: u32) -> Option<&str> {
        let page = *self.pages.get((code >> 8) as usize)?;
        let entries = self.entries.get(usize::from(page).checked_sub(1)?)?;
        let (start, end) = entries[(code & 0xff) as usize];
        if start == STAYS { None } else { self.text.get(start as usize..end as usize) }
    }

    /// Reads the lines that `make_fold_table.py` describes. The file is ours: a test holds that no line is lost.
    fn parse(file: &str) -> Self {
        let mut table = Self { pages: vec![0; 0x1100], entries: Vec::new(), text: String::new() };
        for line in file.lines() {
            if table.insert_line(line).is_none() {
                debug_assert!(false, "bad line in fold.tsv: {line}");
            }
        }
        table
    }

    fn insert_line(&mut self, line: &str) -> Option<()> {
        let mut fields = line.split('\t');
        let first = u32::from_str_radix(fields.next()?, 16).ok()?;
        let count: u32 = fields.next()?.parse().ok()?;
        let kind = fields.next()?;
        let start = self.text.len();
        for code in fields.next()?.split_ascii_whitespace() {
            self.text.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        }
        let mut place = (start as u32, self.text.len() as u32);
        let target = self.text.get(start..)?.chars().next();
        for step in 0..count {
            if kind == "+" && step > 0 {
                place.0 = self.text.len() as u32;
                self.text.push(char::from_u32(target? as u32 + step)?);
                place.1 = self.text.len() as u32;
            }
            self.insert(first + step, place)?;
        }
        Some(())
    }

    fn insert(&mut self, code: u32, place: (u32, u32)) -> Option<()> {
        let page = self.pages.get_mut((code >> 8) as usize)?;
        if *page == 0 {
            self.entries.push([(STAYS, STAYS); 256]);
            *page = self.entries.len() as u16;
        }
        self.entries.get_mut(usize::from(*page) - 1)?[(code & 0xff) as usize] = place;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_is_read() {
        let file = include_str!("../../../data/fold.tsv");
        let listed: u32 =
            file.lines().map(|line| line.split('\t').nth(1).unwrap().parse::<u32>().unwrap()).sum();
        let read = (0..0x11_0000).filter(|&code| TABLE.get(code).is_some()).count();
        assert_eq!(read, listed as usize);
        assert!(read > 7000, "{read}");
    }
}
