//! A bound of a generic function is not met.

struct Text;

fn print<T: std::fmt::Display>(value: T) {}

#[annotated]
fn log(text: Text) {
    print(text);
}
