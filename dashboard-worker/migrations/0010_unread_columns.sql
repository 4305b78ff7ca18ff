-- When a box came is with its setting; nobody has ever read it here.
ALTER TABLE boxes DROP COLUMN enrolled_at;
