//! A bounded memory: what was not used for a while is forgotten first.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key, in two generations: when the younger half is full it becomes the older one, and what the older still held goes.
#[derive(Debug)]
pub(crate) struct Memory<K, V> {
    generations: Mutex<Generations<K, V>>,
    /// Entries of one generation; the memory holds at most twice as many.
    entries_max: usize,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Clone, V: Clone> Memory<K, V> {
    /// An empty memory of at most so many entries.
    pub(crate) fn new(entries_max: usize) -> Self {
        let generations = Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() });
        Self { generations, entries_max: entries_max / 2 }
    }

    /// What is remembered under a key.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let mut generations = self.lock();
        if let Some(value) = generations.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = generations.old.remove_entry(key)?;
        self.keep(&mut generations, key, value.clone());
        Some(value)
    }

    /// Remembers a value, in place of an earlier one.
    pub(crate) fn put(&self, key: K, value: V) {
        let mut generations = self.lock();
        self.keep(&mut generations, key, value);
    }

    /// What is remembered under a key, or what `make` makes of it from now on.
    pub(crate) fn get_or(&self, key: &K, make: impl FnOnce() -> V) -> V {
        let mut generations = self.lock();
        if let Some(value) = generations.young.get(key) {
            return value.clone();
        }
        let (key, value) = generations.old.remove_entry(key).unwrap_or_else(|| (key.clone(), make()));
        self.keep(&mut generations, key, value.clone());
        value
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, generations: &mut Generations<K, V>, key: K, value: V) {
        if generations.young.len() >= self.entries_max {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_lately_outlives_what_was_not_and_the_bound_holds() {
        let memory = Memory::new(8);
        for number in 0..100 {
            memory.put(number, number);
            assert_eq!(memory.get(&0), Some(0), "used all the time");
        }
        let known = (0..100).filter(|number| memory.get(number).is_some()).count();
        assert!(known <= 8, "{known}");
        assert_eq!(memory.get(&1), None);
    }
}
