-- What a manager lets somebody do beyond their role: permission ids as a JSON array.
ALTER TABLE memberships ADD COLUMN extra_json TEXT NOT NULL DEFAULT '[]';
