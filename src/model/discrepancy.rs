//! Discrepancies: where two streams differ, or a stream and the code, and the one table of their kinds.

use serde::{Deserialize, Serialize};

use super::claim::{Subject, Value};
use super::component::ComponentIndex;
use super::documentation::Resolution;

/// How bad a discrepancy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Barely matters.
    Low,
    /// Misleads a careful reader.
    Medium,
    /// Misleads any reader.
    High,
    /// Breaks whoever relies on it.
    Critical,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// What sort of finding a discrepancy is when the author's docstring is one side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingClass {
    /// The docstring says what the code refutes.
    Contradiction,
    /// Something true that the docstring does not say.
    Omission,
    /// A house rule.
    Policy,
}

impl std::fmt::Display for FindingClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Contradiction => "contradiction",
            Self::Omission => "omission",
            Self::Policy => "policy",
        })
    }
}

/// Kinds of open discrepancies that forbid convergence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockingKind {
    /// A certain call of a public component that the documentation does not have.
    MissingCriticalCall,
    /// A call that does not happen, in a public component.
    FalseCriticalCall,
    /// A public component without any text.
    MissingPublicApiDoc,
    /// A security-relevant effect that the documentation does not mention.
    SecurityRelevantGap,
    /// Types that contradict each other.
    TypeMismatch,
    /// Parameters that contradict the signature.
    SignatureMismatch,
}

impl BlockingKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::MissingCriticalCall,
        Self::FalseCriticalCall,
        Self::MissingPublicApiDoc,
        Self::SecurityRelevantGap,
        Self::TypeMismatch,
        Self::SignatureMismatch,
    ];

    /// Its name in configuration and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingCriticalCall => "missing_critical_call",
            Self::FalseCriticalCall => "false_critical_call",
            Self::MissingPublicApiDoc => "missing_public_api_doc",
            Self::SecurityRelevantGap => "security_relevant_gap",
            Self::TypeMismatch => "type_mismatch",
            Self::SignatureMismatch => "signature_mismatch",
        }
    }
}

/// What may settle a discrepancy, in the order it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Settler {
    /// The oracle.
    Facts,
    /// Facts, then an arbiter, then a person.
    FactsThenPeople,
    /// An arbiter, then a person: facts have no say in wording.
    People,
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $variant:ident = $group:literal / $name:literal, $finding:expr, $class:ident, $severity:ident, $blocking:expr, $settler:ident; )*) => {
        /// Every kind of discrepancy and finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum DiscrepancyKind { $( $(#[$doc])* $variant, )* }

        /// One row of the table of kinds.
        #[derive(Clone, Copy, Debug)]
        pub struct KindRow {
            /// The kind.
            pub kind: DiscrepancyKind,
            /// The group it is reported under: `parameter`, `raises`, …
            pub group: &'static str,
            /// Its name in the group: `missing`, `false_callee`, …
            pub name: &'static str,
            /// What `check` calls it, where it is a finding.
            pub finding: Option<&'static str>,
            /// Its class as a finding.
            pub class: FindingClass,
            /// How bad it is.
            pub severity: Severity,
            /// Which blocking kind it belongs to while it is open.
            pub blocking: Option<BlockingKind>,
            /// What may settle it.
            pub settler: Settler,
        }

        /// The one table: kind, finding, class, severity, blocking kind, settler.
        pub const KINDS: &[KindRow] = &[ $( KindRow {
            kind: DiscrepancyKind::$variant, group: $group, name: $name, finding: $finding,
            class: FindingClass::$class, severity: Severity::$severity, blocking: $blocking, settler: Settler::$settler,
        }, )* ];
    };
}

kinds! {
    /// A call that happens and is not said.
    MissingCallee = "call_graph_edge" / "missing_callee", None, Omission, High, Some(BlockingKind::MissingCriticalCall), Facts;
    /// A call that is said and does not happen.
    FalseCallee = "call_graph_edge" / "false_callee", None, Contradiction, High, Some(BlockingKind::FalseCriticalCall), FactsThenPeople;
    /// A caller that is not said.
    MissingCaller = "call_graph_edge" / "missing_caller", None, Omission, Medium, None, Facts;
    /// A caller that does not call.
    FalseCaller = "call_graph_edge" / "false_caller", None, Contradiction, Medium, None, FactsThenPeople;
    /// Direct, conditional or loop.
    CallType = "call_graph_edge" / "call_type", None, Contradiction, Low, None, Facts;
    /// The lines of a call.
    CallLine = "call_graph_edge" / "line", None, Contradiction, Low, None, Facts;
    /// Two summaries.
    Summary = "summary" / "summary", None, Policy, Medium, None, People;
    /// Two descriptions.
    Description = "description" / "description", None, Policy, Low, None, People;
    /// A parameter that is not documented.
    ParameterMissing = "parameter" / "missing", Some("missing_param"), Omission, Medium, Some(BlockingKind::SignatureMismatch), Facts;
    /// A documented parameter that does not exist.
    ParameterExtra = "parameter" / "extra", Some("extra_param"), Contradiction, High, Some(BlockingKind::SignatureMismatch), Facts;
    /// A documented parameter that exists under another name.
    ParameterName = "parameter" / "name", Some("misnamed_param"), Contradiction, High, Some(BlockingKind::SignatureMismatch), Facts;
    /// A parameter documented twice.
    ParameterDuplicate = "parameter" / "duplicate", Some("duplicate_param"), Contradiction, Low, None, Facts;
    /// Parameters in another order.
    ParameterOrder = "parameter" / "order", Some("param_order"), Policy, Low, None, Facts;
    /// A parameter passed in another way.
    ParameterKind = "parameter" / "kind", Some("param_kind_mismatch"), Contradiction, High, Some(BlockingKind::SignatureMismatch), Facts;
    /// A parameter of another type.
    ParameterType = "parameter" / "type", Some("param_type_mismatch"), Contradiction, Medium, Some(BlockingKind::TypeMismatch), FactsThenPeople;
    /// Another default.
    ParameterDefault = "parameter" / "default", Some("param_default_mismatch"), Contradiction, High, Some(BlockingKind::SignatureMismatch), FactsThenPeople;
    /// Two texts about one parameter.
    ParameterText = "parameter" / "text", None, Policy, Low, None, People;
    /// A value is returned and not documented.
    ReturnMissing = "return" / "missing", Some("missing_return"), Omission, Medium, None, Facts;
    /// A documented value that is not returned.
    ReturnExtra = "return" / "extra", Some("extra_return"), Contradiction, Medium, None, Facts;
    /// Another type of value.
    ReturnType = "return" / "type", Some("return_type_mismatch"), Contradiction, Medium, Some(BlockingKind::TypeMismatch), FactsThenPeople;
    /// Two texts about the value.
    ReturnText = "return" / "text", None, Policy, Low, None, People;
    /// A generator that is not documented as one.
    YieldMissing = "yield" / "missing", Some("missing_yield"), Omission, Medium, None, Facts;
    /// Documented as a generator, and is none.
    YieldExtra = "yield" / "extra", Some("extra_yield"), Contradiction, Medium, None, Facts;
    /// Another type of values.
    YieldType = "yield" / "type", Some("yield_type_mismatch"), Contradiction, Medium, Some(BlockingKind::TypeMismatch), FactsThenPeople;
    /// Two texts about the values.
    YieldText = "yield" / "text", None, Policy, Low, None, People;
    /// An exception that is not documented.
    RaiseMissing = "raises" / "missing", Some("missing_raise"), Omission, Medium, None, Facts;
    /// A documented exception that is not raised.
    RaiseExtra = "raises" / "extra", Some("extra_raise"), Contradiction, Medium, None, FactsThenPeople;
    /// Two texts about one exception.
    RaiseText = "raises" / "text", None, Policy, Low, None, People;
    /// An attribute that is not documented.
    AttributeMissing = "attribute" / "missing", Some("missing_attr"), Omission, Low, None, Facts;
    /// A documented attribute that does not exist.
    AttributeExtra = "attribute" / "extra", Some("extra_attr"), Contradiction, Medium, None, FactsThenPeople;
    /// An attribute of another type.
    AttributeType = "attribute" / "type", Some("attr_type_mismatch"), Contradiction, Medium, Some(BlockingKind::TypeMismatch), FactsThenPeople;
    /// Two texts about one attribute.
    AttributeText = "attribute" / "text", None, Policy, Low, None, People;
    /// Two examples.
    Example = "example" / "example", None, Policy, Low, None, People;
    /// A member that is not mentioned.
    ComponentMissing = "missing_component" / "missing_component", None, Omission, Medium, None, Facts;
    /// A member that does not exist.
    ComponentExtra = "extra_component" / "extra_component", None, Contradiction, High, None, Facts;
    /// A public component that nobody wrote a word about.
    DocstringMissing = "missing_component" / "docstring", Some("missing_docstring"), Omission, Low, Some(BlockingKind::MissingPublicApiDoc), People;
    /// A mention of something that does not exist.
    ReferenceBroken = "description" / "reference", Some("broken_reference"), Contradiction, Low, None, Facts;
    /// An effect that is said and does not happen, or happens and is not said.
    Effect = "description" / "effect", None, Omission, Low, None, Facts;
    /// A security-relevant effect that the documentation does not mention.
    SecurityGap = "description" / "security", None, Omission, Critical, Some(BlockingKind::SecurityRelevantGap), Facts;
    /// Two versions of another section.
    Section = "description" / "section", None, Policy, Low, None, People;
    /// Attributes in another order.
    AttributeOrder = "attribute" / "order", Some("attr_order"), Policy, Low, None, Facts;
    /// A docstring without a word.
    DocstringEmpty = "missing_component" / "empty_docstring", Some("empty_docstring"), Omission, Low, None, People;
    /// A heading with nothing below it.
    SectionEmpty = "description" / "empty_section", Some("empty_section"), Omission, Low, None, People;
    /// Sections in another order than the house's.
    SectionOrder = "description" / "section_order", Some("section_order"), Policy, Low, None, People;
    /// A docstring on an overload stub.
    OverloadDocumented = "description" / "overload", Some("overload_docstring"), Policy, Low, None, People;
    /// A docstring that begins with the signature.
    SignatureRepeated = "description" / "signature", Some("signature_in_docstring"), Policy, Low, None, People;
    /// A docstring in another convention than the house's.
    StyleMismatch = "description" / "style", Some("style_mismatch"), Policy, Low, None, People;
    /// A docstring that cannot be taken apart as its convention asks.
    DocstringMalformed = "description" / "malformed", Some("docstring_format"), Policy, Low, None, People;
    /// How a docstring is laid out: quotes, blank lines, punctuation, mood.
    DocstringLayout = "description" / "layout", Some("docstring_layout"), Policy, Low, None, People;
    /// A type that stands where the house does not want it, or does not where it does.
    TypePlace = "parameter" / "type_place", Some("type_place"), Policy, Low, None, People;
    /// What is said of a constructor stands in the wrong one of its two docstrings.
    ConstructorPlace = "description" / "constructor_place", Some("constructor_place"), Policy, Low, None, People;
    /// An attribute documented in the wrong one of two places.
    AttributePlace = "attribute" / "place", Some("attr_place"), Policy, Low, None, People;
    /// An exception documented more than once.
    RaiseDuplicate = "raises" / "duplicate", Some("duplicate_raise"), Policy, Low, None, Facts;
    /// A generator that also returns, documented in a way that its annotation does not allow.
    ReturnYieldConflict = "return" / "yield_conflict", Some("return_yield_conflict"), Policy, Low, None, Facts;
}

impl DiscrepancyKind {
    /// Its row of the table.
    pub fn row(self) -> &'static KindRow {
        &KINDS[self as usize]
    }

    /// `group.name`, or the group alone where they are the same.
    pub fn label(self) -> String {
        let row = self.row();
        if row.group == row.name {
            row.group.to_owned()
        } else {
            format!("{}.{}", row.group, row.name)
        }
    }

    /// The kind of a claim that one side makes and the code refutes, or that contradicts another claim.
    pub fn of_false(subject: &Subject) -> Self {
        match subject {
            Subject::Callee(_) => Self::FalseCallee,
            Subject::Caller(_) => Self::FalseCaller,
            Subject::Parameter(_) => Self::ParameterExtra,
            Subject::Return => Self::ReturnExtra,
            Subject::Yield => Self::YieldExtra,
            Subject::Raise(_) => Self::RaiseExtra,
            Subject::Attribute(_) => Self::AttributeExtra,
            Subject::Member(_) => Self::ComponentExtra,
            Subject::Reference(_) => Self::ReferenceBroken,
            other => Self::of_value(other),
        }
    }

    /// The kind of something true that a side does not say.
    pub fn of_missing(subject: &Subject) -> Self {
        match subject {
            Subject::Callee(_) => Self::MissingCallee,
            Subject::Caller(_) => Self::MissingCaller,
            Subject::Parameter(_) => Self::ParameterMissing,
            Subject::Return => Self::ReturnMissing,
            Subject::Yield => Self::YieldMissing,
            Subject::Raise(_) => Self::RaiseMissing,
            Subject::Attribute(_) => Self::AttributeMissing,
            Subject::Member(_) => Self::ComponentMissing,
            other => Self::of_value(other),
        }
    }

    /// The kind of two values of one subject.
    fn of_value(subject: &Subject) -> Self {
        match subject {
            Subject::CalleeType(_) => Self::CallType,
            Subject::CalleeLines(_) | Subject::Callee(_) | Subject::Caller(_) => Self::CallLine,
            Subject::Summary => Self::Summary,
            Subject::Description => Self::Description,
            Subject::ParameterOrder | Subject::Parameter(_) => Self::ParameterOrder,
            Subject::ParameterKind(_) => Self::ParameterKind,
            Subject::ParameterType(_) => Self::ParameterType,
            Subject::ParameterDefault(_) => Self::ParameterDefault,
            Subject::ParameterText(_) => Self::ParameterText,
            Subject::Return | Subject::ReturnType => Self::ReturnType,
            Subject::ReturnText => Self::ReturnText,
            Subject::Yield | Subject::YieldType => Self::YieldType,
            Subject::YieldText => Self::YieldText,
            Subject::Raise(_) | Subject::RaiseText(_) => Self::RaiseText,
            Subject::Attribute(_) | Subject::AttributeType(_) => Self::AttributeType,
            Subject::AttributeText(_) => Self::AttributeText,
            Subject::Member(_) => Self::ComponentExtra,
            Subject::Reference(_) => Self::ReferenceBroken,
            Subject::Effect(_) => Self::Effect,
            Subject::Example(_) => Self::Example,
            Subject::Section(_) => Self::Section,
        }
    }
}

/// One difference about one component.
#[derive(Clone, Debug, PartialEq)]
pub struct Discrepancy {
    /// Derived from its content: the same difference has the same key in every run.
    pub key: String,
    /// The component.
    pub component: ComponentIndex,
    /// What kind.
    pub kind: DiscrepancyKind,
    /// What it is about.
    pub subject: Subject,
    /// What stream A says; none where it is silent.
    pub a: Option<Value>,
    /// What stream B says; none where it is silent.
    pub b: Option<Value>,
    /// How bad it is.
    pub severity: Severity,
    /// What settled it; none while it is open.
    pub resolution: Option<Resolution>,
    /// Whether it forbids convergence while it is open.
    pub blocking: Option<BlockingKind>,
    /// How alike the two values are, from 0 to 1.
    pub similarity: f32,
    /// Why it was settled so, or why it is open.
    pub reason: String,
}
