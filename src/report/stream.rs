//! JSON objects written as they come: fields one by one, long lists an item a line, nothing held in memory.

use std::io::{self, Write};

use serde::Serialize;

/// One JSON object on its way into a file.
#[derive(Debug)]
pub struct JsonObject<W: Write> {
    out: W,
    empty: bool,
}

impl<W: Write> JsonObject<W> {
    /// Opens the object.
    ///
    /// # Errors
    /// Those of the writer, as of all methods.
    pub fn open(mut out: W) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, empty: true })
    }

    fn key(&mut self, name: &str) -> io::Result<()> {
        self.out.write_all(if self.empty { b"\n  " } else { b",\n  " })?;
        self.empty = false;
        serde_json::to_writer(&mut self.out, name)?;
        self.out.write_all(b": ")
    }

    /// Writes a field on one line.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn field(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.key(name)?;
        Ok(serde_json::to_writer(&mut self.out, value)?)
    }

    /// Writes a field that is a list, each item on its own line.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn list<T: Serialize>(&mut self, name: &str, items: impl IntoIterator<Item = T>) -> io::Result<()> {
        self.key(name)?;
        self.out.write_all(b"[")?;
        let mut empty = true;
        for item in items {
            self.out.write_all(if empty { b"\n    " } else { b",\n    " })?;
            serde_json::to_writer(&mut self.out, &item)?;
            empty = false;
        }
        self.out.write_all(if empty { b"]" } else { b"\n  ]" })
    }

    /// Closes the object and hands back the writer, flushed.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn close(mut self) -> io::Result<W> {
        self.out.write_all(b"\n}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_an_item_a_line() {
        let mut object = JsonObject::open(Vec::new()).unwrap();
        object.field("version", &1).unwrap();
        object.list("items", ["a", "b"]).unwrap();
        object.list("none", [0; 0]).unwrap();
        let text = String::from_utf8(object.close().unwrap()).unwrap();
        assert_eq!(
            text,
            "{\n  \"version\": 1,\n  \"items\": [\n    \"a\",\n    \"b\"\n  ],\n  \"none\": []\n}\n"
        );
    }
}
