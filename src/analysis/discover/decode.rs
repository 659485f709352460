//! Bytes to text as Python does it: byte order mark, then the cookie of PEP 263, then UTF-8.
//!
//! Names of encodings are Python's, and mean what they mean there: `latin-1` is ISO 8859-1, each byte the character
//! of that number, where the web's encodings mean Windows-1252. ISO 8859-9 and 8859-11 are read as the Windows code
//! pages that fill their gaps. What the web has no decoder for (DOS code pages, EBCDIC, HZ, Johab) is unknown here.

use encoding_rs::{DecoderResult, Encoding, UTF_16BE, UTF_16LE};

/// Why bytes are no text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Undecodable {
    /// Line, counted from 1, where there is one.
    pub(super) line: Option<u32>,
    /// What is wrong, with the offset of the byte.
    pub(super) message: String,
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Decoders, and the names that Python alone has for them, lower-case with hyphens.
const ALIASES: [(&str, &str); 17] = [
    ("big5", "950 big5-tw big5hkscs cp950 hkscs ms950"),
    ("euc-jp", "eucjp u-jis ujis"),
    (
        "euc-kr",
        "949 cp949 euckr ks-c-5601 ks-c-5601-1987 ks-x-1001 ksx1001 ms949 uhc",
    ),
    ("gb18030", "gb18030-2000"),
    ("gbk", "936 cp936 euc-cn euccn eucgb2312-cn gb2312-1980 gb2312-80 ms936"),
    ("iso-2022-jp", "iso2022-jp iso2022jp"),
    ("iso-8859-10", "latin6"),
    ("iso-8859-13", "l7 latin7"),
    ("iso-8859-14", "iso-celtic l8 latin8"),
    ("iso-8859-15", "latin9"),
    ("iso-8859-16", "iso8859-16 l10 latin10"),
    ("iso-8859-9", "latin5"),
    ("macintosh", "mac-roman macroman"),
    (
        "shift_jis",
        "932 cp932 ms-kanji ms932 mskanji s-jis shift-jis-2004 shift-jisx0213 shiftjis sjisx0213",
    ),
    ("tis-620", "thai tis620"),
    ("windows-874", "cp874"),
    ("x-mac-cyrillic", "mac-cyrillic maccyrillic"),
];

/// Decodes a Python file; the text has no byte order mark.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, Undecodable> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(undecodable(&bytes, 0, "UTF-16, which Python does not read"));
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(undecodable(&bytes, at, "a NUL byte"));
    }
    let is_marked = bytes.starts_with(UTF8_MARK);
    let body = if is_marked { UTF8_MARK.len() } else { 0 };
    let Some((line, name)) = cookie(&bytes[body..]) else {
        return utf8(bytes, body);
    };
    match codec(&name) {
        Some(Codec::Utf8) => utf8(bytes, body),
        Some(_) if is_marked => Err(Undecodable {
            line: Some(line),
            message: format!("declared as {name}, but marked as UTF-8"),
        }),
        Some(Codec::Latin1) => Ok(bytes.into_iter().map(char::from).collect()),
        Some(Codec::Ascii) => ascii(bytes),
        Some(Codec::Other(encoding)) => other(&bytes, encoding, &name),
        None => Err(Undecodable {
            line: Some(line),
            message: format!("declared as {name}, an encoding that is not known"),
        }),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Codec {
    Utf8,
    Latin1,
    Ascii,
    Other(&'static Encoding),
}

/// Finds the codec that Python knows by a name.
fn codec(name: &str) -> Option<Codec> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    // Emacs appends the line ending: `utf-8-unix`.
    let is = |stem: &str| {
        name.strip_prefix(stem)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    match name.as_str() {
        "utf8" | "utf" | "u8" | "utf8-ucs2" | "utf8-ucs4" | "cp65001" => return Some(Codec::Utf8),
        _ if is("utf-8") => return Some(Codec::Utf8),
        "latin1" | "latin" | "l1" | "8859" | "cp819" | "ibm819" | "csisolatin1" | "iso8859" | "iso8859-1"
        | "iso-ir-100" | "iso88591" => {
            return Some(Codec::Latin1);
        }
        _ if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") => return Some(Codec::Latin1),
        "ascii" | "us-ascii" | "us" | "646" | "iso646-us" | "csascii" | "cp367" | "ibm367" | "ansi-x3.4-1968"
        | "ansi-x3.4-1986" | "ansi-x3-4-1968" | "iso-ir-6" | "iso-646.irv-1991" => {
            return Some(Codec::Ascii);
        }
        _ => {}
    }
    let label = web_name(&name);
    Encoding::for_label_no_replacement(label.as_bytes())
        .or_else(|| Encoding::for_label_no_replacement(label.replace('-', "_").as_bytes()))
        .filter(|&encoding| encoding != UTF_16LE && encoding != UTF_16BE)
        .map(Codec::Other)
}

/// What the web calls the encoding that Python knows by a name.
fn web_name(name: &str) -> String {
    let knows = |aliases: &str| aliases.split(' ').any(|alias| alias == name);
    if let Some((web, _)) = ALIASES.iter().find(|(_, aliases)| knows(aliases)) {
        return (*web).to_owned();
    }
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match name.rsplit_once('-') {
        // `iso-8859-2-1987`, of which the year says nothing.
        Some((family, year)) if family.starts_with("iso-8859-") && is_number(year) => family.to_owned(),
        None if name.len() == 4 && name.starts_with("125") => format!("windows-{name}"),
        _ => name.to_owned(),
    }
}

fn utf8(mut bytes: Vec<u8>, body: usize) -> Result<String, Undecodable> {
    bytes.drain(..body);
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let mut wrong = undecodable(error.as_bytes(), at, "not UTF-8");
        if body > 0 {
            wrong.message = format!("not UTF-8 at byte {}", at + body);
        }
        wrong
    })
}

fn ascii(bytes: Vec<u8>) -> Result<String, Undecodable> {
    match bytes.iter().position(|byte| !byte.is_ascii()) {
        Some(at) => Err(undecodable(&bytes, at, "declared as ascii, which it is not")),
        None => utf8(bytes, 0),
    }
}

fn other(bytes: &[u8], encoding: &'static Encoding, name: &str) -> Result<String, Undecodable> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(0));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        (DecoderResult::OutputFull, read) => Err(undecodable(bytes, read, "too long")),
        (DecoderResult::Malformed(wrong, after), read) => {
            let at = read.saturating_sub(usize::from(wrong) + usize::from(after));
            let what = format!("declared as {name}, which it is not");
            Err(undecodable(bytes, at, &what))
        }
    }
}

fn undecodable(bytes: &[u8], at: usize, what: &str) -> Undecodable {
    let before = &bytes[..at];
    let lone_returns = before.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n');
    let ends = before.iter().filter(|&&byte| byte == b'\n').count() + lone_returns.count();
    Undecodable {
        line: u32::try_from(ends + 1).ok(),
        message: format!("{what} at byte {at}"),
    }
}

/// Finds the declared encoding and the line that declares it. The second line counts only where the first holds
/// nothing but a comment.
fn cookie(bytes: &[u8]) -> Option<(u32, String)> {
    let mut rest = bytes;
    for number in 1..=2 {
        let (line, below) = cut_line(rest);
        let text = line.iter().position(|byte| !b" \t\x0c".contains(byte));
        match text.map(|start| &line[start..]) {
            Some([b'#', comment @ ..]) => {
                if let Some(name) = declared(comment) {
                    return Some((number, name));
                }
            }
            Some(_) => return None,
            None => {}
        }
        rest = below;
    }
    None
}

fn cut_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| b"\r\n".contains(byte)) {
        Some(end) => {
            let width = if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
            (&bytes[..end], &bytes[end + width..])
        }
        None => (bytes, &[]),
    }
}

/// The name after `coding:` or `coding=` in a comment.
fn declared(comment: &[u8]) -> Option<String> {
    let word = b"coding";
    comment
        .windows(word.len())
        .enumerate()
        .filter(|(_, window)| window == word)
        .find_map(|(at, _)| {
            let [b':' | b'=', value @ ..] = &comment[at + word.len()..] else {
                return None;
            };
            let start = value.iter().position(|byte| !b" \t".contains(byte))?;
            let name: String = value[start..]
                .iter()
                .map(|&byte| char::from(byte))
                .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
                .collect();
            (!name.is_empty()).then_some(name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes.to_vec()).as_deref(), Ok(expected));
    }

    fn check_error(bytes: &[u8], line: u32, message: &str) {
        let error = decode(bytes.to_vec()).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (Some(line), message));
    }

    #[test]
    fn text_without_cookie_is_utf8() {
        check("é = 'ü'\n".as_bytes(), "é = 'ü'\n");
        check(b"", "");
        check_error(b"a\r\rb\r\n\xe9", 4, "not UTF-8 at byte 6");
        check_error(b"\xef\xbb\xbf\xe9", 1, "not UTF-8 at byte 3");
    }

    #[test]
    fn mark_is_removed_once() {
        check(b"\xef\xbb\xbfx", "x");
        check(b"\xef\xbb\xbf", "");
        check(b"\xef\xbb\xbf# coding: utf8\n", "# coding: utf8\n");
    }

    #[test]
    fn mark_and_another_cookie_contradict_each_other() {
        let message = "declared as latin-1, but marked as UTF-8";
        check_error(b"\xef\xbb\xbf#\n# coding: latin-1\n", 2, message);
    }

    #[test]
    fn latin1_is_each_byte_the_character_of_its_number() {
        for name in [
            "latin-1",
            "iso-8859-1",
            "ISO_8859_1",
            "latin1",
            "L1",
            "iso-latin-1-unix",
            "iso8859-1",
        ] {
            let cookie = format!("# -*- coding: {name} -*-\n");
            let bytes = [cookie.as_bytes(), b"\x80\xe9"].concat();
            check(&bytes, &format!("{cookie}\u{80}é"));
        }
    }

    #[test]
    fn ascii_takes_nothing_else() {
        check(b"# coding: US-ASCII\nx", "# coding: US-ASCII\nx");
        let message = "declared as ascii, which it is not at byte 16";
        check_error(b"# coding: ascii\n\xe9", 2, message);
    }

    #[test]
    fn python_names_of_encodings_are_known() {
        for (name, bytes, text) in [
            ("utf-8-sig", "é".as_bytes(), "é"),
            ("UTF_8", "é".as_bytes(), "é"),
            ("cp1252", b"\x80", "€"),
            ("windows-1252", b"\x80", "€"),
            ("1251", b"\xe6", "ж"),
            ("koi8_r", b"\xd6", "ж"),
            ("koi8-u", b"\xa4", "є"),
            ("iso8859_15", b"\xa4", "€"),
            ("iso_8859_15", b"\xa4", "€"),
            ("iso-8859-15", b"\xa4", "€"),
            ("latin9", b"\xa4", "€"),
            ("latin2", b"\xb1", "ą"),
            ("shift_jis", b"\x83\x65", "テ"),
            ("sjis", b"\x83\x65", "テ"),
            ("cp932", b"\x83\x65", "テ"),
            ("euc_jp", b"\xa5\xc6", "テ"),
            ("euc-jp", b"\xa5\xc6", "テ"),
            ("iso2022_jp", b"\x1b$B%F\x1b(B", "テ"),
            ("gbk", b"\xc4\xe3", "你"),
            ("gb2312", b"\xc4\xe3", "你"),
            ("cp936", b"\xc4\xe3", "你"),
            ("gb18030", b"\xc4\xe3", "你"),
            ("big5", b"\xa7\x41", "你"),
            ("cp950", b"\xa7\x41", "你"),
            ("euc_kr", b"\xb0\xa1", "가"),
            ("cp949", b"\xb0\xa1", "가"),
            ("cp866", b"\xa6", "ж"),
            ("mac_roman", b"\x8e", "é"),
            ("tis-620", b"\xa1", "ก"),
            ("iso8859_9", b"\xf0", "ğ"),
            ("latin5", b"\xf0", "ğ"),
            ("iso_8859_2_1987", b"\xb1", "ą"),
        ] {
            let cookie = format!("# coding: {name}\n");
            let all = [cookie.as_bytes(), bytes].concat();
            check(&all, &format!("{cookie}{text}"));
        }
    }

    #[test]
    fn unknown_encoding_is_named() {
        let message = "declared as utf-42, an encoding that is not known";
        check_error(b"#!/bin/python\n# vim: fileencoding=utf-42 :\n", 2, message);
        check_error(
            b"# coding: utf-16\n",
            1,
            "declared as utf-16, an encoding that is not known",
        );
    }

    #[test]
    fn undecodable_text_is_shown_by_its_offset() {
        let message = "declared as shift_jis, which it is not at byte 22";
        check_error(b"# coding: shift_jis\nab\xff\n", 2, message);
        let message = "declared as gbk, which it is not at byte 15";
        check_error(b"# coding: gbk\na\xff", 2, message);
    }

    #[test]
    fn nul_bytes_and_utf16_are_no_python() {
        check_error(b"x\n\0", 2, "a NUL byte at byte 2");
        check_error(b"\xff\xfex\0", 1, "UTF-16, which Python does not read at byte 0");
    }

    fn check_cookie(bytes: &[u8], expected: Option<(u32, &str)>) {
        let found = cookie(bytes);
        assert_eq!(found.as_ref().map(|(line, name)| (*line, name.as_str())), expected);
    }

    #[test]
    fn cookie_is_a_comment_on_the_first_two_lines() {
        check_cookie(b"# coding: a", Some((1, "a")));
        check_cookie(b"\n# coding=a\n", Some((2, "a")));
        check_cookie(b" \t\x0c# coding:\ta b\n", Some((1, "a")));
        check_cookie(b"#!x\r# vim: set fileencoding=a-1_b.c :\r", Some((2, "a-1_b.c")));
        check_cookie(b"#\r\n# -*- coding: a -*-", Some((2, "a")));
        check_cookie(b"# encoding and coding : x coding:b", Some((1, "b")));
        check_cookie(b"#\n#\n# coding: a\n", None);
        check_cookie(b"x = 1\n# coding: a\n", None);
        check_cookie(b"'''\n# coding: a\n'''", None);
        check_cookie(b"x = 1 # coding: a\n", None);
        check_cookie(b"# coding:\n", None);
        check_cookie(b"# coding a\n", None);
        check_cookie(b"", None);
    }
}
