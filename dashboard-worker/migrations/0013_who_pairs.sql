-- Who made the code: it is good only as long as they may pair a box. Nobody is the host, which pairs the box beside it.
ALTER TABLE pairing_codes ADD COLUMN made_by TEXT;
