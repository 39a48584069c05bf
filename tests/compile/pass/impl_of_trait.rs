//! An implementation of a generic trait, with associated types, constants and macro calls.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

trait Store<K> {
    type Value;
    const NAME: &'static str;
    fn put(&mut self, key: K, value: Self::Value) -> Option<Self::Value>;
    fn size(&self) -> usize;
}

struct Memory<V>(Vec<(String, V)>);

macro_rules! size {
    () => {
        fn size(&self) -> usize {
            self.0.len()
        }
    };
}

#[primitive(type = "memory", action = "store")]
impl<K, V> Store<K> for Memory<V>
where
    K: Into<String>,
{
    type Value = V;
    const NAME: &'static str = "memory";

    fn put(&mut self, key: K, value: Self::Value) -> Option<Self::Value> {
        self.0.push((key.into(), value));
        None
    }

    size!();
}

pub(crate) fn main() {
    let mut memory = Memory(Vec::new());
    assert_eq!(memory.put("a", 1), None);
    assert_eq!(Store::<&str>::size(&memory), 1);
    assert_eq!(<Memory<u8> as Store<String>>::NAME, "memory");
}
