-- Who made the invitation: it is open only as long as they may invite. Those of before have nobody, for three days.
ALTER TABLE invitations ADD COLUMN invited_by TEXT;
