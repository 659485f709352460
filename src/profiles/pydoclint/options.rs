//! The options of `[tool.pydoclint]`, under their documented names and defaults.

use crate::profiles::ProfileError;
use crate::profiles::tables::Tables;
use crate::streams::docstring::Style;

/// What the user has asked for.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the tool, and independent of the others"
)]
pub(crate) struct Options {
    pub(super) style: Style,
    pub(super) hints_in_signature: bool,
    pub(super) hints_in_docstring: bool,
    pub(super) check_order: bool,
    pub(super) skip_short_docstrings: bool,
    pub(super) skip_raises: bool,
    pub(super) skip_private_functions: bool,
    pub(super) allow_init_docstring: bool,
    pub(super) require_return_section: bool,
    pub(super) check_return_types: bool,
    pub(super) require_yield_section: bool,
    pub(super) check_yield_types: bool,
    pub(super) ignore_underscore_args: bool,
    pub(super) ignore_private_args: bool,
    pub(super) check_attributes: bool,
    pub(super) document_private_attributes: bool,
    pub(super) properties_are_attributes: bool,
    pub(super) only_class_vars: bool,
    pub(super) require_inline_docs: bool,
    pub(super) document_stars: bool,
    pub(super) omit_stars: bool,
    pub(super) asserts_raise: bool,
    pub(super) check_style: bool,
    pub(super) check_defaults: bool,
}

impl Options {
    pub(crate) fn read(tables: &Tables) -> Result<Self, ProfileError> {
        let table = tables.toml("pyproject.toml", &["tool", "pydoclint"])?;
        let style = match table.word("style")? {
            None | Some("numpy") => Style::Numpy,
            Some("google") => Style::Google,
            Some("sphinx") => Style::Sphinx,
            Some(_) => return Err(table.wrong("style", "is none of numpy, google, sphinx")),
        };
        let nothing = table.flag("require-return-section-when-returning-none", false)?;
        Ok(Self {
            style,
            hints_in_signature: table.flag("arg-type-hints-in-signature", true)?,
            hints_in_docstring: table.flag("arg-type-hints-in-docstring", true)?,
            check_order: table.flag("check-arg-order", true)?,
            skip_short_docstrings: table.flag("skip-checking-short-docstrings", true)?,
            skip_raises: table.flag("skip-checking-raises", false)?,
            skip_private_functions: table.flag("skip-checking-private-functions", false)?,
            allow_init_docstring: table.flag("allow-init-docstring", false)?,
            require_return_section: table.flag("require-return-section-when-returning-nothing", nothing)?,
            check_return_types: table.flag("check-return-types", true)?,
            require_yield_section: table.flag("require-yield-section-when-yielding-nothing", false)?,
            check_yield_types: table.flag("check-yield-types", true)?,
            ignore_underscore_args: table.flag("ignore-underscore-args", true)?,
            ignore_private_args: table.flag("ignore-private-args", false)?,
            check_attributes: table.flag("check-class-attributes", true)?,
            document_private_attributes: table.flag("should-document-private-class-attributes", false)?,
            properties_are_attributes: table.flag("treat-property-methods-as-class-attributes", false)?,
            only_class_vars: table.flag("only-attrs-with-ClassVar-are-treated-as-class-attrs", false)?,
            require_inline_docs: table.flag("require-inline-class-var-docs", false)?,
            document_stars: table.flag("should-document-star-arguments", true)?,
            omit_stars: table.flag("omit-stars-when-documenting-varargs", false)?,
            asserts_raise: table.flag("should-declare-assert-error-if-assert-statement-exists", false)?,
            check_style: table.flag("check-style-mismatch", false)?,
            check_defaults: table.flag("check-arg-defaults", false)?,
        })
    }
}
