//! Import statements.

use super::Lower;
use crate::analysis::parse::ir::Op;
use crate::analysis::parse::tree::{Field, Kind, Node};

impl Lower<'_> {
    pub(super) fn import(&mut self, node: Node) {
        let tree = self.tree;
        for name in tree.children(node) {
            match tree.kind(name) {
                Kind::DottedName => {
                    let path = self.dotted(name);
                    let first = path.split('.').next().unwrap_or("").to_owned();
                    let (path, first) = (self.sym(&path), self.sym(&first));
                    let value = self.emit(Op::Import { path, leaf: false }, name);
                    self.store_name(first, value, name);
                }
                Kind::AliasedImport => {
                    let (Some(path), Some(alias)) = (tree.child(name, Field::Name), tree.child(name, Field::Alias))
                    else {
                        continue;
                    };
                    let path = self.dotted(path);
                    let (path, alias) = (self.sym(&path), self.sym_of(alias));
                    let value = self.emit(Op::Import { path, leaf: true }, name);
                    self.store_name(alias, value, name);
                }
                _ => {}
            }
        }
    }

    /// A dotted name without the white space that Python allows in it.
    fn dotted(&self, node: Node) -> String {
        let parts: Vec<&str> = self.tree.children(node).map(|c| self.tree.text(c)).collect();
        parts.join(".")
    }

    pub(super) fn import_from(&mut self, node: Node) {
        let tree = self.tree;
        let mut level = 0;
        let mut module = String::new();
        if let Some(name) = tree.child(node, Field::ModuleName) {
            match tree.kind(name) {
                Kind::RelativeImport => {
                    for part in tree.children(name) {
                        match tree.kind(part) {
                            Kind::ImportPrefix => {
                                let dots = tree.text(part).bytes().filter(|&b| b == b'.').count();
                                level = u32::try_from(dots).unwrap_or(u32::MAX);
                            }
                            Kind::DottedName => module = self.dotted(part),
                            _ => {}
                        }
                    }
                }
                _ => module = self.dotted(name),
            }
        }
        let module = self.sym(&module);
        if tree.child_of_kind(node, Kind::WildcardImport).is_some() {
            self.emit(Op::ImportStar { module, level }, node);
            return;
        }
        for imported in tree.children(node).filter(|&c| tree.field(c) == Field::Name) {
            let (name, bound) = match tree.kind(imported) {
                Kind::AliasedImport => {
                    let (Some(name), Some(alias)) =
                        (tree.child(imported, Field::Name), tree.child(imported, Field::Alias))
                    else {
                        continue;
                    };
                    let name = self.dotted(name);
                    (self.sym(&name), self.sym_of(alias))
                }
                _ => {
                    let name = self.dotted(imported);
                    let name = self.sym(&name);
                    (name, name)
                }
            };
            let value = self.emit(Op::ImportFrom { module, level, name }, imported);
            self.store_name(bound, value, imported);
        }
    }
}
