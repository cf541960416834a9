//! Compiles the parser that `tree-sitter generate` wrote.

fn main() {
    cc::Build::new().include("src").file("src/parser.c").warnings(false).compile("tree-sitter-syncline");
    println!("cargo:rerun-if-changed=src");
}
