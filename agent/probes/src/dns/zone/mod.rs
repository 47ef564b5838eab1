//! What the zone's own data says: authorities for certificates, names that dangle, wildcards, reverse names.
