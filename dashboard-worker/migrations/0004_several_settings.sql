-- Which setting a session is in, for somebody who belongs to several. Without one it is in the first.
ALTER TABLE "session" ADD COLUMN "settingId" TEXT;
