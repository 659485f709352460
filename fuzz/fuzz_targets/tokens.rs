//! Text made of Python's tokens: a byte is a token, so that every mutation of libFuzzer is one of the program, and most
//! programs parse. Bytes without a token of their own indent, dedent and begin lines and files.

#![no_main]

use libfuzzer_sys::fuzz_target;

const TOKENS: &[&str] = &[
    "class C", "class D", "class E", "def f", "def g", "def __init__", "def __call__", "def __getattr__", "def __iter__",
    "def __next__", "def __add__", "def __enter__", "def __exit__", "def __getitem__", "def __get__", "def __set__",
    "def __new__", "def __init_subclass__", "def __eq__", "async def f", "lambda", "return", "yield", "yield from",
    "await", "raise", "raise C", "from", "import", "import pkg", "from pkg import", "from . import", "from .alpha import",
    "from main import", "import *", "as", "if", "elif", "else:", "while", "for", "in", "not in", "is", "is not", "and",
    "or", "not", "try:", "except", "except*", "finally:", "with", "async with", "async for", "match", "case", "pass",
    "break", "continue", "global", "nonlocal", "del", "assert", "type", "@", "@property", "@staticmethod",
    "@classmethod", "@f", "@C", "@functools.wraps", "@f.setter", "@dataclass", "@overload", "functools", "typing",
    "(", ")", "[", "]", "{", "}", "(*", "(**", "()", "(self)", "(self, x)", "(cls)", "(self, *args, **kwargs)", ":",
    ",", ";", ".", ".f", ".g", ".x", ".y", "=", "+=", "+", "-", "*", "**", "/", "//", "%", "@=", "<<", "|", "&", "~",
    "==", "!=", "<", ":=", "->", "...", "self", "cls", "self.x", "self.f", "super()", "super().f()", "super().__init__()",
    "C", "D", "E", "f", "g", "x", "y", "z", "pkg", "alpha", "main", "C()", "D()", "f()", "g(x)", "x()", "x.f()", "x[0]",
    "x['a']", "x[y]", "x[1:]", "0", "1", "-1", "1.5", "1j", "''", "'f'", "b'x'", "f'{x}'", "f'{x!r:>{y}}'", "r'\\'",
    "\"\"\"doc\"\"\"", "None", "True", "False", "int", "str", "list", "dict", "type(x)", "object", "Optional[C]",
    "'C'", "list[C]", "C | D", "dict[str, C]", "Callable", "Self", "TypeVar", "isinstance(x, C)", "getattr(x, 'f')",
    "getattr(x, y)", "setattr(x, 'f', f)", "hasattr", "map(f, x)", "sorted(x, key=f)", "globals()", "locals()", "eval",
    "exec", "partial(f, x)", "__all__ =", "__slots__ =", "__class__", "__dict__", "__name__", "metaclass=", "print",
    "len(x)", "iter(x)", "next(x)", "zip(x, y)", "enumerate(x)", "vars()", "# comment", "\\\n", "\t", "é", "_",
];
const LINE: usize = 40;

fn program(bytes: &[u8]) -> String {
    let (mut text, mut depth) = (String::new(), 0_usize);
    let mut fresh = true;
    for &byte in bytes {
        let byte = usize::from(byte);
        match TOKENS.get(byte) {
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
                        depth = (depth + 1).min(LINE);
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
