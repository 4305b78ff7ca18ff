-- People: invitations, what settings are still to be told for their record, and that no setting is without a manager.

CREATE TABLE invitations (
  id TEXT NOT NULL PRIMARY KEY,
  setting_id TEXT NOT NULL REFERENCES settings (id),
  -- SHA-256 of the token in the link, which is shown once and kept nowhere.
  token_hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invitations_setting ON invitations (setting_id);

-- A row is somebody's account or place: whoever is second with the same link finds it taken, and one that was withdrawn
-- cannot be used any more.
CREATE TABLE invitations_used (
  invitation_id TEXT NOT NULL PRIMARY KEY REFERENCES invitations (id),
  used_at INTEGER NOT NULL
) STRICT;

-- What the record of a setting is to say of a change that was made here, written with that change. It goes once told.
CREATE TABLE record_outbox (
  id TEXT NOT NULL PRIMARY KEY,
  setting_id TEXT NOT NULL REFERENCES settings (id),
  at INTEGER NOT NULL,
  note_json TEXT NOT NULL
) STRICT;

CREATE TRIGGER settings_keep_a_manager_in_role BEFORE UPDATE ON memberships WHEN OLD.role = 'manager' AND NEW.role <> 'manager' AND NOT EXISTS (SELECT 1 FROM memberships WHERE setting_id = OLD.setting_id AND role = 'manager' AND user_id <> OLD.user_id) BEGIN SELECT RAISE(ABORT, 'a setting keeps at least one manager'); END;
CREATE TRIGGER settings_keep_a_manager BEFORE DELETE ON memberships WHEN OLD.role = 'manager' AND NOT EXISTS (SELECT 1 FROM memberships WHERE setting_id = OLD.setting_id AND role = 'manager' AND user_id <> OLD.user_id) BEGIN SELECT RAISE(ABORT, 'a setting keeps at least one manager'); END;
