//! A file's syntax tree as one flat array, in source order.
//!
//! Tree-sitter's cursor is walked once, without recursion, into [`Tree`]; everything after works on indices. Only named
//! nodes are kept, and the few anonymous ones that mean something (`async`, operators).

use tree_sitter::{Language, Parser};

/// Position of a node in its tree.
pub(crate) type Node = u32;

/// "No such node".
pub(crate) const NONE: Node = u32::MAX;

macro_rules! kinds {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// What a node is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub(crate) enum Kind { $($variant,)* Operator, Async, Error, Other }

        impl Kind {
            fn of(name: &str, named: bool) -> Option<Self> {
                if !named {
                    return match name {
                        "async" => Some(Self::Async),
                        _ => None,
                    };
                }
                Some(match name { $($name => Self::$variant,)* "ERROR" => Self::Error, _ => Self::Other })
            }
        }
    };
}

kinds! {
    AliasedImport = "aliased_import", ArgumentList = "argument_list", AsPattern = "as_pattern",
    AsPatternTarget = "as_pattern_target", Assert = "assert_statement", Assignment = "assignment",
    Attribute = "attribute", AugmentedAssignment = "augmented_assignment", Await = "await",
    BinaryOperator = "binary_operator", Block = "block", BooleanOperator = "boolean_operator", Break = "break_statement",
    Call = "call", CaseClause = "case_clause", CasePattern = "case_pattern", ClassDefinition = "class_definition",
    ClassPattern = "class_pattern", Comment = "comment", Comparison = "comparison_operator",
    ConcatenatedString = "concatenated_string", Conditional = "conditional_expression", Continue = "continue_statement",
    Decorated = "decorated_definition", Decorator = "decorator", DefaultParameter = "default_parameter",
    Delete = "delete_statement", ExecStatement = "exec_statement", PrintStatement = "print_statement", DictPattern = "dict_pattern", Dictionary = "dictionary",
    DictionaryComprehension = "dictionary_comprehension", DictionarySplat = "dictionary_splat",
    DictionarySplatPattern = "dictionary_splat_pattern", DottedName = "dotted_name", Elif = "elif_clause",
    Ellipsis = "ellipsis", Else = "else_clause", Except = "except_clause", ExpressionList = "expression_list",
    ExpressionStatement = "expression_statement", False = "false", Finally = "finally_clause", Float = "float",
    For = "for_statement", ForIn = "for_in_clause", FormatExpression = "format_expression",
    FormatSpecifier = "format_specifier", FunctionDefinition = "function_definition",
    FutureImport = "future_import_statement", GeneratorExpression = "generator_expression",
    GenericType = "generic_type", Global = "global_statement", Identifier = "identifier", If = "if_statement",
    IfClause = "if_clause", ImportFrom = "import_from_statement", ImportPrefix = "import_prefix",
    Import = "import_statement", Integer = "integer", Interpolation = "interpolation",
    KeywordArgument = "keyword_argument", KeywordPattern = "keyword_pattern", KeywordSeparator = "keyword_separator",
    Lambda = "lambda", LambdaParameters = "lambda_parameters", List = "list", ListComprehension = "list_comprehension",
    ListPattern = "list_pattern", ListSplat = "list_splat", ListSplatPattern = "list_splat_pattern",
    Match = "match_statement", MemberType = "member_type", Module = "module", NamedExpression = "named_expression",
    NoneLiteral = "none", Nonlocal = "nonlocal_statement", Not = "not_operator", Pair = "pair",
    Parameters = "parameters", Parenthesized = "parenthesized_expression",
    ParenthesizedListSplat = "parenthesized_list_splat", Pass = "pass_statement", PatternList = "pattern_list",
    PositionalSeparator = "positional_separator", Raise = "raise_statement", RelativeImport = "relative_import",
    Return = "return_statement", Set = "set", SetComprehension = "set_comprehension", Slice = "slice",
    SplatPattern = "splat_pattern", SplatType = "splat_type", String = "string", StringContent = "string_content",
    StringStart = "string_start", StringEnd = "string_end", Subscript = "subscript", True = "true", Try = "try_statement",
    Tuple = "tuple", TuplePattern = "tuple_pattern", Type = "type", TypeAlias = "type_alias_statement",
    TypeParameter = "type_parameter", TypedDefaultParameter = "typed_default_parameter",
    TypedParameter = "typed_parameter", UnaryOperator = "unary_operator", UnionType = "union_type",
    UnionPattern = "union_pattern", While = "while_statement", WildcardImport = "wildcard_import",
    With = "with_statement", WithClause = "with_clause", WithItem = "with_item", Yield = "yield",
}

macro_rules! fields {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// The role of a node in its parent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub(crate) enum Field { None, $($variant,)* Other }

        impl Field {
            fn of(name: &str) -> Self {
                match name { $($name => Self::$variant,)* _ => Self::Other }
            }
        }
    };
}

fields! {
    Alias = "alias", Alternative = "alternative", Argument = "argument", Arguments = "arguments",
    Attribute = "attribute", Body = "body", Cause = "cause", Condition = "condition", Consequence = "consequence",
    Definition = "definition", Expression = "expression", Function = "function", Guard = "guard", Key = "key",
    Left = "left", ModuleName = "module_name", Name = "name", Object = "object", Operator = "operator",
    Operators = "operators", Parameters = "parameters", ReturnType = "return_type", Right = "right",
    Subject = "subject", Subscript = "subscript", Superclasses = "superclasses", Type = "type",
    TypeParameters = "type_parameters", Value = "value", FormatSpecifier = "format_specifier",
}

/// One node.
#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    field: Field,
    /// Byte offsets.
    start: u32,
    end: u32,
    /// Row from 0.
    row: u32,
    /// Column in bytes from 0.
    column: u32,
    end_row: u32,
    first_child: Node,
    next_sibling: Node,
}

/// A flat syntax tree and its text.
pub(crate) struct Tree<'a> {
    pub(crate) text: &'a str,
    entries: Vec<Entry>,
    /// Line of the first place that does not parse, counted from 1.
    pub(crate) first_error: Option<u32>,
}

/// Translation of tree-sitter's numbers into ours, made once per thread.
pub(crate) struct Grammar {
    parser: Parser,
    kinds: Vec<Option<Kind>>,
    fields: Vec<Field>,
}

impl Grammar {
    /// Loads the Python grammar.
    pub(crate) fn python() -> Self {
        let language = Language::new(tree_sitter_python::LANGUAGE);
        let mut parser = Parser::new();
        parser
            .set_language(&language)
            .expect("the grammar and the runtime are of one version");
        let kinds = (0..language.node_kind_count())
            .map(|id| {
                let id = u16::try_from(id).expect("tree-sitter numbers kinds with 16 bits");
                let name = language.node_kind_for_id(id)?;
                Kind::of(name, language.node_kind_is_named(id))
            })
            .collect();
        let fields = (0..=language.field_count())
            .map(|id| {
                let id = u16::try_from(id).expect("tree-sitter numbers fields with 16 bits");
                language.field_name_for_id(id).map_or(Field::None, Field::of)
            })
            .collect();
        Self { parser, kinds, fields }
    }

    /// Parses a file. Bad Python gives a tree with errors, never a failure.
    pub(crate) fn parse<'a>(&mut self, text: &'a str) -> Tree<'a> {
        let parsed = self
            .parser
            .parse(text, None)
            .expect("no time limit and no cancellation are set");
        let mut tree = Tree {
            text,
            entries: Vec::with_capacity(text.len() / 6 + 16),
            first_error: None,
        };
        let mut cursor = parsed.walk();
        // The path from the root: (entry or NONE where the node was not kept, last kept child).
        let mut path: Vec<(Node, Node)> = Vec::new();
        let mut climbing = false;
        loop {
            if !climbing {
                let node = cursor.node();
                let field = cursor.field_id().map_or(Field::None, |id| {
                    self.fields.get(id.get() as usize).copied().unwrap_or(Field::Other)
                });
                let kept = self.keep(&node, field);
                if tree.first_error.is_none() && (node.is_error() || node.is_missing()) {
                    tree.first_error = Some(row_number(node.start_position().row) + 1);
                }
                // The parser takes statements of Python 2 for good; nobody's interpreter does.
                let is_old = matches!(kept, Some(Kind::PrintStatement | Kind::ExecStatement));
                if is_old && tree.first_error.is_none() {
                    tree.first_error = Some(row_number(node.start_position().row) + 1);
                }
                let entry = match kept {
                    Some(kind) => tree.add(kind, field, &node, &mut path),
                    None => NONE,
                };
                // What is not kept has no children worth keeping: anonymous nodes are leaves.
                if entry != NONE && cursor.goto_first_child() {
                    path.push((entry, NONE));
                    continue;
                }
            }
            if cursor.goto_next_sibling() {
                climbing = false;
            } else if cursor.goto_parent() {
                path.pop();
                climbing = true;
            } else {
                break;
            }
        }
        tree
    }

    fn keep(&self, node: &tree_sitter::Node<'_>, field: Field) -> Option<Kind> {
        if node.is_error() {
            return Some(Kind::Error);
        }
        let id = node.kind_id() as usize;
        match self.kinds.get(id).copied().flatten() {
            Some(Kind::Comment) => None,
            Some(kind) => Some(kind),
            None if matches!(field, Field::Operator | Field::Operators) => Some(Kind::Operator),
            None => None,
        }
    }
}

fn row_number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX - 1)
}

impl Tree<'_> {
    fn add(&mut self, kind: Kind, field: Field, node: &tree_sitter::Node<'_>, path: &mut [(Node, Node)]) -> Node {
        let index = Node::try_from(self.entries.len()).expect("files are far below 2^32 nodes");
        let at = node.start_position();
        self.entries.push(Entry {
            kind,
            field,
            start: row_number(node.start_byte()),
            end: row_number(node.end_byte()),
            row: row_number(at.row),
            column: row_number(at.column),
            end_row: row_number(node.end_position().row),
            first_child: NONE,
            next_sibling: NONE,
        });
        if let Some((parent, last)) = path.last_mut() {
            if *last == NONE {
                self.entries[*parent as usize].first_child = index;
            } else {
                self.entries[*last as usize].next_sibling = index;
            }
            *last = index;
        }
        index
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn kind(&self, node: Node) -> Kind {
        self.entries[node as usize].kind
    }

    pub(crate) fn field(&self, node: Node) -> Field {
        self.entries[node as usize].field
    }

    /// First line, counted from 1.
    pub(crate) fn line(&self, node: Node) -> u32 {
        self.entries[node as usize].row + 1
    }

    /// Last line, counted from 1.
    pub(crate) fn end_line(&self, node: Node) -> u32 {
        self.entries[node as usize].end_row + 1
    }

    pub(crate) fn column(&self, node: Node) -> u32 {
        self.entries[node as usize].column
    }

    pub(crate) fn span(&self, node: Node) -> (u32, u32) {
        let entry = &self.entries[node as usize];
        (entry.start, entry.end)
    }

    pub(crate) fn text(&self, node: Node) -> &str {
        let (start, end) = self.span(node);
        &self.text[start as usize..end as usize]
    }

    pub(crate) fn children(&self, node: Node) -> Children<'_> {
        Children {
            tree: self,
            next: self.entries[node as usize].first_child,
        }
    }

    /// The first child in this role.
    pub(crate) fn child(&self, node: Node, field: Field) -> Option<Node> {
        self.children(node).find(|&c| self.field(c) == field)
    }

    /// The first child of this kind.
    pub(crate) fn child_of_kind(&self, node: Node, kind: Kind) -> Option<Node> {
        self.children(node).find(|&c| self.kind(c) == kind)
    }
}

/// The kept children of a node, in source order.
pub(crate) struct Children<'a> {
    tree: &'a Tree<'a>,
    next: Node,
}

impl Iterator for Children<'_> {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        if self.next == NONE {
            return None;
        }
        let node = self.next;
        self.next = self.tree.entries[node as usize].next_sibling;
        Some(node)
    }
}
