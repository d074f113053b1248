//! Texts of all tables, on disk while an index is made of them: they are read three times, and may be any number.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Result, Seek, Write};
use std::path::Path;

use catalog_core::model::{Fqn, TableId};
use serde::{Deserialize, Serialize};

/// A table and the text that it is found by.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TableText {
    pub(super) id: TableId,
    pub(super) fqn: Fqn,
    pub(super) text: String,
}

/// Texts in a file, a line of JSON each. They hold no cell value: the index that is made of them is a file as well.
pub(super) struct Corpus {
    lines: BufReader<File>,
    writer: BufWriter<File>,
}

impl Corpus {
    /// No text yet.
    pub(super) fn in_folder(folder: &Path) -> Result<Self> {
        let path = folder.join("index.texts.new");
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        // It lives as long as it is open. Where an open file cannot be removed the next one takes its place.
        let _ = fs::remove_file(&path);
        Ok(Self { lines: BufReader::new(file.try_clone()?), writer: BufWriter::new(file) })
    }

    /// Takes a text in.
    pub(super) fn push(&mut self, text: &TableText) -> Result<()> {
        serde_json::to_writer(&mut self.writer, text)?;
        self.writer.write_all(b"\n")
    }

    /// Goes to the first text. Nothing is taken in any more.
    pub(super) fn rewind(&mut self) -> Result<()> {
        self.writer.flush()?;
        self.lines.rewind()
    }

    /// Up to `limit` of the texts that follow.
    pub(super) fn next(&mut self, limit: usize) -> Result<Vec<TableText>> {
        let (mut texts, mut line) = (Vec::new(), String::new());
        while texts.len() < limit {
            line.clear();
            if self.lines.read_line(&mut line)? == 0 {
                break;
            }
            texts.push(serde_json::from_str(&line)?);
        }
        Ok(texts)
    }

    /// Shows every text, from the first on.
    pub(super) fn each(&mut self, mut visit: impl FnMut(&TableText)) -> Result<()> {
        self.rewind()?;
        while let Some(text) = self.next(1)?.pop() {
            visit(&text);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_again_and_again_in_order_and_leave_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut corpus = Corpus::in_folder(folder.path()).unwrap();
        for n in 0..1_000 {
            let fqn = Fqn::from_parts(["bank", "main", &format!("t{n}")]);
            corpus
                .push(&TableText { id: TableId(format!("{n}")), fqn, text: format!("Line {n}\nand \"more\".") })
                .unwrap();
        }
        for _ in 0..2 {
            let mut seen = Vec::new();
            corpus.each(|text| seen.push(text.id.0.parse::<usize>().unwrap())).unwrap();
            assert_eq!(seen, (0..1_000).collect::<Vec<_>>());
        }
        corpus.rewind().unwrap();
        assert_eq!(corpus.next(3).unwrap()[2].text, "Line 2\nand \"more\".");
        assert_eq!(corpus.next(2_000).unwrap().len(), 997);
        assert!(corpus.next(1).unwrap().is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
