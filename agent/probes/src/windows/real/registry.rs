//! The registry below `HKEY_LOCAL_MACHINE`, read as the 64-bit programs of the system see it.

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;
use windows_registry::{Key, LOCAL_MACHINE, Type};

use super::super::sources::{Answer, RegistryValue, refusal};

/// `ERROR_FILE_NOT_FOUND` and `ERROR_PATH_NOT_FOUND`, as COM numbers them.
const NOT_THERE: [u32; 2] = [0x8007_0002, 0x8007_0003];

/// A value; none when the key or the value is not there.
pub(super) fn value(key: &str, name: &str) -> Answer<Option<RegistryValue>> {
    let Some(opened) = open(key)? else { return Ok(None) };
    let what = || format!("{key}\\{name}");
    match opened.get_type(name) {
        Ok(Type::U32 | Type::U64) => {
            let number = opened.get_u64(name).map_err(|error| failed(error.code().0, &what()))?;
            let too_large = |_| Unknown::new(Reason::CORRUPT, format!("{}: too large a number", what()));
            i64::try_from(number).map(|number| Some(RegistryValue::Number(number))).map_err(too_large)
        }
        Ok(Type::String | Type::ExpandString) => opened
            .get_string(name)
            .map(|text| Some(RegistryValue::Text(text)))
            .map_err(|error| failed(error.code().0, &what())),
        Ok(_) => Ok(Some(RegistryValue::Other)),
        Err(error) if is_not_there(error.code().0) => Ok(None),
        Err(error) => Err(failed(error.code().0, &what())),
    }
}

/// Whether a key is there.
pub(super) fn has_key(key: &str) -> Answer<bool> {
    open(key).map(|opened| opened.is_some())
}

/// Whether this program might change the settings of the host, as administrators may. The key is only opened; nothing
/// is written.
pub(super) fn may_be_changed() -> bool {
    LOCAL_MACHINE.options().read().write().wow64_64().open("SOFTWARE").is_ok()
}

fn open(key: &str) -> Answer<Option<Key>> {
    match LOCAL_MACHINE.options().read().wow64_64().open(key) {
        Ok(opened) => Ok(Some(opened)),
        Err(error) if is_not_there(error.code().0) => Ok(None),
        Err(error) => Err(failed(error.code().0, key)),
    }
}

fn is_not_there(code: i32) -> bool {
    NOT_THERE.contains(&code.cast_unsigned())
}

fn failed(code: i32, what: &str) -> Unknown {
    refusal(code.cast_unsigned(), what)
}
