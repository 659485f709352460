//! What is described when, and what it costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::model::documentation::StreamId;

fn order_of(oracle: Arc<Oracle>, parallel: usize) -> Vec<String> {
    let mut heard = Heard::default();
    let mut config = config();
    config.parallel_components = parallel;
    let job = Job::new(oracle, [truthful(), truthful()], config);
    block_on(run(job, &mut heard, Stop::new())).unwrap();
    heard.started(StreamId::A)
}

#[test]
fn dependencies_come_first_and_the_longest_chain_before_others() {
    // `m.z` has nobody waiting, `m.a` a chain of two.
    let oracle = Sample::default()
        .function("m.z")
        .function("m.a")
        .function("m.b")
        .calls(1)
        .function("m.c")
        .calls(2)
        .oracle();
    assert_eq!(order_of(oracle, 1), ["m.a", "m.b", "m.z", "m.c"]);
}

#[test]
fn no_component_starts_before_its_dependencies_have_drafts() {
    let slow = Scripted::claiming("test:slow", |request| {
        let wanted = request.oracle.order.dependencies[request.component.as_usize()].len();
        assert_eq!(request.dependencies.len(), wanted, "{}", id(request));
        truth(request)
    });
    let slow = slow.witnessing_edges().using_context().taking(Duration::from_millis(1));
    let outcome = outcome_of([Arc::new(slow), truthful()], config());
    assert_eq!(outcome.streams[0].calls, 3);
}

#[test]
fn components_are_in_flight_together_up_to_the_limit() {
    let oracle = (0..8)
        .fold(Sample::default(), |s, i| s.function(&format!("m.f{i}")))
        .oracle();
    let most = |parallel| {
        let now = Arc::new(Mutex::new((0, 0)));
        let probe = Probe(Arc::clone(&now));
        let mut config = config();
        config.parallel_components = parallel;
        run_job(Job::new(Arc::clone(&oracle), [Arc::new(probe), truthful()], config)).unwrap();
        now.lock().unwrap().1
    };
    assert_eq!((most(1), most(3), most(100)), (1, 3, 8));
}

/// Counts how many components are in flight at once.
struct Probe(Arc<Mutex<(usize, usize)>>);

impl Documenter for Probe {
    fn name(&self) -> &str {
        "test:probe"
    }
    fn version(&self) -> &str {
        "1"
    }
    fn is_embedded(&self) -> bool {
        false
    }
    fn witnesses_edges(&self) -> bool {
        false
    }
    fn restates_oracle(&self) -> bool {
        false
    }
    fn uses_context(&self) -> bool {
        false
    }
    fn document<'a>(&'a self, request: &'a Request) -> crate::streams::Drafting<'a> {
        Box::pin(async move {
            {
                let mut count = self.0.lock().unwrap();
                count.0 += 1;
                count.1 = count.1.max(count.0);
            }
            tokio::task::yield_now().await;
            self.0.lock().unwrap().0 -= 1;
            let id = request.oracle.component(request.component).id.clone();
            Ok(crate::model::documentation::Draft::new(id, truth(request)).into())
        })
    }
}

fn embedded() -> Arc<dyn Documenter> {
    Arc::new(Scripted::truthful("test:embedded").embedded())
}

#[test]
fn cycle_of_ten_thousand_functions_is_documented() {
    let mut sample = Sample::default();
    for i in 0..10_000 {
        sample = sample.function(&format!("m.f{i:05}")).calls((i + 1) % 10_000);
    }
    let job = Job::new(sample.oracle(), [embedded(), truthful()], config());
    let outcome = run_job(job).unwrap();
    assert_eq!(outcome.history[0].processed, [10_000, 10_000]);
}

#[test]
fn chain_of_a_hundred_thousand_needs_no_stack() {
    let mut sample = Sample::default();
    for i in 0..100_000 {
        sample = sample.function(&format!("m.f{i:06}"));
        if i > 0 {
            sample = sample.calls(i - 1);
        }
    }
    let quiet = || -> Arc<dyn Documenter> { Arc::new(Scripted::claiming("test:quiet", |_| Vec::new()).embedded()) };
    let mut lax = config();
    lax.convergence.max_open_discrepancies = Some(u64::MAX);
    lax.convergence.max_iterations = 1;
    let began = Instant::now();
    let outcome = run_job(Job::new(sample.oracle(), [quiet(), quiet()], lax)).unwrap();
    assert_eq!(outcome.documentation.len(), 100_000);
    assert!(began.elapsed() < Duration::from_secs(120), "{:?}", began.elapsed());
}

#[test]
fn results_do_not_depend_on_who_finishes_first() {
    let jittery = |salt: u64| -> Arc<dyn Documenter> {
        let documenter = Scripted::truthful("test:jittery");
        Arc::new(documenter.taking(Duration::from_millis(salt % 3)))
    };
    let [one, other] = [0, 2].map(|salt| outcome_of([jittery(salt), jittery(salt + 1)], config()));
    assert_eq!(one.documentation, other.documentation);
    assert_eq!(one.history, other.history);
}

#[test]
fn runs_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let mut heard = Heard::default();
    let job = Job::new(oracle(), [truthful(), truthful()], config());
    let future = run(job, &mut heard, Stop::new());
    is_send(&future);
}
