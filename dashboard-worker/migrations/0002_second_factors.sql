-- Second factors: what a session rests on, authenticator apps, and recovery codes.

-- 'password' or 'two-factors', set where the session is made. Sessions of before have none, which is no more than 'password'.
ALTER TABLE "session" ADD COLUMN "strength" TEXT;

-- One app a person. The secret itself is not here: it follows from the seed and AUTH_SECRET.
CREATE TABLE codes_apps (
  user_id TEXT NOT NULL PRIMARY KEY REFERENCES "user" ("id") ON DELETE CASCADE,
  seed TEXT NOT NULL,
  -- The step of time of the newest code that was taken: that code and all before it are spent.
  last_step INTEGER NOT NULL,
  set_up_at INTEGER NOT NULL
) STRICT;

-- Those that are left. A code is here as a keyed hash only, and goes when it is used.
CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
  code_hash TEXT NOT NULL,
  PRIMARY KEY (user_id, code_hash)
) STRICT;
