//! Sockets of an observation as typed facts again: what another process listed is asked by this one.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::value::{Record, Value};

use super::facts::{ListeningSocket, SocketOwner};

/// One socket; nothing when a field is missing or of another type.
pub(super) fn socket(value: &Value) -> Option<ListeningSocket> {
    let Value::Record(record) = value else { return None };
    Some(ListeningSocket {
        protocol: text(record, "protocol")?,
        address: text(record, "address")?,
        port: number(record, "port")?,
        scope: text(record, "scope")?,
        v6only: flag(record.get("v6only")?)?,
        interfaces: items(record.get("interfaces")?, text_of)?,
        namespace: text(record, "namespace")?,
        service: text(record, "service")?,
        kind: text(record, "kind")?,
        owners: fact(record.get("owners")?, |owners| items(owners, owner))?,
        filtered: fact(record.get("filtered")?, flag)?,
        exposed: fact(record.get("exposed")?, flag)?,
    })
}

/// Gives a socket of an observation the name that it was found to have.
pub(super) fn rename(value: &mut Value, socket: &ListeningSocket) {
    if let Value::Record(record) = value {
        record.insert("service".into(), Value::Text(socket.service.clone()));
        record.insert("kind".into(), Value::Text(socket.kind.clone()));
    }
}

fn owner(value: &Value) -> Option<SocketOwner> {
    let Value::Record(record) = value else { return None };
    Some(SocketOwner {
        pid: number(record, "pid")?,
        executable: text(record, "executable")?,
        package: fact(record.get("package")?, text_of)?,
    })
}

fn fact<T>(value: &Value, read: impl FnOnce(&Value) -> Option<T>) -> Option<Fact<T>> {
    match value {
        Value::Unknown(Unknown { reason, detail }) => Some(Fact::unknown(reason.clone(), detail)),
        known @ (Value::Bool(_)
        | Value::Int(_)
        | Value::Text(_)
        | Value::Time(_)
        | Value::List(_)
        | Value::Record(_)) => read(known).map(Fact::Known),
    }
}

fn items<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    let Value::List(list) = value else { return None };
    list.items().iter().map(read).collect()
}

fn text(record: &Record, field: &str) -> Option<String> {
    text_of(record.get(field)?)
}

fn text_of(value: &Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text.clone()) } else { None }
}

fn number(record: &Record, field: &str) -> Option<i64> {
    if let Value::Int(number) = record.get(field)? { Some(*number) } else { None }
}

fn flag(value: &Value) -> Option<bool> {
    if let Value::Bool(flag) = value { Some(*flag) } else { None }
}

#[cfg(test)]
mod tests {
    use vedetta_checks::value::Observable as _;
    use vedetta_checks::word::Reason;

    use super::*;

    fn example(owners: Fact<Vec<SocketOwner>>) -> ListeningSocket {
        ListeningSocket {
            protocol: "tcp".to_owned(),
            address: "0.0.0.0".to_owned(),
            port: 6379,
            scope: "any".to_owned(),
            v6only: false,
            interfaces: vec!["eth0".to_owned()],
            namespace: "host".to_owned(),
            service: "redis".to_owned(),
            kind: "database".to_owned(),
            owners,
            filtered: Fact::Known(false),
            exposed: Fact::unknown(Reason::NEEDS_PRIVILEGE, "the rules"),
        }
    }

    #[test]
    fn a_socket_comes_back_as_it_was_told() {
        let owner = SocketOwner {
            pid: 12,
            executable: "/usr/bin/redis-server".to_owned(),
            package: Fact::Known("redis-server".to_owned()),
        };
        for owners in [Fact::Known(vec![owner]), Fact::unknown(Reason::NEEDS_PRIVILEGE, "hidden")] {
            let told = example(owners);
            assert_eq!(socket(&told.clone().into_value()), Some(told));
        }
    }

    #[test]
    fn what_lacks_a_field_is_no_socket() {
        let Value::Record(mut record) = example(Fact::Known(Vec::new())).into_value() else { panic!("no record") };
        record.remove("port");
        assert_eq!(socket(&Value::Record(record)), None);
    }
}
