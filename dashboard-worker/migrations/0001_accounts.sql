-- What crosses settings: accounts (the tables of better-auth 1.7, by its names), memberships and the directory.
-- Instants of our own tables are milliseconds since the epoch.

CREATE TABLE "user" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "name" TEXT NOT NULL,
  "email" TEXT NOT NULL UNIQUE,
  "emailVerified" INTEGER NOT NULL,
  "image" TEXT,
  "createdAt" DATE NOT NULL,
  "updatedAt" DATE NOT NULL
);

CREATE TABLE "session" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "expiresAt" DATE NOT NULL,
  "token" TEXT NOT NULL UNIQUE,
  "createdAt" DATE NOT NULL,
  "updatedAt" DATE NOT NULL,
  "ipAddress" TEXT,
  "userAgent" TEXT,
  "userId" TEXT NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE
);
CREATE INDEX "session_user" ON "session" ("userId");

CREATE TABLE "account" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "accountId" TEXT NOT NULL,
  "providerId" TEXT NOT NULL,
  "userId" TEXT NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
  "accessToken" TEXT,
  "refreshToken" TEXT,
  "idToken" TEXT,
  "accessTokenExpiresAt" DATE,
  "refreshTokenExpiresAt" DATE,
  "scope" TEXT,
  "password" TEXT,
  "createdAt" DATE NOT NULL,
  "updatedAt" DATE NOT NULL
);
CREATE INDEX "account_user" ON "account" ("userId");

CREATE TABLE "verification" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "identifier" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  "expiresAt" DATE NOT NULL,
  "createdAt" DATE NOT NULL,
  "updatedAt" DATE NOT NULL
);
CREATE INDEX "verification_identifier" ON "verification" ("identifier");

-- The setting's own records are in its Durable Object; here is only that it exists.
CREATE TABLE settings (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
  user_id TEXT NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
  setting_id TEXT NOT NULL REFERENCES settings (id),
  role TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (user_id, setting_id)
) STRICT;

-- Which setting a box belongs to, so that its connection finds the right object. Its key is with the setting.
CREATE TABLE boxes (
  id TEXT NOT NULL PRIMARY KEY,
  setting_id TEXT NOT NULL REFERENCES settings (id),
  enrolled_at INTEGER NOT NULL
) STRICT;

-- Which setting a pairing code belongs to. The code itself is with the setting.
CREATE TABLE pairing_codes (
  code_hash TEXT NOT NULL PRIMARY KEY,
  setting_id TEXT NOT NULL REFERENCES settings (id),
  expires_at INTEGER NOT NULL
) STRICT;

-- Set-up links that were used: one row for the whole dashboard, whatever the token.
CREATE TABLE setup (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  used_at INTEGER NOT NULL
) STRICT;

-- Failed tries by what was tried (a keyed hash of an e-mail address or a network address), so that guessing is slow.
CREATE TABLE failures (
  subject TEXT NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL,
  first_at INTEGER NOT NULL
) STRICT;
