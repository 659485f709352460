//! The file: what others wrote in it, what it takes and refuses, and the rebuild tickets beside it.

use super::*;

#[test]
fn what_others_wrote_is_kept() {
    let mut ground = ground();
    ground.run();
    let stranger = r#"{"title":"Mine", "id":"x-1","weight":1.10,"z":[1,  2]}"#;
    ground.edit(|row| {
        row["estimate"] = json!(30);
        row["metadata"]["other"] = json!({ "a": 1 });
    });
    let ours = fs::read_to_string(ground.path()).unwrap();
    fs::write(ground.path(), format!("\u{feff}{stranger}\r\n\n{ours}")).unwrap();
    ground.answer(Decision::AcceptA);
    let text = fs::read_to_string(ground.path()).unwrap();
    let (first, second) = text.split_once('\n').unwrap();
    assert_eq!(first, stranger);
    let row: Json = serde_json::from_str(second).unwrap();
    assert_eq!(
        (&row["estimate"], &row["metadata"]["other"]["a"]),
        (&json!(30), &json!(1))
    );
    assert_eq!(ground.store.list().unwrap().len(), 1);
}

#[test]
fn every_change_is_newer_by_a_second() {
    let mut ground = ground();
    ground.run();
    ground.answer(Decision::AcceptA);
    ground.answer(Decision::AcceptB);
    assert_eq!(ground.row()["updated_at"], "2025-12-05T13:00:02Z");
}

#[test]
fn later_of_two_rows_with_one_id_counts() {
    let mut ground = ground();
    ground.run();
    let old = fs::read_to_string(ground.path()).unwrap();
    ground.answer(Decision::AcceptA);
    let new = fs::read_to_string(ground.path()).unwrap();
    for text in [format!("{old}{new}"), format!("{new}{old}")] {
        fs::write(ground.path(), text).unwrap();
        assert!(matches!(ground.state(), TicketState::Answered(_)));
    }
}

#[test]
fn unreadable_line_is_named() {
    let mut ground = ground();
    ground.run();
    let ours = fs::read_to_string(ground.path()).unwrap();
    for bad in [
        "{",
        "[]",
        &ours.trim().replace("\"schema\":1", "\"schema\":2"),
        &ours.trim().replace("parameter_type", "x"),
    ] {
        fs::write(ground.path(), format!("{ours}\n{bad}\n")).unwrap();
        let error = ground.store.list().unwrap_err();
        assert!(matches!(error, TicketError::Damaged { line: 3, .. }), "{error}");
    }
}

#[test]
fn answers_without_text_or_ticket_are_refused() {
    let mut ground = ground();
    ground.run();
    let answer = |id, decision| ground.store.answer(id, decision, "ada", at(1));
    assert!(matches!(
        answer("ts-none", Decision::AcceptA),
        Err(TicketError::NotFound { .. })
    ));
    assert!(matches!(
        answer(KEY, Decision::Merge(" ".to_owned())),
        Err(TicketError::NoText { .. })
    ));
    assert_eq!(ground.state(), TicketState::Open);
}

#[test]
fn keys_that_begin_alike_get_ids_of_their_own() {
    let mut ground = ground();
    let (opened, _) = ground.run_with(&["0123456789", "0123456700", "Ünlike"]);
    let ids: BTreeSet<&String> = opened.opened.iter().collect();
    assert_eq!(ids.len(), 3);
    for id in ids {
        let short = id.strip_prefix("ts-").unwrap();
        assert!(
            short.len() <= 8 && short.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
            "{id}"
        );
    }
}

#[test]
fn changes_from_many_threads_are_all_kept() {
    let mut ground = ground();
    let keys: Vec<String> = (0..8).map(|n| format!("{n}aaaaaaaaa")).collect();
    ground.run_with(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for key in &keys {
            scope.spawn(|| ground.store.answer(key, Decision::AcceptA, "ada", at(1)).unwrap());
        }
    });
    let tickets = ground.store.list().unwrap();
    assert_eq!(
        tickets
            .iter()
            .filter(|t| matches!(t.state, TicketState::Answered(_)))
            .count(),
        8
    );
}

#[test]
fn rebuild_ticket_describes_its_component_and_waits_for_its_questions() {
    let mut ground = ground();
    let (opened, _) = ground.run();
    let claim = |subject, value| SettledClaim {
        subject,
        value,
        said_by_a: true,
        said_by_b: true,
        resolution: Some(Resolution::Agreement),
        verdict: Verdict::Confirmed,
        confidence: 0.9,
        line: Some(4),
        derived: false,
    };
    let documentation = [Documentation {
        component: ComponentIndex(0),
        claims: vec![
            claim(Subject::Summary, Value::text("Counts.")),
            claim(Subject::Parameter("x".into()), Value::Present),
            claim(Subject::ParameterType("x".into()), Value::text("int")),
        ],
        dropped: Vec::new(),
        discrepancies: vec![discrepancy(KEY, None)],
    }];
    let oracle = oracle(7);
    let lines: Vec<String> = rebuild_tickets(&documentation, &oracle, &opened.tickets, at(1)).collect();
    let again: Vec<String> = rebuild_tickets(&documentation, &oracle, &opened.tickets, at(1)).collect();
    assert_eq!((lines.len(), &lines), (1, &again));
    let row: Json = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(row["dependencies"][0]["depends_on_id"], ID);
    assert_eq!(row["metadata"]["twinscribe"]["confidence"], 90);
    let text = row["description"].as_str().unwrap();
    for part in ["Counts.", "parameter `x`, type `int`", "- [ ] ", "90 % on average"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // Imported into the same file they are rows like any other, and no questions.
    let ours = fs::read_to_string(ground.path()).unwrap();
    fs::write(ground.path(), format!("{ours}{}\n", lines[0])).unwrap();
    assert_eq!(ground.store.list().unwrap().len(), 1);
}
