//! Ferrule on std.
