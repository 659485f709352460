//! What leaves the machine, and what does not.

use super::provider::{Act, Provider, Wire, plain};
use super::{KEY, command, document};
use crate::common::{Scratch, files_below, finish};

/// Source with secrets of several kinds: in code, defaults, comments and addresses.
fn secrets() -> Vec<String> {
    let tail = "Zq3Xv9Lm2Kd8Rt5Wy7Bn4Hs6Jf1Gp0CaUeTi";
    vec![
        format!("ghp_{tail}"),
        format!("AKIA{}", &tail[..16]),
        format!("xoxb-{}", &tail[..20]),
        "correct-horse-9".to_owned(),
        "hunter22".to_owned(),
    ]
}

fn repository() -> Scratch {
    let s = secrets();
    let source = format!(
        "'''Connects with {0}.'''\n\nKEY = '{1}'  # was {2}\n\ndef connect(url, password='{3}'):\n    \
         return url or 'postgres://me:{4}@db/x'\n\ndef again():\n    return connect('{4}')\n",
        s[0], s[1], s[2], s[3], s[4]
    );
    Scratch::with(&[("net.py", source.as_bytes())])
}

#[test]
fn no_secret_of_the_source_is_sent() {
    for wire in [Wire::OpenAi, Wire::Anthropic] {
        let scratch = repository();
        let provider = Provider::start(|asked| Act::Say(plain(&asked.component)));
        document(&scratch, &provider, wire, &["--max-iterations", "2"]).expect_no_panic();
        let asked = provider.asked();
        assert!(asked.len() >= 3);
        for request in asked {
            let body = request.body.to_string();
            for secret in secrets() {
                assert!(!body.contains(&secret), "{secret} in {body}");
            }
        }
    }
}

#[test]
fn prompts_are_shown_as_they_are_sent_and_none_is_sent_for_that() {
    let scratch = repository();
    let provider = Provider::start(|asked| Act::Say(plain(&asked.component)));
    let shown = document(&scratch, &provider, Wire::OpenAi, &["--show-prompts"]);
    shown.expect_code(0);
    assert!(provider.asked().is_empty() && !scratch.path("out").exists());
    document(&scratch, &provider, Wire::OpenAi, &["--max-iterations", "1"]).expect_no_panic();
    for request in provider.asked() {
        let sent = request.body["messages"][1]["content"].as_str().unwrap();
        // What depends on something is sent with what was said of that.
        if !sent.contains("What it depends on") {
            assert!(shown.stdout.contains(sent), "{sent}\nin\n{}", shown.stdout);
        }
        assert!(
            shown
                .stdout
                .contains(request.body["messages"][0]["content"].as_str().unwrap())
        );
    }
}

#[test]
fn neither_the_key_nor_the_address_is_saved() {
    let scratch = repository();
    let provider = Provider::start(|asked| Act::Say(plain(&asked.component)));
    document(&scratch, &provider, Wire::OpenAi, &["-v"]).expect_no_panic();
    let listed = finish(command(&scratch, &provider, Wire::OpenAi, "resume", &["--dry-run"]));
    for shown in [&listed.stdout, &listed.stderr] {
        assert!(!shown.contains(KEY));
    }
    for folder in ["out", "checkpoints"] {
        for (name, bytes) in files_below(&scratch.path(folder)) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(KEY) && !text.contains(&provider.address), "{name}");
        }
    }
}

#[test]
fn the_repository_has_no_say_in_where_its_source_goes() {
    let scratch = repository();
    scratch.write("repo/twinscribe.toml", b"base_url = \"openai=http://evil.example\"\n");
    let provider = Provider::start(|asked| Act::Say(plain(&asked.component)));
    let run = document(&scratch, &provider, Wire::OpenAi, &[]);
    run.expect_code(2).expect_stderr("unknown option `base_url`");
    assert!(provider.asked().is_empty());
}
