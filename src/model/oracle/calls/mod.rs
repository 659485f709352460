//! Answers about calls: an edge confirms; only where no site of the caller can reach the callee is a call refuted.
//!
//! What a site whose targets are not all known might reach is the business of [`reach`], and what is called
//! where nothing shows it that of [`unseen`]. Both only ever turn "no" into "unknown".

mod reach;
mod unseen;

use crate::model::call_graph::{CallType, Edge, EdgeKind, OpenSite, Reach};
use crate::model::claim::{Answer, Value, Verdict};
use crate::model::component::{ComponentIndex, ComponentKind};
use crate::model::oracle::Oracle;
use crate::model::oracle::language::python::last_part;
use crate::model::oracle::names::Meaning;
use reach::Target;

impl Oracle {
    /// Whether one component calls another, both by plain name.
    ///
    /// Where several definitions share a name, one that calls confirms and only all together refute.
    pub fn verify_edge(&self, caller: &str, callee: &str) -> Answer {
        let Some((caller, lambda)) = caller.split_once(".<lambda") else {
            return match self.meaning(caller) {
                Meaning::Components(callers) => self.call_by_name(&callers, callee, None),
                Meaning::Thing => Answer::unknown(format!("`{caller}` is not a component")),
                Meaning::Missing(owner, name) => self.missing(owner, &name),
                Meaning::Unknown => Answer::unknown(format!("`{caller}` is not a name of the repository")),
            };
        };
        // A lambda's sites are among those of the component around it.
        let around = self.verify_edge(caller, callee);
        if around.verdict == Verdict::Confirmed {
            Answer::unknown(format!(
                "`{caller}` calls it; whether its lambda{lambda} does is not told apart",
                lambda = lambda.trim_end_matches('>')
            ))
        } else {
            around
        }
    }

    /// Whether any of these components calls what a name stands for; `scope` is where the name is used.
    pub(super) fn call_by_name(
        &self,
        callers: &[ComponentIndex],
        callee: &str,
        scope: Option<ComponentIndex>,
    ) -> Answer {
        match self.callee_meaning(callee, scope) {
            Meaning::Components(callees) => any_of(
                callers
                    .iter()
                    .flat_map(|&a| callees.iter().map(move |&b| (a, b)))
                    .map(|(a, b)| self.call(a, b)),
            ),
            Meaning::Missing(owner, name) => self.missing(owner, &name),
            Meaning::Thing | Meaning::Unknown => self.external_call(callers, callee),
        }
    }

    /// Whether a component is called by what a name stands for.
    pub(super) fn caller_by_name(&self, caller: &str, callee: ComponentIndex) -> Answer {
        match self.callee_meaning(caller, Some(callee)) {
            Meaning::Components(callers) => any_of(callers.iter().map(|&a| self.call(a, callee))).without_line(),
            Meaning::Missing(owner, name) => self.missing(owner, &name),
            Meaning::Thing | Meaning::Unknown => {
                Answer::unknown(format!("`{caller}` is not a component of the repository"))
            }
        }
    }

    pub(super) fn callee_meaning(&self, name: &str, scope: Option<ComponentIndex>) -> Meaning {
        match (self.meaning(name), scope) {
            (Meaning::Unknown, Some(scope)) => self.meaning_in(scope, name),
            (found, _) => found,
        }
    }

    pub(super) fn missing(&self, owner: ComponentIndex, name: &str) -> Answer {
        let owner = &self.component(owner).id;
        Answer::refuted(format!("`{owner}` has no `{name}`"), None, None)
    }

    fn external_call(&self, callers: &[ComponentIndex], callee: &str) -> Answer {
        let bare = callee.trim_start_matches("<builtin>.").trim_start_matches("builtins.");
        for &caller in callers {
            let edge = self
                .call_graph
                .external_callees(caller)
                .iter()
                .find(|e| *e.target == *callee || e.target.strip_prefix("builtins.") == Some(bare));
            if let Some(edge) = edge {
                let line = edge.lines.first().copied();
                return Answer::confirmed("it is called, outside the repository", line);
            }
        }
        Answer::unknown(format!("`{callee}` is not a component of the repository"))
    }

    /// Whether one component calls another.
    pub(super) fn call(&self, caller: ComponentIndex, callee: ComponentIndex) -> Answer {
        if let Some(edge) = self.call_graph.edge(caller, callee) {
            return confirmed_by(edge);
        }
        if let Some(answer) = self.call_by_construction(caller, callee) {
            return answer;
        }
        let target = Target::new(self, callee);
        if let Some(reason) = self.may_call_unseen(caller, callee, &target.last) {
            return Answer::unknown(reason);
        }
        let open = if self.component(caller).kind == ComponentKind::Class {
            match self.call_in_class_body(caller, callee) {
                Some(answer) => return answer,
                None => self.body_sites(caller).find(|s| target.is_reached_by(s)),
            }
        } else {
            None
        };
        if let Some(site) = open.or_else(|| target.open_site(caller)) {
            return Answer::unknown(might_be(site));
        }
        if self.component(caller).traits.in_damaged_file {
            return Answer::unknown("the caller's file does not parse");
        }
        if target.kind == ComponentKind::Module {
            return Answer::refuted("it is a module, which cannot be called", None, None);
        }
        Answer::refuted("none of its calls, explicit or implicit, can reach it", None, None)
    }

    /// Whether making an instance is the call in question: of a class by its constructor, or the other way round.
    fn call_by_construction(&self, caller: ComponentIndex, callee: ComponentIndex) -> Option<Answer> {
        let target = self.component(callee);
        let makes = |class: ComponentIndex| self.call_graph.edge(caller, class);
        if target.kind == ComponentKind::Class {
            let mut inherited = None;
            for edge in self.call_graph.callees(caller) {
                if edge.kind != EdgeKind::Constructor
                    || self.index.constructs(edge.callee).binary_search(&callee).is_err()
                {
                    continue;
                }
                if self.component(edge.callee).parent == Some(callee) {
                    return Some(confirmed_by(edge));
                }
                inherited = Some(edge);
            }
            return inherited.map(|edge| {
                Answer::unknown(format!(
                    "line {} makes an instance by a constructor that it inherits",
                    edge.sites.first().map_or(0, |s| s.line)
                ))
            });
        }
        let classes = self.index.constructs(callee);
        let edges = self.call_graph.callees(caller);
        // Whichever list is shorter is walked.
        let edge = if classes.len() <= edges.len() {
            classes.iter().find_map(|&class| makes(class))
        } else {
            edges
                .iter()
                .filter(|e| classes.binary_search(&e.callee).is_ok())
                .find_map(|e| makes(e.callee))
        };
        edge.map(confirmed_by)
    }

    /// What a class's own body calls belongs to the component around it, on lines inside the class.
    fn call_in_class_body(&self, class: ComponentIndex, callee: ComponentIndex) -> Option<Answer> {
        let component = self.component(class);
        let lines = component.first_line..=component.last_line;
        if let Some(scope) = self.scope_of_body(class)
            && let Some(edge) = self.call_graph.edge(scope, callee)
            && let Some(site) = edge.sites.iter().find(|s| lines.contains(&s.line))
        {
            return Some(Answer::confirmed("the class body calls it", Some(site.line)));
        }
        let edge = self
            .members(class)
            .find_map(|m| self.call_graph.edge(m, callee).map(|_| m))?;
        Some(Answer::unknown(format!(
            "not the class itself but its `{}` calls it",
            last_part(&self.component(edge).id)
        )))
    }

    fn scope_of_body(&self, class: ComponentIndex) -> Option<ComponentIndex> {
        let mut scope = self.component(class).parent;
        while let Some(index) = scope {
            if self.component(index).kind != ComponentKind::Class {
                return Some(index);
            }
            scope = self.component(index).parent;
        }
        None
    }

    fn body_sites(&self, class: ComponentIndex) -> impl Iterator<Item = &OpenSite> {
        let component = self.component(class);
        let sites = self
            .scope_of_body(class)
            .map_or(&[][..], |scope| self.call_graph.open_sites(scope));
        let start = sites.partition_point(|s| s.line < component.first_line);
        let end = sites.partition_point(|s| s.line <= component.last_line);
        sites[start..end.max(start)].iter()
    }

    /// Whether a site on this line, or on any line, might reach the callee besides what is known.
    fn may_reach_from(&self, caller: ComponentIndex, callee: ComponentIndex, line: Option<u32>) -> bool {
        let target = Target::new(self, callee);
        let Some(line) = line else {
            return target.open_site(caller).is_some();
        };
        let sites = self.call_graph.open_sites(caller);
        let start = sites.partition_point(|s| s.line < line);
        sites[start..]
            .iter()
            .take_while(|s| s.line == line)
            .any(|s| target.is_reached_by(s))
    }

    /// Whether a component's calls of a callee depend on control flow as claimed.
    pub(super) fn call_type(&self, caller: ComponentIndex, callee: &str, claimed: CallType) -> Answer {
        self.about_edges(caller, callee, |edge| {
            let line = edge.sites.first().map(|s| s.line);
            if edge.call_type == claimed {
                return Answer::confirmed(format!("the call is {claimed}"), line);
            }
            let some_site_is = edge.sites.iter().any(|s| s.call_type == claimed);
            if some_site_is && !edge.certain {
                return Answer::unknown("only some of the sites may reach it");
            }
            // One more site could make the edge more direct, never less.
            if claimed < edge.call_type && self.may_reach_from(caller, edge.callee, None) {
                return Answer::unknown("another site, not fully known, might be such a call");
            }
            Answer::refuted(
                format!("the call is {}", edge.call_type),
                line,
                Some(Value::CallType(edge.call_type)),
            )
        })
    }

    /// Whether a component calls a callee on the claimed lines.
    pub(super) fn call_lines(&self, caller: ComponentIndex, callee: &str, claimed: &[u32]) -> Answer {
        self.about_edges(caller, callee, |edge| {
            let mut lines: Vec<u32> = edge.sites.iter().map(|s| s.line).collect();
            lines.dedup();
            let Some(stray) = claimed.iter().copied().find(|l| lines.binary_search(l).is_err()) else {
                return if claimed.is_empty() {
                    Answer::unknown("no line is claimed")
                } else {
                    Answer::confirmed("each line has such a call", claimed.first().copied())
                };
            };
            let possible = claimed
                .iter()
                .all(|l| lines.binary_search(l).is_ok() || self.may_reach_from(caller, edge.callee, Some(*l)));
            if possible {
                return Answer::unknown(format!(
                    "line {stray} calls something that is not fully known and might be it"
                ));
            }
            let first = lines.first().copied();
            Answer::refuted(
                format!("no such call stands on line {stray}"),
                first,
                Some(Value::Lines(lines)),
            )
        })
    }

    /// Asks something of every known edge to what a name stands for; without one, whether there is a call at all.
    fn about_edges(&self, caller: ComponentIndex, callee: &str, ask: impl Fn(&Edge) -> Answer) -> Answer {
        let exact = self.find(callee).into_iter().collect::<Vec<_>>();
        let named = match self.callee_meaning(callee, Some(caller)) {
            Meaning::Components(callees) => callees,
            _ => Vec::new(),
        };
        let edges: Vec<&Edge> = exact
            .iter()
            .chain(&named)
            .filter_map(|&c| self.call_graph.edge(caller, c))
            .filter(|e| !e.weak)
            .collect();
        if !edges.is_empty() {
            return any_of(edges.into_iter().map(ask));
        }
        let call = self.call_by_name(&[caller], callee, Some(caller));
        if call.verdict == Verdict::Confirmed {
            Answer::unknown("its sites are not known one by one")
        } else {
            call
        }
    }
}

/// The answer for definitions that share a name: one that confirms is enough, and all together refute.
pub(super) fn any_of(answers: impl Iterator<Item = Answer>) -> Answer {
    let mut worst: Option<Answer> = None;
    for answer in answers {
        match (answer.verdict, &worst) {
            (Verdict::Confirmed, _) => return answer,
            (Verdict::Unknown, Some(w)) if w.verdict == Verdict::Refuted => worst = Some(answer),
            (_, None) => worst = Some(answer),
            _ => {}
        }
    }
    worst.unwrap_or_else(|| Answer::unknown("there is nothing of that name"))
}

impl Answer {
    /// For answers whose line is in another file than the component asked about.
    fn without_line(mut self) -> Self {
        self.line = None;
        self
    }
}

/// Why a site that is not fully known might call what was asked about.
fn might_be(site: &OpenSite) -> String {
    let (line, reason) = (site.line, site.reason);
    match &site.reach {
        Reach::AnyValue => format!("line {line} calls a value that is not fully known ({reason}) and might be it"),
        Reach::Attribute(name) => {
            format!("line {line} uses `{name}` of something that is not fully known ({reason}) and might mean it")
        }
        Reach::Property(name) => {
            format!("line {line} reads `{name}` of something that is not fully known ({reason}) and might call it")
        }
        Reach::AnyAttribute => format!("line {line} reads an attribute whose name is computed and might call it"),
        Reach::Special(name) => {
            format!("line {line} may call `{name}` of something that is not fully known ({reason})")
        }
        Reach::Callback => format!("line {line} hands values to code outside the repository, which might call it"),
    }
}

fn confirmed_by(edge: &Edge) -> Answer {
    let how = match edge.kind {
        EdgeKind::Call => "calls it",
        EdgeKind::Constructor => "makes an instance of it",
        EdgeKind::Property => "reads or sets it",
        EdgeKind::Operator => "uses it through an operator",
        EdgeKind::Iteration => "iterates with it",
        EdgeKind::ContextManager => "enters or leaves it",
        EdgeKind::Decorator => "decorates with it",
        EdgeKind::Implicit => "calls it implicitly",
    };
    let line = edge.sites.first().map(|s| s.line);
    if edge.weak {
        return Answer::unknown(format!(
            "line {} perhaps {how}: its receiver is not known, or has very many methods in its place",
            line.unwrap_or_default()
        ));
    }
    let among = if edge.certain {
        ""
    } else {
        ", or another of several possible callees"
    };
    Answer::confirmed(format!("line {} {how}{among}", line.unwrap_or_default()), line)
}
