use super::*;
use crate::report::sample;

#[test]
fn page_is_what_a_developer_wants_to_read() {
    let outcome = sample::outcome();
    let docs = Docs::new(&outcome);
    let mut page = Vec::new();
    docs.write_page(0, &mut page).unwrap();
    insta::assert_snapshot!(String::from_utf8(page).unwrap());
}

#[test]
fn index_and_summary_name_every_page() {
    let outcome = sample::outcome();
    let docs = Docs::new(&outcome);
    let mut out = Vec::new();
    docs.write_index(&mut out).unwrap();
    docs.write_summary(&mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
    # Modules

    | Module | Summary | Components |
    |---|---|---|
    | [shop.crate](shop.crate.md) | Boxes. | 4 |
    # Summary

    [Modules](index.md)

    - [shop.crate](shop.crate.md)
    ");
}
