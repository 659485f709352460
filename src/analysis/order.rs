//! The order in which to document: dependencies first, cycles folded, the same every time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::model::call_graph::CallGraph;
use crate::model::component::{Component, ComponentIndex};
use crate::model::facts::Facts;
use crate::model::oracle::Order;

/// Orders components by Kahn's algorithm over the folded graph of calls, bases, decorators and membership. Ties go to
/// the component that comes first; within a cycle the source order counts.
pub(crate) fn order(
    components: &[Component],
    facts: &[Facts],
    calls: &CallGraph,
    decorated: &[(ComponentIndex, ComponentIndex)],
) -> Order {
    let needs = dependencies(components, facts, calls, decorated);
    let group = groups(&needs);
    let members = collect(&group, components.len());
    let sequence = kahn(&needs, &group, &members);
    let position = positions(&sequence);
    // Within a cycle only what comes earlier counts, so nothing waits for itself.
    let mut kept: Vec<Vec<ComponentIndex>> = vec![Vec::new(); components.len()];
    for (i, list) in needs.iter().enumerate() {
        kept[i] = list
            .iter()
            .filter(|&&n| position[n as usize] < position[i])
            .map(|&n| ComponentIndex(n))
            .collect();
    }
    let height = heights(&sequence, &kept);
    let mut cycles: Vec<Vec<ComponentIndex>> = members.into_iter().filter(|m| m.len() > 1).collect();
    cycles.sort();
    Order {
        sequence,
        dependencies: kept,
        height,
        cycles,
    }
}

fn dependencies(
    components: &[Component],
    facts: &[Facts],
    calls: &CallGraph,
    decorated: &[(ComponentIndex, ComponentIndex)],
) -> Vec<Vec<u32>> {
    let mut needs: Vec<Vec<u32>> = vec![Vec::new(); components.len()];
    for edge in calls.edges.iter().filter(|e| !e.weak) {
        needs[edge.caller.as_usize()].push(edge.callee.0);
    }
    for (i, component) in components.iter().enumerate() {
        if let Some(parent) = component.parent {
            // Members before their class, components before their module; a nested function belongs to its function.
            needs[parent.as_usize()].push(u32::try_from(i).expect("fewer than 2^32 components"));
        }
        needs[i].extend(facts[i].ancestors.iter().map(|a| a.0));
    }
    for (user, decorator) in decorated {
        needs[user.as_usize()].push(decorator.0);
    }
    for (i, list) in needs.iter_mut().enumerate() {
        list.sort_unstable();
        list.dedup();
        list.retain(|&n| n as usize != i);
    }
    needs
}

/// The number of each component's strongly connected group; petgraph walks without recursion.
fn groups(needs: &[Vec<u32>]) -> Vec<u32> {
    let mut graph: DiGraph<(), (), u32> = DiGraph::with_capacity(needs.len(), needs.iter().map(Vec::len).sum());
    for _ in needs {
        graph.add_node(());
    }
    for (i, list) in needs.iter().enumerate() {
        for &n in list {
            graph.add_edge(NodeIndex::new(i), NodeIndex::new(n as usize), ());
        }
    }
    let mut group = vec![0; needs.len()];
    for (number, members) in petgraph::algo::kosaraju_scc(&graph).into_iter().enumerate() {
        for member in members {
            group[member.index()] = u32::try_from(number).expect("fewer than 2^32 components");
        }
    }
    group
}

fn collect(group: &[u32], count: usize) -> Vec<Vec<ComponentIndex>> {
    let groups = group.iter().max().map_or(0, |&m| m as usize + 1);
    let mut members = vec![Vec::new(); groups];
    for i in 0..count {
        members[group[i] as usize].push(ComponentIndex(u32::try_from(i).expect("fewer than 2^32 components")));
    }
    members
}

fn kahn(needs: &[Vec<u32>], group: &[u32], members: &[Vec<ComponentIndex>]) -> Vec<ComponentIndex> {
    let mut waiting = vec![0u32; members.len()];
    let mut dependents: Vec<Vec<u32>> = vec![Vec::new(); members.len()];
    for (i, list) in needs.iter().enumerate() {
        for &n in list {
            let (user, used) = (group[i], group[n as usize]);
            if user != used {
                dependents[used as usize].push(user);
                waiting[user as usize] += 1;
            }
        }
    }
    let mut ready: BinaryHeap<Reverse<(ComponentIndex, u32)>> = BinaryHeap::new();
    for (number, list) in members.iter().enumerate() {
        if waiting[number] == 0
            && let Some(&first) = list.first()
        {
            ready.push(Reverse((
                first,
                u32::try_from(number).expect("fewer than 2^32 components"),
            )));
        }
    }
    let mut sequence = Vec::with_capacity(needs.len());
    while let Some(Reverse((_, number))) = ready.pop() {
        sequence.extend_from_slice(&members[number as usize]);
        for &user in &dependents[number as usize] {
            waiting[user as usize] -= 1;
            if waiting[user as usize] == 0
                && let Some(&first) = members[user as usize].first()
            {
                ready.push(Reverse((first, user)));
            }
        }
    }
    sequence
}

fn positions(sequence: &[ComponentIndex]) -> Vec<usize> {
    let mut position = vec![0; sequence.len()];
    for (at, index) in sequence.iter().enumerate() {
        position[index.as_usize()] = at;
    }
    position
}

fn heights(sequence: &[ComponentIndex], needs: &[Vec<ComponentIndex>]) -> Vec<u32> {
    let mut height = vec![1u32; sequence.len()];
    for index in sequence.iter().rev() {
        let own = height[index.as_usize()];
        for need in &needs[index.as_usize()] {
            let slot = &mut height[need.as_usize()];
            *slot = (*slot).max(own.saturating_add(1));
        }
    }
    height
}
