//! From the parent zone to the zone's own servers: who serves it, do they answer, do they agree.
