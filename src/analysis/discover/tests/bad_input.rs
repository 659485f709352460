//! Repositories and files that can't be used as they are.

use super::*;

#[test]
fn missing_path_is_an_error() {
    let folder = repository(&["a.py"]);
    for path in ["nothing", "a.py/b"] {
        let error = discover(&folder.path().join(path), &options()).unwrap_err();
        assert!(matches!(error, DiscoverError::NotFound { .. }), "{error}");
    }
}

#[test]
fn file_that_is_not_python_is_an_error() {
    let folder = repository(&["a.txt"]);
    let error = discover(&folder.path().join("a.txt"), &options()).unwrap_err();
    assert!(matches!(error, DiscoverError::NotPython { .. }), "{error}");
}

#[test]
fn large_file_is_listed_and_not_read() {
    let folder = repository(&["a.py"]);
    write(folder.path(), "big.py", &[b' '; 1_001]);
    write(folder.path(), "fits.py", &[b' '; 1_000]);
    let sources = sources(&folder);
    assert_eq!(problems(&sources), [("big.py", ProblemKind::TooLarge)]);
    let big = file(&sources, "big.py");
    assert_eq!((big.bytes, big.hash, &big.text), (1_001, 0, &None));
    assert!(file(&sources, "fits.py").text.is_some());
}

#[test]
fn undecodable_file_is_listed_with_its_problem() {
    let folder = repository(&["a.py"]);
    write(folder.path(), "bad.py", b"x = 1\ny = '\xff'\n");
    write(folder.path(), "nul.py", b"x = 1\n\0");
    let sources = sources(&folder);
    let bad = ProblemKind::Encoding;
    assert_eq!(problems(&sources), [("bad.py", bad), ("nul.py", bad)]);
    assert_eq!(sources.problems[0].line, Some(2));
    assert_eq!(sources.problems[0].message, "not UTF-8 at byte 11; skipped");
    assert!(file(&sources, "bad.py").text.is_none());
    assert_ne!(file(&sources, "bad.py").hash, 0);
}

#[test]
fn text_has_no_mark_and_lines_as_python_counts_them() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.py", b"\xef\xbb\xbfx = 1\r\ny = 2\rz = 3\n");
    let sources = sources(&folder);
    let text = sources.files[0].text.as_deref();
    assert_eq!(text, Some("x = 1\r\ny = 2\nz = 3\n"));
    assert_eq!(sources.files[0].bytes, 22);
}

#[test]
fn hash_is_the_same_in_every_version() {
    let folder = repository(&["a.py: x = 1", "b.py"]);
    let sources = sources(&folder);
    let hashes: Vec<u64> = sources.files.iter().map(|file| file.hash).collect();
    assert_eq!(hashes, [5_322_378_264_246_450_201, 0xa6a1_f9f5_b949_13af]);
}
