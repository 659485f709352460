//! What the answers need to know of Python itself: decorators, exceptions and special methods, as data.

pub(crate) use crate::model::component::is_dunder;

/// Decorators that leave the parameters of what they decorate as they are, by the last part of their name.
const KEEPS_PARAMETERS: &[&str] = &[
    "abstractclassmethod",
    "abstractmethod",
    "abstractproperty",
    "abstractstaticmethod",
    "asynccontextmanager",
    "asyncgeneratorcontextmanager",
    "attrs",
    "cache",
    "cached_property",
    "classmethod",
    "contextmanager",
    "coroutine",
    "dataclass",
    "dataclass_transform",
    "define",
    "deleter",
    "deprecated",
    "final",
    "frozen",
    "getter",
    "lru_cache",
    "mutable",
    "no_type_check",
    "overload",
    "override",
    "property",
    "runtime_checkable",
    "setter",
    "singledispatch",
    "singledispatchmethod",
    "staticmethod",
    "total_ordering",
    "type_check_only",
    "unique",
    "wraps",
];

/// Decorators behind which the very function is called, with the arguments as they are.
const CALLS_STRAIGHT: &[&str] = &[
    "abstractclassmethod",
    "abstractmethod",
    "abstractstaticmethod",
    "classmethod",
    "final",
    "no_type_check",
    "override",
    "staticmethod",
];

/// The dotted name of a decorator as written, without its arguments.
pub(crate) fn decorator_name(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(text.len());
    &text[..end]
}

/// Whether a decorator is known to keep the parameters.
pub(crate) fn keeps_parameters(decorator: &str) -> bool {
    let last = last_part(decorator_name(decorator));
    KEEPS_PARAMETERS.binary_search(&last).is_ok()
}

/// Whether calling what a decorator made calls the function itself with the same arguments.
pub(crate) fn calls_straight(decorator: &str) -> bool {
    let last = last_part(decorator_name(decorator));
    CALLS_STRAIGHT.binary_search(&last).is_ok()
}

/// What stands after the last dot.
pub(crate) fn last_part(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

/// Base classes that add neither parameters nor attributes worth a claim.
pub(crate) fn is_plain_base(name: &str) -> bool {
    matches!(name, "object" | "ABC" | "Generic" | "Protocol")
}

/// The built-in exceptions, each with its base, sorted by name.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("ArithmeticError", "Exception"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BaseException", "object"),
    ("BaseExceptionGroup", "BaseException"),
    ("BlockingIOError", "OSError"),
    ("BrokenPipeError", "ConnectionError"),
    ("BufferError", "Exception"),
    ("BytesWarning", "Warning"),
    ("ChildProcessError", "OSError"),
    ("ConnectionAbortedError", "ConnectionError"),
    ("ConnectionError", "OSError"),
    ("ConnectionRefusedError", "ConnectionError"),
    ("ConnectionResetError", "ConnectionError"),
    ("DeprecationWarning", "Warning"),
    ("EOFError", "Exception"),
    ("EncodingWarning", "Warning"),
    ("EnvironmentError", "Exception"),
    ("Exception", "BaseException"),
    ("ExceptionGroup", "BaseExceptionGroup"),
    ("FileExistsError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("FloatingPointError", "ArithmeticError"),
    ("FutureWarning", "Warning"),
    ("GeneratorExit", "BaseException"),
    ("IOError", "Exception"),
    ("ImportError", "Exception"),
    ("ImportWarning", "Warning"),
    ("IndentationError", "SyntaxError"),
    ("IndexError", "LookupError"),
    ("InterruptedError", "OSError"),
    ("IsADirectoryError", "OSError"),
    ("KeyError", "LookupError"),
    ("KeyboardInterrupt", "BaseException"),
    ("LookupError", "Exception"),
    ("MemoryError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("NameError", "Exception"),
    ("NotADirectoryError", "OSError"),
    ("NotImplementedError", "RuntimeError"),
    ("OSError", "Exception"),
    ("OverflowError", "ArithmeticError"),
    ("PendingDeprecationWarning", "Warning"),
    ("PermissionError", "OSError"),
    ("ProcessLookupError", "OSError"),
    ("PythonFinalizationError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("ReferenceError", "Exception"),
    ("ResourceWarning", "Warning"),
    ("RuntimeError", "Exception"),
    ("RuntimeWarning", "Warning"),
    ("StopAsyncIteration", "Exception"),
    ("StopIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("SyntaxWarning", "Warning"),
    ("SystemError", "Exception"),
    ("SystemExit", "BaseException"),
    ("TabError", "IndentationError"),
    ("TimeoutError", "OSError"),
    ("TypeError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("UnicodeEncodeError", "UnicodeError"),
    ("UnicodeError", "ValueError"),
    ("UnicodeTranslateError", "UnicodeError"),
    ("UnicodeWarning", "Warning"),
    ("UserWarning", "Warning"),
    ("ValueError", "Exception"),
    ("Warning", "Exception"),
    ("WindowsError", "Exception"),
    ("ZeroDivisionError", "ArithmeticError"),
];

/// The other names of `OSError`.
fn same_exception(name: &str) -> &str {
    match name {
        "EnvironmentError" | "IOError" | "WindowsError" => "OSError",
        other => other,
    }
}

/// The base of a built-in exception; none if there is no such exception.
pub(crate) fn exception_base(name: &str) -> Option<&'static str> {
    EXCEPTIONS
        .binary_search_by_key(&name, |(n, _)| n)
        .ok()
        .map(|i| EXCEPTIONS[i].1)
}

/// Whether a built-in exception is the other, or derives from it.
pub(crate) fn exception_is(name: &str, base: &str) -> bool {
    let base = same_exception(base);
    let mut current = same_exception(name);
    while current != base {
        match exception_base(current) {
            Some(next) => current = next,
            None => return false,
        }
    }
    true
}

/// Whether a built-in exception arises only from statements that name it or its subclasses, never from an operation.
pub(crate) fn only_raised_by_name(name: &str) -> bool {
    matches!(
        name,
        "NotImplementedError" | "SystemExit" | "ExceptionGroup" | "BaseExceptionGroup"
    )
}

/// Special methods that the language takes for each other: whoever may call one of a row may call all of it.
const FAMILIES: &[&[&str]] = &[
    &[
        "__iter__",
        "__next__",
        "__getitem__",
        "__len__",
        "__length_hint__",
        "__contains__",
        "__reversed__",
        "__eq__",
    ],
    &["__aiter__", "__anext__", "__await__"],
    &["__bool__", "__len__"],
    &["__str__", "__repr__", "__format__"],
    &["__eq__", "__ne__", "__hash__"],
    &["__lt__", "__gt__", "__le__", "__ge__"],
    &["__enter__", "__exit__", "__del__"],
    &["__aenter__", "__aexit__", "__await__"],
    &["__add__", "__radd__", "__iadd__", "__concat__"],
    &["__sub__", "__rsub__", "__isub__"],
    &["__mul__", "__rmul__", "__imul__"],
    &["__matmul__", "__rmatmul__", "__imatmul__"],
    &["__truediv__", "__rtruediv__", "__itruediv__", "__div__"],
    &["__floordiv__", "__rfloordiv__", "__ifloordiv__"],
    &["__mod__", "__rmod__", "__imod__", "__str__", "__repr__"],
    &["__divmod__", "__rdivmod__"],
    &["__pow__", "__rpow__", "__ipow__"],
    &["__lshift__", "__rlshift__", "__ilshift__"],
    &["__rshift__", "__rrshift__", "__irshift__"],
    &["__and__", "__rand__", "__iand__"],
    &["__or__", "__ror__", "__ior__"],
    &["__xor__", "__rxor__", "__ixor__"],
    &[
        "__getitem__",
        "__missing__",
        "__class_getitem__",
        "__index__",
        "__hash__",
        "__eq__",
    ],
    &["__setitem__", "__index__", "__hash__", "__eq__"],
    &["__delitem__", "__index__", "__hash__", "__eq__"],
    &["__int__", "__index__", "__trunc__", "__float__", "__complex__"],
    &["__getattr__", "__getattribute__", "__get__"],
    &["__setattr__", "__set__"],
    &["__delattr__", "__delete__"],
    &["__instancecheck__", "__subclasscheck__", "__subclasshook__"],
];

/// Whether code that calls the special method `asked` of some value may end up in its method `name`.
pub(crate) fn may_call_special(asked: &str, name: &str) -> bool {
    asked == name
        || FAMILIES
            .iter()
            .any(|family| family.contains(&asked) && family.contains(&name))
}

/// Whether a special method steps through a generator where the value is one.
pub(crate) fn resumes_generators(special: &str) -> bool {
    matches!(
        special,
        "__iter__" | "__next__" | "__enter__" | "__exit__" | "__contains__"
    )
}

/// Whether a special method steps through a coroutine where the value is one.
pub(crate) fn resumes_coroutines(special: &str) -> bool {
    matches!(
        special,
        "__await__" | "__aiter__" | "__anext__" | "__aenter__" | "__aexit__"
    )
}

/// Whether a method may be called by any access to an attribute, whatever the attribute's name.
pub(crate) fn answers_any_attribute(name: &str) -> bool {
    matches!(
        name,
        "__getattr__"
            | "__getattribute__"
            | "__setattr__"
            | "__delattr__"
            | "__get__"
            | "__set__"
            | "__delete__"
            | "__call__"
    )
}

/// Whether a method runs when a class is made that has to do with it.
pub(crate) fn runs_with_class_statement(name: &str) -> bool {
    matches!(
        name,
        "__init_subclass__" | "__set_name__" | "__prepare__" | "__mro_entries__" | "__new__" | "__init__"
    )
}

/// Whether the standard streams may call a method of whatever stands in for them.
pub(crate) fn is_stream_method(name: &str) -> bool {
    matches!(
        name,
        "write" | "flush" | "read" | "read1" | "readline" | "readinto" | "fileno" | "isatty" | "__getattr__"
    )
}

/// Whether a method runs when an instance of its class is made.
pub(crate) fn is_constructor(name: &str) -> bool {
    CONSTRUCTORS.contains(&name)
}

/// The methods that run when an instance is made.
pub(crate) const CONSTRUCTORS: [&str; 5] = [
    "__init__",
    "__new__",
    "__post_init__",
    "__attrs_post_init__",
    "__attrs_pre_init__",
];

/// Names of folders and modules that discovery leaves out, so that their absence proves nothing.
pub(crate) fn may_be_left_out(name: &str) -> bool {
    matches!(
        name,
        "tests"
            | "test"
            | "testing"
            | "conftest"
            | "docs"
            | "examples"
            | "vendor"
            | "_vendor"
            | "_vendored"
            | "vendored"
            | "extern"
            | "third_party"
            | "_version"
            | "version"
    ) || name.starts_with("test_")
        || name.ends_with("_test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(KEEPS_PARAMETERS.is_sorted());
        assert!(CALLS_STRAIGHT.is_sorted());
        assert!(EXCEPTIONS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn decorators_are_known_by_their_last_name() {
        assert!(keeps_parameters("functools.lru_cache(maxsize=None)"));
        assert!(keeps_parameters("value.setter"));
        assert!(!keeps_parameters("app.route('/')"));
    }

    #[test]
    fn exceptions_know_their_bases() {
        assert!(exception_is("FileNotFoundError", "IOError"));
        assert!(exception_is("KeyError", "Exception"));
        assert!(!exception_is("ValueError", "TypeError"));
    }
}
