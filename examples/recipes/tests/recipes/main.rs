//! Runs the programs of docs/recipes.md and checks what they print, and reproduces the hanging programs of the same page.

mod hangs;
mod programs;
