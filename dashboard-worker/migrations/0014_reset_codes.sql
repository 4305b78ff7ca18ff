-- Somebody whose second factor was reset: until they have given the code that the manager handed them, the password sets up
-- no new app. The code is here as a keyed hash only; the session is the one in which it was given.
CREATE TABLE reset_codes (
  user_id TEXT NOT NULL PRIMARY KEY REFERENCES "user" ("id") ON DELETE CASCADE,
  code_hash TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  session_id TEXT
) STRICT;

-- Also against a reset that comes while an app is being set up: the seed of a first app is the session that sets it up.
CREATE TRIGGER apps_wait_for_the_code BEFORE INSERT ON codes_apps WHEN EXISTS (SELECT 1 FROM reset_codes WHERE user_id = NEW.user_id AND session_id IS NOT NEW.seed) BEGIN SELECT RAISE(ABORT, 'this account waits for the code of a reset'); END;
