//! The desk of a run: its open differences go into the ticket store, and the answers come from there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::analysis::discover::Sources;
use crate::compare::settle::{Answered, Answers};
use crate::model::component::{Component, Name};
use crate::model::documentation::Documentation;
use crate::model::oracle::Oracle;
use crate::model::ticket::{Ticket, TicketAnswer, TicketState};
use crate::pipeline::{Desk, DeskError};
use crate::tickets::{self, Asking, Change, TicketStore};

/// Where a desk reads the time.
pub(super) type Clock = Box<dyn Fn() -> SystemTime + Send>;

/// A ticket store as a run sees it.
pub(super) struct StoreDesk {
    pub(super) store: Box<dyn TicketStore>,
    pub(super) clock: Clock,
    pub(super) run_id: String,
    pub(super) repository: PathBuf,
    pub(super) streams: [String; 2],
    pub(super) timeout: Option<Duration>,
    /// The files' text, to quote from.
    pub(super) sources: BTreeMap<Name, std::sync::Arc<str>>,
}

/// The text of every file that has one, by path.
pub(super) fn texts(sources: &Sources) -> BTreeMap<Name, std::sync::Arc<str>> {
    sources
        .files
        .iter()
        .filter_map(|file| Some((file.path.clone(), file.text.clone()?)))
        .collect()
}

impl StoreDesk {
    fn source(&self, component: &Component) -> Option<String> {
        let text = self.sources.get(&component.path)?;
        let first = (component.first_line as usize).checked_sub(1)?;
        let count = (component.last_line as usize).checked_sub(first)?;
        let lines: Vec<&str> = text.lines().skip(first).take(count).collect();
        Some(lines.join("\n"))
    }

    fn ticket_of(&self, key: &str) -> Result<Ticket, DeskError> {
        Ok(self.store.get(key)?)
    }
}

impl Desk for StoreDesk {
    fn put(
        &mut self,
        oracle: &Oracle,
        documentation: &[Documentation],
        failed: &BTreeSet<Name>,
    ) -> Result<Vec<Ticket>, DeskError> {
        let now = (self.clock)();
        tickets::expire(&*self.store, now)?;
        let asking = Asking {
            run_id: Some(&self.run_id),
            repository: &self.repository,
            streams: [&self.streams[0], &self.streams[1]],
            now,
            expires_at: self.timeout.and_then(|timeout| now.checked_add(timeout)),
            source: &|component| self.source(component),
            failed,
        };
        Ok(tickets::open(&*self.store, documentation, oracle, &asking)?.tickets)
    }

    fn answers(&mut self) -> Result<Answers, DeskError> {
        // One look for all that is asked of the store until somebody looks again.
        self.store.refresh();
        let mut answers = Answers::new();
        for ticket in self.store.list()? {
            if let TicketState::Answered(answer) | TicketState::Applied(answer) = ticket.state {
                answers.insert(
                    ticket.key,
                    Answered {
                        answer,
                        source_hash: ticket.source_hash,
                    },
                );
            }
        }
        Ok(answers)
    }

    fn applied(&mut self, key: &str, _answer: &TicketAnswer) -> Result<(), DeskError> {
        let ticket = self.ticket_of(key)?;
        if let TicketState::Answered(_) = ticket.state {
            let change = Change::Apply { id: ticket.id };
            self.store.change(&[change], (self.clock)())?;
        }
        Ok(())
    }

    fn sent_back(&mut self, key: &str, reason: &str) -> Result<(), DeskError> {
        let ticket = self.ticket_of(key)?;
        Ok(tickets::send_back(&*self.store, &ticket.id, reason, (self.clock)())?)
    }
}

#[cfg(test)]
mod tests {
    //! Runs that wait for people, in simulated time: two days take no time.

    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::compare::tests::sample::Sample;
    use crate::config::Config;
    use crate::model::claim::{Claim, Subject, Value};
    use crate::model::documentation::Resolution;
    use crate::model::events::Silent;
    use crate::model::run::Outcome;
    use crate::model::ticket::Decision;
    use crate::pipeline::{self, Job, RunError, Stop};
    use crate::streams::Documenter;
    use crate::streams::scripted::{Scripted, truth};
    use crate::tickets::{Change, EmbeddedStore, Filed, TicketError};

    /// An embedded store that counts how often it is looked at.
    #[derive(Clone)]
    struct Watched {
        store: EmbeddedStore,
        looks: Arc<Mutex<Vec<tokio::time::Instant>>>,
    }

    impl TicketStore for Watched {
        fn filed(&self) -> Result<Vec<Filed>, TicketError> {
            self.store.filed()
        }

        fn change(&self, changes: &[Change], at: SystemTime) -> Result<(), TicketError> {
            self.store.change(changes, at)
        }

        fn refresh(&self) {
            self.looks.lock().unwrap().push(tokio::time::Instant::now());
        }

        fn import(&self, lines: &str) -> Result<(), TicketError> {
            self.store.import(lines)
        }

        fn lines(&self) -> Result<Vec<String>, TicketError> {
            self.store.lines()
        }
    }

    /// Two streams that contradict each other about something that the code does not decide.
    fn quarrelling() -> [Arc<dyn Documenter>; 2] {
        ["int", "str"].map(|word| {
            let says = move |request: &crate::streams::Request| {
                let mut claims = vec![Claim::said(
                    Subject::ParameterType("free".into()),
                    Value::text(word),
                    0.9,
                    None,
                )];
                claims.extend(truth(request));
                claims
            };
            Arc::new(Scripted::claiming("test:quarrel", says).witnessing_edges()) as Arc<dyn Documenter>
        })
    }

    /// What a person does.
    type Act = Box<dyn FnOnce(&EmbeddedStore, SystemTime, &Stop) + Send>;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Runs in simulated time; whoever is in `person` acts after so many hours.
    fn run(store: &Watched, wait: bool, person: Option<(u32, Act)>) -> (Result<Outcome, RunError>, Duration) {
        let oracle = Sample::default().function("m.a").parameter("free", None, None).oracle();
        let mut config = Config {
            jobs: Some(1),
            ..Config::default()
        };
        config.convergence.max_iterations = 2;
        config.tickets.wait = wait;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let began = tokio::time::Instant::now();
            let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_936_000);
            let clock = move || start + began.elapsed();
            let mut desk = StoreDesk {
                store: Box::new(store.clone()),
                clock: Box::new(clock),
                run_id: "checkpoint_20251205_120000".to_owned(),
                repository: PathBuf::from("/repo"),
                streams: ["a".to_owned(), "b".to_owned()],
                timeout: Some(HOUR * 48),
                sources: BTreeMap::new(),
            };
            let stop = Stop::new();
            if let Some((hours, act)) = person {
                let (store, stop) = (store.store.clone(), stop.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(HOUR * hours).await;
                    act(&store, clock(), &stop);
                });
            }
            let job = Job::new(oracle, quarrelling(), config).asking(&mut desk);
            let outcome = pipeline::run(job, &mut Silent, stop).await;
            (outcome, began.elapsed())
        })
    }

    fn watched(dir: &std::path::Path) -> Watched {
        Watched {
            store: EmbeddedStore::open(dir),
            looks: Arc::default(),
        }
    }

    fn type_of_free(outcome: &Outcome) -> Option<Resolution> {
        let claim = outcome.documentation[0].get(&Subject::ParameterType("free".into()));
        claim.and_then(|claim| claim.resolution)
    }

    #[test]
    fn nobody_answers_for_two_days_and_the_run_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let store = watched(dir.path());
        let (outcome, took) = run(&store, true, None);
        let outcome = outcome.unwrap();
        assert!(
            took >= HOUR * 48 && took < HOUR * 48 + Duration::from_secs(60),
            "{took:?}"
        );
        assert_eq!(outcome.tickets.len(), 1);
        assert_eq!(outcome.tickets[0].state, TicketState::Expired);
        assert_eq!(type_of_free(&outcome), None, "nothing is guessed");
        // One look every thirty seconds, and not one more.
        let looks = store.looks.lock().unwrap().len();
        assert!((5_700..=5_762).contains(&looks), "{looks} looks");
        // A late answer still counts.
        let id = &outcome.tickets[0].id;
        store
            .store
            .answer(id, Decision::AcceptA, "ada", SystemTime::now())
            .unwrap();
        let (late, took) = run(&store, true, None);
        assert_eq!(
            (type_of_free(&late.unwrap()), took),
            (Some(Resolution::Human), Duration::ZERO)
        );
    }

    #[test]
    fn answer_after_a_day_ends_the_wait() {
        let dir = tempfile::tempdir().unwrap();
        let store = watched(dir.path());
        let answer: Act = Box::new(|store, at, _| {
            let id = store.list().unwrap()[0].id.clone();
            store.answer(&id, Decision::AcceptB, "ada", at).unwrap();
        });
        let (outcome, took) = run(&store, true, Some((24, answer)));
        let outcome = outcome.unwrap();
        assert!(
            took >= HOUR * 24 && took < HOUR * 24 + Duration::from_secs(31),
            "{took:?}"
        );
        assert_eq!(type_of_free(&outcome), Some(Resolution::Human));
        assert!(matches!(outcome.tickets[0].state, TicketState::Applied(_)));
    }

    #[test]
    fn wait_can_be_interrupted_and_nobody_waits_unasked() {
        let dir = tempfile::tempdir().unwrap();
        let store = watched(dir.path());
        let interrupt: Act = Box::new(|_, _, stop| stop.request());
        let (outcome, took) = run(&store, true, Some((5, interrupt)));
        assert!(matches!(outcome, Err(RunError::Stopped)));
        assert_eq!(took, HOUR * 5);
        let (outcome, took) = run(&store, false, None);
        assert_eq!((outcome.unwrap().tickets.len(), took), (1, Duration::ZERO));
        assert_eq!(store.store.list().unwrap().len(), 1, "put once");
    }
}
