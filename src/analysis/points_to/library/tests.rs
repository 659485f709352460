//! What the data says, asked through the same functions that the engine asks.

use super::*;

/// The type as the data writes it.
fn shown(kind: &Type) -> String {
    let list = |kinds: &[Type]| kinds.iter().map(shown).collect::<Vec<_>>().join(", ");
    match kind {
        Type::Any => "Any".into(),
        Type::None => "None".into(),
        Type::Never => "Never".into(),
        Type::Instance(path, given) if given.is_empty() => (*path).into(),
        Type::Instance(path, given) => format!("{path}[{}]", list(given)),
        Type::Tuple(parts) => format!("({})", list(parts)),
        Type::Class(inner) => format!("type[{}]", shown(inner)),
        Type::SelfType => "Self".into(),
        Type::Receiver => "@self".into(),
        Type::Parameter(i) => format!("#{i}"),
        Type::Argument(i) => format!("@{i}"),
        Type::Element(inner) => format!("Element[{}]", shown(inner)),
        Type::Result(inner) => format!("Result[{}]", shown(inner)),
        Type::Awaited(inner) => format!("Awaited[{}]", shown(inner)),
        Type::Method(inner, name) => format!("Method[{}, {name}]", shown(inner)),
        Type::New(inner) => format!("New[{}]", shown(inner)),
        Type::Text(inner) => format!("Text[{}]", shown(inner)),
        Type::Each(inner) => format!("*{}", shown(inner)),
        Type::Function(inner) => format!("Function[{}]", shown(inner)),
        Type::Identity => "Identity".into(),
        Type::Union(parts) => parts.iter().map(shown).collect::<Vec<_>>().join(" | "),
    }
}

/// The form for so many positional arguments, of which nothing is known.
#[track_caller]
fn form(path: &str, positional: usize) -> &'static Form {
    let callable = callable(path).expect(path);
    callable
        .forms_for(Some(positional), |_, _, _| Literal::Missing)
        .first()
        .expect(path)
}

#[track_caller]
fn result(path: &str, positional: usize) -> String {
    shown(&form(path, positional).result)
}

#[test]
fn every_line_of_the_data_is_read() {
    let mut problems = LIBRARY.problems.clone();
    let mut owners: Vec<(&'static str, &Owner)> = LIBRARY.owners.iter().map(|(p, o)| (*p, o)).collect();
    owners.sort_by_key(|(path, _)| *path);
    for (path, owner) in owners {
        problems.extend(parse::members(&LIBRARY, path, &owner.lines).1);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_thing_has_one_path_however_it_is_spelled() {
    for (spelled, one) in [
        ("builtins.str", "str"),
        ("typing.List", "list"),
        ("typing_extensions.Dict", "dict"),
        ("typing.Iterable", "collections.abc.Iterable"),
        ("posixpath.join", "os.path.join"),
        ("ntpath.join", "os.path.join"),
        ("socket.timeout", "TimeoutError"),
        ("IOError", "OSError"),
        ("json.decoder.JSONDecodeError", "json.JSONDecodeError"),
        ("typing.Match.group", "re.Match.group"),
        ("urllib.request.HTTPError", "urllib.error.HTTPError"),
        ("re.compile", "re.compile"),
        ("nowhere.at.all", "nowhere.at.all"),
    ] {
        assert_eq!(canonical(spelled), one, "{spelled}");
    }
}

#[test]
fn results_are_told_in_the_terms_of_the_class_that_is_asked() {
    assert_eq!(result("re.compile", 1), "re.Pattern[Text[@0]]");
    assert_eq!(result("re.Pattern.match", 1), "re.Match[#0] | None");
    assert_eq!(result("dict.get", 1), "#1 | @1 | None");
    assert_eq!(result("dict.items", 0), "dict_items[#0, #1]");
    assert_eq!(result("collections.Counter.get", 1), "int | @1 | None");
    assert_eq!(result("collections.Counter.items", 0), "dict_items[#0, int]");
    assert_eq!(result("collections.defaultdict.values", 0), "dict_values[#0, #1]");
    assert_eq!(result("dict_items.__iter__", 0), "dict_itemiterator[#0, #1]");
    assert_eq!(result("dict_itemiterator.__next__", 0), "(#0, #1)");
    assert_eq!(result("io.StringIO.write", 1), "int");
    assert_eq!(result("io.StringIO.__enter__", 0), "@self");
    assert_eq!(result("str.join", 1), "str");
    assert_eq!(result("zip", 2), "zip[(*Element[@0])]");
    assert_eq!(result("threading.Timer.join", 1), "None");
    assert_eq!(result("ValueError.with_traceback", 1), "@self");
    assert_eq!(result("ValueError", 1), "Self");
    assert_eq!(result("multiprocessing.Process", 1), "Self");
    assert_eq!(result("max", 1), "Element[@0] | @2");
    assert_eq!(result("max", 2), "@0");
}

#[test]
fn attributes_and_constants_have_types() {
    for (path, kind) in [
        ("sys.stdout", "io.TextIOWrapper"),
        ("os.environ", "os._Environ[str]"),
        ("re.Match.string", "#0"),
        ("os.O_RDONLY", "int"),
        ("math.pi", "float"),
        ("re.IGNORECASE", "re.RegexFlag"),
        ("http.HTTPStatus.OK", "http.HTTPStatus"),
        ("pathlib.PosixPath.name", "str"),
        ("KeyError.args", "tuple[Any]"),
    ] {
        assert_eq!(shown(attribute(path).expect(path)), kind, "{path}");
    }
    assert!(attribute("re.compile").is_none() && attribute("os.nothing").is_none());
}

#[test]
fn what_a_class_lacks_it_does_not_have() {
    let has = |path: &str, name: &str| class(path).expect(path).has(name);
    assert!(has("str", "join") && has("str", "__class__") && has("bool", "bit_length"));
    assert!(!has("str", "append") && !has("list", "keys") && !has("re.Match", "match"));
    assert!(has("threading.Thread", "_target"), "set by its own code");
    assert!(has("argparse.Namespace", "whatever"), "may be given any");
    assert!(has("codecs.StreamReaderWriter", "close"), "`__getattr__` answers");
    assert!(class("nowhere.Class").is_none());
    assert!(is_builtin("len") && is_builtin("ValueError") && !is_builtin("__file__") && !is_builtin("os"));
    assert!(is_builtin_type("str") && is_builtin_type("IOError") && !is_builtin_type("len"));
}

#[test]
fn a_type_derives_from_its_bases_and_is_what_it_is_registered_with() {
    for (name, ancestor) in [
        ("dict", "collections.abc.Mapping"),
        ("bool", "int"),
        ("IOError", "Exception"),
    ] {
        assert!(lineage(name).contains(&ancestor), "{name}");
    }
    assert!(!lineage("str").contains(&"dict") && lineage("os.path").is_empty());
}

#[test]
fn callbacks_and_their_arguments_are_told() {
    let sorted = form("sorted", 1);
    let key = sorted
        .parameters
        .as_ref()
        .and_then(|p| p.iter().position(|p| p.name == "key"));
    let call = &sorted.calls[0];
    assert_eq!(
        call.subject,
        Subject::Argument(u8::try_from(key.expect("key")).expect("small"))
    );
    assert_eq!(
        call.arguments.as_deref().map(|a| shown(&a[0])).as_deref(),
        Some("Element[@0]")
    );
    let kept = form("threading.Thread", 0);
    let target = kept
        .keyword("target")
        .and_then(|at| u8::try_from(at).ok())
        .expect("target");
    assert!(kept.keeps.iter().any(|k| k.subject == Subject::Argument(target)));
    let print = form("print", 1);
    assert!(print.uses[0].methods.contains(&"write") && !print.uses[0].methods.contains(&"close"));
}

#[test]
fn what_is_not_written_about_a_constructor_is_open() {
    let opaque = |path: &str| form(path, 0).opaque;
    assert!(opaque("unittest.TestLoader") && opaque("smtplib.SMTP"));
    assert!(!opaque("list") && !opaque("KeyError") && !opaque("collections.defaultdict"));
    assert!(callable("sys.flags").is_none(), "the object, not its class");
}

#[test]
fn the_literal_of_a_mode_chooses_what_open_gives() {
    let open = callable("open").expect("open");
    let with = |mode: Literal<'static>| {
        let forms = open.forms_for(Some(1), |_, parameter, _| match parameter.name {
            "mode" => mode,
            _ => Literal::Missing,
        });
        forms.iter().map(|f| shown(&f.result)).collect::<Vec<_>>().join(" / ")
    };
    assert_eq!(with(Literal::Missing), "io.TextIOWrapper");
    assert_eq!(with(Literal::Known("w")), "io.TextIOWrapper");
    assert_eq!(with(Literal::Known("rb")), "io.BufferedReader | io.FileIO");
    assert_eq!(with(Literal::Known("r+b")), "io.BufferedRandom | io.FileIO");
    assert!(with(Literal::Unknown).contains('/'));
}
