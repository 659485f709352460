//! JUnit's XML: a test suite per file, a failed test per component with findings.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Listing, kind_name};
use crate::model::finding::Finding;
use crate::report::escape::for_line;

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut files: BTreeMap<&str, BTreeMap<(u32, &str), Vec<&Finding>>> = BTreeMap::new();
    let mut first: BTreeMap<&str, u32> = BTreeMap::new();
    for finding in &listing.findings {
        let line = *first.entry(&finding.component).or_insert(finding.line);
        let of_file = files.entry(&finding.path).or_default();
        of_file.entry((line, &finding.component)).or_default().push(finding);
    }
    let failures: usize = files.values().map(BTreeMap::len).sum();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    // Without findings the report still says that there was a check.
    let tests = failures.max(1);
    writeln!(
        out,
        "<testsuites name=\"twinscribe\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    )?;
    if files.is_empty() {
        writeln!(
            out,
            "  <testsuite name=\"docstrings\" tests=\"1\" failures=\"0\" errors=\"0\">"
        )?;
        writeln!(
            out,
            "    <testcase classname=\"docstrings\" name=\"agree with the code\"/>"
        )?;
        writeln!(out, "  </testsuite>")?;
    }
    for (path, components) in files {
        let (name, n) = (attribute(path), components.len());
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{n}\" failures=\"{n}\" errors=\"0\">"
        )?;
        for ((line, component), findings) in components {
            let component = attribute(component);
            writeln!(
                out,
                "    <testcase classname=\"{name}\" name=\"{component}\" file=\"{name}\" line=\"{line}\">"
            )?;
            for finding in findings {
                let kind = kind_name(finding);
                let message = attribute(&finding.message);
                writeln!(
                    out,
                    "      <failure type=\"{kind}\" message=\"{message}\">{name}:{}: {kind}: {message}",
                    finding.line
                )?;
                for (line, text) in &finding.evidence {
                    writeln!(out, "{line}: {}", attribute(text))?;
                }
                writeln!(out, "</failure>")?;
            }
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// A text as an attribute or content of XML: on one line, and only characters that XML may hold.
fn attribute(text: &str) -> String {
    let text = for_line(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
