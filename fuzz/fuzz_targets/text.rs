//! Arbitrary text, taken for Python; a form feed begins the next file.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let texts: Vec<&str> = text.splitn(4, '\x0c').collect();
    twinscribe_fuzz::holds(&texts);
});
