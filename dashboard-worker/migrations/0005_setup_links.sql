-- Set-up links that were used, by the SHA-256 of their token: each works once, and a new one lets a manager back in.
CREATE TABLE setup_links (
  token_hash TEXT NOT NULL PRIMARY KEY,
  used_at INTEGER NOT NULL
) STRICT;
