//! Builtins that the compiler replaces by instructions of its own.

use super::registry::{Family, compiled};

pub(super) const FAMILY: Family = &[
    compiled("assign", "(any, any) -> boolean", "Binds a new variable to a value.").infix(":="),
    compiled(
        "internal.print",
        "(array[set[any]])",
        "Prints the operands of `print`, undefined ones too.",
    ),
    compiled("internal.test_case", "(array[any])", "Records a case of a test."),
    compiled("print", "(any...)", "Prints values."),
    compiled(
        "walk",
        "(any) -> array<array[any], any>",
        "The paths and values of a document.",
    )
    .relation(),
];
