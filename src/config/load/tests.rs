use super::*;
use crate::config::{Config, DEFAULT_TOML, FailOn};

fn file(text: &str) -> Result<Layer, String> {
    from_file(text, Path::new("twinscribe.toml")).map_err(|error| error.to_string())
}

fn environment(pairs: &[(&str, &str)]) -> (Result<Layer, String>, Vec<String>) {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect();
    let mut warnings = Vec::new();
    let layer = from_environment(&pairs, &mut warnings).map_err(|error| error.to_string());
    (layer, warnings)
}

fn check_error(text: &str, expected: &str) {
    assert_eq!(file(text).unwrap_err(), expected);
}

#[test]
fn documented_defaults_are_the_defaults() {
    let mut settings = Settings {
        run: Config {
            output: "elsewhere".into(),
            ..Config::default()
        },
        ..Settings::default()
    };
    file(DEFAULT_TOML).unwrap().apply(&mut settings);
    assert_eq!(settings, Settings::default());
}

#[test]
fn every_option_is_documented() {
    for key in KEYS {
        let line = format!("{key} = ");
        assert!(
            DEFAULT_TOML
                .lines()
                .any(|l| l.trim_start_matches("# ").starts_with(&line)),
            "{key}"
        );
    }
}

#[test]
fn commented_defaults_are_valid_too() {
    let text: String = DEFAULT_TOML
        .lines()
        .map(|line| {
            let bare = line.trim_start_matches("# ");
            let is_option = KEYS.iter().any(|key| bare.starts_with(&format!("{key} = ")));
            format!("{}\n", if is_option { bare } else { line })
        })
        .collect();
    assert_eq!(file(&text).unwrap().fail_on, Some(FailOn::Contradiction));
}

#[test]
fn unknown_key_names_file_line_and_nearest() {
    check_error(
        "# first\n\nmax_iteration = 3\n",
        "understand twinscribe.toml line 3: unknown option `max_iteration`; did you mean `max_iterations`?",
    );
    check_error("zzz = 1", "understand twinscribe.toml line 1: unknown option `zzz`");
}

#[test]
fn wrong_values_name_their_line() {
    check_error(
        "output = 'x'\nmax_iterations = 'many'",
        "understand twinscribe.toml line 2: `max_iterations` has a wrong value: invalid type: string \"many\", expected u32",
    );
    check_error(
        "output = 'x'\nmin_agreement = 2.0",
        "understand twinscribe.toml line 2: `min_agreement` must be between 0 and 1",
    );
    check_error(
        "reconcile = 'guess'",
        "understand twinscribe.toml line 1: `reconcile` has a wrong value: unknown variant `guess`, expected one of `patch`, `overwrite`, `fill-gaps`",
    );
    assert!(
        file("output = ")
            .unwrap_err()
            .starts_with("understand twinscribe.toml line 1: ")
    );
}

#[test]
fn environment_takes_words_numbers_and_lists() {
    let (layer, warnings) = environment(&[
        ("TWINSCRIBE_MAX_ITERATIONS", "7"),
        ("TWINSCRIBE_OUTPUT", "a b"),
        ("TWINSCRIBE_DRY_RUN", "true"),
        ("TWINSCRIBE_EXCLUDE", "a/**, b.py"),
        ("TWINSCRIBE_TICKETS", "none"),
        ("PATH", "x"),
    ]);
    let layer = layer.unwrap();
    assert_eq!(layer.max_iterations, Some(7));
    assert_eq!(layer.output, Some("a b".into()));
    assert_eq!(layer.dry_run, Some(true));
    assert_eq!(layer.exclude, Some(vec!["a/**".into(), "b.py".into()]));
    assert!(warnings.is_empty());
}

#[test]
fn numeric_words_stay_words() {
    let (layer, _) = environment(&[("TWINSCRIBE_OUTPUT", "2026")]);
    assert_eq!(layer.unwrap().output, Some("2026".into()));
}

#[test]
fn unknown_variable_is_a_warning() {
    let (layer, warnings) = environment(&[("TWINSCRIBE_MAX_ITERATION", "7")]);
    assert_eq!(layer.unwrap(), Layer::default());
    assert_eq!(
        warnings,
        ["the variable TWINSCRIBE_MAX_ITERATION is no option; did you mean TWINSCRIBE_MAX_ITERATIONS?"]
    );
}

#[test]
fn wrong_variable_is_an_error() {
    let (layer, _) = environment(&[("TWINSCRIBE_JOBS", "0")]);
    assert_eq!(
        layer.unwrap_err(),
        "understand the environment: `TWINSCRIBE_JOBS` must be more than 0"
    );
    let (layer, _) = environment(&[("TWINSCRIBE_JOBS", "all")]);
    assert_eq!(
        layer.unwrap_err(),
        "understand the environment: `TWINSCRIBE_JOBS` has a wrong value: invalid type: string \"all\", expected usize"
    );
}

#[test]
fn flags_win_over_environment_and_environment_over_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("pyproject.toml"),
        "[tool.twinscribe]\nmax_iterations = 2\njobs = 2\nmax_checkpoints = 2\noutput = 'out'\n[tool.other]\nx = 1\n",
    )
    .unwrap();
    let loaded = load(Sources {
        repository: Some(folder.path().to_owned()),
        environment: vec![
            ("TWINSCRIBE_JOBS".into(), "3".into()),
            ("TWINSCRIBE_MAX_CHECKPOINTS".into(), "3".into()),
        ],
        flags: Layer {
            max_checkpoints: Some(4),
            ..Layer::default()
        },
        file: None,
    })
    .unwrap();
    let run = loaded.settings.run;
    assert_eq!(
        (run.convergence.max_iterations, run.jobs, run.checkpoints.max),
        (2, Some(3), 4)
    );
    assert_eq!(run.output, folder.path().join("out"));
}

#[test]
fn file_is_found_up_to_the_top_of_the_working_tree_and_no_higher() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("tree/src/pkg");
    std::fs::create_dir_all(&inner).unwrap();
    let outside = folder.path().join("twinscribe.toml");
    std::fs::write(&outside, "").unwrap();
    assert_eq!(find(&inner).unwrap(), None);
    std::fs::create_dir(folder.path().join("tree/.git")).unwrap();
    assert_eq!(find(&inner).unwrap(), None);
    let own = folder.path().join("tree/twinscribe.toml");
    std::fs::write(&own, "").unwrap();
    assert_eq!(find(&inner).unwrap(), Some(own));
}
