//! Text made of Python's tokens: a byte is a token, so that every mutation of libFuzzer is one of the program, and most
//! programs parse. Bytes without a token of their own indent, dedent and begin lines and files. FUZZ_SHOW=1 prints the text.

#![no_main]

use libfuzzer_sys::fuzz_target;

/// A token a line.
const TOKENS: &str = include_str!("tokens.txt");

/// Deepest indentation.
const DEEPEST: usize = 40;

fn program(bytes: &[u8]) -> String {
    let tokens: Vec<&str> = TOKENS.lines().collect();
    let (mut text, mut depth) = (String::new(), 0_usize);
    let mut fresh = true;
    for &byte in bytes {
        let byte = usize::from(byte);
        match tokens.get(byte) {
            Some(token) => {
                if fresh {
                    text.extend(std::iter::repeat_n(' ', depth));
                } else if !token.starts_with(['.', '(', ':', ',', ')']) {
                    text.push(' ');
                }
                text.push_str(token);
                fresh = false;
            }
            None if byte == 255 => {
                text.push('\x0c');
                (depth, fresh) = (0, true);
            }
            None => {
                match byte % 3 {
                    0 if !fresh => {
                        text.push(':');
                        depth = (depth + 1).min(DEEPEST);
                    }
                    1 => depth = depth.saturating_sub(1),
                    _ => {}
                }
                text.push('\n');
                fresh = true;
            }
        }
    }
    text
}

fuzz_target!(|bytes: &[u8]| {
    let text = program(bytes);
    if std::env::var_os("FUZZ_SHOW").is_some() {
        eprintln!("{text}");
    }
    let texts: Vec<&str> = text.splitn(4, '\x0c').collect();
    twinscribe_fuzz::holds(&texts);
});
