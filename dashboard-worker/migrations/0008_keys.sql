-- Keys for other programs. `key_hash`: SHA-256 of the key, which is shown once and kept nowhere.
CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  setting_id TEXT NOT NULL REFERENCES settings (id),
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  scopes_json TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX api_keys_setting ON api_keys (setting_id);
