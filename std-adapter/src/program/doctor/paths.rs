//! Pieces of path building that several consumers share.
