//! The `twinscribe` program.
fn main() {
    let dir = std::env::args().nth(2).unwrap();
    let s = twinscribe::analysis::discover::discover(std::path::Path::new(&dir), &twinscribe::analysis::discover::Options{include:vec![],exclude:vec![],max_file_bytes:5000000}).unwrap();
    println!("{}", serde_json::to_string(&twinscribe::analysis::adjacency(&s, None)).unwrap());
}
