//! The floor that the speed of `analyze` is measured against: every file named on standard input (one path a line) is
//! read, parsed with tree-sitter and walked once, node by node, on one thread. It prints how much there was.

use std::error::Error;
use std::io::{BufRead as _, stdin};

use tree_sitter::{Parser, Tree};

/// Visits every node; the count keeps the compiler from leaving the walk out.
fn nodes_of(tree: &Tree) -> u64 {
    let mut cursor = tree.walk();
    let mut nodes = 1;
    loop {
        if cursor.goto_first_child() || cursor.goto_next_sibling() {
            nodes += 1;
            continue;
        }
        loop {
            if !cursor.goto_parent() {
                return nodes;
            }
            if cursor.goto_next_sibling() {
                nodes += 1;
                break;
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into())?;
    let (mut files, mut bytes, mut nodes) = (0_u64, 0_u64, 0_u64);
    for path in stdin().lock().lines() {
        let text = std::fs::read(path?)?;
        let tree = parser.parse(&text, None).ok_or("the parser gave up")?;
        files += 1;
        bytes += text.len() as u64;
        nodes += nodes_of(&tree);
    }
    println!("{files} files {bytes} bytes {nodes} nodes");
    Ok(())
}
