-- When the last of the failed tries came: from there the wait for the next one counts.
ALTER TABLE failures ADD COLUMN last_at INTEGER NOT NULL DEFAULT 0;
